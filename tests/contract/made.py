"""Made-up examples of datasets of TFDS, for `tfds.testing.mock_data`, where its own would be none that a task takes."""

import numpy as np
import tensorflow as tf

from seqzoo.tasks.music import drums


def bacteria(builder, **_):
    return tf.data.Dataset.from_tensors({"seq": "ACGTN" * 50, "label": np.int64(3)}).repeat(6)


def recordings(builder, **_):
    sounds = tf.random.stateless_uniform((15, 900), (0, 0), -3000, 3000, tf.int64)
    columns = {"audio": sounds, "label": tf.range(15, dtype=tf.int64) % 3}
    if builder.name == "spoken_digit":  # of which file each is says in which split it is
        columns["audio/filename"] = [f"{k % 3}_theo_{k}.wav" for k in range(15)]
    return tf.data.Dataset.from_tensor_slices(columns)


def films(builder, **_):
    film = np.random.default_rng(0).integers(1, 255, (20, 32, 40, 3), dtype=np.uint8)
    return tf.data.Dataset.from_tensors({"video": film, "label": np.int64(3)}).repeat(6)


def performances(builder, **_):
    midi = drums.to_midi("kh . h .\nsh . h ko\n", steps=16)
    style = {"primary": np.int64(9), "secondary": b""}
    return tf.data.Dataset.from_tensors({"style": style, "time_signature": np.int64(1), "midi": midi}).repeat(6)


def sentences(builder, **_):  # `mock_data` would draw tokens and labels of other lengths
    words, labels = ["EU", "rejects", "German", "call", "."], [3, 0, 7, 0, 0]
    some = [{"tokens": words[: n % 6], "ner": labels[: n % 6]} for n in range(1, 21)]
    spec = {"tokens": tf.TensorSpec([None], tf.string), "ner": tf.TensorSpec([None], tf.int64)}
    return tf.data.Dataset.from_generator(lambda: some, output_signature=spec)


MADE = {
    "genomics_ood": bacteria,
    "spoken_digit": recordings,
    "speech_commands": recordings,
    "ucf101": films,
    "groove": performances,
    "conll2003": sentences,
}

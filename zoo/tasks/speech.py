"""Speech recognition, many-to-many with Tx ≠ Ty: sound in, the words that are said out."""

import keras
import numpy as np
import tensorflow as tf

from seqzoo.architectures import encoder_decoder, many_to_many
from seqzoo.datasets import speech as data
from seqzoo.extras import import_extra
from seqzoo.tasks.log_mel import LogMel
from seqzoo.tasks.reference import Reference
from seqzoo.tasks.transcriber import AttentionTranscriber, BlankPadding, CTCTranscriber
from seqzoo.words import did_you_mean

TITLE = "Speech recognition"
ARCHITECTURE = "many-to-many, Tx ≠ Ty"
DECODERS = ("ctc", "attention")
REFERENCES = {
    "mini": Reference("exact", 0.877, "logistic regression that is told where digits begin, measured for this project"),
    "speech_commands": Reference("exact", 0.882, "the convolutional network of Warden 2018, version 2"),
}


def create_model(
    cell="gru",
    dataset="mini",
    sounds=None,
    labels=None,
    rate=None,
    decoder="ctc",
    units=64,
    layers=1,
    bidirectional=True,
    dropout=0.4,
    noise=0.5,
    learning_rate=5e-3,
    averaging=0.0,
    data_dir=None,
    manual_dir=None,
    large=False,
):
    """Builds the speech model, compiled: sound or frames in, words out.

    Sound becomes frames (see `LogMel`), and frames are brought to mean 0 and variance 1, by
    those of the training split: x⟨t⟩. Then, with CTC, a many-to-many network says at each step
    a word or nothing, ŷ⟨t⟩ = softmax(Wy a⟨t⟩ + by), and is trained so that all that it says
    together spells the transcript. With attention, an encoder-decoder writes one word after
    the other.

    Reference: Graves et al. (2006), "Connectionist Temporal Classification"; Chan et al. (2016),
    "Listen, Attend and Spell".

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`.
        dataset: what the model is for when there are no `sounds`: a name of
            `seqzoo.datasets.speech.SOURCES`.
        sounds: training sounds of your own, a list of arrays: frames of shape
            `(time, features)`, or samples from -1 to 1 of shape `(samples,)`.
        labels: the words of your own.
        rate: samples in a second, where your own sounds are samples.
        decoder: `"ctc"` or `"attention"`.
        units: the size of a⟨t⟩, in each direction.
        layers: how many recurrent layers.
        bidirectional: whether to hear the sound from both ends.
        dropout: fraction of each recurrent layer's output to drop in training.
        noise: standard deviation of the noise that is added to x⟨t⟩ in training.
        learning_rate: of Adam.
        averaging: momentum of a moving average of the weights, 0 for none; see
            `seqzoo.tasks.sentiment.create_model`.
        data_dir: where TFDS keeps its data.
        manual_dir, large: see `seqzoo.datasets.speech.load`.

    Returns:
        A compiled `CTCTranscriber` or `AttentionTranscriber`, see `Transcriber`: `fit` takes
        sounds and transcripts, `predict` takes sounds and gives transcripts.

    Raises:
        ValueError: an unknown cell, dataset or decoder, a wrong size, or sounds without labels.

    Example:

    >>> sounds = [np.sin(np.arange(4000) * pitch) for pitch in (0.2, 0.5)]
    >>> model = create_model(sounds=sounds, labels=["low", "high"], rate=8000, units=8)
    >>> history = model.fit(sounds, ["low", "high"], verbose=0)
    >>> model.predict(sounds).shape
    (2,)
    """
    _require_one_of("decoder", decoder, DECODERS)
    if (sounds is None) != (labels is None):
        raise ValueError(
            "sounds and labels belong together: training sounds, and the words in them. "
            f"Received: {'no' if sounds is None else len(sounds)} sounds, labels={labels}. Give both or none."
        )
    if sounds is None:
        _require_one_of("dataset", dataset, data.SOURCES)
        labels, rate = data.LABELS[dataset], data.RATES.get(dataset)
        train = data.load(dataset, "train", data_dir, manual_dir, large)
        sounds = [sound for sound, _ in train.take(1000).as_numpy_iterator()]
    sound, x = _frames(sounds, rate)
    x = keras.layers.GaussianNoise(noise, name="noise")(x)
    network = dict(cell=cell, units=units, layers=layers, bidirectional=bidirectional, dropout=dropout)
    if decoder == "ctc":
        heard = many_to_many(x, outputs=len(labels) + 1, activation="linear", **network)
        model = CTCTranscriber(sound, BlankPadding(name="blank_padding")(heard.outputs[0]), name="speech")
        loss = keras.losses.CTC()
    else:
        speller = encoder_decoder(x, outputs=len(labels) + 2, embedding=16, **network)
        model = AttentionTranscriber(speller.inputs, speller.outputs, name="speech")
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.labels = tuple(labels)
    optimizer = keras.optimizers.Adam(
        learning_rate, use_ema=averaging > 0, ema_momentum=averaging, global_clipnorm=1.0
    )
    model.compile(optimizer, loss=loss)
    return model


def batches(
    dataset="mini", split="train", batch_size=32, seed=0, limit=None, data_dir=None, manual_dir=None, large=False
):
    """Loads a split as batches of sounds and the words in them.

    The training split is shuffled, and of joined recordings others are joined, anew for every
    epoch; the others keep their order.

    Args:
        dataset: a name of `seqzoo.datasets.speech.SOURCES`.
        split: `"train"`, `"validation"` or `"test"`.
        batch_size: sounds in a batch.
        seed: of the shuffling and joining.
        limit: how many sounds to take, all when None.
        data_dir: where TFDS keeps its data.
        manual_dir, large: see `seqzoo.datasets.speech.load`.

    Returns:
        `tf.data.Dataset` of pairs: sounds of shape `(batch, time, 13)` or `(batch, samples)`,
        zeros after their ends; and symbols, int32 of shape `(batch, words)`, 0 after their ends.

    Raises:
        ValueError: no such dataset or split.

    Example:

    >>> for sounds, symbols in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(sounds.shape, symbols[0].numpy())
    """
    examples = data.load(dataset, split, data_dir, manual_dir, large, seed)
    examples = examples.take(limit) if limit else examples
    if split == "train" and dataset not in data.STRINGS:
        examples = examples.cache() if data.SOURCES[dataset] is not data.SPEECH_COMMANDS else examples
        examples = examples.shuffle(5_000, seed=seed)
    elif split != "train":
        examples = examples.cache()
    return examples.padded_batch(batch_size).prefetch(tf.data.AUTOTUNE)


def transcripts(model, batches):
    """The true transcripts of batches.

    >>> model = create_model(sounds=[np.ones((9, 4))], labels=["yes", "no"], units=2)
    >>> transcripts(model, [(None, np.array([[1, 2], [2, 0]]))])
    ['yes no', 'no']
    """
    return [model.words(row) for _, symbols in batches for row in np.asarray(symbols)]


def score(written, truth):
    """How good transcripts are.

    Args:
        written: list of strings, what a model wrote.
        truth: list of strings, what was said.

    Returns:
        Dictionary of `exact`, the share that is right as a whole, and `word_error_rate`: how
        many words must be replaced, left out or added, for each word that was said (jiwer's).

    Raises:
        ValueError: the lists are empty or of different lengths, or nothing was said.
        MissingExtraError: jiwer is not installed; it comes with `seqzoo[notebooks]`.

    Example:

    >>> score(["4 0 7", "1 1"], ["4 0 7", "1 2"])
    {'exact': 0.5, 'word_error_rate': 0.2}
    """
    written, truth = list(written), list(truth)
    if len(written) != len(truth) or not truth:
        raise ValueError(
            "Expected as many transcripts as truths, at least one. "
            f"Received: {len(written)} transcripts and {len(truth)} truths. Give one truth for each transcript."
        )
    jiwer = import_extra("jiwer")
    return {
        "exact": sum(w == t for w, t in zip(written, truth)) / len(truth),
        "word_error_rate": jiwer.wer(truth, written),
    }


def _frames(sounds, rate):
    """The input, and x⟨t⟩: frames of mean 0 and variance 1 over the training sounds, masked."""
    if rate is None:
        sound = keras.Input((None, np.shape(sounds[0])[-1]), name="sound")
        frames = keras.layers.Masking(name="padding")(sound)
        known = np.concatenate([np.asarray(each, "float64") for each in sounds])
    else:
        sound = keras.Input((None,), name="sound")
        log_mel = LogMel(rate, name="log_mel")
        frames = log_mel(sound)
        known = np.concatenate([log_mel(np.asarray(each, "float32")[None])[0] for each in sounds])
    variance = known.var(axis=0)
    mean, variance = known.mean(axis=0), np.where(variance > 0, variance, 1.0)
    standardized = keras.layers.Normalization(
        mean=mean.tolist(), variance=variance.tolist(), name="standardized"
    )
    return sound, standardized(frames)


def _require_one_of(name, value, choices):
    if value not in choices:
        raise ValueError(
            f"{name} must be one of {', '.join(map(repr, choices))}. Received: {name}={value!r}."
            f"{did_you_mean(value, choices)}"
        )

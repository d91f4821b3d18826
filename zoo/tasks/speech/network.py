"""The model of the speech task: frames of sound in, the words that are said out."""

from typing import Any

import keras

from seqzoo import door
from seqzoo.architectures import encoder_decoder, many_to_many
from seqzoo.losses import crossentropy, no_smoothing
from seqzoo.optimizer import adam
from seqzoo.precision import whole
from seqzoo.tasks.speech import dataset as data
from seqzoo.tasks.speech.blank_padding import BlankPadding
from seqzoo.tasks.speech.preprocessor import DECODERS, PADDING, SpeechPreprocessor
from seqzoo.tasks.speech.recipe import RECIPE
from seqzoo.tasks.speech.transcriber import AttentionTranscriber, CTCTranscriber, Transcriber

LEARNED_FROM = 1000  # sounds of a dataset, for mean and variance


def create_model(
    cell: Any = "gru",
    dataset: str = "mini",
    sounds: Any = None,
    labels: Any = None,
    rate: int | None = None,
    decoder: str = "ctc",
    units: int = 64,
    layers: int = 1,
    bidirectional: bool = True,
    dropout: float = 0.4,
    noise: float = 0.5,
    input_dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
    label_smoothing: float = 0.0,
    learning_rate: float = 5e-3,
    ema_momentum: float | None = None,
    data_dir: str | None = None,
    manual_dir: str | None = None,
    large: bool = False,
) -> Transcriber:
    """Builds the speech model, compiled: sound or frames in, words out.

    Sound becomes frames (see `LogMel`), and frames are brought to mean 0 and variance 1, by
    those of the training split: x⟨t⟩. Then, with CTC, a many-to-many network says at each step
    a word or nothing, ŷ⟨t⟩ = softmax(Wy a⟨t⟩ + by), and is trained so that all that it says
    together spells the transcript. With attention, an encoder-decoder writes one word after
    the other.

    Reference: Graves et al. (2006), "Connectionist Temporal Classification"; Chan et al. (2016),
    "Listen, Attend and Spell".

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`; a class or an object of a cell.
        dataset: what the model is for when there are no `sounds`: a name of
            `seqzoo.tasks.speech.dataset.SOURCES`.
        sounds: training sounds of your own, a list of arrays: frames of shape
            `(time, features)`; or samples, see `rate`.
        labels: the words of your own, or how many there are.
        rate: samples in a second, where your own sounds are samples: floats from -1 to 1, or
            integers as they were recorded, of shape `(samples,)` or `(samples, channels)`.
            Pairs of a rate and a sound, as `scipy.io.wavfile.read` gives them, tell it too.
        decoder: `"ctc"` or `"attention"`.
        units: the size of a⟨t⟩, in each direction.
        layers: how many recurrent layers.
        bidirectional: whether to hear the sound from both ends.
        dropout: fraction of each recurrent layer's output to drop in training.
        noise: standard deviation of the noise that is added to x⟨t⟩ in training.
        input_dropout: fraction of what each recurrent layer reads to drop in training, the same at every step
            of a sequence.
        recurrent_dropout: the same of a⟨t−1⟩ (Gal and Ghahramani 2016).
        label_smoothing: ε of `seqzoo.losses.SmoothedCrossentropy`: how far from certain words are in
            training, and in `val_loss`; with attention alone.
        learning_rate: of Adam.
        ema_momentum: momentum of a moving average of the weights, 0 for none. By default the
            recipe's for a dataset of the zoo, and none for sounds of your own; see
            `seqzoo.tasks.sentiment.network.create_model`.
        data_dir: where TFDS keeps its data.
        manual_dir, large: see `seqzoo.tasks.speech.dataset.load`.

    Returns:
        A compiled `CTCTranscriber` or `AttentionTranscriber`, see `Transcriber`: `fit` takes
        sounds and transcripts, `predict` takes sounds and gives transcripts.

    Raises:
        Refused: an unknown cell, dataset or decoder, a wrong size, sounds without labels, or
            what is no sound.

    Example:

    >>> import numpy as np
    >>> sounds = [np.sin(np.arange(4000) * pitch) for pitch in (0.2, 0.5)]
    >>> model = create_model(sounds=sounds, labels=["low", "high"], rate=8000, units=8)
    >>> history = model.fit(sounds, ["low", "high"], verbose=0)
    >>> model.predict(sounds).shape
    (2,)
    """
    door.choose("decoder", decoder, DECODERS)
    door.choose("dataset", dataset, data.SOURCES)
    own = sounds is not None
    if own != (labels is not None):
        raise door.Refused(
            "training sounds and the words in them, together",
            "sounds without labels" if own else "labels without sounds",
            "give sounds=... and labels=[...], or none of them for a dataset of the zoo",
        )
    if not own:
        labels, rate = data.LABELS[dataset], data.RATES.get(dataset)
        train = data.load(dataset, "train", data_dir, manual_dir, large)
        sounds = [sound for sound, _ in train.take(LEARNED_FROM).as_numpy_iterator()]
    preprocessor = SpeechPreprocessor.learn(sounds, labels, rate, decoder)
    frames = keras.Input((None, preprocessor.features), name="frames")
    x = keras.layers.Masking(PADDING, name="padding", dtype=whole())(frames)
    x = keras.layers.GaussianNoise(noise, name="noise")(x)
    sizes = dict(
        cell=cell,
        units=units,
        layers=layers,
        bidirectional=bidirectional,
        dropout=dropout,
        input_dropout=input_dropout,
        recurrent_dropout=recurrent_dropout,
    )
    words = len(preprocessor.labels)
    if decoder == "ctc":
        heard = many_to_many(x, outputs=words + 1, activation="linear", **sizes)
        network = keras.Model(frames, BlankPadding(name="blank_padding", dtype=whole())(heard.outputs[0]))
        model = CTCTranscriber(network, preprocessor, name="speech")
        no_smoothing(label_smoothing, "CTC's")
        loss = keras.losses.CTC()
    else:
        network = encoder_decoder(x, outputs=words + 2, embedding=16, **sizes)
        model = AttentionTranscriber(network, preprocessor, name="speech")
        loss = crossentropy(label_smoothing, from_logits=True)
    momentum = RECIPE.momentum(ema_momentum, own)
    model.compile(adam(learning_rate, momentum, global_clipnorm=1.0), loss=loss)
    return model

"""Music generation, one-to-many: a rhythm in, a tune out."""

import collections
import warnings

import keras
import numpy as np
import tensorflow as tf

from seqzoo.architectures import one_to_many
from seqzoo.architectures.one_to_many import OneToMany
from seqzoo.datasets import music as data
from seqzoo.decoding.generate import generate
from seqzoo.decoding.samplers import Sampling
from seqzoo.tasks.buckets import bucket
from seqzoo.tasks.reference import Reference
from seqzoo.words import did_you_mean

TITLE = "Music generation"
ARCHITECTURE = "one-to-many"
METRIC = "nats_per_character"
REFERENCES = {
    "mini": Reference(METRIC, 1.48, "a plain GRU of 128 units, measured for this project"),
    "groove/full-midionly": Reference(METRIC, float("nan"), "none is known on this text"),
}
REFERENCES["full"] = REFERENCES["groove/full-midionly"]
BUCKETS = (150, 175, 200, 225, 250, 275, 300, 350, 400, 500, 700, 1000)
END_OF_TUNE = "\x03"  # the control character "end of text"


def create_model(
    cell="gru",
    dataset="mini",
    texts=None,
    rhythms=None,
    embedding=64,
    units=128,
    layers=1,
    dropout=0.25,
    learning_rate=8e-3,
    averaging=0.0,
    data_dir=None,
):
    """Builds the music model, compiled: a rhythm in, the characters of a tune out.

    The rhythm is the one input x, the characters of the tune are y⟨1⟩ … y⟨Ty⟩, and the
    last of them is an end symbol: P(tune | rhythm) = Π P(y⟨t⟩ | x, y⟨1⟩ … y⟨t−1⟩).

    The figure `nats_per_character` is −ln P of all tunes over the number of all their
    characters, one end symbol a tune included.

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`.
        dataset: whose training split the characters and rhythms are learned from when there
            are no `texts`: `"mini"`, `"full"` or `"groove/full-midionly"`.
        texts: training tunes of your own, in any notation.
        rhythms: their rhythms; needed where they differ.
        embedding: the size of a character's vector.
        units: the size of a⟨t⟩.
        layers: how many recurrent layers.
        dropout: fraction of the characters' vectors and of a⟨t⟩ to drop in training.
        learning_rate: of Adam; a number or a `keras.optimizers.schedules` schedule.
        averaging: momentum of a moving average of the weights, as in the sentiment task.
        data_dir: where TFDS keeps its data.

    Returns:
        A compiled `TuneModel`: `fit(rhythms, tunes)`, both strings of shape `(batch,)`.

    Raises:
        ValueError: an unknown cell or dataset, or a wrong size.

    Example:

    >>> tunes = ["GABd edBA|", "GED DED|"]
    >>> model = create_model(cell="gru", texts=tunes, rhythms=["reel", "jig"], units=8)
    >>> history = model.fit(["reel", "jig"], tunes, verbose=0)
    >>> model.evaluate(["jig"], ["GED|"], verbose=0, return_dict=True).keys()
    dict_keys(['loss', 'nats_per_character'])
    """
    if texts is None:
        rhythms, texts = zip(*data.load(dataset, "train", data_dir).as_numpy_iterator())
    rhythm = keras.Input((), dtype="string", name="rhythm")
    tune = keras.Input((), dtype="string", name="tune")
    known = _distinct(rhythms or ["tune"])
    x = keras.layers.StringLookup(vocabulary=known, output_mode="one_hot", name="rhythm_ids")(rhythm)
    characters = _distinct(character for text in texts for character in _as_text(text))
    y = keras.layers.TextVectorization(
        standardize=with_end, split="character", vocabulary=[END_OF_TUNE, *characters], name="characters"
    )(tune)
    network = one_to_many(
        x,
        outputs=len(characters) + 3,
        cell=cell,
        units=units,
        layers=layers,
        dropout=dropout,
        embedding=embedding,
        symbols=y,
    )
    model = TuneModel(network.inputs, network.outputs, name="music")
    optimizer = keras.optimizers.Adam(
        learning_rate, clipnorm=1.0, use_ema=averaging > 0, ema_momentum=averaging
    )
    model.compile(
        optimizer,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[NatsPerCharacter()],
        jit_compile=False,  # strings
    )
    return model


@keras.saving.register_keras_serializable("seqzoo")
def with_end(texts):
    """Adds the end symbol to tunes.

    Args:
        texts: string tensor of any shape.

    Returns:
        String tensor of the same shape.

    Example:

    >>> with_end(tf.constant("GABd")).numpy()
    b'GABd\\x03'
    """
    return tf.strings.join([texts, END_OF_TUNE])


@keras.saving.register_keras_serializable("seqzoo")
class NatsPerCharacter(keras.metrics.Mean):
    """−ln P of all characters over their number; padding, symbol 0, does not count.

    Keras's own cross-entropy weighs each batch anew: it takes the mean of each row first.

    Call arguments:
        y: integers of shape `(batch, Ty)`.
        logits: shape `(batch, Ty, symbols)`.

    Example:

    >>> metric = NatsPerCharacter()
    >>> metric.update_state(np.array([[1, 2], [1, 0]]), np.zeros((2, 2, 3)))
    >>> round(float(metric.result()), 4)  # ln 3
    1.0986
    """

    def __init__(self, name=METRIC, **kwargs):
        super().__init__(name, **kwargs)

    def update_state(self, y, logits, sample_weight=None):
        nats = keras.ops.sparse_categorical_crossentropy(y, logits, from_logits=True)
        counts = keras.ops.cast(keras.ops.not_equal(y, 0), "float32")
        # One after the other: of a matrix, Mean would take each row's mean first.
        super().update_state(keras.ops.reshape(nats, [-1]), keras.ops.reshape(counts, [-1]))


@keras.saving.register_keras_serializable("seqzoo")
class TuneModel(OneToMany):
    """The one-to-many model on strings: rhythms in, tunes out.

    `fit`, `evaluate` and `batches` take pairs (rhythm, tune); the tune is what the model
    learns to write. `predict((rhythms, tunes))` gives the logits of the tunes' characters.

    Example:

    >>> model = create_model(texts=["GABd|"], rhythms=["reel"], units=4)
    >>> model.rhythms, model.characters
    (['reel'], ['A', 'B', 'G', 'd', '|'])
    """

    @property
    def rhythms(self):
        """The rhythms that it has learned, a list of strings."""
        return [str(r) for r in self.get_layer("rhythm_ids").get_vocabulary()[1:]]

    @property
    def characters(self):
        """The characters that it has learned, a list of strings; symbol 3 is the first."""
        return [str(c) for c in self.get_layer("characters").get_vocabulary()[3:]]

    def fit(self, x=None, y=None, **kwargs):
        return super().fit(*_strings(x, y), **kwargs)

    def evaluate(self, x=None, y=None, **kwargs):
        return super().evaluate(*_strings(x, y), **kwargs)

    def train_step(self, data):
        return super().train_step(self._teach(data))

    def test_step(self, data):
        return super().test_step(self._teach(data))

    def _teach(self, data):
        """(rhythm, tune) → ((rhythm, tune), symbols of the tune)."""
        rhythm, tune, _ = keras.utils.unpack_x_y_sample_weight(data)
        return (rhythm, tune), self.get_layer("characters")(tune)

    def step(self, tokens, states):
        """As that of `OneToMany`; padding and unknown characters are never written."""
        logits, states = super().step(tokens, states)
        return tf.concat([tf.fill(tf.shape(logits[:, :2]), -np.inf), logits[:, 2:]], axis=1), states


def compose(model, rhythm, n=1, temperature=0.8, sampler=None, seed=None, longest=1500, accept=None, tries=4):
    """Writes tunes.

    Args:
        model: a `TuneModel`, trained.
        rhythm: one of `model.rhythms`.
        n: how many tunes.
        temperature: below 1 for safer tunes, above 1 for wilder ones; 0 for the one that
            is made of the most probable character each time.
        sampler: what draws each character, instead of the temperature and seed: a function
            from logits to tokens, see `seqzoo.decoding.samplers`.
        seed: the same seed gives the same tunes.
        longest: how many characters a tune may have.
        accept: function from a tune to whether it will do, such as `abc.is_playable`; None
            where all do.
        tries: how often to draw.

    Returns:
        List of n strings, in the notation of the training split; `abc.abc_file` makes an
        ABC file of one. Where too few tunes came to an end and were accepted, a warning
        says so, and others fill the list, cut after their last whole bar.

    Raises:
        ValueError: a rhythm that the model has not learned.

    Example:

    >>> model = create_model(texts=["GABd|"], rhythms=["reel"], units=4)
    >>> symbol = model.characters.index("G") + 3
    >>> g_or_end = lambda logits: tf.where(tf.random.uniform(tf.shape(logits)[:1]) < 0.5, symbol, 2)
    >>> tunes = compose(model, "reel", n=2, sampler=g_or_end)
    >>> [set(tune) <= {"G"} for tune in tunes]
    [True, True]
    """
    draw = _writer(model, rhythm, n, sampler or Sampling(temperature, seed=seed), longest + 1)
    good, rest = [], []
    for _ in range(tries):
        for tune, ended in draw():
            if not ended:
                rest.append(tune[: 1 + max(tune.rfind("|"), tune.rfind("\n"))] or tune)
            elif accept is None or accept(tune):
                good.append(tune)
            else:
                rest.append(tune)
        if len(good) >= n:
            return good[:n]
    warnings.warn(
        f"Expected {n} whole tunes of at most {longest} characters. Received: {len(good)} of {n * tries}. "
        "Others fill the list; train the model longer, or raise the temperature or longest.",
        stacklevel=2,
    )
    return [*good, *rest][:n]


def opening(model, rhythm, characters=60, temperature=0.8, seed=None):
    """Writes the first characters of a tune, whether it comes to an end or not.

    Args:
        model: a `TuneModel`, trained or not: written after each epoch, openings show what it
            has learned by then.
        rhythm: one of `model.rhythms`.
        characters: how many, at most.
        temperature: as in `compose`.
        seed: the same seed draws with the same random numbers.

    Returns:
        String.

    Raises:
        ValueError: a rhythm that the model has not learned.

    Example:

    >>> model = create_model(texts=["GABd|"], rhythms=["reel"], units=4)
    >>> len(opening(model, "reel", characters=8, seed=0)) <= 8
    True
    """
    ((tune, _),) = _writer(model, rhythm, 1, Sampling(temperature, seed=seed), characters)()
    return tune


def _writer(model, rhythm, n, sampler, longest):
    """A function that draws n pairs: a tune, and whether it came to an end."""
    if rhythm not in model.rhythms:
        raise ValueError(
            f"The rhythm must be one of {', '.join(map(repr, model.rhythms))}. Received: {rhythm!r}."
            f"{did_you_mean(rhythm, model.rhythms) or ' Choose one that the model has learned.'}"
        )

    def draw(rhythms):
        return generate(
            model.step, model.start(rhythms), start=0, end=2, max_length=longest, sampler=sampler
        )

    # A graph for each writer, as model and sampler differ: TensorFlow warns of that unless it is told.
    graph = tf.function(draw).get_concrete_function(tf.TensorSpec([n], tf.string))
    alphabet = np.array(["", "", "", *model.characters])
    return lambda: [
        ("".join(alphabet[tokens]), 2 in tokens) for tokens in graph(tf.fill([n], rhythm))[0].numpy()
    ]


def frequencies_only(train, test):
    """The figure of the characters' frequencies alone, the same whatever came before.

    Args:
        train: batches from which they are counted, one more for each than there is.
        test: batches that they are to foretell.

    Returns:
        float, nats per character; infinite where `test` has a character that `train` lacks.

    Example:

    >>> pairs = tf.data.Dataset.from_tensors((["reel"], ["AB"]))
    >>> round(frequencies_only(pairs, pairs), 4)  # A, B and the end are equally frequent: ln 3
    1.0986
    """
    expected, counted = (_count(part) for part in (train, test))
    share = {c: (n + 1) / (expected.total() + len(expected)) for c, n in expected.items()}
    surprise = sum(-n * np.log(share.get(c, 0.0)) for c, n in counted.items())
    return float(surprise / counted.total())


def _count(pairs):
    tunes = (tune.decode() for _, batch in pairs for tune in batch.numpy())
    return collections.Counter(c for tune in tunes for c in tune + END_OF_TUNE)


def batches(dataset="mini", split="train", batch_size=16, seed=0, limit=None, data_dir=None):
    """Loads a split as batches of tunes of about the same length.

    The training split is shuffled anew for every epoch, the others keep their order within
    each length. No tune is cut.

    Args:
        dataset: `"mini"`, `"full"` or `"groove/full-midionly"`.
        split: `"train"`, `"validation"` or `"test"`.
        batch_size: tunes in a batch.
        seed: of the shuffling.
        limit: how many tunes to take, all when None.
        data_dir: where TFDS keeps its data.

    Returns:
        `tf.data.Dataset` of pairs: rhythms and tunes, strings of shape `(batch,)`.

    Raises:
        ValueError: no such dataset or split.

    Example:

    >>> for rhythms, tunes in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(rhythms[0].numpy().decode(), tunes[0].numpy().decode(), sep="\\n")
    """
    examples = data.load(dataset, split, data_dir)
    examples = (examples.take(limit) if limit else examples).cache()
    ordered = examples.shuffle(5_000, seed=seed) if split == "train" else examples
    length = lambda rhythm, tune: tf.strings.length(tune)
    grouped = bucket(ordered, length, batch_size, BUCKETS)
    # bucket gives full batches first, the rests of each length last: an epoch is to end on all.
    grouped = grouped.shuffle(128, seed=seed) if split == "train" else grouped
    return grouped.prefetch(tf.data.AUTOTUNE)


def _distinct(strings):
    return sorted({_as_text(string) for string in strings})


def _as_text(string):
    return string.decode("utf-8") if isinstance(string, bytes) else str(string)


def _strings(x, y):
    """Lists of Python strings as arrays that Keras takes."""
    as_array = lambda a: np.array(a, dtype=object) if isinstance(a, (list, tuple)) else a
    return as_array(x), as_array(y)

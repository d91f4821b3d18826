"""Machine translation, many-to-many with Tx ≠ Ty: a sentence in, a sentence out."""

import keras
import tensorflow as tf

from seqzoo.architectures import encoder_decoder
from seqzoo.datasets import translation as data
from seqzoo.extras import import_extra
from seqzoo.tasks.buckets import bucket
from seqzoo.tasks.pieces import Pieces, learn_pieces
from seqzoo.tasks.reference import Reference
from seqzoo.tasks.translator import BeforeTarget, Translator

TITLE = "Machine translation"
ARCHITECTURE = "many-to-many, Tx ≠ Ty"
REFERENCES = {
    "mini": Reference("exact", 0.995, "a BiGRU with attention, measured for this project"),
    "mini/names": Reference("bleu", 52.14, "that of the most similar training name, measured for this project"),
}
BUCKETS = (4, 6, 8, 10, 12, 16, 24, 32, 48)
MOST_WORDS = 64


def create_model(
    cell="gru",
    dataset="mini",
    pairs=None,
    embedding=64,
    units=128,
    layers=1,
    bidirectional=True,
    attention=True,
    dropout=0.2,
    learning_rate=3e-3,
    averaging=0.0,
    data_dir=None,
):
    """Builds the translator, compiled: raw sentences in, raw sentences out.

    The pieces of a sentence, words and punctuation, become vectors x⟨t⟩; an encoder-decoder
    with attention reads them and writes the pieces of the translation.

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`.
        dataset: whose training split the words are learned from when there are no `pairs`:
            `"mini"`, `"mini/names"`, `"full"`, `"ted_hrlr_translate/pt_to_en"` or
            `"tatoeba/tatoeba_fr"`.
        pairs: training sentences of your own, a list of (source, target), from which the words
            are learned.
        embedding: the size of a piece's vector.
        units: the size of a⟨t⟩; in each direction in the encoder.
        layers: how many recurrent layers in the encoder, and in the decoder.
        bidirectional: whether the encoder reads the sentence from both ends.
        attention: whether the decoder looks back at the source for every piece.
        dropout: fraction of the sources' vectors and the recurrent layers' outputs to drop in
            training.
        learning_rate: of Adam.
        averaging: momentum of a moving average of the weights, which the model holds once
            `fit` ends; 0 for none. To validate with the averaged weights too, give `fit` a
            `keras.callbacks.SwapEMAWeights`.
        data_dir: where TFDS keeps its data.

    Returns:
        A compiled `Translator`: `fit(sources, targets)` and `predict(sources)` work on
        strings of shape `(batch,)`.

    Raises:
        ValueError: an unknown cell or dataset, or a wrong size.

    Example:

    >>> english, french = ["red hand", "red"], ["main rouge", "rouge"]
    >>> model = create_model(cell="rnn", pairs=list(zip(english, french)), units=8)
    >>> history = model.fit(english, french, verbose=0)
    >>> model.predict("red hand", verbose=0).shape
    (1,)
    """
    if pairs is None:
        train = data.load(dataset, "train", data_dir)
        sources = train.map(lambda source, target: source)
        targets = train.map(lambda source, target: target)
    else:
        sources, targets = _two_sides(pairs)
    source = keras.Input((), dtype="string", name="source")
    source_pieces = Pieces(learn_pieces(sources, lower_case=True), lower_case=True, name="source_pieces")
    vectors = keras.layers.Embedding(source_pieces.size, embedding, mask_zero=True, name="source_vectors")
    x = keras.layers.Dropout(dropout)(vectors(source_pieces(source)))

    target_pieces = Pieces(learn_pieces(targets), name="target_pieces")
    network = encoder_decoder(
        x,
        outputs=target_pieces.size,
        cell=cell,
        units=units,
        layers=layers,
        bidirectional=bidirectional,
        dropout=dropout,
        embedding=embedding,
        attention=attention,
    )
    target = keras.Input((), dtype="string", name="target")
    logits = network.decoder(BeforeTarget(name="before")(target_pieces(target)), network.encoder(source))
    model = Translator([source, target], logits, name="translation")
    optimizer = keras.optimizers.Adam(
        learning_rate, use_ema=averaging > 0, ema_momentum=averaging, global_clipnorm=1.0
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss=loss, metrics=["accuracy"])
    return model


def batches(dataset="mini", split="train", batch_size=64, seed=0, limit=None, data_dir=None):
    """Loads a split as batches of pairs of about the same length.

    Training pairs with more than 64 words on a side are left out. The training split is
    shuffled anew for every epoch, the others keep their order within each length.

    Args:
        dataset: `"mini"`, `"mini/names"`, `"full"`, `"ted_hrlr_translate/pt_to_en"` or
            `"tatoeba/tatoeba_fr"`.
        split: `"train"`, `"validation"` or `"test"`.
        batch_size: pairs in a batch.
        seed: of the shuffling.
        limit: how many pairs to take, all when None.
        data_dir: where TFDS keeps its data.

    Returns:
        `tf.data.Dataset` of pairs: sources and targets, strings of shape `(batch,)`.

    Raises:
        ValueError: no such dataset or split.

    Example:

    >>> for sources, targets in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(sources[0].numpy().decode(), "→", targets[0].numpy().decode())
    """
    examples = data.load(dataset, split, data_dir)
    if split == "train":
        examples = examples.filter(lambda *pair: count_words(*pair) <= MOST_WORDS)
    examples = examples.take(limit) if limit else examples
    examples = examples.cache()
    ordered = examples.shuffle(60_000, seed=seed) if split == "train" else examples
    return bucket(ordered, count_words, batch_size, BUCKETS).prefetch(tf.data.AUTOTUNE)


def _two_sides(pairs):
    pairs = list(pairs)
    if not pairs or any(isinstance(pair, str) or len(pair) != 2 for pair in pairs):
        raise ValueError(
            "pairs must be a list of (source, target), at least one. "
            f"Received: {pairs[:2]!r}. Join two lists with list(zip(sources, targets))."
        )
    return zip(*pairs)


def count_words(source, target):
    """The words of the longer of two texts, int32; words are what stands between spaces.

    >>> int(count_words(tf.constant("a hand"), tf.constant("une main levée")))
    3
    """
    return tf.maximum(tf.size(tf.strings.split(source)), tf.size(tf.strings.split(target)))


def translate(model, sentences, width=4, length_penalty=0.6, batch_size=128):
    """Translates sentences with beam search.

    Args:
        model: a `Translator`.
        sentences: a string, or a list of strings.
        width: how many beams; 1 writes the likeliest piece each time.
        length_penalty: 0 prefers short translations, 1 much less so.
        batch_size: how many sentences to search for at a time.

    Returns:
        List of strings, a translation for each sentence.

    Example:

    >>> model = create_model(pairs=[("hand", "main"), ("hand", "main")], units=4)
    >>> len(translate(model, ["hand", "a hand"], width=2))
    2
    """
    sentences = [sentences] if isinstance(sentences, str) else list(sentences)
    # One graph for batches of every size.
    search = model.search.get_concrete_function(tf.TensorSpec([None], tf.string), width, length_penalty)
    texts = []
    for i in range(0, len(sentences), batch_size):
        found = search(tf.constant(sentences[i : i + batch_size]))
        texts += [text.decode("utf-8") for text in found[:, 0].numpy()]
    return texts


def sentences(batches):
    """The sources and the targets of batches, as two lists of strings.

    >>> sentences(tf.data.Dataset.from_tensors((["hand"], ["main"])))
    (['hand'], ['main'])
    """
    sides = zip(*((s, t) for batch in batches.as_numpy_iterator() for s, t in zip(*batch)))
    return tuple([text.decode("utf-8") for text in side] for side in sides)


def score(written, targets):
    """How good translations are.

    Args:
        written: list of strings, the translations.
        targets: list of strings, one true translation each.

    Returns:
        Dictionary of `exact`, the share that is right to the letter, and of the whole corpus'
        `bleu` and `chrf` of sacreBLEU, from 0 to 100 (Papineni et al. 2002, Popović 2015).

    Raises:
        ValueError: the lists are empty or of different lengths.
        MissingExtraError: sacreBLEU is not installed; it comes with `seqzoo[notebooks]`.

    Example:

    >>> score(["une main rouge", "la main"], ["une main rouge", "une main"])["exact"]
    0.5
    """
    written, targets = list(written), list(targets)
    if len(written) != len(targets) or not targets:
        raise ValueError(
            "Expected as many translations as targets, at least one. "
            f"Received: {len(written)} translations and {len(targets)} targets. "
            "Give one target for each translation."
        )
    sacrebleu = import_extra("sacrebleu")
    return {
        "exact": sum(w == t for w, t in zip(written, targets)) / len(targets),
        "bleu": round(sacrebleu.corpus_bleu(written, [targets]).score, 2),
        "chrf": round(sacrebleu.corpus_chrf(written, [targets]).score, 2),
    }


def most_similar(sources, known_sources, known_targets):
    """Translates without a network: the translation of the most similar sentence that is known.

    Two sentences are as similar as the share of their words that is in both.

    Args:
        sources: list of strings.
        known_sources, known_targets: lists of strings, known pairs.

    Returns:
        List of strings, one of `known_targets` for each source.

    Example:

    >>> most_similar(["red hat"], ["red hand", "green foot"], ["main rouge", "pied vert"])
    ['main rouge']
    """
    # In the order of the alphabet: which of equals is taken must not depend on the shuffling.
    known = [(set(source.split()), target) for source, target in sorted(zip(known_sources, known_targets))]

    def likeness(words, others):
        return len(words & others) / len(words | others)

    return [
        max(known, key=lambda pair: likeness(words, pair[0]))[1]
        for words in (set(source.split()) for source in sources)
    ]

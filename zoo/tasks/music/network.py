"""The model of the music task: a rhythm in, the ids of a tune's characters out."""

from collections.abc import Iterable
from typing import Any

from seqzoo import door
from seqzoo.architectures import one_to_many
from seqzoo.losses import crossentropy
from seqzoo.optimizer import adam
from seqzoo.tasks.music import dataset as data
from seqzoo.tasks.music.composer import Composer
from seqzoo.tasks.music.nats_per_character import NatsPerCharacter
from seqzoo.tasks.music.preprocessor import MusicPreprocessor
from seqzoo.tasks.music.recipe import RECIPE


def create_model(
    cell: Any = "gru",
    dataset: str = "mini",
    texts: Iterable[str] | None = None,
    rhythms: Iterable[str] | None = None,
    embedding: int = 64,
    units: int = 128,
    layers: int = 1,
    dropout: float = 0.25,
    input_dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
    word_dropout: float = 0.0,
    label_smoothing: float = 0.0,
    learning_rate: Any = 8e-3,
    ema_momentum: float | None = None,
    data_dir: str | None = None,
) -> Composer:
    """Builds the music model, compiled: a rhythm in, the characters of a tune out.

    The rhythm is the one input x, the characters of the tune are y⟨1⟩ … y⟨Ty⟩, and the
    last of them is an end symbol: P(tune | rhythm) = Π P(y⟨t⟩ | x, y⟨1⟩ … y⟨t−1⟩).

    The figure `nats_per_character` is −ln P of all tunes over the number of all their
    characters, one end symbol a tune included.

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`; a class or an object of a cell.
        dataset: whose training split the characters are learned from, and whose rhythms the
            model knows, when there are no `texts`: `"mini"`, `"full"` or
            `"groove/full-midionly"`.
        texts: training tunes of your own, in any notation. A character that none of them has
            is unknown to the model: it counts in the figure, and is never written.
        rhythms: the rhythms of your tunes, each once or one for each tune; `"tune"` when None.
        embedding: the size of a character's vector.
        units: the size of a⟨t⟩.
        layers: how many recurrent layers.
        dropout: fraction of the characters' vectors and of a⟨t⟩ to drop in training.
        input_dropout: fraction of what each recurrent layer reads to drop in training, the same at every step
            of a sequence.
        recurrent_dropout: the same of a⟨t−1⟩ (Gal and Ghahramani 2016).
        word_dropout: fraction of the characters' vectors to hide whole in training.
        label_smoothing: ε of `seqzoo.losses.SmoothedCrossentropy`: how far from certain characters are in
            training, and in `val_loss`.
        learning_rate: of Adam; a number, or a `keras.optimizers.schedules` schedule.
        ema_momentum: momentum of a moving average of the weights, which the model holds once
            `fit` ends; 0 for none. By default the recipe's for a dataset of the zoo, and none
            for tunes of your own.
        data_dir: where TFDS keeps its data.

    Returns:
        A compiled `Composer`: `fit(rhythms, tunes)`, both strings.

    Raises:
        Refused: an unknown cell or dataset, or texts without a character.

    Example:

    >>> tunes = ["GABd edBA|", "GED DED|"]
    >>> model = create_model(cell="gru", texts=tunes, rhythms=["reel", "jig"], units=8)
    >>> history = model.fit(["reel", "jig"], tunes, verbose=0)
    >>> model.evaluate(["jig"], ["GED|"], verbose=0, return_dict=True).keys()
    dict_keys(['loss', 'nats_per_character'])
    """
    own = texts is not None
    door.choose("dataset", dataset, data.SOURCES)
    if not own:
        texts = data.load(dataset, "train", data_dir).map(lambda rhythm, tune: tune).as_numpy_iterator()
        rhythms = data.RHYTHMS[dataset]
    characters = sorted({character for text in door.texts(texts, "a tune") for character in text})
    rhythms = sorted(set(door.texts(["tune"] if rhythms is None else rhythms, "a rhythm")))
    if not characters or not rhythms:
        raise door.Refused(
            "tunes to learn characters from, and their rhythms",
            f"{len(characters)} characters, {len(rhythms)} rhythms",
            "give the tunes that the model will be trained on",
        )
    preprocessor = MusicPreprocessor(rhythms, characters)
    network = one_to_many(
        (len(rhythms),),
        outputs=preprocessor.size,
        cell=cell,
        units=units,
        layers=layers,
        dropout=dropout,
        input_dropout=input_dropout,
        recurrent_dropout=recurrent_dropout,
        symbol_dropout=word_dropout,
        embedding=embedding,
    )
    model = Composer(network, preprocessor, name="music")
    momentum = RECIPE.momentum(ema_momentum, own)
    model.compile(
        adam(learning_rate, momentum, clipnorm=1.0),
        loss=crossentropy(label_smoothing, from_logits=True),
        metrics=[NatsPerCharacter()],
    )
    return model

"""The model of the music task."""

import threading
from collections.abc import Callable
from typing import Any

import keras

from seqzoo import door
from seqzoo.decoding import Sampling
from seqzoo.writer import Writer

DRAWING = threading.RLock()  # a sampler has one random state: a tune is drawn at a time


@keras.saving.register_keras_serializable("seqzoo")
class Composer(Writer):
    """From rhythms to tunes, by a one-to-many network.

    `fit` and `evaluate` take rhythms and tunes, both strings. `answer` draws tunes; `predict`
    writes those that are made of the likeliest character each time, and `logits` gives what
    the network thinks of the characters of tunes that there are.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("music", texts=["GABd|"], rhythms=["reel"], units=4)
    >>> model.rhythms, model.characters
    (['reel'], ['A', 'B', 'G', 'd', '|'])
    >>> model.logits(["reel"], ["GAB"]).shape
    (1, 4, 8)
    """

    default_max_length = 1500

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._samplers = {}

    @property
    def rhythms(self) -> list[str]:
        """The rhythms that it has learned."""
        return self.preprocessor.rhythms

    @property
    def characters(self) -> list[str]:
        """The characters that it has learned; symbol 3 is the first."""
        return self.preprocessor.characters

    @property
    def reader(self) -> keras.Model:
        return keras.Model(self.network.inputs[0], self.network.get_layer("x1").output)

    def answer(
        self,
        x: Any,
        temperature: float = 0.8,
        seed: int | None = None,
        max_length: int = 1500,
        sampler: Callable | None = None,
        accept: Callable[[str], bool] | None = None,
        tries: int = 4,
        batch_size: int = 128,
    ) -> list[str]:
        """Writes a tune for each rhythm.

        Args:
            x: rhythms, each of `rhythms`; a single one, or a stream of batches. One and the
                same rhythm n times gives n tunes.
            temperature: below 1 for safer tunes, above 1 for wilder ones; 0 for the one that
                is made of the most probable character each time.
            seed: the same seed gives the same tunes.
            max_length: how many characters a tune has at most.
            sampler: what draws each character, instead of the temperature and seed: a function
                from logits to tokens, see `seqzoo.decoding.samplers`.
            accept: function from a tune to whether it will do, such as `abc.is_playable`; None
                where all do.
            tries: how often to draw for a rhythm.
            batch_size: how many tunes to write at a time.

        Returns:
            List of strings, in the notation of the training split; `abc.abc_file` makes an ABC
            file of one. Where no tune of a rhythm came to an end and was accepted, a warning
            says so, and the last one drawn takes its place, cut after its last whole bar.

        Raises:
            Refused: a rhythm that the model has not learned, or a limit that is no limit.

        Example:

        >>> import seqzoo
        >>> model = seqzoo.create_model("music", texts=["GABd|"], rhythms=["reel"], units=4)
        >>> from keras import ops, random
        >>> g_or_end = lambda logits: ops.where(random.uniform(ops.shape(logits)[:1]) < 0.5, 5, 2)
        >>> [set(tune) <= {"G"} for tune in model.answer(["reel", "reel"], sampler=g_or_end)]
        [True, True]
        """
        rhythms = self._pipeline.rows(x)
        max_length, tries = self._at_most(max_length), door.natural("tries", tries, 4)
        tunes, left = [""] * len(rhythms), list(range(len(rhythms)))
        with DRAWING:
            sampler = sampler or self._sampler(temperature, seed)
            for _ in range(tries):
                drawn = self._draw(rhythms[left], max_length, sampler, batch_size) if left else []
                for place, (tune, ended) in zip(left.copy(), drawn):
                    good = ended and (accept is None or accept(tune))
                    tunes[place] = tune if ended else _whole_bars(tune)
                    if good:
                        left.remove(place)
        if left:
            door.warn(
                f"whole tunes of at most max_length={max_length} characters that are accepted",
                f"{len(rhythms) - len(left)} of {len(rhythms)}; others fill the list",
                "train the model longer, or raise the temperature, max_length or tries",
                stacklevel=2,
            )
        return tunes

    def opening(self, rhythm: str, characters: int = 60, temperature: float = 0.8, seed: int | None = None) -> str:
        """Writes the first characters of a tune, whether it comes to an end or not.

        Written after each epoch, openings show what the model has learned by then.

        Args:
            rhythm: one of `rhythms`.
            characters: how many, at most.
            temperature: as in `answer`.
            seed: the same seed draws with the same random numbers.

        Raises:
            Refused: a rhythm that the model has not learned.

        Example:

        >>> import seqzoo
        >>> model = seqzoo.create_model("music", texts=["GABd|"], rhythms=["reel"], units=4)
        >>> len(model.opening("reel", characters=8, seed=0)) <= 8
        True
        """
        with DRAWING:
            ((tune, _),) = self._draw([rhythm], self._at_most(characters), self._sampler(temperature, seed), 1)
        return tune

    def _draw(self, rhythms, max_length, sampler, batch_size):
        """Pairs: a tune of each rhythm, and whether it came to an end."""
        rows = self._written(rhythms, lambda x: self._texts(x, max_length=max_length, sampler=sampler), batch_size)
        return list(zip(self._spelled(rows, max_length), self._ended(rows)))

    def _sampler(self, temperature, seed):
        """One for each temperature, so that no graph is made twice; its random state is the seed's."""
        fresh = Sampling(temperature, seed=seed)
        kept = self._samplers.setdefault(temperature, fresh)
        for variable, value in zip(kept.variables, fresh.variables):
            variable.assign(value)
        return kept


def _whole_bars(tune):
    return tune[: 1 + max(tune.rfind("|"), tune.rfind("\n"))] or tune

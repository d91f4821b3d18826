"""How good translations are."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from seqzoo import door
from seqzoo.extras import import_extra
from seqzoo.pipeline import labelled

if TYPE_CHECKING:
    from seqzoo.tasks.translation.translator import Translator


def score(model: "Translator", batches: Iterable, beam_width: int = 4, **options: Any) -> dict[str, float]:
    """The figures of a model's translations of batches, which are gone through once.

    Args:
        model: a `Translator`.
        batches: pairs of sources and targets.
        beam_width: of the search.
        **options: more of `Translator.answer`: `length_penalty`, `max_length`, `batch_size`.

    Returns:
        Dictionary of `exact`, `bleu` and `chrf`, see `figures`.

    Raises:
        Refused: there is no pair.
        MissingExtraError: sacreBLEU is not installed; it comes with `seqzoo[notebooks]`.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("translation", pairs=[("hand", "main")], units=4)
    >>> sorted(score(model, [(["hand"], ["main"])], max_length=20))
    ['bleu', 'chrf', 'exact']
    """
    sources, targets = sentences(batches)
    return figures(model.answer(sources, beam_width=beam_width, **options), targets)


def figures(written: Sequence[str], targets: Sequence[str]) -> dict[str, float]:
    """The figures of translations, whatever wrote them.

    Args:
        written: the translations.
        targets: one true translation each.

    Returns:
        Dictionary of `exact`, the share that is right to the letter, and of the whole corpus'
        `bleu` and `chrf` of sacreBLEU, from 0 to 100 (Papineni et al. 2002, Popović 2015).

    Raises:
        Refused: the lists are empty or of different lengths.
        MissingExtraError: sacreBLEU is not installed; it comes with `seqzoo[notebooks]`.

    Example:

    >>> figures(["une main rouge", "la main"], ["une main rouge", "une main"])["exact"]
    0.5
    """
    written, targets = list(written), list(targets)
    door.same_length(translations=len(written), targets=len(targets))
    if not targets:
        raise door.Refused("a translation at least", "none", "give some, each with its target")
    sacrebleu = import_extra("sacrebleu")
    return {
        "exact": sum(w == t for w, t in zip(written, targets)) / len(targets),
        "bleu": round(sacrebleu.corpus_bleu(written, [targets]).score, 2),
        "chrf": round(sacrebleu.corpus_chrf(written, [targets]).score, 2),
    }


def sentences(batches: Iterable) -> tuple[list[str], list[str]]:
    """The sources and the targets of batches, as two lists of strings.

    >>> sentences([(["hand"], [b"main"]), (["red hand"], ["main rouge"])])
    (['hand', 'red hand'], ['main', 'main rouge'])
    """
    sources, targets = [], []
    for batch_sources, batch_targets in labelled(batches):
        sources += door.texts(batch_sources, "a sentence").tolist()
        targets += door.texts(batch_targets, "a translation").tolist()
    return sources, targets


def most_similar(sources: Iterable[str], known_sources: Iterable[str], known_targets: Iterable[str]) -> list[str]:
    """Translates without a network: the translation of the most similar sentence that is known.

    Two sentences are as similar as the share of their words that is in both.

    Args:
        sources: sentences to translate.
        known_sources, known_targets: known pairs.

    Returns:
        List of strings, one of `known_targets` for each source.

    Example:

    >>> most_similar(["red hat"], ["red hand", "green foot"], ["main rouge", "pied vert"])
    ['main rouge']
    """
    # In the order of the alphabet: which of equals is taken must not depend on the shuffling.
    known = [(set(source.split()), target) for source, target in sorted(zip(known_sources, known_targets))]

    def likeness(words, others):
        return len(words & others) / max(1, len(words | others))

    return [
        max(known, key=lambda pair: likeness(words, pair[0]))[1]
        for words in (set(source.split()) for source in sources)
    ]

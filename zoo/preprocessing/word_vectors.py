"""Word vectors from a file that the user names: GloVe's text format and word2vec's, as they are or in gzip."""

import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import keras
import numpy as np

from seqzoo.door import Refused
from seqzoo.wording import clipped, is_number

File = str | Path


def read_vectors(file: File) -> Iterator[tuple[str, np.ndarray]]:
    """The words of a file with their vectors, line by line.

    A line holds a word and its numbers, between single spaces. Word2vec's files begin with a line
    that says how many words and how many numbers there are; GloVe's do not.

    Args:
        file: text in UTF-8; one that ends in `.gz` is unpacked on the way.

    Raises:
        Refused: there is no such file, or a line is no word with numbers: says which one.

    Example:

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "glove.txt")
    >>> _ = file.write_text("good 0.5 1\\nbad -0.5 1\\n")
    >>> [(word, vector.tolist()) for word, vector in read_vectors(file)]
    [('good', [0.5, 1.0]), ('bad', [-0.5, 1.0])]
    """
    file = Path(file)
    if not file.is_file():
        raise Refused("a file of word vectors", f"vectors={str(file)!r}, which is none", "give the path of one")
    words, size, seen, number = None, None, set(), 0
    with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as lines:
        for number, line in enumerate(_lines(lines, file), 1):
            if number == 1 and (header := _header(line, file)):
                words, size = header
                continue
            size = size or line.count(" ")
            word, *numbers = line.rsplit(" ", size)
            if len(numbers) != size or not size or (" " in word and is_number(word.rsplit(" ")[-1])):
                raise _bad(file, number, f"a word and {size or 'its'} numbers", f"{line.count(' ')} numbers", line)
            if word in seen:
                raise _bad(file, number, "each word once", f"{clipped(word)!r} once more", line)
            seen.add(word)
            yield word, _vector(numbers, file, number)
    if words is not None and words != len(seen):
        raise _bad(file, 1, f"the number of words, here {len(seen)}", str(words), f"{words} {size}")


def embedding_of(
    words: Sequence[str],
    ids: int,
    size: int,
    vectors: File | None = None,
    freeze: bool = False,
    name: str | None = None,
) -> keras.layers.Embedding:
    """The embedding of words, whose vectors begin as those of a file where one is given.

    A word has the vector of the file's word that is written like it, or else of the first that is
    once it is lower-cased. What the file does not have begins at zero. How many it has is printed.

    Args:
        words: whose ids are the last ones.
        ids: how many ids there are, padding and unknown words included.
        size: of a vector; with a file, its vectors' size counts instead.
        vectors: the file, see `read_vectors`; vectors begin at random where it is None.
        freeze: whether training leaves them as they are.
        name: of the layer.

    Raises:
        Refused: the file is none, or has none of the words; or there is none to freeze.

    Example:

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "glove.txt")
    >>> _ = file.write_text("Good 0.5 1\\nbad -0.5 1\\n")
    >>> embedding_of(["film", "good"], 4, size=64, vectors=file).get_weights()[0]
    1 of 2 words have a vector in glove.txt.
    array([[0. , 0. ],
           [0. , 0. ],
           [0. , 0. ],
           [0.5, 1. ]], dtype=float32)
    """
    if vectors is None:
        if freeze:
            raise Refused("vectors to freeze", "freeze_vectors=True and no vectors", "name their file: vectors=...")
        return keras.layers.Embedding(ids, size, mask_zero=True, name=name)
    known = set(words) - {""}
    found = _vectors_of(known, vectors)
    if not found:
        raise Refused(
            "a file with vectors of the vocabulary's words",
            f"none of its {len(known)} words in {Path(vectors).name}",
            "give vectors of the texts' language",
        )
    print(f"{len(found)} of {len(known)} words have a vector in {Path(vectors).name}.")
    table = np.zeros((ids, len(next(iter(found.values())))), "float32")
    for id, word in enumerate(words, ids - len(words)):
        table[id] = found.get(word, 0)
    return keras.layers.Embedding(*table.shape, weights=[table], trainable=not freeze, mask_zero=True, name=name)


def _vectors_of(words: Iterable[str], file: File) -> dict[str, np.ndarray]:
    exactly: dict[str, np.ndarray] = {}
    in_small_letters: dict[str, np.ndarray] = {}
    for word, vector in read_vectors(file):
        if word in words:
            exactly[word] = vector
        if (small := word.lower()) in words:
            in_small_letters.setdefault(small, vector)
    return {**in_small_letters, **exactly}


def _lines(lines, file):
    """Lines end at "\\n" alone: words of published files hold other ends of lines."""
    try:
        for number, line in enumerate(lines, 1):
            try:
                yield line.decode("utf-8").rstrip(" \r\n")
            except UnicodeDecodeError:
                raise _bad(file, number, "text in UTF-8", "other bytes", repr(line[:20])) from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Refused(f"a whole gzip file {file.name}", clipped(str(error)), "fetch it once more") from None


def _header(line, file):
    """(words, numbers) of word2vec's first line."""
    parts = line.split(" ")
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        return None
    words, size = map(int, parts)
    if not words or not size:
        raise _bad(file, 1, "how many words and how many numbers there are", "none", line)
    return words, size


def _vector(numbers, file, line):
    try:
        vector = np.array(numbers, "float32")
    except ValueError:
        wrong = next(text for text in numbers if not is_number(text))
        raise _bad(file, line, "numbers", "another thing", wrong) from None
    if not np.isfinite(vector).all():
        raise _bad(file, line, "finite numbers", "another one", numbers[int(np.argmin(np.isfinite(vector)))])
    return vector


def _bad(file, number, expected, received, shown):
    return Refused(
        f"{expected} in line {number} of {file.name}", f"{received}: {clipped(shown, 60)!r}", "mend or delete the line"
    )

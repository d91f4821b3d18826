"""Reads raw examples for a model that seqzoo has exported: Python and NumPy alone.

    import json, read
    learned = json.load(open("preprocessor.json", encoding="utf-8"))
    read.inputs(learned, ["A moving film."])  # the network's inputs by their names

It gives what the model's own preprocessor gives, which checks examples more strictly.
"""

import math
import re
import sys
import unicodedata

import numpy as np


def inputs(learned, examples):
    """The network's inputs, arrays by their names, for a list of examples (or a table, by columns or rows)."""
    examples = [examples] if isinstance(examples, str) else examples
    return READERS[learned["kind"]](learned, examples)


def pad(rows, value=0, dtype="int32"):
    """Rows of different lengths as one array, of one step at least."""
    rows = [np.asarray(row, dtype) for row in rows]
    time = max([1, *map(len, rows)])
    whole = np.full((len(rows), time, *(rows[0].shape[1:] if rows else ())), value, dtype)
    for place, row in enumerate(rows):
        whole[place, : len(row)] = row
    return whole


def ids_of(words, known, unknown=1, first=2):
    places = {word: place for place, word in enumerate(known, first)}
    return [places.get(word, unknown) for word in words]


def _ranges(codes):
    """Characters in increasing order, as a regular expression has them between brackets."""
    parts, start, last = [], codes[0], codes[0]
    for code in [*codes[1:], -1]:
        if code != last + 1:
            parts.append(f"{re.escape(chr(start))}-{re.escape(chr(last))}")
            start = code
        last = code
    return "".join(parts)


def _characters():
    """Letters (upper, lower and other ones), numbers, marks and separators of Unicode, as ranges."""
    found = {kind: [] for kind in ("Lu", "Lt", "Ll", "Lo", "Lm", "N", "M", "Z")}
    for code in range(sys.maxunicode + 1):
        kind = unicodedata.category(chr(code))
        if kind in found or kind[0] in found:
            found[kind if kind in found else kind[0]].append(code)
    return {kind: _ranges(codes) for kind, codes in found.items()}


C = _characters()
UPPER, LOWER = C["Lu"] + C["Lt"], C["Ll"] + C["Lo"] + C["Lm"]
L, N, Z = UPPER + LOWER, C["N"], C["Z"]
M = C["M"] + "\u200c\u200d"  # what belongs to the letter before it
SPACES = r"\t\n\f\r "
APOSTROPHES = re.compile("[‘’ʼ＇]")


def regexes(*pairs):
    return [(re.compile(pattern), by) for pattern, by in pairs]


def replace(text, rules):
    for pattern, by in rules:
        text = pattern.sub(by, text)
    return text


# Sentiment: words, ! and ? between single spaces, and the first five letters of each word.

STANDARD = regexes(
    (rf"(?i:<br[{SPACES}]*/?>)", " "),
    (APOSTROPHES.pattern, "'"),
    ("[\u00ad\ufe0e\ufe0f]", ""),
    (rf"(^|[^{L}{N}{M}])[{M}]+", r"\1"),
    (rf"[^{L}{N}{M}'!?]+", " "),
    ("([!?])", r" \1 "),
    (" +", " "),
)
LONG_WORD = regexes((rf"((?:[{L}{N}'][{M}]*){{5}})[{L}{N}'][{L}{N}{M}']*", r"\1"))


def words_of(sentence):
    return replace(unicodedata.normalize("NFC", sentence).lower(), STANDARD).split()


def stems_of(words):
    return replace(" ".join(words), LONG_WORD).split()


def sentiment(learned, sentences):
    words = [words_of(sentence) for sentence in sentences]
    stems = [stems_of(row) for row in words]
    found = {
        "words": pad([ids_of(row, learned["words"]) for row in words]),
        "stems": pad([ids_of(row, learned["stems"]) for row in stems]),
    }
    if learned.get("bigrams"):
        pairs = [[f"{a}_{b}" for a, b in zip(row, [*row[1:], "."])] for row in words]
        found["bigrams"] = pad([ids_of(row, learned["bigrams"]) for row in pairs])
    if learned["ratings"]:
        found["ratings"] = pad([[learned["ratings"].get(word, 0.0) for word in row] for row in words], 0, "float32")
    return found


# Named entities: what each token looks like, and the groups of its letters.

LETTER = rf"[^ {M}][{M}]*"
WORD = regexes(
    (rf"[{N}]", "9"),
    (rf"([{L}9{M}])[^{L}9 {M}]+( |\Z)", r"\1\2"),
    (rf"(^| )[^{L}9 ]+([{L}9])", r"\1\2"),
)
BEGINNING = regexes((rf"((?:{LETTER}){{3}})[^ {M}][^ ]*", r"\1"))
ENDING = regexes((rf"[^ ]+((?:{LETTER}){{3}})", r"\1"))
SHAPE = regexes(
    (rf"(?:[{LOWER}][{M}]*)+", "a"), (rf"(?:[{UPPER}][{M}]*){{2,}}", "AA"), (rf"[{UPPER}][{M}]*", "A"), (rf"[{N}]", "9")
)
PUNCTUATION = regexes((rf"[{L}{N}][{L}{N}{M}]*", "w"))
GROUPS, LONGEST, LETTERS = 4096, 64, 24


def looks(token):
    """The word, its beginning, its ending, its shape and its punctuation."""
    spaced = APOSTROPHES.sub("'", unicodedata.normalize("NFC", token))
    spaced = re.sub(rf"[{SPACES}\v]+", " ", spaced).strip(" ")
    word = replace(spaced.lower(), WORD)
    return [word, replace(word, BEGINNING), replace(word, ENDING), replace(spaced, SHAPE), replace(spaced, PUNCTUATION)]


def groups_of(word):
    letters = f"<{word[:LONGEST]}>"
    groups = [letters[i : i + n] for n in (2, 3, 4) for i in range(len(letters) - n + 1)]
    return [fingerprint(group.encode()) % GROUPS + 1 for group in groups]


def fingerprint(s):
    """FarmHash's Fingerprint64 of at most 16 bytes."""
    k0, k2, ones = 0xC3A5C85C97CB3127, 0x9AE16A3B2F90404F, 2**64 - 1
    fetch = lambda at, n: int.from_bytes(s[at : at + n], "little")
    rotate = lambda v, by: (v >> by | v << 64 - by) & ones

    def mixed(u, v, by):
        a = (u ^ v) * by & ones
        b = (v ^ a ^ a >> 47) * by & ones
        return (b ^ b >> 47) * by & ones

    n, by = len(s), k2 + 2 * len(s)
    if n >= 8:
        a, b = fetch(0, 8) + k2 & ones, fetch(n - 8, 8)
        return mixed(rotate(b, 37) * by + a & ones, (rotate(a, 25) + b) * by & ones, by)
    if n >= 4:
        return mixed(n + (fetch(0, 4) << 3), fetch(n - 4, 4), by)
    if n == 0:
        return k2
    v = (s[0] + (s[n >> 1] << 8)) * k2 & ones ^ (n + (s[-1] << 2)) * k0 & ones
    return (v ^ v >> 47) * k2 & ones


def tokens_of(sentence):
    return sentence.split() if isinstance(sentence, str) else list(sentence)


def ner(learned, sentences):
    rows = [[looks(token) for token in tokens_of(sentence)] for sentence in sentences]
    found = {}
    for place, (part, known) in enumerate(learned["vocabularies"].items()):
        found[part] = pad([ids_of([look[place] for look in row], known) for row in rows])
    groups = [[groups_of(look[0]) for look in row] for row in rows]
    found["groups"] = pad_groups(groups)
    if "letters" in learned:
        spelled = [[unicodedata.normalize("NFC", t)[:LETTERS] for t in tokens_of(sentence)] for sentence in sentences]
        found["letters"] = pad_groups([[ids_of(word, learned["letters"]) for word in row] for row in spelled])
    return found


def pad_groups(rows):
    """Lists of ids in rows of tokens as one array."""
    most = max((len(ids) for row in rows for ids in row), default=1)
    return pad([[ids + [0] * (most - len(ids)) for ids in row] or np.zeros((0, most)) for row in rows])


# Translation: words and punctuation marks, and letters where a word is not known.

SPACE, END = "▁", 3
SPACED = regexes(
    (rf"[{SPACES}{Z}{SPACE}]+", SPACE),
    (rf"^{SPACE}?(.*?){SPACE}?\Z", rf"{SPACE}\1"),
    (rf"^{SPACE}\Z", ""),
    (rf"({SPACE}?(?:[{L}{C['M']}{N}]+|[^{L}{C['M']}{N}{SPACE}])|{SPACE})", r"\1 "),
)


def split_words(sentence):
    spaced = replace(unicodedata.normalize("NFC", sentence).lower(), SPACED).rstrip(" ")
    return spaced.split(" ") if spaced else []


def subwords_of(sentence, ranks):
    """Parts of words: of all neighbours that together are a token, the earliest is joined, again and again."""
    words = unicodedata.normalize("NFC", sentence).replace(SPACE, " ").lower().split()
    return [part for word in words for part in joined([SPACE, *word], ranks)]


def joined(parts, ranks):
    while True:
        ranked = [(ranks[a + b], place) for place, (a, b) in enumerate(zip(parts, parts[1:])) if a + b in ranks]
        if not ranked:
            return parts
        _, place = min(ranked)
        parts[place : place + 2] = [parts[place] + parts[place + 1]]


def translation(learned, sentences):
    known, rows = learned["source_tokens"], []
    ranks = {token: rank for rank, token in enumerate(known)}
    for sentence in sentences:
        if learned.get("tokenizer") == "subwords":
            tokens = subwords_of(sentence, ranks)
        else:
            tokens = [token for word in split_words(sentence) for token in ([word] if word in ranks else word)]
        rows.append([*ids_of(tokens, known, first=END + 1), END])
    return {"source": pad(rows)}


def translated(learned, ids):
    """The text that the ids of a translation spell."""
    written = ["", "�", "", "", *learned["target_tokens"]]
    return "".join(written[id] for id in ids).replace(SPACE, " ").strip()


# Music: rhythms, and characters.


def music(learned, rhythms):
    places = [learned["rhythms"].index(rhythm) for rhythm in rhythms]
    return {"x": np.eye(len(learned["rhythms"]), dtype="float32")[places]}


def tune(learned, ids):
    """The characters that ids spell."""
    written = ["", "�", "", *learned["characters"]]
    return "".join(written[id] for id in ids)


# DNA, tracks and films, frames of sound, tables.

BASES = {letter: place for place, letter in enumerate("ACGTRYSWKMBDHVN", 1)}
BASES["U"] = BASES["T"]


def dna(learned, sequences):
    return {"letters": pad([[BASES[base] for base in "".join(s.split()).upper()] for s in sequences])}


def track(learned, tracks):
    return {"film": pad(tracks, -1.0, "float32")}


def film(learned, films):
    return {"film": pad(films, 0.0, "float32")}


def speech(learned, sounds):
    """Sounds as frames, or, of a model with a rate, as samples: from -1 to 1, or integers of 16 or 32 bits."""
    frames = [trim(np.asarray(sound)) for sound in sounds]
    if learned["rate"] is not None:
        frames = [log_mel(sound, learned["rate"], bands=len(learned["mean"])) for sound in frames]
    mean, spread = np.array(learned["mean"], "float32"), np.sqrt(np.array(learned["variance"], "float32"))
    return {"frames": pad([(x.astype("float32") - mean) / spread for x in frames], -1e4, "float32")}


def trim(sound):
    """A sound without the zeros after its end."""
    heard = np.flatnonzero(sound.reshape(len(sound), -1).any(axis=1)) if len(sound) else ()
    return sound[: heard[-1] + 1] if len(heard) else sound[:0]


def log_mel(sound, rate, bands):
    """x⟨t⟩ = log(M |F(w ∗ s⟨t⟩)|² + 10⁻⁶): how loud each band of the mel scale is, every hundredth of a second."""
    if sound.dtype.kind == "i":
        sound = sound / 2.0 ** (8 * sound.dtype.itemsize - 1)
    window, step = round(0.025 * rate), round(0.01 * rate)
    size = 2 ** math.ceil(math.log2(window))
    w, left = np.zeros(size), (size - window) // 2
    w[left : left + window] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / (window - window % 2))
    mel = lambda hertz: 1127 * np.log(1 + hertz / 700)
    lower, center, upper = (np.linspace(mel(60), mel(rate / 2), bands + 2)[i : i + bands] for i in range(3))
    each = mel(np.linspace(0, rate / 2, size // 2 + 1))[:, None]
    M = np.maximum(0, np.minimum((each - lower) / (center - lower), (upper - each) / (upper - center)))
    padded = np.concatenate([sound, np.zeros(size)])
    s = np.array([padded[t : t + size] for t in range(0, len(sound), step)]).reshape(-1, size)
    return np.log(np.abs(np.fft.rfft(w * s)) ** 2 @ M + 1e-6)


def table(learned, rows):
    """Rows as dictionaries, or a dictionary of columns; missing is None, nan or "", or not there."""
    if not hasattr(rows, "keys"):
        rows = {name: [row.get(name) for row in rows] for name, *_ in learned["numbers"] + learned["words"]}
    columns = []
    for name, mean, deviation in learned["numbers"]:
        numbers = np.array([math.nan if value in (None, "") else float(value) for value in rows[name]])
        columns.append(np.nan_to_num((numbers - mean) / deviation))
    for name, words in learned["words"]:
        columns += [np.array([value == word for value in rows[name]], float) for word in words]
    return {"x": np.stack(columns, axis=1).astype("float32")}


def array(learned, arrays):
    return {"x": np.asarray(arrays, "float32")}


READERS = {
    "SentimentPreprocessor": sentiment,
    "NerPreprocessor": ner,
    "TranslationPreprocessor": translation,
    "MusicPreprocessor": music,
    "DnaPreprocessor": dna,
    "TrackPreprocessor": track,
    "FramePreprocessor": film,
    "SpeechPreprocessor": speech,
    "TablePreprocessor": table,
    "ArrayPreprocessor": array,
}

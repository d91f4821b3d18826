"""The README's table of what each task answers: asked of the presets, never typed.

python docs/samples.py                    # print it; the data are in TFDS_DATA_DIR
python docs/samples.py --page README.md   # and put it between the page's two marks

Texts are made up here. What cannot be typed is the first example of the test split.
"""

import argparse
import itertools
from pathlib import Path

import seqzoo
from seqzoo.presets.folder import read_metadata
from seqzoo.runs.results_table import put_between

BEGIN, END = "<!-- samples -->", "<!-- /samples -->"
HEAD = ("task", "preset", "figure on test", "given", "it answers")
TYPED = {
    "sentiment": ("sentiment_gru", "A moving, funny and beautifully acted film."),
    "ner": ("ner_gru", "Anna Nowak, 1600 N Pennsylvania Ave NW, Washington, DC 20500"),
    "translation": ("translation_gru", "man: dark skin tone, white hair"),
    "music": ("music_gru", "waltz"),
}
FIRST = {
    "speech": ("speech_gru", "the sound of “{y}”"),
    "dna": ("dna_gru", "60 bases, in truth {y}"),
    "video": ("video_gru", "the track of a hand, in truth a {y}"),
    "one_to_one": ("one_to_one_rnn", "measures of a penguin, in truth {y}"),
}


def ask(task: str) -> tuple[str, str, str]:
    """The preset that is asked, what it is given, in words, and what it answers."""
    if task in TYPED:
        preset, given = TYPED[task]
        drawing = {"seed": 0} if task == "music" else {}
        (answer,) = seqzoo.from_preset(preset).answer([given], **drawing)
        return preset, given, in_words(task, answer)
    preset, given = FIRST[task]
    model = seqzoo.from_preset(preset)
    x, y = next(iter(seqzoo.get_task(task).batches("mini", "test", batch_size=1)))
    truth = y.numpy()[0]
    truth = truth.decode() if isinstance(truth, bytes) else model.labels[truth]
    (answer,) = model.answer(x)
    return preset, given.format(y=truth), in_words(task, answer)


def in_words(task: str, answer) -> str:
    """An answer as a cell of a table.

    >>> in_words("ner", [("1600", "AddressNumber"), ("Main", "StreetName"), ("St", "StreetName")])
    'AddressNumber: 1600; StreetName: Main St'
    >>> in_words("dna", ("EI", 0.987))
    'EI (0.99)'
    """
    if task == "ner":
        spans = itertools.groupby(answer, key=lambda tagged: tagged[1])
        return "; ".join(f"{label}: {' '.join(token for token, _ in span).rstrip(',')}" for label, span in spans)
    if task == "music":
        lines = [line for line in answer.split("\n") if line and not line.startswith(("M:", "L:", "K:"))]
        return f"`{lines[0].strip(chr(92) + ' ')} {lines[1].rstrip(chr(92))}` …".replace("|", "\\|")
    return f"{answer[0]} ({answer[1]:.2f})" if isinstance(answer, tuple) else str(answer)


def row(task: str) -> str:
    """A task's row of the table."""
    preset, given, answer = ask(task)
    known = read_metadata(preset)
    figure = f"{known['run']['metric']} {known['figure']:.3f}"
    cells = (f"[{task}](notebooks/{task}.ipynb)", f"[{preset}](zoo/presets/{preset}/README.md)", figure, given, answer)
    return f"| {' | '.join(cells)} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, help="a Markdown page with both marks")
    page = parser.parse_args().page
    head = [f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|"]
    table = "\n".join([*head, *map(row, seqzoo.list_tasks())])
    print(table)
    if page:
        put_between(page, table, BEGIN, END)


if __name__ == "__main__":
    main()

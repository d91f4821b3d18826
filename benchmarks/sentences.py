"""What the sentiment preset says of sentences that nobody picked: the first 20 of the mini data's test split.

    python benchmarks/sentences.py            # the sentences, with the answers
    python benchmarks/sentences.py --count    # how many answers are right: of these, and of the whole split

The preset has learned from whole reviews, and never saw the mini data.
"""

import argparse

import seqzoo
from seqzoo.tasks.sentiment.dataset import LABELS, load


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="sentiment_gru")
    parser.add_argument("--sentences", type=int, default=20)
    parser.add_argument("--count", action="store_true", help="print no sentences")
    options = parser.parse_args()
    texts, places = zip(*load("mini", "test").as_numpy_iterator())
    answers = seqzoo.from_preset(options.preset).answer(list(texts))
    right = [label == LABELS[place] for (label, _), place in zip(answers, places)]
    if not options.count:
        for text, (label, p), place in list(zip(texts, answers, places))[: options.sentences]:
            print(f"{label:8} {p:.2f}  said: {LABELS[place]:8}  {text.decode()}")
    print(f"right: {sum(right[: options.sentences])} of the first {options.sentences}, {sum(right)} of {len(right)}")


if __name__ == "__main__":
    main()

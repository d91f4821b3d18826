"""What the words alone tell, without their order: logistic regression on the sentiment data.

    pip install scikit-learn && python benchmarks/bag_of_words.py --dataset mini

The strength of the regularisation is chosen on the validation split.
"""

import argparse

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from seqzoo.tasks.sentiment import dataset as sentiment


def split(dataset, name):
    pairs = list(sentiment.load(dataset, name).as_numpy_iterator())
    return [text.decode() for text, _ in pairs], np.array([label for _, label in pairs])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="mini", choices=sentiment.SOURCES)
    dataset = parser.parse_args().dataset
    (train, y), (validation, y_validation), (test, y_test) = (
        split(dataset, name) for name in ("train", "validation", "test")
    )
    for name, options in (("words", {}), ("words and pairs of words", {"ngram_range": (1, 2)})):
        words = TfidfVectorizer(sublinear_tf=True, **options).fit(train)
        models = [LogisticRegression(C=C, max_iter=300).fit(words.transform(train), y) for C in (1, 3, 10)]
        best = max(models, key=lambda model: model.score(words.transform(validation), y_validation))
        print(f"{name}: test accuracy {best.score(words.transform(test), y_test):.3f}")


if __name__ == "__main__":
    main()

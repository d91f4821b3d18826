"""The settings behind the published figures of the sentiment task."""

from dataclasses import replace

from seqzoo.task import Recipe

RECIPE = Recipe(
    cell="gru",
    model=dict(
        embedding=64,
        units=32,
        layers=1,
        bidirectional=True,
        dropout=0.5,
        word_dropout=0.0,
        pooling="last",
        bigrams=False,
        min_count=2,
    ),
    learning_rate=2e-3,
    ema_momentum=0.99,
    batch_size=64,
    epochs=6,
    patience=2,
)

# Chosen on reviews of films that no training review is of. Those of its validation split are of the
# same films, and would have it learn for longer than is good for others.
IMDB_REVIEWS = replace(
    RECIPE,
    model={**RECIPE.model, "word_dropout": 0.3, "pooling": "max_mean", "bigrams": True, "min_count": 5},
    epochs=2,
)

RECIPES = {"imdb_reviews": IMDB_REVIEWS}

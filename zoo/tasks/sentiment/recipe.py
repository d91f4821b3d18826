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

# Chosen on reviews of films that its training reviews are not of.
IMDB_REVIEWS = replace(
    RECIPE,
    model={**RECIPE.model, "word_dropout": 0.3, "pooling": "max_mean", "bigrams": True, "min_count": 5},
    epochs=3,
)

"""The settings behind the published figures of the one-to-one task."""

from seqzoo.task import Recipe

RECIPE = Recipe(
    cell="rnn",
    model=dict(units=32, layers=1, dropout=0.2),
    learning_rate=1e-2,
    batch_size=32,
    epochs=30,
    patience=5,
)

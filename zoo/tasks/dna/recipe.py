"""The settings behind the published figures of the DNA task."""

from seqzoo.task import Recipe

RECIPE = Recipe(
    cell="gru",
    model=dict(towards="middle", units=64, layers=1, bidirectional=False, dropout=0.2, base_dropout=0.2),
    learning_rate=3e-3,
    ema_momentum=0.99,
    batch_size=32,
    epochs=40,
    patience=4,
)

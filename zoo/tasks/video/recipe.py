"""The settings behind the published figures of the video task."""

from seqzoo.task import Recipe

RECIPE = Recipe(
    cell="gru",
    model=dict(units=64, layers=2, bidirectional=True, dropout=0.3, tempo=0.2, turn=0.1, stretch=0.1, noise=0.005),
    learning_rate=5e-3,
    ema_momentum=0.99,
    batch_size=32,
    epochs=120,
    patience=25,
)

"""The settings behind the published figures of the speech task."""

from seqzoo.task import Recipe

RECIPE = Recipe(
    cell="gru",
    model=dict(decoder="ctc", units=64, layers=1, bidirectional=True, dropout=0.4, noise=0.5),
    learning_rate=5e-3,
    ema_momentum=0.99,
    batch_size=32,
    epochs=25,
    patience=8,
    scoring=dict(beam_width=8),
)

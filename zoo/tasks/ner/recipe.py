"""The settings behind the published figures of named entity recognition."""

from seqzoo.task import Recipe

RECIPE = Recipe(
    cell="gru",
    model=dict(embedding=64, units=128, layers=1, bidirectional=True, dropout=0.5, word_dropout=0.2),
    learning_rate=3e-3,
    ema_momentum=0.997,
    batch_size=16,
    epochs=30,
    monitor="val_accuracy",
    mode="max",
    patience=8,
)

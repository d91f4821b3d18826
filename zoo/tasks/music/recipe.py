"""The settings behind the published figures of the music task."""

from seqzoo.task import Recipe

RECIPE = Recipe(
    cell="gru",
    model=dict(embedding=64, units=128, layers=1, dropout=0.25),
    learning_rate=8e-3,
    cosine=True,
    batch_size=16,
    epochs=10,
    patience=2,
    monitor="val_nats_per_character",
)

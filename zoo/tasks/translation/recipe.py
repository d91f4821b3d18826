"""The settings behind the published figures of the translation task."""

from dataclasses import replace

from seqzoo.task import Recipe

RECIPE = Recipe(
    cell="gru",
    model=dict(embedding=64, units=128, layers=1, bidirectional=True, attention=True, dropout=0.2, tokenizer="words"),
    learning_rate=3e-3,
    ema_momentum=0.99,
    batch_size=32,
    epochs=40,
    patience=5,
    scoring=dict(beam_width=4),
)

# As its figures were made. Phrases of known words are learned to the letter without an average.
PHRASES = replace(RECIPE, ema_momentum=0.0)

RECIPES = {"mini/phrases": PHRASES}

"""The zoo's data: TFDS builders and what brings their archives."""

"""Text in pictures as it was written."""

import matplotlib.pyplot as plt

text_is_text = plt.rc_context({"text.parse_math": False})
"""Decorates a function that draws text of the data: to matplotlib, what stands between two $ is a formula."""

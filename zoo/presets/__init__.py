"""Trained models to take away: those that come with seqzoo, and folders with one's own."""

from seqzoo.presets.folder import PresetError, from_preset, list_presets, read_metadata

__all__ = ["PresetError", "from_preset", "list_presets", "read_metadata"]

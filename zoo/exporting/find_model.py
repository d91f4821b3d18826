from pathlib import Path
from typing import Any

import seqzoo
from seqzoo import door
from seqzoo.presets.folder import METADATA
from seqzoo.registry import MODEL_FILE
from seqzoo.wording import clipped, did_you_mean


def find_model(given: str) -> Any:
    """The model of a `.keras` file, of a run's folder, which keeps one, or of a preset, by its folder or its name.

    Raises:
        Refused: there is none.
    """
    path, presets = Path(given), seqzoo.list_presets()
    if path.is_file() or (path / MODEL_FILE).is_file():
        return seqzoo.load_model(path)
    if given in presets or (path / METADATA).is_file():
        return seqzoo.from_preset(given)
    raise door.Refused(
        f"a .keras file, the folder of a run that kept its model, or one of the presets {', '.join(presets)}",
        clipped(repr(given)),
        f'save the model: model.save("model.keras").{did_you_mean(given, presets)}',
    )

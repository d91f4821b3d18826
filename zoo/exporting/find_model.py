from pathlib import Path
from typing import Any

import seqzoo
from seqzoo import door
from seqzoo.wording import clipped


def find_model(given: str) -> Any:
    """The model of a `.keras` file, of a run's folder, which keeps it as `model.keras`, or of a preset's name.

    Raises:
        Refused: there is none.
    """
    path = Path(given)
    path = path / "model.keras" if path.is_dir() else path
    if path.is_file():
        return seqzoo.load_model(path)
    presets = getattr(seqzoo, "list_presets", list)()
    if given in presets:
        return seqzoo.from_preset(given)
    known = f", or one of the presets {', '.join(presets)}" if presets else ""
    raise door.Refused(
        f"a .keras file, the folder of a run that keeps its model{known}",
        clipped(repr(given)),
        'save the model: model.save("model.keras")',
    )

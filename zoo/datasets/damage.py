"""Prepared data that are not as TFDS wrote them: cut off by a full disk, or changed since."""

import functools
import json
import os
from pathlib import Path

import tensorflow as tf
import tensorflow_datasets as tfds

OF_A_RECORD = 16  # bytes in a TFRecord file besides the example: its length, and two checksums
LARGE = 2**25  # bytes; of a larger split the sizes alone are compared


def set_aside_unreadable_notes(name: str, data_dir: str | os.PathLike | None = None) -> None:
    """Renames what is no JSON of a dataset's notes, from which TFDS would not even make the builder.

    Args:
        name: the dataset's, without configuration and version.
        data_dir: where TFDS keeps its data; by default TFDS's own choice.
    """
    root = Path(data_dir or os.environ.get("TFDS_DATA_DIR", "~/tensorflow_datasets")).expanduser()
    for note in root.glob(f"{name}/**/*.json"):
        if any("incomplete" in part for part in note.parts):  # another process is at work there
            continue
        try:
            json.loads(note.read_text(encoding="utf-8"))
        except ValueError:
            print(f"{note} is damaged; the data will be prepared anew.", flush=True)
            note.rename(note.with_suffix(".damaged"))


def damaged_file(builder: tfds.core.DatasetBuilder) -> str | None:
    """The first file of prepared data that does not hold what TFDS noted; None where all do."""
    if builder.info.file_format != tfds.core.FileFormat.TFRECORD:
        return None
    for split in builder.info.splits.values():
        files = [str(file) for file in split.filepaths]
        for file in files:
            if not os.path.exists(file) or (
                split.num_bytes < LARGE and not _is_readable(file, os.stat(file).st_mtime_ns)
            ):
                return file
        if sum(map(os.path.getsize, files)) != split.num_bytes + OF_A_RECORD * split.num_examples:
            return files[-1]
    return None


@functools.cache
def _is_readable(file, changed):
    """Asked once of a file as it was when it last `changed`: each split that is loaded looks at all of them."""
    try:
        for _ in tf.data.TFRecordDataset(file).batch(1024):
            pass
    except tf.errors.DataLossError:
        return False
    return True

"""What ties a dataset's name to prepared data, the same way for every task."""

import contextlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

import tensorflow_datasets as tfds

from seqzoo.datasets.damage import damaged_file, set_aside_unreadable_notes
from seqzoo.datasets.reachability import unreachable
from seqzoo.door import choose


class SourceUnreachable(ConnectionError):
    """A dataset's files are not here, and their URL does not answer."""


class SourceTooLarge(ValueError):
    """A dataset's files are not here, and so large that nobody should download them unasked."""


@dataclass(frozen=True)
class Source:
    """Where one dataset of a task comes from.

    Args:
        builder: the TFDS name, for instance `"glue/sst2"`.
        features: from the task's feature names to the dataset's.
        urls: the files that TFDS downloads for it; none for a dataset that arrives
            through the Python package index.
        splits: from the zoo's split names to TFDS's split strings.
        gigabytes: how much TFDS would download, where that is too much to do unasked.
    """

    builder: str
    features: Mapping[str, str]
    urls: tuple[str, ...] = ()
    splits: Mapping[str, str] = field(default_factory=lambda: {s: s for s in ("train", "validation", "test")})
    gigabytes: float = 0.0


def load(sources, dataset, split, data_dir=None, manual_dir=None, large=False):
    """Loads one split of a task's dataset, preparing it on first use.

    Args:
        sources: the task's datasets, a mapping from name to `Source`.
        dataset: one of those names.
        split: `"train"`, `"validation"` or `"test"`.
        data_dir: where TFDS keeps its data; by default TFDS's own choice
            (`TFDS_DATA_DIR`, or `tensorflow_datasets` in the home folder).
        manual_dir: a folder with archives downloaded by hand, as in
            `tfds.download.DownloadConfig`.
        large: whether to download a dataset of many gigabytes.

    Returns:
        `tf.data.Dataset` of dictionaries with the task's feature names, in a fixed order.

    Raises:
        Refused: no such dataset or split.
        SourceUnreachable: the dataset is not on disk and its URL does not answer.
        SourceTooLarge: it is not on disk, has many gigabytes, and `large` is not set.

    Example:

    >>> from seqzoo.tasks.sentiment.dataset import SOURCES
    >>> train = load(SOURCES, "mini", "train")  # doctest: +SKIP
    """
    source = sources[choose("dataset", dataset, sources)]
    tfds_split = source.splits[choose("split", split, source.splits)]
    builder = prepare(source, data_dir, manual_dir, large)
    # What is worth keeping in memory is the task's choice, after its preprocessing.
    read_config = tfds.ReadConfig(try_autocache=False)
    examples = builder.as_dataset(split=tfds_split, read_config=read_config)
    return examples.map(lambda x: {ours: x[theirs] for ours, theirs in source.features.items()})


def prepare(source, data_dir=None, manual_dir=None, large=False):
    """Returns the source's TFDS builder with its data on disk.

    The network is asked only for files that are neither prepared nor downloaded. Prepared data
    that are cut off or damaged are named, and prepared anew.

    Args:
        source: a `Source`.
        data_dir: see `load`.
        manual_dir: see `load`.
        large: see `load`.

    Returns:
        `tfds.core.DatasetBuilder`, prepared.

    Raises:
        SourceUnreachable: the first missing file's URL does not answer.
        SourceTooLarge: see `load`.
    """
    set_aside_unreadable_notes(source.builder.split("/")[0], data_dir)
    builder = tfds.builder(source.builder, data_dir=data_dir)
    damaged = damaged_file(builder) if _is_complete(builder) else builder.data_path
    if damaged is None:
        return builder
    if source.gigabytes and not large:
        raise SourceTooLarge(
            f"The dataset {source.builder!r} is large.\n"
            f"Expected: to find it prepared in {builder.data_path}.\n"
            f"Received: nothing there; TFDS would download {source.gigabytes:g} GB.\n"
            'To do: use dataset="mini"; or set large=True, and have the room and the time.'
        )
    _require_reachable(source, builder, manual_dir)
    if builder.data_path.exists():
        print(f"{damaged} is incomplete or damaged; the data will be prepared anew.", flush=True)
        builder.data_path.rmtree()
    config = tfds.download.DownloadConfig(manual_dir=manual_dir, try_download_gcs=False)
    try:
        with _random_of_its_own():
            builder.download_and_prepare(download_config=config)
    except OSError:
        # Another process may have prepared the same data first: TFDS then cannot rename.
        builder = tfds.builder(source.builder, data_dir=data_dir)
        if not _is_complete(builder):
            raise
    return builder


@contextlib.contextmanager
def _random_of_its_own():
    # TFDS draws the name of its temporary folder from Python's `random`: processes that have
    # set the same seed would write into the same folder.
    state = random.getstate()
    random.seed()
    try:
        yield
    finally:
        random.setstate(state)


def _is_complete(builder):
    # TFDS writes into a folder of another name, this file last, and renames at the end.
    return (builder.data_path / "dataset_info.json").exists()


def _require_reachable(source, builder, manual_dir):
    downloads = builder.data_dir_root / "downloads"
    here = _downloaded_urls(downloads) | _downloaded_urls(downloads / builder.name)
    here |= _manual_urls(builder, manual_dir or downloads / "manual")
    missing = [url for url in source.urls if url not in here]
    reason = unreachable(missing[0]) if missing else None
    if reason:
        raise SourceUnreachable(
            f"The dataset {source.builder!r} cannot be reached.\n"
            f"Expected: an answer from {missing[0]}.\n"
            f"Received: {reason}.\n"
            'To do: check the network, or use dataset="mini", which needs only the Python '
            "package index."
        )


def _downloaded_urls(folder):
    """Of the files in TFDS's download folder, by the notes that it keeps beside them.

    TFDS 4.9.10 calls a note FILE.INFO, and its documentation FILE.INFO.json.
    """
    urls = set()
    for note in folder.glob("*.INFO*"):
        if (folder / note.name.removesuffix(".json").removesuffix(".INFO")).exists():
            urls.update(_urls_of(note))
    return urls


def _urls_of(note):
    try:
        return json.loads(note.read_text()).get("urls", ())
    except ValueError:  # cut off: TFDS will write it anew
        return ()


def _manual_urls(builder, folder):
    folder = tfds.core.Path(folder)
    infos = builder.url_infos or {}
    return {u for u, info in infos.items() if info.filename and (folder / info.filename).exists()}

import dataclasses
import functools
import http.server
import json
import random
import socket
import subprocess
import sys
import threading
import time

import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from seqzoo.datasets import sources
from seqzoo.datasets.package_index import PackageUnavailable
from seqzoo.datasets.reachability import unreachable
from seqzoo.datasets.sources import SourceUnreachable, load, prepare
from seqzoo.tasks.sentiment import dataset as sentiment
from seqzoo.tasks.sentiment.dataset import IMDB_REVIEWS, MOVIE_SNIPPETS, SST2
from seqzoo.tasks.sentiment.movie_snippets import MovieSnippets

NOWHERE = "http://127.0.0.1:9/"
PAIR = (tf.TensorSpec((), tf.string), tf.TensorSpec((), tf.int64))


@pytest.mark.parametrize("split, size", [("train", 8090), ("validation", 972), ("test", 979)])
def test_mini_sentiment(mini_data_dir, no_network, split, size):
    examples = sentiment.load("mini", split, mini_data_dir)
    assert examples.element_spec == PAIR
    assert examples.cardinality() == size
    text, label = next(iter(examples))
    assert len(text.numpy()) > 1 and label in (0, 1)


def test_order_is_fixed(mini_data_dir):
    first, second = (list(sentiment.load("mini", "test", mini_data_dir).as_numpy_iterator()) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("split", ["train", "validation", "test"])
@pytest.mark.parametrize("dataset", ["full", "glue/sst2", "imdb_reviews"])
def test_full_sentiment(dataset, split, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "unreachable", lambda url: None)
    with tfds.testing.mock_data(num_examples=3):
        examples = sentiment.load(dataset, split, tmp_path)
        assert examples.element_spec == PAIR
        assert len(list(examples)) == 3


@pytest.mark.parametrize("source", [MOVIE_SNIPPETS, SST2, IMDB_REVIEWS])
def test_sources_agree_with_their_builders(source, tmp_path):
    builder = tfds.builder(source.builder, data_dir=tmp_path)
    assert [name[:3] for name in builder.info.features["label"].names] == ["neg", "pos"]
    assert set(source.features.values()) <= set(builder.info.features)
    assert set(source.urls) <= set(builder.url_infos or ())


def test_full_that_cannot_be_reached_is_said_within_ten_seconds(tmp_path, no_network):
    start = time.monotonic()
    with pytest.raises(SourceUnreachable) as error:
        prepare(dataclasses.replace(SST2, urls=(NOWHERE,)), tmp_path)
    assert time.monotonic() - start < 10
    assert str(error.value) == (
        "The dataset 'glue/sst2' cannot be reached.\n"
        f"Expected: an answer from {NOWHERE}.\n"
        "Received: ConnectionError.\n"
        'To do: check the network, or use dataset="mini", which needs only the Python '
        "package index."
    )


def test_a_server_that_keeps_silent_is_given_up(no_network):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        assert unreachable(f"http://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.5)
        assert time.monotonic() - start < 10


def test_mini_without_a_network_is_said_within_ten_seconds(tmp_path, no_network):
    tf.constant(0)  # TensorFlow's own start is not what is timed.
    start = time.monotonic()
    with pytest.raises(PackageUnavailable, match="vaderSentiment 3.3.2 could not be fetched"):
        prepare(MOVIE_SNIPPETS, tmp_path)
    assert time.monotonic() - start < 10


def test_archive_in_the_manual_folder_needs_no_network(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "unreachable", lambda url: pytest.fail(f"{url} was asked"))
    manual = tmp_path / "manual"
    manual.mkdir()
    (manual / "aclImdb_v1.tar.gz").touch()
    # TFDS takes that archive, and refuses it because it is empty.
    with pytest.raises(Exception, match="aclImdb_v1.tar.gz"):
        prepare(IMDB_REVIEWS, tmp_path, manual_dir=manual)


@pytest.fixture
def server(tmp_path):
    """Serves a folder over http: the folder and its URL."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.mark.parametrize("dataset_name", ["glue", None])  # in a folder of its own, or as TFDS did it once
def test_what_tfds_has_downloaded_needs_no_network(dataset_name, server, tmp_path, no_network, monkeypatch):
    folder, url = server
    (folder / "archive.zip").write_bytes(b"anything")
    source = dataclasses.replace(SST2, urls=(f"{url}/archive.zip",))
    manager = tfds.download.DownloadManager(download_dir=tmp_path / "downloads", dataset_name=dataset_name)
    downloaded = manager.download(f"{url}/archive.zip")
    monkeypatch.setattr(sources, "unreachable", lambda url: "asked")
    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", lambda *a, **k: None)
    prepare(source, tmp_path)
    downloaded.unlink()
    with pytest.raises(SourceUnreachable, match="asked"):
        prepare(source, tmp_path)


def test_notes_under_the_documented_name_and_notes_cut_off(tmp_path, monkeypatch):
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    (downloads / "archive.zip").touch()
    (downloads / "archive.zip.INFO").write_text('{"urls": [')
    monkeypatch.setattr(sources, "unreachable", lambda url: "asked")
    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", lambda *a, **k: None)
    with pytest.raises(SourceUnreachable, match="asked"):
        prepare(SST2, tmp_path)
    (downloads / "archive.zip.INFO.json").write_text(json.dumps({"urls": SST2.urls}))
    prepare(SST2, tmp_path)


PREPARE = """
import random, sys
from seqzoo.datasets import sources
from seqzoo.tasks.sentiment import dataset as sentiment, movie_snippets
random.seed(3)
generate = movie_snippets.MovieSnippets._generate_examples
def wait_for_the_others(self, examples):
    print("begun", flush=True)
    sys.stdin.readline()
    yield from generate(self, examples)
movie_snippets.MovieSnippets._generate_examples = wait_for_the_others
print(sources.load(sentiment.SOURCES, "mini", "test", sys.argv[1]).cardinality().numpy(), random.random())
"""


def test_processes_that_set_the_same_seed_prepare_at_once(archive_data_dir, no_network):
    command = [sys.executable, "-c", PREPARE, str(archive_data_dir)]
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    processes = [subprocess.Popen(command, **pipes) for _ in range(2)]
    for process in processes:
        while (line := process.stdout.readline()) not in ("begun\n", ""):
            pass
        assert line, "it ended before it began"
    results = [process.communicate("\n\n\n")[0] for process in processes]
    random_after_the_seed = random.Random(3).random()
    for process, result in zip(processes, results):
        assert process.returncode == 0
        assert result.splitlines()[-1] == f"979 {random_after_the_seed}"


def test_interrupted_preparation_leaves_nothing_that_looks_complete(archive_data_dir, no_network, monkeypatch):
    def interrupted(self, examples):
        yield from list(examples.items())[:100]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(MovieSnippets, "_generate_examples", interrupted)
        with pytest.raises(KeyboardInterrupt):
            prepare(MOVIE_SNIPPETS, archive_data_dir)
    assert list((archive_data_dir / "movie_snippets").iterdir()) == []
    assert load(sentiment.SOURCES, "mini", "train", archive_data_dir).cardinality() == 8090


def test_leftovers_of_a_killed_preparation_are_not_taken_for_data(archive_data_dir, no_network, capsys):
    killed = archive_data_dir / "movie_snippets" / "incomplete.ABCDEF_1.0.0"
    copied_in_part = archive_data_dir / "movie_snippets" / "1.0.0"
    for folder in (killed, copied_in_part):
        folder.mkdir(parents=True)
        (folder / "movie_snippets-train.tfrecord-00000-of-00001").touch()
    assert load(sentiment.SOURCES, "mini", "train", archive_data_dir).cardinality() == 8090
    assert f"{copied_in_part} is incomplete or damaged; the data will be prepared anew." in capsys.readouterr().out


SHARD = "movie_snippets-train.tfrecord-00000-of-00001"


def altered(content):
    return content[:999] + bytes([content[999] ^ 1]) + content[1000:]


def test_damaged_data_are_named_and_prepared_anew(archive_data_dir, no_network, capsys, monkeypatch):
    generate = MovieSnippets._generate_examples
    few = lambda self, examples: generate(self, dict(list(examples.items())[:100]))
    monkeypatch.setattr(MovieSnippets, "_generate_examples", few)
    folder = prepare(MOVIE_SNIPPETS, archive_data_dir).data_path
    whole = list(load(sentiment.SOURCES, "mini", "train", archive_data_dir).as_numpy_iterator())
    damages = [
        (SHARD, altered),
        (SHARD, None),
        ("dataset_info.json", lambda b: b[:0]),
        ("features.json", lambda b: b[:99]),
    ]
    for name, damage in damages:
        file = folder / name
        file.unlink() if damage is None else file.write_bytes(damage(file.read_bytes()))
        capsys.readouterr()
        assert list(load(sentiment.SOURCES, "mini", "train", archive_data_dir).as_numpy_iterator()) == whole
        assert f"{file} is" in (said := capsys.readouterr().out) and "prepared anew" in said


def test_damaged_data_that_cannot_be_had_again_stay(archive_data_dir, no_network, monkeypatch):
    shard = prepare(MOVIE_SNIPPETS, archive_data_dir).data_path / SHARD
    shard.write_bytes(altered(shard.read_bytes()))
    monkeypatch.setattr(sources, "unreachable", lambda url: "asked")
    with pytest.raises(SourceUnreachable, match="asked"):
        prepare(dataclasses.replace(MOVIE_SNIPPETS, urls=(NOWHERE,)), archive_data_dir)
    assert shard.exists()


def test_preparing_beside_another_process(archive_data_dir, no_network, monkeypatch):
    prepare_alone = MovieSnippets.download_and_prepare

    def come_second(self, **options):
        prepare_alone(self, **options)
        raise OSError("Directory not empty")

    monkeypatch.setattr(MovieSnippets, "download_and_prepare", come_second)
    assert load(sentiment.SOURCES, "mini", "test", archive_data_dir).cardinality() == 979


def test_unknown_dataset_lists_the_known_ones(tmp_path):
    with pytest.raises(ValueError) as error:
        sentiment.load("imdb", data_dir=tmp_path)
    assert str(error.value) == (
        "Expected: dataset to be one of 'mini', 'full', 'glue/sst2', 'imdb_reviews'.\n"
        "Received: 'imdb'.\n"
        "To do: choose one of these. Did you mean 'imdb_reviews'?"
    )


def test_unknown_split_lists_the_known_ones(tmp_path):
    with pytest.raises(ValueError, match="Expected: split to be one of 'train', 'validation', 'test'."):
        sentiment.load("mini", "dev", tmp_path)

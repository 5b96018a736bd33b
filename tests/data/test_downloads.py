import gzip
import io
import struct
import tarfile
import threading
import wave
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pooch
import pytest

from kdviz.data import downloads as _downloads
from kdviz.data import mnist as _images
from kdviz.data import spoken_digits as _speech
from kdviz.data.catalog import DataError, dataset_location, load_dataset

IMAGES = "train-images-idx3-ubyte.gz"


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(header + array.astype(np.uint8).tobytes(), mtime=0)


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """Two local mirrors of a four-image MNIST, an empty cache, and no KDVIZ_DATA."""
    folder = tmp_path / "mirror" / "good"
    folder.mkdir(parents=True)
    for part in ("train", "t10k"):
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(idx(np.full((4, 28, 28), 255)))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(idx(np.arange(4)))
    handler = partial(QuietHandler, directory=folder.parent)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    hashes = {file.name: f"sha256:{pooch.file_hash(file)}" for file in folder.iterdir()}
    monkeypatch.setitem(_images.HASHES, "mnist", hashes)
    monkeypatch.setitem(_images.MIRRORS, "mnist", (f"{base}/gone/", f"{base}/good/"))
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "cache" / project)
    monkeypatch.delenv("KDVIZ_DATA", raising=False)
    yield folder
    server.shutdown()
    server.server_close()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


# Files: KDVIZ_DATA, then the cache, then the mirrors


def test_the_second_mirror_serves_when_the_first_fails_and_the_cache_serves_after(mirror):
    assert dataset_location("mnist") is None
    dataset = load_dataset("mnist")
    assert dataset.train.inputs.shape == (4, 28, 28)
    assert dataset.train.inputs.max() == 1
    assert dataset.test.labels.tolist() == [0, 1, 2, 3]
    for file in mirror.iterdir():
        file.unlink()
    assert len(load_dataset("mnist").train) == 4
    assert dataset_location("mnist").name == "mnist"


def test_kdviz_data_goes_before_cache_and_network(mirror, monkeypatch, tmp_path):
    own = tmp_path / "own" / "mnist"
    own.parent.mkdir()
    mirror.rename(own)
    monkeypatch.setenv("KDVIZ_DATA", str(own.parent))
    assert len(load_dataset("mnist").train) == 4
    assert dataset_location("mnist") == own
    assert not (tmp_path / "cache").exists()


def test_a_damaged_file_in_kdviz_data_is_named_refused_and_kept(mirror, monkeypatch, tmp_path):
    own = tmp_path / "own" / "mnist"
    own.mkdir(parents=True)
    damaged = own / IMAGES
    damaged.write_bytes((mirror / IMAGES).read_bytes()[:-7])
    monkeypatch.setenv("KDVIZ_DATA", str(own.parent))
    with pytest.raises(
        DataError, match=rf"{damaged} is damaged or unreadable, and was not used: its sha256"
    ):
        load_dataset("mnist")
    assert damaged.exists()


def test_a_damaged_file_in_the_cache_is_fetched_anew(mirror):
    cached = _downloads.cache_folder("mnist") / IMAGES
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"half a downl")
    assert load_dataset("mnist").train.inputs.max() == 1
    assert cached.read_bytes() == (mirror / IMAGES).read_bytes()


def test_a_damaged_download_is_never_kept(mirror, monkeypatch):
    (mirror / IMAGES).write_bytes(idx(np.zeros((4, 28, 28))))
    with pytest.raises(DataError, match="wrong checksum"):
        load_dataset("mnist")
    assert not list(_downloads.cache_folder("mnist").iterdir())


def test_without_any_source_one_message_says_what_was_tried_and_what_to_do(mirror):
    (mirror / IMAGES).unlink()
    with pytest.raises(DataError) as caught:
        load_dataset("mnist")
    message = str(caught.value)
    for part in ("KDVIZ_DATA is not set", "/gone/", "/good/", "t10k-labels", "mnist/ by hand"):
        assert part in message
    assert 'load_dataset("digits") needs no network' in message


def test_an_empty_kdviz_data_is_told_apart_from_an_unset_one(mirror, monkeypatch, tmp_path):
    (mirror / IMAGES).unlink()
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("KDVIZ_DATA", str(tmp_path / "empty"))
    with pytest.raises(DataError, match=f"empty/mnist does not hold {IMAGES}"):
        load_dataset("mnist")


def test_a_kdviz_data_that_is_no_folder_is_refused(mirror, monkeypatch, tmp_path):
    for path, fault in ((tmp_path / "nowhere", "does not exist"), (mirror / IMAGES, "is a file")):
        monkeypatch.setenv("KDVIZ_DATA", str(path))
        with pytest.raises(DataError, match=f"KDVIZ_DATA must be a folder .*{fault}"):
            load_dataset("mnist")
        assert len(load_dataset("digits").train) == 1000


def test_a_cache_that_cannot_be_written_leaves_kdviz_data_working(mirror, monkeypatch, tmp_path):
    (tmp_path / "cache").write_text("a file where the cache folder should be")
    with pytest.raises(DataError, match=r"no folder .* could be made.*set KDVIZ_DATA"):
        load_dataset("mnist")
    own = tmp_path / "own" / "mnist"
    own.parent.mkdir()
    mirror.rename(own)
    monkeypatch.setenv("KDVIZ_DATA", str(own.parent))
    assert len(load_dataset("mnist").train) == 4


def test_a_cache_without_write_permission_is_named(mirror, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError("refused")

    monkeypatch.setattr(pooch, "retrieve", refuse)
    with pytest.raises(DataError, match="may not be written to; set KDVIZ_DATA"):
        load_dataset("mnist")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no gzip", "cannot be decompressed"),
        (idx(np.zeros((3, 4)))[:-9], "cannot be decompressed"),
        (gzip.compress(b""), "no IDX file"),
        (gzip.compress(b"\x00\x00\x0d\x01\x00\x00\x00\x00"), "no IDX file of unsigned bytes"),
        (gzip.compress(b"\x00\x00\x08\x03\x00\x00\x00\x01"), "header is cut short"),
        (gzip.compress(b"\x00\x00\x08\x01\x00\x00\x00\x05ab"), r"2 values, its header says \(5,\)"),
        (gzip.compress(b"\x00\x00\x08\x01\x00\x00\x00\x01ab"), r"2 values, its header says \(1,\)"),
    ],
    ids=range(7),
)
def test_bad_idx_files_say_what_is_wrong(tmp_path, content, message):
    path = tmp_path / "file.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        _images.read_idx(path)


def test_idx_files_read_back(tmp_path):
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    path = tmp_path / "file.gz"
    path.write_bytes(idx(array))
    np.testing.assert_array_equal(_images.read_idx(path), array)


# Spoken digits: recordings in, pictures out


def tone(frequency, seconds, loudness=10000):
    """A wav file at 8 kHz."""
    time = np.arange(int(8000 * seconds)) / 8000
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(8000)
        samples = loudness * np.sin(2 * np.pi * frequency * time)
        recording.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


@pytest.fixture
def recordings(tmp_path, monkeypatch):
    """KDVIZ_DATA with an archive of twelve recordings: digits 0 and 1, takes 3 to 8."""
    folder = tmp_path / "spoken-digits" / "recordings"
    folder.mkdir(parents=True)
    for digit, take in [(digit, take) for digit in (0, 1) for take in range(3, 9)]:
        (folder / f"{digit}_ada_{take}.wav").write_bytes(tone(400 + 1000 * digit, 0.3 + take / 10))
    with tarfile.open(folder.parent / _speech.ARCHIVE, "w:gz") as archive:
        archive.add(folder, "dataset-1.0.10/recordings")
    monkeypatch.setenv("KDVIZ_DATA", str(tmp_path))
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "cache" / project)
    monkeypatch.setattr(_speech, "URLS", ())
    with pytest.raises(DataError) as caught:
        _speech.read_recordings(folder)
    digest = str(caught.value).split("sha256 is ")[1][:64]
    monkeypatch.setattr(_speech, "RECORDINGS_SHA256", digest)
    return folder


def test_recordings_read_the_same_from_archive_and_folder(recordings):
    from_archive = load_dataset("spoken-digits")
    assert from_archive.train.inputs.shape == (8, 64, 40)
    assert from_archive.test.labels.tolist() == [0, 0, 1, 1]  # takes 3 and 4
    (recordings.parent / _speech.ARCHIVE).unlink()
    from_folder = load_dataset("spoken-digits")
    np.testing.assert_array_equal(from_archive.train.inputs, from_folder.train.inputs)


def test_a_truncated_archive_is_refused(recordings):
    archive = recordings.parent / _speech.ARCHIVE
    archive.write_bytes(archive.read_bytes()[:-2000])
    with pytest.raises(DataError, match=f"{archive} is damaged or unreadable, and was not used"):
        load_dataset("spoken-digits")


def test_a_changed_or_missing_recording_is_refused(recordings):
    (recordings.parent / _speech.ARCHIVE).unlink()
    changed = recordings / "0_ada_3.wav"
    content = changed.read_bytes()
    changed.write_bytes(content[:-1] + b"!")
    with pytest.raises(DataError, match="its 12 recordings are not the 3000"):
        load_dataset("spoken-digits")
    changed.unlink()
    with pytest.raises(DataError, match="its 11 recordings are not the 3000"):
        load_dataset("spoken-digits")


def test_a_damaged_archive_in_the_cache_is_removed(recordings, monkeypatch):
    cached = _downloads.cache_folder("spoken-digits") / _speech.ARCHIVE
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"half a downl")
    monkeypatch.delenv("KDVIZ_DATA")
    with pytest.raises(DataError, match=r"is damaged and was removed.*cannot be unpacked"):
        load_dataset("spoken-digits")
    assert not cached.exists()


def test_higher_tones_light_higher_bands_in_the_middle_frames(recordings):
    dataset = load_dataset("spoken-digits")
    middle = dataset.train.inputs[:, 32].argmax(-1)
    low, high = middle[dataset.train.labels == 0], middle[dataset.train.labels == 1]
    assert low.max() < high.min()
    short = dataset.test.inputs[0]  # 0.6 s in 0.655 s: silence on both sides
    assert short[0].max() < 1
    assert short[-1].max() < 1
    assert short[32].max() > 0.99


def test_loudness_does_not_change_the_picture():
    noise = np.random.default_rng(0).normal(0, 300, (1, 5240)).astype(np.float32)
    quiet, loud = _speech.log_mel(noise), _speech.log_mel(noise * 20)
    np.testing.assert_allclose(quiet, loud, atol=1e-4)
    assert loud.max() == 1
    assert loud.min() >= 0
    assert loud.dtype == np.float32


# The files themselves, where they are at hand


def needs_files(name):
    try:
        missing = _downloads.data_folder(name) is None or dataset_location(name) is None
    except DataError:
        missing = True
    return pytest.mark.skipif(missing, reason=f"KDVIZ_DATA holds no {name}/")


@needs_files("mnist")
def test_mnist_is_read_from_disk():
    mnist = load_dataset("mnist")
    assert mnist.train.inputs.shape == (60000, 28, 28)
    assert mnist.test.inputs.shape == (10000, 28, 28)
    assert np.bincount(mnist.test.labels)[3] == 1010  # as the paper counts them


@needs_files("spoken-digits")
def test_spoken_digits_are_read_from_disk():
    spoken = load_dataset("spoken-digits")
    assert spoken.train.inputs.shape == (2700, 64, 40)
    assert np.bincount(spoken.test.labels).tolist() == [30] * 10

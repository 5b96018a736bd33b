"""Spoken digits: the recordings, and the log-mel pictures that networks learn from."""

from __future__ import annotations

import hashlib
import io
import tarfile
import wave
import zlib
from pathlib import Path

import numpy as np

from kdviz.data.downloads import DataError, fetch

ARCHIVE = "free-spoken-digit-dataset-1.0.10.tar.gz"
OTHER_NAMES = ("v1.0.10.tar.gz", "recordings")  # as GitHub names it; unpacked
URLS = (
    "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/refs/tags/v1.0.10.tar.gz",
    "https://codeload.github.com/Jakobovski/free-spoken-digit-dataset/tar.gz/refs/tags/v1.0.10",
)
# Of the recordings' names and contents: the archive's own compression may change.
RECORDINGS_SHA256 = "a2e8a660492f28d9eed6270b290d26cbc5c81d6077ce87d3c0ad5adf4d4ee696"

SAMPLE_RATE = 8000  # samples a second
WINDOW = 200  # samples: 25 ms
HOP = 80  # samples: 10 ms
FFT_SIZE = 256
FRAMES = 64  # 0.65 s: longer than 19 of 20 recordings
MEL_BANDS = 40
RANGE_DB = 60.0
TEST_TAKES = 5  # the makers' own test set: takes 0 to 4


def read_spoken_digits() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The inputs (3000, 64, 40), labels (3000,) and whether each is in the test set (3000,)."""
    needs = f"{ARCHIVE}, or its folder recordings/,"
    recordings = fetch("spoken-digits", ARCHIVE, URLS, read_recordings, needs, also=OTHER_NAMES)
    names = [Path(name).stem.split("_") for name in recordings]
    labels = np.array([int(digit) for digit, _, _ in names])
    takes = np.array([int(take) for _, _, take in names])
    waves = np.stack([_centered_samples(content) for content in recordings.values()])
    return log_mel(waves), labels, takes < TEST_TAKES


def read_recordings(path: Path) -> dict[str, bytes]:
    """The wav files of an archive or of a folder, sorted by name, checked as a whole.

    Raises:
        DataError: If the archive is damaged, or a recording is missing, added or changed.
    """
    try:
        found = _read_folder(path) if path.is_dir() else _read_archive(path)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise DataError(f"it cannot be unpacked ({error})") from error
    recordings = dict(sorted(found.items()))
    digest = hashlib.sha256()
    for name, content in recordings.items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    if digest.hexdigest() != RECORDINGS_SHA256:
        raise DataError(
            f"its {len(recordings)} recordings are not the 3000 of version 1.0.10: "
            f"their sha256 is {digest.hexdigest()}, not {RECORDINGS_SHA256}"
        )
    return recordings


def _read_folder(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.glob("*.wav")}


def _read_archive(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as archive:
        return {
            Path(member.name).name: archive.extractfile(member).read()
            for member in archive
            if member.isfile() and "/recordings/" in member.name and member.name.endswith(".wav")
        }


def _centered_samples(content: bytes) -> np.ndarray:
    """One recording as float32 samples, cut or padded with silence to FRAMES, middle to middle."""
    with wave.open(io.BytesIO(content)) as recording:
        samples = np.frombuffer(recording.readframes(recording.getnframes()), "<i2")
    length = WINDOW + HOP * (FRAMES - 1)
    spare = len(samples) - length
    if spare > 0:
        samples = samples[spare // 2 : spare // 2 + length]
    before = max(0, -spare) // 2
    result = np.zeros(length, dtype=np.float32)
    result[before : before + len(samples)] = samples
    return result


def log_mel(waves: np.ndarray) -> np.ndarray:
    """Loudness over time and pitch, in [0, 1].

    Windows of 25 ms every 10 ms, their power spectrum summed into 40 bands that are evenly
    spaced in mel, in decibels: 1 is a recording's loudest band, 0 is 60 dB below it or less.

    Args:
        waves: (N, samples) at 8 kHz.

    Returns:
        (N, frames, 40) float32.
    """
    window = np.hanning(WINDOW).astype(np.float32)
    filters = mel_filters()
    pictures = []
    for chunk in np.array_split(waves, max(1, len(waves) // 250)):  # in pieces: spectra are large
        frames = np.lib.stride_tricks.sliding_window_view(chunk, WINDOW, axis=-1)[:, ::HOP]
        power = np.abs(np.fft.rfft(frames * window, FFT_SIZE)) ** 2
        pictures.append(10 * np.log10(power @ filters + 1e-3))
    decibels = np.concatenate(pictures)
    loudest = decibels.max(axis=(1, 2), keepdims=True)
    return np.clip(1 + (decibels - loudest) / RANGE_DB, 0, 1).astype(np.float32)


def mel_filters() -> np.ndarray:
    """Triangular filters (FFT_SIZE // 2 + 1, MEL_BANDS) with mel(f) = 2595 log10(1 + f / 700)."""
    highest = 2595 * np.log10(1 + SAMPLE_RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, highest, MEL_BANDS + 2) / 2595) - 1)
    frequencies = np.fft.rfftfreq(FFT_SIZE, 1 / SAMPLE_RATE)[:, None]
    rising = (frequencies - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - frequencies) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(rising, falling), 0, None)

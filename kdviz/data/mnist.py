"""MNIST and Fashion-MNIST: where their four files are, and how to read them."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from kdviz.data.downloads import DataError, fetch

MIRRORS = {
    "mnist": (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    "fashion-mnist": (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    ),
}
# For Fashion-MNIST its repository gives only MD5.
HASHES = {
    "mnist": {
        "train-images-idx3-ubyte.gz": (
            "sha256:440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
        ),
        "train-labels-idx1-ubyte.gz": (
            "sha256:3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
        ),
        "t10k-images-idx3-ubyte.gz": (
            "sha256:8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
        ),
        "t10k-labels-idx1-ubyte.gz": (
            "sha256:f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
        ),
    },
    "fashion-mnist": {
        "train-images-idx3-ubyte.gz": "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "train-labels-idx1-ubyte.gz": (
            "sha256:a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"
        ),
        "t10k-images-idx3-ubyte.gz": "md5:bef4ecab320f06d8554ea6380940ec79",
        "t10k-labels-idx1-ubyte.gz": (
            "sha256:67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"
        ),
    },
}


def read_images(name: str, part: str) -> tuple[np.ndarray, np.ndarray]:
    """The inputs (N, 28, 28) float32 in [0, 1] and labels (N,) of part "train" or "t10k"."""
    images = _read_file(name, f"{part}-images-idx3-ubyte.gz")
    labels = _read_file(name, f"{part}-labels-idx1-ubyte.gz")
    return images / np.float32(255), labels


def _read_file(name: str, file: str) -> np.ndarray:
    urls = [mirror + file for mirror in MIRRORS[name]]
    needs = ", ".join(HASHES[name])
    return fetch(name, file, urls, read_idx, needs, HASHES[name][file])


def read_idx(path: Path) -> np.ndarray:
    """Read a gzip-compressed IDX file of unsigned bytes.

    IDX: two zero bytes, a type (8 means unsigned bytes), the number of axes, each axis's
    length as four bytes (most significant first), then the values.

    Raises:
        DataError: If the file is cut short, too long, or not such a file.
    """
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"it cannot be decompressed ({error})") from error
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise DataError(f"it is no IDX file of unsigned bytes: it begins with {content[:4]!r}")
    axes = content[3]
    start = 4 + 4 * axes
    if axes == 0 or len(content) < start:
        raise DataError(f"its header is cut short: {len(content)} bytes for {axes} axes")
    shape = tuple(int(length) for length in np.frombuffer(content, ">u4", axes, offset=4))
    if len(content) - start != math.prod(shape):
        raise DataError(f"it holds {len(content) - start} values, its header says {shape}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)

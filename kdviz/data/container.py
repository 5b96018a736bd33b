"""The file that kdviz saves what it trained in: a .npz of arrays, the rest as JSON, no pickle."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

FORMAT = 1

Arrays = dict[str, np.ndarray]
Content = TypeVar("Content")


def save(path: str | Path, arrays: Mapping[str, np.ndarray], extra: Mapping[str, Any]) -> None:
    """Write arrays by name, and `extra`, in JSON types."""
    text = json.dumps({"format": FORMAT, **extra}).encode()
    with Path(path).open("wb") as file:
        np.savez_compressed(file, json=np.frombuffer(text, dtype=np.uint8), **arrays)


def load(path: str | Path, kind: str, make: Callable[[Arrays, dict[str, Any]], Content]) -> Content:
    """Read what `save` wrote.

    Args:
        path: Of the file.
        kind: What it should hold, for the message.
        make: Makes the content of arrays and extra; a KeyError, TypeError or ValueError of its
            means that the file holds something else.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is damaged, of another kind, or of another format.
    """
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = dict(stored.items())
        extra = json.loads(arrays.pop("json").tobytes())
        if (found := extra.pop("format")) != FORMAT:
            raise ValueError(f"it has format {found}, and this kdviz reads {FORMAT}")
        return make(arrays, extra)
    except FileNotFoundError:
        raise
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"path must name a {kind} that kdviz saved, got {str(path)!r}: {error}. If it was "
            "one, the file is damaged: make it anew, or use a copy."
        ) from error

"""Files of numbers that a practitioner brings: .npy, .csv and .safetensors, without pickle."""

from __future__ import annotations

import csv
import io
import math
import os
from pathlib import Path

import numpy as np

__all__ = ["LARGEST_BYTES", "File", "Table", "is_file", "read_table", "read_text"]

# A page has to hold what the file holds, so a file that no page can hold is never read.
LARGEST_BYTES = 400_000_000

File = str | os.PathLike | tuple[str, bytes]  # a path, or the name and content of a dropped file
Table = dict[str, np.ndarray | tuple[str, ...]]

_SAFE_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "?"}
_SAFE_TYPES |= {
    f"{sign}{8 * size}": f"<{sign.lower()}{size}" for sign in "IU" for size in (1, 2, 4, 8)
}


def is_file(source: object) -> bool:
    """Whether `source` is a path, or the name and the bytes of a file, and not an array."""
    if isinstance(source, tuple) and len(source) == 2:
        return isinstance(source[0], str) and isinstance(source[1], bytes)
    return isinstance(source, str | os.PathLike)


def read_table(source: File, argument: str) -> Table:
    """Read the arrays of a file under their names.

    A .npy file holds one array, named `argument`. A .safetensors file names its own. The
    numbers of a .csv file are named `argument`, except its column `label`, named `labels`; a
    header row gives `classes`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is too large, of another kind, damaged, ragged, pickled, or text.
    """
    name, content = _content(source, argument)
    readers = {".npy": _read_npy, ".csv": _read_csv, ".safetensors": _read_safetensors}
    kind = Path(name).suffix.lower()
    if kind not in readers:
        raise ValueError(
            f"{argument} must be a .npy, .csv or .safetensors file, got {name!r}; "
            "save an array with numpy.save"
        )
    return readers[kind](content, argument, name)


def read_text(source: File, argument: str) -> str:
    """Read a file as UTF-8 text.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is too large or no text.
    """
    name, content = _content(source, argument)
    return _decode(content, argument, name)


def _content(source: File, argument: str) -> tuple[str, bytes]:
    """Name and bytes of a file, its size checked before anything is read."""
    if isinstance(source, tuple):
        name, content = source
        size = len(content)
    else:
        path, content = Path(source), None
        name = path.name
        if not path.exists():
            raise FileNotFoundError(f"{argument} must name a file, and there is no {str(path)!r}")
        if not path.is_file():
            raise ValueError(f"{argument} must name a file, got {str(path)!r}, which is none")
        size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise ValueError(
            f"{argument} must be a file of at most {LARGEST_BYTES / 1e6:,.0f} MB, got {name!r} of "
            f"{size / 1e6:,.0f} MB: save fewer examples, or float16 numbers"
        )
    return name, path.read_bytes() if content is None else content


def _decode(content: bytes, argument: str, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{argument} must be text in UTF-8, and {name!r} is not") from None


def _read_npy(content: bytes, argument: str, name: str) -> Table:
    """Read header and numbers apart: the header's size is checked before memory is taken."""
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        # Version 3 is version 2 with names in UTF-8; numbers have no names.
        reader = getattr(
            np.lib.format, f"read_array_header_{2 if version[0] == 3 else version[0]}_0"
        )
        shape, fortran, dtype = reader(stream)
    except Exception as error:  # a hostile header makes Python's own parser fail in many ways
        hint = "a pickle, which can run code when it is opened: it is never read. Save the array"
        hint = f"{hint} with numpy.save" if content[:1] == b"\x80" else f"no .npy file ({error})"
        raise ValueError(
            f"{argument} must be an array of numbers, and {name!r} is {hint}"
        ) from None
    if dtype.hasobject:
        raise ValueError(
            f"{argument} must be an array of numbers, and {name!r} holds pickled objects, which "
            "can run code when they are opened: it is never read. Save a float32 array"
        )
    held, count = len(content) - stream.tell(), math.prod(shape)
    if dtype.kind not in "iufb" or min(shape, default=0) < 0 or held != count * dtype.itemsize:
        raise ValueError(
            f"{argument} must be a whole file of numbers, and {name!r} says shape {shape} of "
            f"{dtype}, but holds {held:,} bytes of them"
        )
    values = np.frombuffer(content, dtype, offset=stream.tell()) if count else np.empty(0, dtype)
    return {argument: values.reshape(shape, order="F" if fortran else "C")}


def _read_safetensors(content: bytes, argument: str, name: str) -> Table:
    from safetensors import SafetensorError, deserialize

    try:
        tensors = dict(deserialize(content))
    except SafetensorError as error:
        raise ValueError(
            f"{argument} must be a whole .safetensors file, and {name!r} is not: {error}"
        ) from None
    if argument not in tensors:
        found = ", ".join(sorted(tensors)) or "none"
        raise ValueError(f"{name!r} must hold a tensor named {argument!r}, it holds: {found}")
    table = {}
    for key in {"logits", "labels", "images"} & tensors.keys():
        tensor = tensors[key]
        if tensor["dtype"] not in _SAFE_TYPES:
            raise ValueError(
                f"the tensor {key!r} of {name!r} must be float, integer or boolean, "
                f"got {tensor['dtype']}"
            )
        values = np.frombuffer(bytes(tensor["data"]), _SAFE_TYPES[tensor["dtype"]])
        if tensor["dtype"] == "BF16":  # the upper half of a float32
            values = (values.astype("<u4") << 16).view("<f4")
        table[key] = values.reshape(tensor["shape"])
    return table


def _read_csv(content: bytes, argument: str, name: str) -> Table:
    text = _decode(content, argument, name)
    try:
        header, values = _parse_csv(text)
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{argument} must be rows of numbers; in {name!r} {error}") from None
    columns = [column.lower() for column in header]
    if "label" not in columns:
        return {argument: values} | ({"classes": tuple(header)} if header else {})
    label = columns.index("label")
    table = {"labels": values[:, label]}
    if len(header) > 1:
        table["logits"] = np.delete(values, label, 1)
        table["classes"] = tuple(header[:label] + header[label + 1 :])
    return table


def _parse_csv(text: str) -> tuple[list[str], np.ndarray]:
    """The names of the columns, if the first row holds names, and the numbers."""
    stream = io.StringIO(text, newline="")
    header = _header([cell.strip() for cell in next(filter(None, csv.reader(stream)), [])])
    if not header:
        stream.seek(0)
    elif not text[stream.tell() :].strip():
        raise ValueError("there is only a header, and no row of numbers")
    try:
        values = np.loadtxt(stream, delimiter=",", comments=None, quotechar='"', ndmin=2)
    except ValueError as error:
        raise ValueError(_first_problem(text, bool(header)) or str(error)) from None
    if header and values.shape[1] != len(header):
        raise ValueError(_first_problem(text, True))
    return header, values


def _header(cells: list[str]) -> list[str]:
    """The names of the columns, or nothing if the first row already holds numbers."""
    if not cells:
        raise ValueError("there is no row")
    others = [cell for cell in cells if cell.lower() != "label"]
    numbers = [_is_number(cell) for cell in others]
    # Names that count from 0 are the usual header of digits; hardly any logits do.
    counting = len(others) > 1 and others == [str(number) for number in range(len(others))]
    if not counting and len(others) == len(cells) and any(numbers):
        if not all(numbers):
            text = others[numbers.index(False)][:40]
            raise ValueError(f"the first row mixes numbers and text, such as {text!r}")
        return []
    if "" in cells:
        raise ValueError(
            f"column {cells.index('') + 1} has no name; if it holds row numbers, save the table "
            "without them (index=False)"
        )
    return cells


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _first_problem(text: str, header: bool) -> str:
    """What is wrong with the first bad row, counted as a spreadsheet counts."""
    columns = 0
    for number, row in enumerate(csv.reader(io.StringIO(text, newline="")), start=1):
        columns = columns or len(row)
        if row and len(row) != columns:
            return f"row {number} has {len(row)} cells where the first has {columns}"
        if header and number == 1:
            continue
        for column, cell in enumerate(row, start=1):
            if not _is_number(cell):
                return f"row {number}, column {column} is {cell[:40]!r}"
    return ""

"""Find data files: in KDVIZ_DATA, then in the user's cache, then on their mirrors."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

Content = TypeVar("Content")


class DataError(OSError):
    """A dataset that cannot be loaded; the message says what was tried and what to do."""


def data_folder(name: str) -> Path | None:
    """The folder of a dataset in KDVIZ_DATA, whether or not it exists; None if that is not set.

    Raises:
        DataError: If KDVIZ_DATA is set to something that is not a folder.
    """
    root = os.environ.get("KDVIZ_DATA", "").strip()
    if not root:
        return None
    path = Path(root).expanduser()
    if not path.is_dir():
        fault = "is a file" if path.exists() else "does not exist"
        raise DataError(
            f"KDVIZ_DATA must be a folder that holds {name}/, but {str(path)!r} {fault}. "
            f'Correct the path or unset KDVIZ_DATA; load_dataset("digits") does not need it.'
        )
    return path / name


def cache_folder(name: str) -> Path:
    """The folder of a dataset in the user's cache (on Linux XDG_CACHE_HOME or ~/.cache)."""
    import pooch

    return Path(pooch.os_cache("kdviz")) / name


def fetch(
    name: str,
    file: str,
    urls: Sequence[str],
    read: Callable[[Path], Content],
    needs: str,
    known_hash: str | None = None,
    also: Sequence[str] = (),
) -> Content:
    """Read one file of a dataset from the first place that has it undamaged.

    Args:
        name: The dataset; it names the folder in KDVIZ_DATA and in the cache.
        file: The file's name there.
        urls: Where to download it from, tried in order.
        read: Returns the content of a path; raises DataError, saying why, if it is damaged.
        needs: All that must be put into KDVIZ_DATA by hand, for the message when nothing works.
        known_hash: Checked before anything is read: "sha256:..." or "md5:...".
        also: Other names under which KDVIZ_DATA may hold the same content.

    Raises:
        DataError: If no place has it, or the one in KDVIZ_DATA is damaged.
    """
    tried = []
    folder = data_folder(name)
    if folder is None:
        tried.append("KDVIZ_DATA is not set")
    else:
        for own in (folder / each for each in (file, *also)):
            if own.exists():
                return _read_own(own, known_hash, read)
        tried.append(f"KDVIZ_DATA: {folder} does not hold {file}")
    cached = cache_folder(name) / file
    if os.path.isfile(cached):
        content = _read_cached(cached, known_hash, read, tried)
        if content is not None:
            return content
    else:
        tried.append(f"the cache: {cached.parent} does not hold it")
    for url in urls:
        if _download(url, cached, known_hash, tried):
            content = _read_cached(cached, known_hash, read, tried)
            if content is not None:
                return content
    raise DataError(_explanation(name, file, needs, tried))


def check_hash(path: Path, known_hash: str | None) -> None:
    """Compare a file with its checksum.

    Raises:
        DataError: If they differ.
    """
    import pooch

    if known_hash is None:
        return
    algorithm, expected = known_hash.split(":")
    found = pooch.file_hash(str(path), alg=algorithm)
    if found != expected:
        raise DataError(f"its {algorithm} is {found}, not {expected}")


def _read_own(path: Path, known_hash: str | None, read: Callable[[Path], Content]) -> Content:
    try:
        check_hash(path, known_hash)
        return read(path)
    except OSError as error:
        raise DataError(
            f"{path} is damaged or unreadable, and was not used: {error}. "
            f"Replace it, or move it out of KDVIZ_DATA so that it is downloaded."
        ) from error


def _read_cached(
    path: Path, known_hash: str | None, read: Callable[[Path], Content], tried: list[str]
) -> Content | None:
    """The content of a file in the cache; None, and the file removed, if it is damaged."""
    try:
        check_hash(path, known_hash)
        return read(path)
    except OSError as error:
        tried.append(f"the cache: {path} is damaged and was removed: {error}")
    try:
        path.unlink()
    except OSError as error:
        tried[-1] = f"the cache: {path} is damaged and could not be removed: {error}"
    return None


def _download(url: str, target: Path, known_hash: str | None, tried: list[str]) -> bool:
    import pooch

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        tried.append(
            f"{url}: not downloaded, no folder {target.parent} could be made ({error.strerror}); "
            f"set KDVIZ_DATA, or XDG_CACHE_HOME to a folder you may write to"
        )
        return False
    downloader = pooch.HTTPDownloader(progressbar=True, timeout=15)
    try:
        pooch.retrieve(url, known_hash, target.name, target.parent, downloader=downloader)
    except PermissionError:
        tried.append(
            f"{url}: not downloaded, {target.parent} may not be written to; "
            f"set KDVIZ_DATA, or XDG_CACHE_HOME to a folder you may write to"
        )
    except ValueError:  # pooch has thrown the file away
        tried.append(f"{url}: what it sent has a wrong checksum")
    except OSError as error:  # also what requests raises
        reason = str(error).splitlines()[0] if str(error) else "no reason given"
        tried.append(f"{url}: {type(error).__name__}: {reason[:120]}")
    else:
        return True
    return False


def _explanation(name: str, file: str, needs: str, tried: list[str]) -> str:
    lines = "".join(f"\n- {attempt}" for attempt in tried)
    return (
        f"{name!r} could not be loaded, because {file} was found nowhere:{lines}\n"
        f"Without a network, put {needs} into a folder {name}/ by hand and set KDVIZ_DATA "
        f'to the folder that holds {name}/. load_dataset("digits") needs no network.'
    )

"""The lessons that come with kdviz: where they lie, and a copy of them to work in."""

import os
from pathlib import Path

HERE = Path(__file__).parent


def lessons_folder() -> Path:
    """Where the notebooks lie: in the installed package, or in the clone around it."""
    installed = HERE / "notebooks"  # put there by the build, see pyproject.toml
    return installed if installed.is_dir() else HERE.parent / "notebooks"


def find_notebooks(folder: Path) -> list[Path]:
    """Those of a folder, then those in other languages, in a folder each, such as `de`."""
    return sorted(folder.glob("*.ipynb")) + sorted(folder.glob("[a-z][a-z]/*.ipynb"))


def copy_lessons(folder: str | Path) -> tuple[list[str], list[str]]:
    """Copy the notebooks to work in; what is in the folder already stays as it is.

    Args:
        folder: Where to; it is made if it does not exist.

    Returns:
        The notebooks that were copied, and those that were kept: their paths in the folder.

    Raises:
        ValueError: If the folder, or what should be one around it, is a file.
        OSError: If it can't be written to.
    """
    folder = Path(folder)
    copied, kept, place = [], [], folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for lesson in find_notebooks(lessons_folder()):
            name = lesson.relative_to(lessons_folder()).as_posix()
            target = folder / name
            place = target.parent
            place.mkdir(exist_ok=True)
            try:
                new = target.open("xb")  # refuses what exists, even a link that leads nowhere
            except FileExistsError:
                kept.append(name)
                continue
            copied.append(name)
            try:
                with new:
                    new.write(lesson.read_bytes())
            except OSError:
                target.unlink()  # half a notebook would be kept the next time
                raise
    except (FileExistsError, NotADirectoryError):
        file = next(path for path in (place, *place.parents) if os.path.lexists(path))
        raise ValueError(f"DIR must be a folder, got {str(folder)!r}: {file} is a file") from None
    except OSError as error:
        said = error.strerror or error
        raise OSError(f"DIR {str(folder)!r} can't be written to: {said}; name another") from error
    return copied, kept

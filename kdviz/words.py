"""What kdviz says in a notebook, in the learner's language. English is in the code, as the key."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "de")
_CATALOGUES = Path(__file__).parent / "page" / "words"
_spoken = "en"


def use_language(name: str) -> None:
    """Choose what figures, exercises and labs speak that are made from now on.

    Args:
        name: "en" for English, or "de" for German.

    Raises:
        ValueError: If it is neither.

    Example:
        >>> use_language("en")
    """
    global _spoken
    if name not in LANGUAGES:
        raise ValueError(f"name must be one of {', '.join(LANGUAGES)}, got {name!r}")
    _spoken = name


def language() -> str:
    """The language that was chosen last; English, unless one was."""
    return _spoken


def say(english: str, *values: object) -> str:
    """Put a sentence into the language in use; what has no translation is said in English.

    Args:
        english: The sentence, with {} for each value; the key in `page/words`.
        *values: Numbers, or texts that are in that language already.

    Example:
        >>> say("{} s left", 5)
        '5 s left'
    """
    return _catalogue(_spoken).get(english, english).format(*values)


@cache
def _catalogue(name: str) -> dict[str, str]:
    if name == "en":
        return {}
    return json.loads((_CATALOGUES / f"{name}.json").read_text("utf-8"))

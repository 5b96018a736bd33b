"""What kdviz says, in the learner's language. English is in the code, as the key.

`say` puts it into words at once, in a notebook; what is `Said` the page puts into words.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "de")
ON_PAGES = (*LANGUAGES, "pseudo")  # the last shows what is not translated, from right to left
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


class Said(str):
    """A sentence with values in it: `Said("Training {} networks.", 8)`.

    Args:
        english: The sentence, with {} for each value; the key of its translations in
            `page/words`.
        *values: Numbers, texts that need no translation, or what is Said too.

    Attributes:
        plain: The sentence and its values, for the page.
    """

    plain: list

    def __new__(cls, english: str, *values: object) -> Said:
        """Put the values in their places."""
        said = super().__new__(cls, english.format(*values))
        said.plain = [english, *(getattr(value, "plain", value) for value in values)]
        return said


@cache
def _catalogue(name: str) -> dict[str, str]:
    if name == "en":
        return {}
    return json.loads((_CATALOGUES / f"{name}.json").read_text("utf-8"))

"""What a session says, so that the page can say it in another language."""

from __future__ import annotations


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

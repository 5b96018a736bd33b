"""Next character in Python's own reference text."""

from __future__ import annotations

import hashlib
import zlib

import numpy as np

from kdviz.data.downloads import DataError

CHARACTERS = "\n" + "".join(map(chr, range(32, 127))) + "\N{REPLACEMENT CHARACTER}"
CONTEXT = 8  # characters seen before the one to predict
CODE_BITS = 24
TRAIN_EXAMPLES, TEST_EXAMPLES = 40_000, 8_000

Windows = tuple[np.ndarray, np.ndarray]  # codes (N, 8, 24) and the numbers of what follows (N,)


def read_python_docs() -> tuple[Windows, Windows]:
    """The training and the test windows.

    Raises:
        DataError: If this Python comes without pydoc_data.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError as error:
        raise DataError(
            "'python-docs' reads Python's module pydoc_data, which this Python lacks; "
            'install it, or use load_dataset("digits")'
        ) from error
    # A checksum of its name decides for a topic, so it stays where it is as Python changes.
    held_out = {topic for topic in topics if zlib.crc32(topic.encode()) % 6 == 0}
    test = _paragraphs(topics[topic] for topic in sorted(held_out))
    train = _paragraphs(topics[topic] for topic in sorted(topics.keys() - held_out))
    for paragraph in test:  # topics quote each other
        train.pop(paragraph, None)
    return _windows(train, TRAIN_EXAMPLES), _windows(test, TEST_EXAMPLES)


def _paragraphs(texts) -> dict[str, None]:
    """Every paragraph once, in order."""
    return dict.fromkeys(paragraph for text in texts for paragraph in text.split("\n\n"))


def character_codes() -> np.ndarray:
    """One code (24,) of -1 and 1 a character, (97, 24) float32: 24 bits of its SHA-256.

    Codes of two characters are nearly orthogonal, so a network tells characters apart almost
    as well as from one-hot vectors, in a quarter of the memory.
    """
    digests = [hashlib.sha256(c.encode()).digest()[: CODE_BITS // 8] for c in CHARACTERS]
    bits = np.unpackbits(np.frombuffer(b"".join(digests), np.uint8))
    return bits.reshape(len(CHARACTERS), CODE_BITS) * np.float32(2) - 1


def _windows(paragraphs: dict[str, None], most: int) -> Windows:
    """Evenly spaced windows of a text, at most `most`."""
    last = len(CHARACTERS) - 1
    number = {c: i for i, c in enumerate(CHARACTERS)}
    text = np.array([number.get(c, last) for c in "\n\n".join(paragraphs)])
    positions = np.linspace(CONTEXT, len(text) - 1, min(most, len(text) - CONTEXT)).astype(int)
    context = text[positions[:, None] + np.arange(-CONTEXT, 0)]
    return character_codes()[context], text[positions]

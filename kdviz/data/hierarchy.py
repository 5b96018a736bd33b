"""Classes in groups: made data whose true clusters of confusable classes are known."""

from __future__ import annotations

import numpy as np

GROUPS, SIZE, MODES, FEATURES = 8, 5, 3, 16
TRAIN_EACH, TEST_EACH = 100, 100  # examples of each class
_SPREAD = {"group": 1.6, "class": 0.45, "mode": 0.7}  # standard deviations; of an example: 1
_SEED = 1503  # of the only data set there is; changing it makes another one


def make_hierarchy() -> tuple[tuple[str, ...], tuple, tuple]:
    """Draw the classes' names, and the training and test examples (inputs, labels).

    A group is a point in a space of 16 features, its classes are points near it, and a class
    has three modes near its own, so that a network of few units cannot learn all of them. A
    name is its group's letter and a digit. Class numbers are shuffled: they tell nothing.
    """
    rng = np.random.default_rng(_SEED)
    centers = _SPREAD["group"] * rng.normal(size=(GROUPS, 1, 1, FEATURES))
    centers = centers + _SPREAD["class"] * rng.normal(size=(GROUPS, SIZE, 1, FEATURES))
    centers = centers + _SPREAD["mode"] * rng.normal(size=(GROUPS, SIZE, MODES, FEATURES))
    order = rng.permutation(GROUPS * SIZE)
    centers = centers.reshape(GROUPS * SIZE, MODES, FEATURES)[order]
    names = [f"{chr(ord('A') + group)}{number + 1}" for group, number in np.ndindex(GROUPS, SIZE)]

    def draw(each: int) -> tuple[np.ndarray, np.ndarray]:
        labels = rng.permutation(np.repeat(np.arange(GROUPS * SIZE), each))
        inputs = centers[labels, rng.integers(0, MODES, len(labels))]
        return (inputs + rng.normal(size=inputs.shape)).astype(np.float32), labels

    return tuple(names[i] for i in order), draw(TRAIN_EACH), draw(TEST_EACH)

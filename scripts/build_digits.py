"""Rebuild kdviz/assets/digits.npz from scikit-learn's digits, with the fixed split in it.

The split is stratified: each class gives its share of the 1,000 training images (largest
remainders first), drawn by a generator seeded with 0.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

TRAIN_IMAGES = 1000
SEED = 0
TARGET = Path(__file__).parents[1] / "kdviz" / "assets" / "digits.npz"


def stratified_train_indices(labels: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Sorted indices (size,) of a training set in which every class keeps its share."""
    counts = np.bincount(labels)
    shares = counts * size / len(labels)
    quotas = np.floor(shares).astype(int)
    largest_remainders = np.argsort(quotas - shares, kind="stable")[: size - quotas.sum()]
    quotas[largest_remainders] += 1
    rng = np.random.default_rng(seed)
    chosen = [
        rng.permutation(np.flatnonzero(labels == c))[:quota] for c, quota in enumerate(quotas)
    ]
    return np.sort(np.concatenate(chosen))


def main() -> None:
    digits = load_digits()
    images = digits.images.astype(np.uint8)
    labels = digits.target.astype(np.uint8)
    train = stratified_train_indices(labels, TRAIN_IMAGES, SEED)
    test = np.setdiff1d(np.arange(len(labels)), train)
    np.savez_compressed(
        TARGET,
        images=images,
        labels=labels,
        train=train.astype(np.uint16),
        test=test.astype(np.uint16),
    )
    print(f"{TARGET}: {TARGET.stat().st_size} bytes, {len(train)} train, {len(test)} test")


if __name__ == "__main__":
    main()

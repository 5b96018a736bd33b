"""Rebuild kdviz/assets/pictures.npz: 16 test images of MNIST, and what its teacher says of each.

No image is picked by hand, and no logit is made up. The teacher is the one that
`scripts/build_teachers.py mnist` trains, from seed 0; only images count whose label it says.

- A typical image of each digit: of its class, the one whose gap between the two largest logits is
  the median.
- Six ambiguous ones, at most one of a class: those whose second class stands highest above the
  third at T = 8. The most ambiguous of these comes first, and is what the page opens with.

MNIST is by Yann LeCun, Corinna Cortes and Christopher Burges: http://yann.lecun.com/exdb/mnist/,
under CC BY-SA 3.0.
"""

from pathlib import Path

import numpy as np
from scipy.special import softmax

from kdviz.data import container
from kdviz.data.catalog import load_dataset
from kdviz.teachers import load_teacher

TARGET = Path(__file__).parents[1] / "kdviz" / "assets" / "pictures.npz"
AMBIGUOUS, TEMPERATURE = 6, 8
ABOUT = "16 test images of MNIST (LeCun, Cortes and Burges; CC BY-SA 3.0)"


def choose(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Numbers of the images: the ambiguous ones, most ambiguous first; then a typical one a class.

    Args:
        logits: (N, C), of the teacher.
        labels: (N,), from 0 to C - 1.
    """
    right = logits.argmax(1) == labels
    ordered = np.sort(logits, axis=1)
    gaps = ordered[:, -1] - ordered[:, -2]
    shares = np.sort(softmax(logits / TEMPERATURE, axis=1), axis=1)
    between = shares[:, -2] - shares[:, -3]
    typical, unsure = [], []
    for label in range(logits.shape[1]):
        own = np.flatnonzero(right & (labels == label))
        typical.append(own[np.argsort(gaps[own], kind="stable")[len(own) // 2]])
        unsure.append(own[between[own].argmax()])
    unsure = sorted(unsure, key=lambda i: -between[i])[:AMBIGUOUS]
    return np.array([*unsure, *typical])


def main() -> None:
    dataset, teacher = load_dataset("mnist"), load_teacher("mnist")
    numbers = choose(teacher.test_logits.astype(np.float64), dataset.test.labels)
    arrays = {
        "images": np.round(dataset.test.inputs[numbers] * 255).astype(np.uint8),
        "labels": dataset.test.labels[numbers].astype(np.int32),
        "logits": teacher.test_logits[numbers].astype(np.float32),
    }
    about = {"about": ABOUT, "numbers": numbers.tolist(), "classes": list(dataset.classes)}
    container.save(TARGET, arrays, about)
    print(f"{TARGET}: {TARGET.stat().st_size} bytes; test images {', '.join(map(str, numbers))}")


if __name__ == "__main__":
    main()

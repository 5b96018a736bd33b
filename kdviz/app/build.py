"""Composes the app: the page's widget, the data, and the sessions that train."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from kdviz.app.class_folder import class_folder
from kdviz.app.lab import Lab
from kdviz.app.link import Link
from kdviz.data.catalog import Dataset, Split, is_built_in, load_dataset
from kdviz.panels import PANELS, find_panels
from kdviz.panels.background import Workspace
from kdviz.panels.panel import Panel
from kdviz.teachers import (
    SMALL_TEACHERS,
    STUDENTS,
    TEACHERS,
    Teacher,
    load_pictures,
    load_small_teacher,
    load_student_logits,
    load_teacher,
)

# Bytes that a page is sent to train on, unless it is asked for by `where="page"`; and then.
LARGEST_UNASKED, LARGEST_ASKED = 1_000_000, 8_000_000
# Here soft targets teach a missing class well: 83% of the 3s of "digits" are recognized by students
# of 64 units, 59% at T = 4 (mean of 16 seeds, trained in the page).
FIRST_SIGHT = {"temperature": 8.0, "soft_weight": 1.0}


def build_app(
    panels: Sequence[str | Panel] | None = None,
    *,
    dataset: str | Dataset | None = None,
    teacher: Teacher | None = None,
    **settings: Any,
) -> Lab:
    """Build the app on the embedded digits, on MNIST, or on data and a teacher of your own.

    Where the data are small gray images, as "digits", the page has them too and can train by
    itself. `where` says who does: "page", or "kernel", which is the default where this machine
    has a GPU. PyTorch is loaded, in the background, once a panel is opened that the kernel trains.
    Where no dataset is named, *Soft targets* opens with some of MNIST, which people can read.

    Args:
        panels: Those on the page, in order; the first is open. All that can use the dataset,
            unless given.
        dataset: "digits", which it is unless given, "mnist", or any `Dataset`.
        teacher: Such as `Teacher.of(network, dataset)`; the one that comes with kdviz, if any.
        **settings: Any setting of a panel (of the first that has it), as `width=32`, or trait
            of a `Lab`, as `title="Soft targets"`.

    Raises:
        TraitError: If a panel or a setting is out of its range.
        ValueError: If there is no such dataset, or no teacher of it, or they don't fit.
    """
    pictures = {} if dataset or teacher else load_pictures()
    dataset = dataset or "digits"
    data = load_dataset(dataset) if isinstance(dataset, str) else dataset
    ours = is_built_in(data)
    known = ours and data.name in TEACHERS
    if teacher is None and not ours:
        raise ValueError(
            f"teacher must be given for a dataset of your own, {data.name!r}: such as "
            f"kdviz.Teacher.of(network, dataset)"
        )
    small = ours and data.name in SMALL_TEACHERS and teacher is None
    teacher = teacher or load_teacher(data.name)
    largest = LARGEST_ASKED if settings.get("where") == "page" else LARGEST_UNASKED
    transfer = _transfer_set(data, teacher, largest)
    if transfer and small:  # it was distilled from the teacher that comes along, and no other
        transfer["small_teacher"] = load_small_teacher(data.name)
    fits = (p for p in PANELS if (known or p.of_any_data) and (transfer or not p.needs_page))
    chosen = find_panels(panels or [panel.name for panel in fits])
    if not transfer and (odd := [panel.name for panel in chosen if panel.needs_page]):
        raise ValueError(f"panels must not have {', '.join(odd)} on data that no page can train on")
    workspace = Workspace(data, teacher, in_page=bool(transfer))
    own = {
        panel.name: {n: settings.pop(n) for n in (*panel.own, *panel.besides) if n in settings}
        for panel in chosen
    }
    lab = Lab.from_arrays(
        workspace.teacher.test_logits,
        data.test.labels,
        _images(data.test),
        data.classes,
        load_student_logits(data.name) if known and data.name in STUDENTS else None,
        panels=chosen,
        teacher=teacher.about,
        network=os.environ.get("KDVIZ_NETWORK", ""),
        class_folder=class_folder() is not None,
        pictures=pictures,
        **FIRST_SIGHT | {"where": "kernel" if has_gpu() else "page"} | transfer | settings,
    )
    for panel in chosen:
        if panel.session is not None:
            shared = {name: getattr(lab, name) for name in panel.shared}
            Link(lab, panel.session(workspace, **shared, **own[panel.name]), panel)
    return lab


def has_gpu() -> bool:
    """Guess whether PyTorch would find a GPU, without the seconds that it takes to ask it."""
    apple = sys.platform == "darwin" and platform.machine() == "arm64"
    return apple or shutil.which("nvidia-smi") is not None


def _transfer_set(data: Dataset, teacher: Teacher, largest: int) -> dict[str, Any]:
    """Traits by which a page can train; none if the data are too large, or not gray images."""
    train, test = _images(data.train), _images(data.test)
    if train is None or test is None:
        return {}
    size = train.size + len(train) * 4 * (1 + len(data.classes))
    levels = next((n for n in (16, 255) if _has_levels(train, n) and _has_levels(test, n)), None)
    if size > largest or levels is None:
        return {}
    return {
        "train_images": np.round(train * 255).astype(np.uint8).tobytes(),
        "train_labels": data.train.labels.astype("<i4").tobytes(),
        "train_logits": teacher.train_logits.astype("<f4").tobytes(),
        "levels": levels,
    }


def _has_levels(images: np.ndarray, levels: int) -> bool:
    """Whether all pixels are whole steps of gray, so that a byte holds them exactly."""
    steps = np.round(np.clip(images, 0, 1) * levels).astype(np.float32)
    return np.array_equal(steps / np.float32(levels), images)


def _images(split: Split) -> np.ndarray | None:
    """Return the inputs if they are gray images, (N, h, w) or (N, 1, h, w)."""
    inputs = split.inputs
    if inputs.ndim == 4 and inputs.shape[1] == 1:
        inputs = inputs[:, 0]
    return inputs if split.holds_images and inputs.ndim == 3 else None

"""What a worker does in a sweep: train one cohort, and what names its results."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kdviz.data import Dataset, load_dataset
from kdviz.grid import Grid, Point
from kdviz.store import FORMAT, Result
from kdviz.teachers import Teacher, load_teacher

if TYPE_CHECKING:  # tasks are made and results are read without torch
    from kdviz.cohort import Run

RECORDS = 20  # of a cohort while it trains, about


@dataclass(frozen=True, eq=False)
class Task:
    """A cohort to train: small enough to send, all a worker needs to know.

    Args:
        grid: What its students share.
        points: Its students.
        teacher: Logits, a file that the worker can read, or None for kdviz's own teacher.
        device: As `kdviz.train` takes it.
        attempt: Counts from 1.
    """

    grid: Grid
    points: tuple[Point, ...]
    teacher: np.ndarray | Path | None
    device: str
    attempt: int = 1


def train_cohort(task: Task) -> list[Result]:
    """Train a cohort to its end: what an executor's worker runs."""
    run = begin(task)
    for _ in run:
        pass
    return results_of(run, task)


def begin(task: Task) -> Run:
    """Build the run of a cohort; all take equal steps, so no member depends on the others."""
    from kdviz.cohort import train
    from kdviz.models import mlp

    grid, points, data = task.grid, task.points, cached_dataset(task.grid.dataset)
    steps = grid.steps(data.train)
    inputs = math.prod(data.train.inputs.shape[1:])
    hidden = (points[0].width,) * grid.layers
    taught = any(point.soft_weight for point in points)
    return train(
        partial(mlp, inputs, hidden, len(data.classes)),
        [grid.transfer_set(point, data.train) for point in points],
        find_logits(grid, task.teacher) if taught else None,
        seeds=[point.seed for point in points],
        temperature=[point.temperature or 1.0 for point in points],
        soft_weight=[point.soft_weight for point in points],
        test=data.test,
        steps=steps,
        batch_size=grid.batch_size,
        optimizer=grid.optimizer,
        lr=grid.lr,
        jitter=grid.jitter,
        batch_seed=grid.batch_seed,
        device=task.device,
        record_every=max(1, steps // RECORDS),
    )


def results_of(run: Run, task: Task) -> list[Result]:
    """Read the results of a finished run's members."""
    history = run.history
    count = int((cached_dataset(task.grid.dataset).test.labels >= 0).sum())
    made_with = {name: history.recipe[name] for name in ("device", "versions")}
    results = []
    for member, point in enumerate(task.points):
        diverged = member in history.diverged
        accuracy = math.nan if diverged else float(history.accuracy[-1, member])
        results.append(
            Result(
                point,
                accuracy,
                None if diverged else round((1 - accuracy) * count),
                math.nan if diverged else float(history.loss[-1, member]),
                float(history.seconds[-1]) / len(task.points),
                diverged,
                tuple(history.accuracy[:, member].tolist()),
                made_with,
            )
        )
    return results


@lru_cache(maxsize=1)
def cached_dataset(name: str) -> Dataset:
    """Load a dataset once per process."""
    return load_dataset(name)


def find_logits(grid: Grid, teacher: np.ndarray | Path | None) -> np.ndarray | None:
    """Find the teacher's logits on the training split; None if no student needs them."""
    if not any(grid.axes["soft_weight"]):
        return None
    if teacher is None:
        return load_teacher(grid.dataset).train_logits
    return Teacher.load(teacher).train_logits if isinstance(teacher, Path) else teacher


def point_keys(grid: Grid, data: Dataset, teacher_logits: np.ndarray | None) -> dict[Point, str]:
    """Name every student by a hash of all that decides its result but device and versions."""
    from kdviz.recipe import LEARNING_RATES, fingerprint

    shared = grid.settings()
    shared["lr"] = grid.lr or LEARNING_RATES.get(grid.optimizer)
    shared["epochs"] = grid.steps(data.train)
    splits = (data.train.inputs, data.train.labels, data.test.inputs, data.test.labels)
    shared |= {"format": FORMAT, "data": fingerprint(*splits)}
    taught = {"teacher": fingerprint(teacher_logits)}
    baseline = {"drop_unlabelled": False}
    keys = {}
    for point in grid.points():
        # A baseline never sees an unlabelled example, dropped or not.
        recipe = shared | asdict(point) | (taught if point.soft_weight else baseline)
        text = json.dumps(recipe, sort_keys=True).encode()
        keys[point] = hashlib.sha256(text).hexdigest()[:24]
    return keys

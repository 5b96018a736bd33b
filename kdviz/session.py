"""What the learner has set and what runs: no widget, no page, only traits and one thread."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from traitlets import Any, Float, Instance, Int, TraitError, Unicode, validate

from kdviz.background import Background, Place
from kdviz.data import Dataset
from kdviz.own_logits import refuse_probabilities
from kdviz.stories import (
    STORIES,
    Outcome,
    Settings,
    mean_of_finite,
    name_diverged,
    transfer_sets,
)

if TYPE_CHECKING:
    from kdviz.cohort import Run
    from kdviz.history import Record
    from kdviz.teachers import Teacher

# Measured on "digits": long enough for students to converge, short enough to watch.
EPOCHS, BATCH_SIZE, LR = 60, 128, 1e-2
# On more data a student takes fewer passes, to be watched too, and smaller steps.
_MANY, _FEWEST_EPOCHS, _SMALLER_LR = 180_000, 2, 3e-3
_RECORDS = 20  # of a run at least
_TEACHERS_SEEDS = 100  # more than any ensemble has members


@dataclass(frozen=True, eq=False)
class Progress:
    """How far a run is.

    Args:
        step: Mini-batches taken, of `steps`.
        epoch: Passes over the transfer set.
        seconds: Since training began.
        seconds_left: As far as can be told.
        curves: (R, 7) one row a record: epoch; mean, lowest and highest test accuracy of the
            students; the same of the baselines. Members that diverged are left out.
    """

    step: int
    steps: int
    epoch: float
    seconds: float
    seconds_left: float
    curves: np.ndarray


class Session(Background):
    """One learner's settings, and at most one run in a background thread.

    Args:
        dataset: What students are trained and tested on.
        teacher: With its logits on the whole training split.
        place: Shared with what else trains on the page.
        new_teacher: How one that is trained here differs from `train_ensemble`'s.
        **settings: Initial values of the settings.

    Raises:
        TraitError: If a setting is out of its range.
        ValueError: If the teacher's logits don't fit the dataset.
    """

    redraw_seconds = 0.06  # more often than that, nobody sees

    story = Unicode(STORIES[0])
    omitted = Int(3)
    width = Int(64)
    temperature = Float(4.0)
    soft_weight = Float(1.0)
    seeds = Int(16)
    epochs = Float()
    lr = Float()
    prediction = Float(None, allow_none=True)

    teacher = Any()  # its logits are on the page too, so a new one is news
    shown = Instance(Settings, allow_none=True)  # of the run that progress and outcome belong to
    progress = Instance(Progress, allow_none=True)
    outcome = Instance(Outcome, allow_none=True)

    def __init__(
        self,
        dataset: Dataset,
        teacher: Teacher,
        place: Place | None = None,
        new_teacher: dict | None = None,
        **settings,
    ) -> None:
        check_teacher(teacher, dataset)
        self.dataset, self._next_seed, self._new_teacher = dataset, 0, new_teacher or {}
        epochs, lr = _pace(len(dataset.train))
        known = {"epochs": epochs, "lr": lr, "teacher": teacher}
        settings = known | {"omitted": min(3, len(dataset.classes) - 1)} | settings
        super().__init__("Training", "Distill", place, **settings)

    def _prepare(self) -> Callable[[int], None]:
        settings = Settings(**{n: getattr(self, n) for n in Settings.__dataclass_fields__})
        self.progress, self.outcome = None, None
        self.shown = settings
        return partial(self._train, settings, self.epochs, self.lr)

    def _withdraw(self) -> None:
        self.shown = None

    def start_teacher(self) -> bool:
        """Train a new teacher in the background, with seeds that no other one had."""
        return self.start(self._prepare_teacher)

    def _prepare_teacher(self) -> Callable[[int], None]:
        self.progress = self.outcome = self.shown = None
        self._next_seed += _TEACHERS_SEEDS
        return partial(self._train_teacher, self._next_seed)

    def _train_teacher(self, seed: int, ticket: int) -> None:
        from kdviz.teachers import ensemble_teacher, train_ensemble

        run = train_ensemble(self.dataset, seed=seed, **self._new_teacher)
        for record in run:
            if ticket != self._ticket and record.step != record.steps:
                run.close()
                self.message = "Stopped. The teacher is the one from before."
                self.state = "stopped"
                return
            alone = float(mean_of_finite(record.accuracy))
            found = "" if math.isnan(alone) else f", each alone {alone:.1%} on test"
            self.message = f"Training {len(run.cohort)} networks: epoch {record.epoch:.0f}{found}."
            self.progress = _progress(record, np.empty((0, 7)))
        self.teacher = ensemble_teacher(run, self.dataset)
        self.message = name_diverged(run.history.diverged, 0)
        self.state = "ready"

    def _rehearse(self) -> None:
        tiny = Settings("all-labels", 0, 4, 1.0, 1.0, 1, None)
        run = self._build(tiny, LR, steps=2)
        for _ in run:
            pass
        self._judge(tiny, run)

    def _build(self, settings: Settings, lr: float, **length) -> Run:
        from kdviz.cohort import train
        from kdviz.models import mlp

        students, baselines = transfer_sets(settings, self.dataset)
        pass_of = len(self.dataset.train) / BATCH_SIZE
        inputs = math.prod(self.dataset.train.inputs.shape[1:])
        pairs = settings.seeds
        return train(
            partial(mlp, inputs, (settings.width,), len(self.dataset.classes)),
            students + baselines,
            self.teacher.train_logits,
            seeds=[*range(pairs)] * 2,
            temperature=settings.temperature,
            soft_weight=[settings.soft_weight] * pairs + [0.0] * pairs,
            test=self.dataset.test,
            batch_size=BATCH_SIZE,
            lr=lr,
            record_every=max(1, round(pass_of * min(1, self.epochs / _RECORDS))),
            **length,
        )

    def _train(self, settings: Settings, epochs: float, lr: float, ticket: int) -> None:
        run = self._build(settings, lr, epochs=epochs)
        drawn = -math.inf
        for record in run:
            last = record.step == record.steps
            if last or time.perf_counter() - drawn >= self.redraw_seconds:
                drawn = time.perf_counter()
                self.message = name_diverged(record.diverged, settings.seeds) or record.notice
                self.progress = _progress(record, _curves(run, settings.seeds))
            if ticket != self._ticket and not last:
                run.close()
                self.message = f"Stopped at epoch {record.epoch:.0f}: no verdict on half a run."
                self.state = "stopped"
                return
        self.outcome = self._judge(settings, run)
        self.state = "done"

    def _judge(self, settings: Settings, run: Run) -> Outcome:
        from kdviz.shrink import cost

        test = self.dataset.test
        shape = test.inputs.shape[1:]
        return Outcome(
            settings,
            self.dataset.classes,
            test.labels,
            run.cohort.logits(test.inputs),
            run.history.diverged,
            (cost(self.teacher.build(), shape), cost(run.cohort.member(0), shape)),
        )

    @validate("story")
    def _check_story(self, proposal):
        if proposal.value not in STORIES:
            raise TraitError(f"story must be one of {', '.join(STORIES)}, got {proposal.value!r}")
        return proposal.value

    @validate("omitted")
    def _check_omitted(self, proposal):
        classes = self.dataset.classes
        if not 0 <= proposal.value < len(classes):
            raise TraitError(
                f"omitted must be a class number from 0 to {len(classes) - 1}, got {proposal.value}"
            )
        return proposal.value

    @validate("width", "seeds", "temperature", "soft_weight", "epochs", "lr", "prediction")
    def _check_number(self, proposal):
        low, high = {
            "width": (1, 2000),
            "seeds": (1, 64),
            "temperature": (0.5, 50),
            "soft_weight": (0, 1),
            "epochs": (1e-3, 1e9),
            "lr": (1e-9, 1e30),
            "prediction": (-100, 100),
        }[proposal.trait.name]
        # `not <=` also catches NaN.
        if proposal.value is not None and not low <= proposal.value <= high:
            raise TraitError(
                f"{proposal.trait.name} must lie in {low:g} to {high:g}, got {proposal.value:g}"
            )
        return proposal.value


def check_teacher(teacher: Teacher, dataset: Dataset) -> None:
    """Raise ValueError unless a teacher's logits are logits, and fit the dataset."""
    for name, split in (("train_logits", dataset.train), ("test_logits", dataset.test)):
        found, expected = getattr(teacher, name), (len(split), len(dataset.classes))
        if found.shape != expected:
            raise ValueError(
                f"teacher must have {name} of shape {expected}, examples by classes, "
                f"got {found.shape}"
            )
        refuse_probabilities(f"{name} of teacher", found)


def _pace(examples: int) -> tuple[float, float]:
    """Return epochs and learning rate for a training split of this size."""
    if examples * EPOCHS <= _MANY:
        return EPOCHS, LR
    return max(_FEWEST_EPOCHS, round(_MANY / examples)), _SMALLER_LR


def _progress(record: Record, curves: np.ndarray) -> Progress:
    left = record.seconds / record.step * (record.steps - record.step)
    return Progress(record.step, record.steps, record.epoch, record.seconds, left, curves)


def _curves(run: Run, pairs: int) -> np.ndarray:
    history = run.history
    groups = np.hsplit(history.accuracy, [pairs])
    columns = [history.epochs]
    for group in groups:
        alive = np.isfinite(group)
        low = np.where(alive, group, np.inf).min(1)
        high = np.where(alive, group, -np.inf).max(1)
        columns += [mean_of_finite(group.T), low, high]
    curves = np.stack(columns, axis=1)
    curves[~np.isfinite(curves)] = np.nan
    return curves

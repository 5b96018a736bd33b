"""What the learner has set and what runs: no widget, no page, only traits and one thread."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from traitlets import Any, Instance, link

from kdviz.panels.background import Background, Workspace
from kdviz.panels.distill.scenarios import (
    SCENARIOS,
    Outcome,
    Settings,
    mean_of_finite,
    name_diverged,
    transfer_sets,
)
from kdviz.panels.settings import SOFT_WEIGHT, TEMPERATURE, Setting, settings_traits
from kdviz.words import Said

if TYPE_CHECKING:
    from kdviz.training.cohort import Run
    from kdviz.training.history import Record

# Measured on "digits": long enough for students to converge, short enough to watch.
EPOCHS, BATCH_SIZE, LR = 60, 128, 1e-2
# On more data a student takes fewer passes, to be watched too, and smaller steps.
_MANY, _FEWEST_EPOCHS, _SMALLER_LR = 180_000, 2, 3e-3
_RECORDS = 20  # of a run at least
_PACE = 6e9  # weights times examples a core trains in a second; measured on "digits"
_TEACHERS_SEEDS = 100  # more than any ensemble has members


SETTINGS = (
    Setting("scenario", "choice", "unseen", choices=SCENARIOS, title="Scenario in Distill"),
    Setting("omitted", "whole", 3, 0, "classes"),
    Setting("width", "whole", 64, 1, 2000),
    Setting("seeds", "whole", 16, 1, 64),
    Setting("prediction", "number", None, -100, 100, optional=True, predicted=True),
)
# What follows the page, and what only Python sets.
_SHARED = (TEMPERATURE, replace(SOFT_WEIGHT, default=1.0))
BESIDES = (
    Setting("epochs", "number", EPOCHS, 1e-3, 1e9),
    Setting("lr", "number", LR, 1e-9, 1e30),
)


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


class Session(Background, settings_traits((*SETTINGS, *_SHARED, *BESIDES))):
    """One learner's settings, and at most one run in a background thread.

    Args:
        workspace: The data and a teacher with its logits on the whole training split.
        new_teacher: How one that is trained here differs from `train_ensemble`'s.
        **settings: Initial values of the settings.

    Raises:
        TraitError: If a setting is out of its range.
        ValueError: If the teacher's logits don't fit the dataset.
    """

    title, panel = Said("Training"), Said("Distill")
    redraw_seconds = 0.06  # more often than that, nobody sees

    teacher = Any()  # its logits are on the page too, so a new one is news
    shown = Instance(Settings, allow_none=True)  # of the run that progress and outcome belong to
    progress = Instance(Progress, allow_none=True)
    outcome = Instance(Outcome, allow_none=True)

    def __init__(self, workspace: Workspace, new_teacher: dict | None = None, **settings) -> None:
        dataset = workspace.dataset
        self.dataset, self._next_seed, self._new_teacher = dataset, 0, new_teacher or {}
        epochs, lr = _pace(len(dataset.train))
        known = {"epochs": epochs, "lr": lr, "omitted": min(3, len(dataset.classes) - 1)}
        super().__init__(workspace, **known | settings)
        link((workspace, "teacher"), (self, "teacher"))

    @property
    def record_every(self) -> int:
        """Steps from record to record: a pass over the data, or less where there are few."""
        pass_of = len(self.dataset.train) / BATCH_SIZE
        return max(1, round(pass_of * min(1, self.epochs / _RECORDS)))

    def prepare(self) -> Callable[[], None]:
        """Take down the settings; return what to run."""
        settings = Settings(**{n: getattr(self, n) for n in Settings.__dataclass_fields__})
        self.progress, self.outcome = None, None
        self.shown = settings
        return partial(self._train, settings, self.epochs, self.lr)

    def start(self, prepare: Callable[[], Callable[[], None]] | None = None) -> bool:
        """Train in the background; refused if it would take longer than it may."""
        inputs = math.prod(self.dataset.train.inputs.shape[1:])
        weights = self.width * (inputs + len(self.dataset.classes))
        seconds = 2 * self.seeds * weights * self.epochs * len(self.dataset.train) / _PACE
        if prepare is None and seconds > self.longest:
            self.message = Said(
                "This would keep a core busy for about {} seconds; here a run may for {} "
                "(kdviz app --run-seconds). Choose fewer seeds or hidden units.",
                f"{seconds:.0f}",
                f"{self.longest:g}",
            )
            self.starts += 1
            return False
        return super().start(prepare)

    def say_stopped(self) -> str:
        """Say what is left of a run that was stopped."""
        if self.shown is None:
            return Said("Stopped. The teacher is the one from before.")
        return Said("Stopped at epoch {}: no verdict on half a run.", f"{self.progress.epoch:.0f}")

    def start_teacher(self) -> bool:
        """Train a new teacher in the background, with seeds that no other one had."""
        return self.start(self._prepare_teacher)

    def _prepare_teacher(self) -> Callable[[], None]:
        self.progress = self.outcome = self.shown = None
        self._next_seed += _TEACHERS_SEEDS
        return partial(self._train_teacher, self._next_seed)

    def _train_teacher(self, seed: int) -> None:
        from kdviz.teachers import ensemble_teacher, train_ensemble

        run = train_ensemble(self.dataset, seed=seed, **self._new_teacher)
        for record in self.until_stopped(run):
            alone = float(mean_of_finite(record.accuracy))
            about = (len(run.cohort), f"{record.epoch:.0f}")
            self.message = (
                Said("Training {} networks: epoch {}.", *about)
                if math.isnan(alone)
                else Said(
                    "Training {} networks: epoch {}, each alone {} on test.",
                    *about,
                    f"{alone:.1%}",
                )
            )
            self.progress = _progress(record, np.empty((0, 7)))
        self.teacher = ensemble_teacher(run, self.dataset)  # the workspace's too
        self.message = name_diverged(run.history.diverged, 0)
        self.state = "ready"

    def warm_up(self) -> None:
        """Train one tiny pair, and judge it."""
        tiny = Settings("all-labels", 0, 4, 1.0, 1.0, 1, None)
        run = self._build(tiny, LR, steps=2)
        for _ in run:
            pass
        self._judge(tiny, run)

    def _build(self, settings: Settings, lr: float, **length) -> Run:
        from kdviz.models import mlp
        from kdviz.training.cohort import train

        students, baselines = transfer_sets(settings, self.dataset)
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
            record_every=self.record_every,
            **length,
        )

    def _train(self, settings: Settings, epochs: float, lr: float) -> None:
        run = self._build(settings, lr, epochs=epochs)
        drawn = -math.inf
        for record in self.until_stopped(run):
            if record.step == record.steps or time.perf_counter() - drawn >= self.redraw_seconds:
                drawn = time.perf_counter()
                self.message = name_diverged(record.diverged, settings.seeds) or record.notice
                self.progress = _progress(record, _curves(run, settings.seeds))
        self.outcome = self._judge(settings, run)
        self.state = "done"

    def _judge(self, settings: Settings, run: Run) -> Outcome:
        from kdviz.evaluation.cost import cost

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

"""What the learner has set and what runs: no widget, no page, only traits and one thread."""

from __future__ import annotations

import math
import os
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from traitlets import Float, HasTraits, Instance, Int, TraitError, Unicode, validate

from kdviz.data import Dataset
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
    from kdviz.teachers import Teacher

# Measured on "digits": long enough for students to converge, short enough to watch.
EPOCHS, BATCH_SIZE, LR = 60, 128, 1e-2
_REDRAW_SECONDS = 0.06  # more often than that, nobody sees


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


class Session(HasTraits):
    """One learner's settings, and at most one run in a background thread.

    Observers are called in that thread. `state` goes from "cold" over "warming" (PyTorch is
    being loaded) to "ready"; then "training", "stopping", and "done", "stopped" or "failed".

    Args:
        dataset: What students are trained and tested on.
        teacher: With its logits on the whole training split.
        **settings: Initial values of the settings.

    Raises:
        TraitError: If a setting is out of its range.
        ValueError: If the teacher's logits don't fit the dataset.
    """

    story = Unicode(STORIES[0])
    omitted = Int(3)
    width = Int(64)
    temperature = Float(4.0)
    soft_weight = Float(1.0)
    seeds = Int(16)
    lr = Float(LR)
    prediction = Float(None, allow_none=True)

    state = Unicode("cold")
    message = Unicode()
    device = Unicode()
    shown = Instance(Settings, allow_none=True)  # of the run that progress and outcome belong to
    progress = Instance(Progress, allow_none=True)
    outcome = Instance(Outcome, allow_none=True)

    def __init__(self, dataset: Dataset, teacher: Teacher, **settings) -> None:
        expected = (len(dataset.train), len(dataset.classes))
        if teacher.train_logits.shape != expected:
            raise ValueError(
                f"teacher must have train_logits of shape {expected}, examples by classes, "
                f"got {teacher.train_logits.shape}"
            )
        self.dataset, self.teacher = dataset, teacher
        self._thread: threading.Thread | None = None
        self._ticket, self._closed = 0, False  # a run ends once its ticket is no longer the last
        self._lock = threading.Lock()
        super().__init__(**settings)

    def warm(self) -> None:
        """Load PyTorch in the background, once, so that training can start at once."""
        with self._lock:
            if self.state == "cold" and not self._closed:
                self._run_in_background(self._load)

    def start(self) -> bool:
        """Train students and baselines in the background; refused while a run is under way."""
        with self._lock:
            if self._closed:
                raise RuntimeError("this session is closed: build a new one")
            alive = self._thread and self._thread.is_alive()
            if alive and not (self.state == "warming" and self.shown is None):
                self.message = "Training is under way. Stop it first, or wait until it is done."
                return False
            names = Settings.__dataclass_fields__
            settings = Settings(**{name: getattr(self, name) for name in names})
            self.state = "training" if self.device else "warming"
            self.message, self.progress, self.outcome = "", None, None
            self.shown = settings
            self._ticket += 1
            training = partial(self._train, settings, self.lr, self._ticket)
            self._run_in_background(self._load, training)
            return True

    def stop(self) -> None:
        """End the run at its next record; what was drawn stays."""
        with self._lock:
            self._ticket += 1
            if self.state == "training":
                self.state = "stopping"
            elif self.state == "warming":
                self.shown = None

    def wait(self, timeout: float | None = None) -> None:
        """Wait until nothing runs."""
        thread = self._thread
        if thread and thread is not threading.current_thread():
            thread.join(timeout)

    def close(self) -> None:
        """Stop, and leave no thread behind."""
        self._closed = True
        self.stop()
        self.wait()
        self.unobserve_all()

    def _run_in_background(self, *jobs) -> None:
        earlier = self._thread

        def work() -> None:
            try:
                if earlier:
                    earlier.join()
                for job in jobs:
                    job()
            except Exception as error:
                self.message = f"{type(error).__name__}: {error}. What you set is kept; try again."
                self.state = "failed"

        self._thread = threading.Thread(target=work, name="kdviz-session", daemon=True)
        self._thread.start()

    def _load(self) -> None:
        """Import the engine and go once through it: the first time is slow."""
        if not self.device:
            self.state = "warming"
        import torch

        from kdviz.recipe import device_name, pick_device

        # One core is left to the browser and to the kernel's own loop: threads that wait for
        # each other on a busy core made training up to 20 times slower. Set for this thread.
        torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
        if self.device:
            return
        tiny = Settings("all-labels", 0, 4, 1.0, 1.0, 1, None)
        run = self._build(tiny, LR, steps=2)
        for _ in run:
            pass
        self._judge(tiny, run)
        self.device = device_name(pick_device("auto"))
        self.state = "ready"

    def _build(self, settings: Settings, lr: float, **length) -> Run:
        from kdviz.cohort import train
        from kdviz.models import mlp

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
            **length,
        )

    def _train(self, settings: Settings, lr: float, ticket: int) -> None:
        if ticket != self._ticket:
            self.state = "ready"
            return
        self.state = "training"
        run = self._build(settings, lr, epochs=EPOCHS)
        drawn = -math.inf
        for record in run:
            last = record.step == record.steps
            if last or time.perf_counter() - drawn >= _REDRAW_SECONDS:
                drawn = time.perf_counter()
                self.message = name_diverged(record.diverged, settings.seeds) or record.notice
                self.progress = _progress(record, run, settings.seeds)
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

    @validate("width", "seeds", "temperature", "soft_weight", "lr", "prediction")
    def _check_number(self, proposal):
        low, high = {
            "width": (1, 2000),
            "seeds": (1, 64),
            "temperature": (0.5, 50),
            "soft_weight": (0, 1),
            "lr": (1e-9, 1e30),
            "prediction": (-100, 100),
        }[proposal.trait.name]
        # `not <=` also catches NaN.
        if proposal.value is not None and not low <= proposal.value <= high:
            raise TraitError(
                f"{proposal.trait.name} must lie in {low:g} to {high:g}, got {proposal.value:g}"
            )
        return proposal.value


def _progress(record, run: Run, pairs: int) -> Progress:
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
    left = record.seconds / record.step * (record.steps - record.step)
    return Progress(record.step, record.steps, record.epoch, record.seconds, left, curves)

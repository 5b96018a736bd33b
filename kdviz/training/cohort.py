"""The engine: a cohort of S networks trained in lockstep as one batched program.

Members take the same mini-batches, each with its own temperature, soft weight, seed and labels;
students, their baselines, ensembles and specialists are all cohorts, and one run is a cohort of
one. Members share no parameter, so what a member gives does not depend on the others.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from kdviz.data.catalog import Split, TransferSet
from kdviz.models import accepted_type
from kdviz.threads import one_thread
from kdviz.training.batches import Batches
from kdviz.training.groups import Stack, group
from kdviz.training.history import History, Record
from kdviz.training.leaving import end_at_exit
from kdviz.training.networks import as_inputs, build, own_copy
from kdviz.training.recipe import Recipe
from kdviz.training.step import Stepper

# Operations of a step, from which threads share it. Below they gain 15% at most on a quiet machine,
# and take three to ten times as long beside other work.
_WORTH_SHARING = 1e8


def train(
    make_student: Callable[[], nn.Module] | Sequence[Callable[[], nn.Module]],
    transfer_set: TransferSet | Sequence[TransferSet],
    teacher_logits: np.ndarray | Tensor | None = None,
    *,
    seeds: int | Sequence[int] = (0,),
    temperature: float | Sequence[float] = 1.0,
    soft_weight: float | Sequence[float] = 1.0,
    test: Split | None = None,
    epochs: float = 20,
    steps: int | None = None,
    batch_size: int = 128,
    optimizer: str = "adam",
    lr: float | None = None,
    momentum: float = 0.9,
    schedule: str = "one-cycle",
    jitter: float = 0,
    affine: float = 0,
    batch_seed: int = 0,
    device: str | torch.device = "auto",
    dtype: torch.dtype = torch.float32,
    record_every: int | None = None,
) -> Run:
    """Train S members in lockstep on soft targets, labels, or both (§2); iterate for records.

    `make_student`, `transfer_set`, `temperature` and `soft_weight` are one for all, or one a seed.

    Args:
        make_student: Builds a network from (N, ...) to (N, C) logits; seeded before each call.
        transfer_set: The examples; if members' sets differ, each draws batches of its own.
        teacher_logits: (N, C) for the whole split; not needed where `soft_weight` is 0.
        seeds: One per member, for initial weights and dropout.
        temperature: T > 0 of teacher and student alike.
        soft_weight: In [0, 1]: 1 learns from soft targets alone, 0 from labels alone.
        test: Examples on which accuracy is measured at every record.
        epochs: Passes over the (largest) transfer set.
        steps: Mini-batches in all; overrides `epochs`.
        batch_size: Examples in a mini-batch.
        optimizer: "adam" or "sgd".
        lr: Peak learning rate; 0.003 for adam and 0.1 for sgd unless given.
        momentum: Of sgd.
        schedule: "one-cycle" (warm up, then anneal) or "constant".
        jitter: Largest random shift in pixels; whole pixels if it is whole and `affine` is 0.
        affine: Largest random change of the image axes (stretch, shear, turn), such as 0.1.
        batch_seed: Of the order of the examples and of the jitter, shared by all members.
        device: "auto" takes CUDA, then MPS, then the CPU.
        dtype: torch.float32 or torch.float64.
        record_every: Mini-batches from record to record; about an epoch unless given.

    Returns:
        A `Run`. Equal seeds, device and versions give equal results.

    Raises:
        ValueError: If an argument is out of range; the message names it and what is allowed.
    """
    return Run(
        Recipe.of(
            make_student=make_student,
            transfer_set=transfer_set,
            teacher_logits=teacher_logits,
            seeds=seeds,
            temperature=temperature,
            soft_weight=soft_weight,
            test=test,
            epochs=epochs,
            steps=steps,
            batch_size=batch_size,
            optimizer=optimizer,
            lr=lr,
            momentum=momentum,
            schedule=schedule,
            jitter=jitter,
            affine=affine,
            batch_seed=batch_seed,
            device=device,
            dtype=dtype,
            record_every=record_every,
        )
    )


class Run:
    """A training run. It trains only while it is asked for the next record.

    Whoever iterates decides when to pause, draw or stop; `history` and `cohort` are valid at
    any moment.
    """

    def __init__(self, recipe: Recipe) -> None:
        inputs = recipe.sets[0].split.inputs
        examples = torch.from_numpy(inputs[np.arange(2) % len(inputs)])
        if recipe.jitter or recipe.affine:  # pixels between pixels
            examples = examples.to(recipe.dtype)
        self.cohort = Cohort(
            recipe.makers, recipe.seeds, recipe.device, recipe.dtype, examples, recipe.batch_size
        )
        _check_classes(self.cohort.classes, recipe)
        ordered = recipe.reordered(self.cohort.order)
        self.batches = Batches(ordered, self.cohort.input_type)
        self.steps = recipe.steps or math.ceil(recipe.epochs * self.batches.per_epoch)
        self.history = History(recipe.describe(self.cohort.architecture, self.steps))
        self._recipe = recipe
        self._stepper = Stepper(self.cohort, self.batches, ordered, self.steps)
        self._records = self._train()

    def __iter__(self) -> Iterator[Record]:
        return self

    def __next__(self) -> Record:
        end_at_exit(threading.current_thread())
        small = 6 * self.cohort.numbers * self._recipe.batch_size < _WORTH_SHARING
        with torch.no_grad(), one_thread(small):
            return next(self._records)

    def close(self) -> None:
        """End the run where it is."""
        self._records.close()

    def _train(self) -> Iterator[Record]:
        recipe = self._recipe
        every = recipe.record_every or max(1, round(self.batches.per_epoch))
        test = None
        if recipe.test is not None:
            test = (
                self.cohort.placed(recipe.test.inputs),
                torch.from_numpy(recipe.test.labels).to(recipe.device),
            )
        seconds, resumed = 0.0, time.perf_counter()
        for step in range(self.steps):
            self._stepper.take(step)
            if step and (step + 1) % every and step + 1 != self.steps:
                continue
            loss, notice = self._stepper.report()
            diverged = {*self.history.diverged, *np.flatnonzero(~np.isfinite(loss)).tolist()}
            accuracy = self.cohort.accuracy(*test) if test else np.full(len(loss), np.nan)
            accuracy[list(diverged)] = np.nan
            seconds += time.perf_counter() - resumed
            epoch = (step + 1) / self.batches.per_epoch
            record = Record(
                step + 1,
                self.steps,
                epoch,
                seconds,
                loss,
                accuracy,
                tuple(sorted(diverged)),
                notice,
            )
            self.history.records.append(record)
            yield record
            resumed = time.perf_counter()


class Cohort:
    """S networks that train in lockstep, each its own; those that run alike are stacked.

    Args:
        makers: For each member a function that builds its network.
        seeds: For each member the seed of its initial weights.
        examples: (2, ...) inputs on which a copy of each kind of network is tried first.
        batch_size: Examples in a mini-batch.

    Raises:
        ValueError: If a network does not run, or gives no logits that can be trained.
    """

    def __init__(
        self,
        makers: Sequence[Callable[[], nn.Module]],
        seeds: Sequence[int],
        device: torch.device,
        dtype: torch.dtype = torch.float32,
        examples: Tensor | None = None,
        batch_size: int = 2,
    ) -> None:
        self.device, self.dtype = device, dtype
        networks = [build(make, seed) for make, seed in zip(makers, seeds, strict=True)]
        self.input_type = dtype  # of integer inputs; int64, if the networks take them so
        if examples is not None:
            probe = own_copy(networks[0]).eval()
            self.input_type = accepted_type(probe, examples, dtype)
            examples = self.placed(examples)
        self.groups, self.classes, self.notice = group(
            networks, examples, batch_size, device, dtype
        )
        self.architecture = "; ".join(dict.fromkeys(map(repr, networks)))
        self.order = [number for members in self.groups for number in members.numbers]
        places = [(g, place) for g in self.groups for place in range(len(g))]
        self._places = dict(zip(self.order, places, strict=True))
        self._unordered = torch.tensor(self.order, device=device).argsort()

    def __len__(self) -> int:
        return len(self.order)

    @property
    def numbers(self) -> int:
        """Numbers in all parameters and buffers of all members."""
        states = (self.state(member) for member in range(len(self)))
        return sum(value.numel() for state in states for value in state.values())

    @property
    def params(self) -> dict[str, Tensor]:
        """Parameters and buffers (S, ...), stacked; the cohort's own if all networks run alike.

        Raises:
            ValueError: If the members' differ in name or shape.
        """
        if len(self.groups) == 1 and isinstance(self.groups[0], Stack):
            return self.groups[0].state
        states = [self.state(member) for member in range(len(self))]
        shapes = [{name: value.shape for name, value in state.items()} for state in states]
        if any(shape != shapes[0] for shape in shapes):
            raise ValueError("params must be of equal shapes to be stacked: use `member` instead")
        return {name: torch.stack([state[name] for state in states]) for name in states[0]}

    def state(self, member: int) -> dict[str, Tensor]:
        """Return the parameters and buffers of one member by name."""
        members, place = self._places[member]
        return members.member_state(place)

    @torch.no_grad()
    def logits(self, inputs: np.ndarray | Tensor, *, batch_size: int = 1000) -> np.ndarray:
        """Compute every member's logits, `batch_size` examples at a time, without dropout.

        Args:
            inputs: (N, ...) examples.
            batch_size: Examples at a time.

        Returns:
            (S, N, C).
        """
        parts = [part.cpu().numpy() for part in self._parts(inputs, batch_size)]
        return np.concatenate(parts, axis=1)

    @torch.no_grad()
    def member_logits(self, member: int, inputs: np.ndarray | Tensor) -> Tensor:
        """Compute one member's logits (N, C), as `logits` does, on its device."""
        members, place = self._places[member]
        x = self.placed(inputs)
        return members.logits(x, slice(place, place + 1))[0].to(self.dtype)

    @torch.no_grad()
    def accuracy(self, inputs: Tensor, labels: Tensor, *, batch_size: int = 1000) -> np.ndarray:
        """Measure the share of labelled examples whose largest logit is the label's.

        Returns:
            (S,) in [0, 1]; NaN if no example has a label.
        """
        right = torch.zeros(len(self), dtype=torch.int64, device=self.device)
        truths = labels.split(batch_size)
        for part, truth in zip(self._parts(inputs, batch_size), truths, strict=True):
            right += (part.argmax(-1) == truth).sum(1)
        return right.cpu().numpy() / (int((labels >= 0).sum()) or math.nan)

    def member(self, number: int) -> nn.Module:
        """Copy one member into a network of its own, in evaluation mode and on the CPU."""
        members, place = self._places[number]
        return members.member(place).cpu().eval()

    def _parts(self, inputs: np.ndarray | Tensor, batch_size: int) -> Iterator[Tensor]:
        for part in torch.as_tensor(inputs).split(batch_size):
            x = self.placed(part)
            logits = torch.cat([members.logits(x).to(self.dtype) for members in self.groups])
            yield logits[self._unordered]

    def placed(self, inputs: np.ndarray | Tensor) -> Tensor:
        """Move inputs to the device, in the type that the networks take."""
        return as_inputs(inputs, self.device, self.dtype, self.input_type)


def _check_classes(classes: int, recipe: Recipe) -> None:
    """Check that networks, labels and soft targets have as many classes."""
    if recipe.teacher_logits is not None and recipe.teacher_logits.shape[1] != classes:
        raise ValueError(
            f"teacher_logits must have {classes} classes as the students have, "
            f"got {recipe.teacher_logits.shape[1]}"
        )
    for name, split in [("", s) for s in recipe.sets] + [(" of test", recipe.test)]:
        if split is not None and split.labels.max() >= classes:
            raise ValueError(
                f"labels{name} must lie in 0 to {classes - 1}, or be -1, got {split.labels.max()}"
            )

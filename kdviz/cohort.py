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
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from kdviz.batches import Batches
from kdviz.data import Split, TransferSet
from kdviz.history import History, Record
from kdviz.models import accepted_type
from kdviz.programs import program_for
from kdviz.recipe import Recipe
from kdviz.stepper import Stepper

_WORTH_SHARING = 2e8  # operations of a step; below, one thread is faster, and far steadier
_SEEDING = threading.Lock()  # the random state that a seed sets is shared by all threads


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
        Recipe(
            make_student, transfer_set, teacher_logits, seeds, temperature, soft_weight, test,
            epochs, steps, batch_size, optimizer, lr, momentum, schedule, jitter, affine,
            batch_seed, device, dtype, record_every,
        )
    )  # fmt: skip


class Run:
    """A training run. It trains only while it is asked for the next record.

    Whoever iterates decides when to pause, draw or stop; `history` and `cohort` are valid at
    any moment.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.cohort = Cohort(recipe.makers, recipe.seeds, recipe.device, recipe.dtype)
        _check_logits(self.cohort, recipe)
        self.batches = Batches(recipe, self.cohort.input_type)
        self.steps = recipe.steps or math.ceil(recipe.epochs * self.batches.per_epoch)
        self.history = History(recipe.describe(self.cohort.architecture, self.steps))
        self._recipe = recipe
        self._stepper = Stepper(
            self.cohort.program, self.cohort.params, self.batches, recipe, self.steps
        )
        self._records = self._train()

    def __iter__(self) -> Iterator[Record]:
        return self

    def __next__(self) -> Record:
        with self._threads():
            return next(self._records)

    def close(self) -> None:
        """End the run where it is."""
        self._records.close()

    @contextmanager
    def _threads(self) -> Iterator[None]:
        """Use one CPU thread for small cohorts: sharing out their work costs more than it saves."""
        before = torch.get_num_threads()
        numbers = sum(value.numel() for value in self.cohort.params.values())
        if 6 * numbers * self._recipe.batch_size < _WORTH_SHARING:
            torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)

    def _train(self) -> Iterator[Record]:
        recipe = self._recipe
        every = recipe.record_every or max(1, round(self.batches.per_epoch))
        test = None
        if recipe.test is not None:
            test = (
                self.cohort.placed(torch.from_numpy(recipe.test.inputs)),
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
    """S networks of one architecture, their parameters stacked.

    Args:
        makers: For each member a function that builds its network.
        seeds: For each member the seed of its initial weights.

    Raises:
        ValueError: If the networks differ in architecture or keep running statistics.
    """

    def __init__(
        self,
        makers: Sequence[Callable[[], nn.Module]],
        seeds: Sequence[int],
        device: torch.device,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.makers, self.seeds, self.device, self.dtype = makers, seeds, device, dtype
        self.input_type = torch.int64  # of integer inputs, if the networks take them
        networks = [_build(make, seed) for make, seed in zip(makers, seeds, strict=True)]
        states = [{**dict(n.named_parameters()), **dict(n.named_buffers())} for n in networks]
        shapes = [{name: value.shape for name, value in state.items()} for state in states]
        if any(shape != shapes[0] for shape in shapes):
            raise ValueError("make_student must build networks of one architecture, got several")
        self.program = program_for(networks[0])
        self.architecture = repr(networks[0])
        self.params = {}
        for name, value in states[0].items():
            stacked = torch.stack([state[name].detach() for state in states]).to(device)
            self.params[name] = stacked.to(dtype) if value.is_floating_point() else stacked

    def __len__(self) -> int:
        return len(self.seeds)

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
        network = _build(self.makers[number], self.seeds[number]).to(self.dtype)
        network.load_state_dict({k: v[number].cpu() for k, v in self.params.items()}, strict=False)
        return network.eval()

    def _parts(self, inputs: np.ndarray | Tensor, batch_size: int) -> Iterator[Tensor]:
        for part in torch.as_tensor(inputs).split(batch_size):
            yield self.program.forward(self.params, self.placed(part), False, None)[0]

    def placed(self, inputs: Tensor) -> Tensor:
        """Move inputs to the device, in the type that the networks take."""
        whole = not inputs.is_floating_point() and inputs.dtype != torch.bool
        return inputs.to(self.device, self.input_type if whole else self.dtype)


def _build(make: Callable[[], nn.Module], seed: int) -> nn.Module:
    """Build a network from its seed, leaving the global random state as it was."""
    with _SEEDING, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = make()
    if not isinstance(network, nn.Module):
        raise ValueError(
            f"make_student must return a torch.nn.Module, got {type(network).__name__}; "
            f"pass a function that builds a network, such as "
            f"functools.partial(kdviz.mlp, 64, (32,), 10)"
        )
    return network


def _check_logits(cohort: Cohort, recipe: Recipe) -> None:
    """Check on two examples that networks, data and soft targets fit each other."""
    inputs = recipe.sets[0].split.inputs[:2]
    moved = recipe.jitter or recipe.affine  # pixels between pixels
    cohort.input_type = (
        recipe.dtype
        if moved
        else accepted_type(cohort.logits, torch.from_numpy(inputs), recipe.dtype)
    )
    try:
        shape = cohort.logits(inputs).shape
    except (RuntimeError, ValueError) as error:
        raise ValueError(
            f"make_student must build networks that take inputs of shape {inputs.shape[1:]}, "
            f"got an error on two examples: {error}"
        ) from error
    if len(shape) != 3 or shape[1] != len(inputs):
        raise ValueError(
            f"make_student must build networks that return logits (examples, classes), "
            f"got {shape[1:]} for {len(inputs)} examples"
        )
    classes = shape[2]
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

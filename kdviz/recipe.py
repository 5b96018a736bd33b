"""Everything that decides a training run, checked once at the engine's door."""

from __future__ import annotations

import copy
import hashlib
import math
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import kdviz
from kdviz.data import Split, TransferSet

LEARNING_RATES = {"adam": 3e-3, "sgd": 0.1}
SCHEDULES = ("one-cycle", "constant")


@dataclass(eq=False)
class Recipe:
    """The arguments of `kdviz.train`, one value per member where members may differ.

    Raises:
        ValueError: If an argument is out of its range, or arguments contradict each other.
    """

    makers: Callable[[], nn.Module] | Sequence[Callable[[], nn.Module]]
    sets: TransferSet | Sequence[TransferSet]
    teacher_logits: np.ndarray | Tensor | None
    seeds: Sequence[int]
    temperature: float | Sequence[float]
    soft_weight: float | Sequence[float]
    test: Split | None
    epochs: float
    steps: int | None
    batch_size: int
    optimizer: str
    lr: float | None
    momentum: float
    schedule: str
    jitter: float
    affine: float
    batch_seed: int
    device: str | torch.device
    dtype: torch.dtype
    record_every: int | None

    def __post_init__(self) -> None:
        self.seeds = [_whole("seeds", seed, 0) for seed in _several(self.seeds)]
        if not self.seeds:
            raise ValueError("seeds must name at least one member, got none")
        self.makers = self._per_member("make_student", self.makers)
        self.sets = self._per_member("transfer_set", self.sets)
        self.temperature = self._numbers("temperature", self.temperature, 0, math.inf, above=True)
        self.soft_weight = self._numbers("soft_weight", self.soft_weight, 0, 1)
        self.device = pick_device(self.device)
        self._check_numbers()
        self._check_sets()
        self._check_targets()

    def describe(self, architecture: str, steps: int) -> dict[str, Any]:
        """Write the recipe down in JSON types: enough to repeat the run and to know it again."""
        plain = (
            "seeds", "temperature", "soft_weight", "epochs", "batch_size", "optimizer", "lr",
            "momentum", "schedule", "jitter", "affine", "batch_seed",
        )  # fmt: skip
        return {
            "architecture": architecture,
            **{name: getattr(self, name) for name in plain},
            "steps": steps,
            "transfer_sets": [fingerprint(s.indices, s.labels) for s in self.sets],
            "examples": [len(s) for s in self.sets],
            "labelled": [int((s.labels >= 0).sum()) for s in self.sets],
            "teacher_logits": fingerprint(self.teacher_logits),
            "dtype": str(self.dtype).removeprefix("torch."),
            "device": device_name(self.device),
            "versions": {
                "kdviz": kdviz.__version__,
                "torch": torch.__version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
        }

    def reordered(self, order: Sequence[int]) -> Recipe:
        """Return the recipe with its members in this order."""
        other = copy.copy(self)
        for name in ("makers", "sets", "seeds", "temperature", "soft_weight"):
            setattr(other, name, [getattr(self, name)[number] for number in order])
        return other

    def _per_member(self, name: str, value: Any) -> list:
        values = _several(value)
        if len(values) not in (1, len(self.seeds)):
            raise ValueError(
                f"{name} must be one for all or one for each of the {len(self.seeds)} seeds, "
                f"got {len(values)}"
            )
        return values * len(self.seeds) if len(values) == 1 else values

    def _numbers(self, name: str, value: Any, low: float, high: float, **above: bool) -> list:
        return [_number(name, item, low, high, **above) for item in self._per_member(name, value)]

    def _check_numbers(self) -> None:
        if self.optimizer not in LEARNING_RATES:
            raise ValueError(
                f"optimizer must be one of {sorted(LEARNING_RATES)}, got {self.optimizer!r}"
            )
        if self.schedule not in SCHEDULES:
            raise ValueError(f"schedule must be one of {list(SCHEDULES)}, got {self.schedule!r}")
        if self.lr is None:
            self.lr = LEARNING_RATES[self.optimizer]
        _number("lr", self.lr, 0, math.inf, above=True)
        _number("epochs", self.epochs, 0, math.inf, above=True)
        _number("momentum", self.momentum, 0, 0.9999)
        _number("jitter", self.jitter, 0, math.inf)
        _number("affine", self.affine, 0, 0.5)
        _whole("batch_size", self.batch_size, 1)
        _whole("batch_seed", self.batch_seed, 0)
        for name in ("steps", "record_every"):
            if getattr(self, name) is not None:
                _whole(name, getattr(self, name), 1)
        if self.dtype not in (torch.float32, torch.float64):
            raise ValueError(f"dtype must be torch.float32 or torch.float64, got {self.dtype}")

    def _check_sets(self) -> None:
        inputs = self.sets[0].split.inputs
        for transfer_set in self.sets:
            if not isinstance(transfer_set, TransferSet):
                kind = type(transfer_set).__name__
                raise ValueError(f"transfer_set must be a kdviz.TransferSet, got {kind}")
            if transfer_set.split.inputs is not inputs:
                raise ValueError("transfer_set must draw on the same inputs for every member")
        whole = not np.issubdtype(inputs.dtype, np.floating)
        if (self.jitter or self.affine) and (whole or inputs.ndim not in (3, 4)):
            raise ValueError(
                f"jitter and affine need images (N, height, width) or (N, channels, height, "
                f"width) of floating-point pixels, got {inputs.dtype} {inputs.shape}"
            )
        if self.test is not None and not len(self.test):
            raise ValueError("test must hold at least one example, got none")

    def _check_targets(self) -> None:
        if self.teacher_logits is not None:
            shape = tuple(self.teacher_logits.shape)
            count = len(self.sets[0].split)
            if len(shape) != 2 or shape[0] != count:
                raise ValueError(
                    f"teacher_logits must have shape ({count}, classes), a row for every example "
                    f"of the split, got {shape}"
                )
            if not bool(torch.as_tensor(self.teacher_logits).isfinite().all()):
                raise ValueError("teacher_logits must be finite, got NaN or infinite values")
        for number, (weight, source) in enumerate(zip(self.soft_weight, self.sets, strict=True)):
            if weight > 0 and self.teacher_logits is None:
                raise ValueError(
                    f"soft_weight of member {number} must be 0 without teacher_logits, got {weight}"
                )
            if weight == 0 and not (source.labels >= 0).any():
                raise ValueError(
                    f"transfer_set of member {number} has no labels and soft_weight is 0: nothing "
                    f"is left to learn from; keep some labels or raise soft_weight"
                )


def pick_device(device: str | torch.device) -> torch.device:
    """Choose where to compute: "auto" is CUDA, then MPS, then the CPU.

    Raises:
        ValueError: If the device is unknown or not there.
    """
    if device == "auto":
        if torch.cuda.is_available():
            device = "cuda"
        else:
            device = "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        chosen = torch.device(device)
        torch.empty(1, device=chosen)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(
            f"device must be 'auto' or one that PyTorch has here, got {str(device)!r}: "
            f"{str(error).splitlines()[0]}"
        ) from error
    return chosen


def device_name(device: torch.device) -> str:
    """Name a device for people: the GPU's own name, or the CPU and its threads."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "cpu":
        threads = torch.get_num_threads()
        return f"CPU, {threads} core{'s' if threads > 1 else ''}"
    return device.type.upper()


def _several(value: Any) -> list:
    if isinstance(value, Sequence | np.ndarray | range) and not isinstance(value, str):
        return list(value)
    return [value]


def _number(name: str, value: Any, low: float, high: float, above: bool = False) -> float:
    allowed = f"{'above' if above else 'at least'} {low}"
    if math.isfinite(high):
        allowed = f"in [{low}, {high}]"
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number {allowed}, got {value!r}") from None
    if not math.isfinite(number) or number < low or number > high or (above and number == low):
        raise ValueError(f"{name} must be a finite number {allowed}, got {value}")
    return number


def _whole(name: str, value: Any, low: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low:
        raise ValueError(f"{name} must be a whole number of at least {low}, got {value!r}")
    return int(value)


def fingerprint(*arrays: np.ndarray | Tensor | None) -> str | None:
    """Return a short hash by which equal arrays are known again."""
    digest = hashlib.sha256()
    for array in arrays:
        if array is None:
            return None
        digest.update(np.ascontiguousarray(torch.as_tensor(array).cpu().numpy()).tobytes())
    return digest.hexdigest()[:16]

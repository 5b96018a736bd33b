"""Everything that decides a training run, checked once at the engine's door."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import kdviz
from kdviz.checks import number, whole
from kdviz.data.catalog import Split, TransferSet
from kdviz.data.own_logits import refuse_probabilities

LEARNING_RATES = {"adam": 3e-3, "sgd": 0.1}
SCHEDULES = ("one-cycle", "constant")
MOST_SEED = 2**31 - 1  # of batches: their noise counts in int32


@dataclass(frozen=True, eq=False, kw_only=True)
class Recipe:
    """What `kdviz.train` was asked for, checked: a value a member where members may differ.

    Raises:
        ValueError: If an argument is out of its range, or arguments contradict each other.
    """

    makers: Sequence[Callable[[], nn.Module]]
    sets: Sequence[TransferSet]
    teacher_logits: Tensor | None
    seeds: Sequence[int]
    temperature: Sequence[float]
    soft_weight: Sequence[float]
    test: Split | None
    epochs: float
    steps: int | None
    batch_size: int
    optimizer: str
    lr: float
    momentum: float
    schedule: str
    jitter: float
    affine: float
    batch_seed: int
    device: torch.device
    dtype: torch.dtype
    record_every: int | None

    @classmethod
    def of(
        cls, *, seeds: Any, make_student: Any, transfer_set: Any, teacher_logits: Any,
        temperature: Any, soft_weight: Any, optimizer: str, lr: float | None,
        device: str | torch.device, **others: Any,
    ) -> Recipe:  # fmt: skip
        """Make it of the arguments of `kdviz.train`, as these came.

        Raises:
            ValueError: As the recipe itself.
        """
        seeds = [whole("seeds", seed, 0, 2**63 - 1) for seed in _several(seeds)]
        if not seeds:
            raise ValueError("seeds must name at least one member, got none")
        sets = _per_member("transfer_set", transfer_set, len(seeds))
        _check_sets(sets)
        if teacher_logits is not None:
            teacher_logits = checked_logits(teacher_logits, len(sets[0].split))
        return cls(
            makers=[_maker(m) for m in _per_member("make_student", make_student, len(seeds))],
            sets=sets,
            teacher_logits=teacher_logits,
            seeds=seeds,
            temperature=[
                number("temperature", T, 0, above=True)
                for T in _per_member("temperature", temperature, len(seeds))
            ],
            soft_weight=[
                number("soft_weight", weight, 0, 1)
                for weight in _per_member("soft_weight", soft_weight, len(seeds))
            ],
            optimizer=optimizer,
            lr=LEARNING_RATES.get(optimizer) if lr is None else lr,
            device=pick_device(device),
            **others,
        )

    def __post_init__(self) -> None:
        self._check_numbers()
        self._check_inputs()
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
        names = ("makers", "sets", "seeds", "temperature", "soft_weight")
        return replace(self, **{n: [getattr(self, n)[m] for m in order] for n in names})

    def _check_numbers(self) -> None:
        if self.optimizer not in LEARNING_RATES:
            raise ValueError(
                f"optimizer must be one of {sorted(LEARNING_RATES)}, got {self.optimizer!r}"
            )
        if self.schedule not in SCHEDULES:
            raise ValueError(f"schedule must be one of {list(SCHEDULES)}, got {self.schedule!r}")
        number("lr", self.lr, 0, above=True)
        number("epochs", self.epochs, 0, above=True)
        number("momentum", self.momentum, 0, 0.9999)
        number("jitter", self.jitter, 0)
        number("affine", self.affine, 0, 0.5)
        whole("batch_size", self.batch_size, 1)
        whole("batch_seed", self.batch_seed, 0, MOST_SEED)
        for name in ("steps", "record_every"):
            if getattr(self, name) is not None:
                whole(name, getattr(self, name), 1)
        if self.dtype not in (torch.float32, torch.float64):
            raise ValueError(f"dtype must be torch.float32 or torch.float64, got {self.dtype}")

    def _check_inputs(self) -> None:
        inputs = self.sets[0].split.inputs
        if (self.jitter or self.affine) and inputs.ndim not in (3, 4):
            raise ValueError(
                f"jitter and affine need images (N, height, width) or (N, channels, height, "
                f"width), got {inputs.shape}"
            )
        if self.test is None:
            return
        if not isinstance(self.test, Split | TransferSet):
            raise ValueError(f"test must be a kdviz.Split, got {type(self.test).__name__}")
        if not len(self.test):
            raise ValueError("test must hold at least one example, got none")
        if self.test.inputs.shape[1:] != inputs.shape[1:]:
            raise ValueError(
                f"test must have inputs of the shape that transfer_set has, {inputs.shape[1:]}, "
                f"got {self.test.inputs.shape[1:]}"
            )

    def _check_targets(self) -> None:
        for member, (weight, source) in enumerate(zip(self.soft_weight, self.sets, strict=True)):
            if weight > 0 and self.teacher_logits is None:
                raise ValueError(
                    f"soft_weight of member {member} must be 0 without teacher_logits, got {weight}"
                )
            if weight == 0 and not (source.labels >= 0).any():
                raise ValueError(
                    f"transfer_set of member {member} has no labels and soft_weight is 0: nothing "
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


def _per_member(name: str, value: Any, members: int) -> list:
    values = _several(value)
    if len(values) not in (1, members):
        raise ValueError(
            f"{name} must be one for all or one for each of the {members} seeds, got {len(values)}"
        )
    return values * members if len(values) == 1 else values


def _check_sets(sets: Sequence[Any]) -> None:
    for transfer_set in sets:
        if not isinstance(transfer_set, TransferSet):
            raise ValueError(
                f"transfer_set must be a kdviz.TransferSet, such as TransferSet(split), "
                f"got {type(transfer_set).__name__}"
            )
        if transfer_set.split.inputs is not sets[0].split.inputs:
            raise ValueError("transfer_set must draw on the same inputs for every member")


def _maker(value: Any) -> Callable[[], nn.Module]:
    if isinstance(value, nn.Module):
        raise ValueError(
            f"make_student must be a function that builds a network, got a network, "
            f"{type(value).__name__}: pass functools.partial(copy.deepcopy, network) to train "
            f"copies of it as it is, or a function that builds a new one for each seed, such as "
            f"functools.partial(kdviz.mlp, 64, (32,), 10)"
        )
    if not callable(value):
        raise ValueError(
            f"make_student must be a function that builds a network, such as "
            f"functools.partial(kdviz.mlp, 64, (32,), 10), got {value!r}"
        )
    return value


def checked_logits(logits: Any, examples: int) -> Tensor:
    """Check a teacher's logits on a whole split, and take them off any graph.

    Args:
        logits: (N, C), an array, a tensor or lists; half precision becomes float32.
        examples: N.

    Raises:
        ValueError: If they are no such numbers, not finite, or probabilities.
    """
    try:
        values = torch.as_tensor(logits).detach()
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"teacher_logits must be an array or a tensor of numbers, "
            f"got {type(logits).__name__}: {error}"
        ) from None
    if values.is_complex() or values.dtype == torch.bool:
        raise ValueError(f"teacher_logits must be real numbers, got {values.dtype}")
    if values.ndim != 2 or len(values) != examples or not values.numel():
        raise ValueError(
            f"teacher_logits must have shape ({examples}, classes), a row for every example "
            f"of the split, got {tuple(values.shape)}"
        )
    if not bool(values.isfinite().all()):
        raise ValueError("teacher_logits must be finite, got NaN or infinite values")
    values = values if values.dtype == torch.float64 else values.float()
    refuse_probabilities("teacher_logits", values.cpu().numpy())
    return values


def fingerprint(*arrays: np.ndarray | Tensor | None) -> str | None:
    """Return a short hash by which equal arrays are known again."""
    digest = hashlib.sha256()
    for array in arrays:
        if array is None:
            return None
        digest.update(np.ascontiguousarray(torch.as_tensor(array).cpu().numpy()).tobytes())
    return digest.hexdigest()[:16]

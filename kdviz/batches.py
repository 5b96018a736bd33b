"""Mini-batches of a cohort: the data stays on the device, only positions move."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from kdviz.networks import as_inputs
from kdviz.noise import uniform
from kdviz.recipe import Recipe

_JITTER = 1000  # a stream of random numbers that no dropout uses
_CHUNK = 256  # steps whose positions go to the device at once
_NUMBERS = 2**21  # of a chunk of steps whose data are gathered at once
_MOST = 64  # steps in such a chunk


class Batch(NamedTuple):
    """The mini-batches of K steps; an axis S only where members do not share."""

    inputs: Tensor  # (K, B, ...) or (K, S, B, ...)
    labels: Tensor  # (K, B) or (K, S, B)
    teacher_logits: Tensor | None  # (K, B, C) or (K, S, B, C)
    own: bool  # whether each member has inputs of its own
    labelled: bool  # whether no example is unlabelled


class Stream:
    """An endless stream of positions: one shuffled pass over the set after the other.

    It depends on the size of the set and the seed alone, never on other members.
    """

    def __init__(self, size: int, seed: int) -> None:
        self.size, self.seed = size, seed
        self._pass, self._left = 0, np.empty(0, dtype=np.int64)

    def take(self, count: int) -> np.ndarray:
        """Return the next `count` positions, int64."""
        parts = [self._left]
        have = len(self._left)
        while have < count:
            rng = np.random.default_rng((self.seed, self._pass))
            parts.append(rng.permutation(self.size))
            self._pass += 1
            have += self.size
        positions = np.concatenate(parts)
        self._left = positions[count:]
        return positions[:count]


class Batches:
    """Mini-batches drawn from one transfer set, or from one for each member."""

    def __init__(self, recipe: Recipe) -> None:
        sets, first = recipe.sets, recipe.sets[0]
        self.recipe = recipe
        self.own = any(not np.array_equal(s.indices, first.indices) for s in sets)
        same_labels = all(np.array_equal(s.labels, first.labels) for s in sets)
        to_device = partial(torch.as_tensor, device=recipe.device)
        self._inputs = as_inputs(first.split.inputs, recipe.device, recipe.dtype)
        self._streams = [
            Stream(len(s), recipe.batch_seed) for s in (sets if self.own else sets[:1])
        ]
        self._rows = [to_device(s.indices) for s in (sets if self.own else sets[:1])]
        if self.own or same_labels:
            self._labels = [to_device(s.labels) for s in sets]
        else:
            self._labels = [to_device(np.stack([s.labels for s in sets]))]
        self._teacher = None
        if any(recipe.soft_weight):
            self._teacher = to_device(recipe.teacher_logits, dtype=recipe.dtype)
        self._seed = to_device(recipe.batch_seed, dtype=torch.int32)
        self._axes = torch.eye(2, device=recipe.device, dtype=recipe.dtype)
        height, width = (1, *self._inputs.shape)[-2:]
        self._pixel = to_device([2 / width, 2 / height], dtype=recipe.dtype)
        self.labelled = all((s.labels >= 0).all() for s in sets)
        self._chunk: Tensor | None = None
        self._next = 0

    @property
    def per_epoch(self) -> float:
        """Mini-batches in a pass over the largest set."""
        return max(stream.size for stream in self._streams) / self.recipe.batch_size

    def steps_at_once(self, outputs: int) -> int:
        """Choose K, a power of 2: how many steps to gather at once, by the numbers they take.

        Args:
            outputs: Numbers that the caller keeps for each example of a step.
        """
        if self.recipe.device.type == "cuda":
            return 1  # so that a graph holds all of a step
        numbers = self._inputs[0].numel() * len(self._streams) + outputs
        most = min(_MOST, _NUMBERS // (numbers * self.recipe.batch_size))
        return 1 << max(1, most).bit_length() - 1

    def positions(self, steps: int) -> Tensor:
        """Return the next K batches' positions in each set, (1, K, B) or (S, K, B)."""
        if self._chunk is None or self._next == _CHUNK:
            size = self.recipe.batch_size
            taken = np.stack([stream.take(_CHUNK * size) for stream in self._streams])
            chunk = torch.from_numpy(taken).to(self.recipe.device)
            self._chunk, self._next = chunk.unflatten(1, (_CHUNK, size)), 0
        self._next += steps
        return self._chunk[:, self._next - steps : self._next]

    def at(self, positions: Tensor, steps: Tensor) -> Batch:
        """Gather the batches of K steps, numbered `steps` (K,); it happens on the device."""
        if self.own:
            sets = list(zip(self._rows, self._labels, positions, strict=True))
            rows = torch.stack([row[at] for row, _, at in sets], 1)
            labels = torch.stack([label[at] for _, label, at in sets], 1)
        else:
            rows, labels = self._rows[0][positions[0]], self._labels[0][..., positions[0]]
            labels = labels if labels.ndim == 2 else labels.transpose(0, 1)
        inputs = self._inputs.index_select(0, rows.flatten()).unflatten(0, rows.shape)
        if self.recipe.jitter or self.recipe.affine:
            inputs = self._moved(inputs, steps)
        teacher = None if self._teacher is None else self._teacher[rows]
        return Batch(inputs, labels, teacher, self.own, self.labelled)

    def _moved(self, images: Tensor, steps: Tensor) -> Tensor:
        """Shift images (K, ..., H, W) at random, and stretch, shear and turn them a little."""
        jitter, affine, count = self.recipe.jitter, self.recipe.affine, self.recipe.batch_size
        draws = uniform(self._seed, steps, _JITTER, (count, 6)).to(images.dtype)  # (K, B, 6)
        shift = jitter * draws[..., :2]
        if not affine and float(jitter).is_integer():
            # Whole pixels, each of the 2j + 1 shifts as likely, so that no image is blurred.
            shift = ((jitter + 0.5) * draws[..., :2]).round().clamp(-jitter, jitter)
        axes = self._axes + affine * draws[..., 2:].unflatten(-1, (2, 2))
        theta = torch.cat([axes, (shift * self._pixel).unsqueeze(-1)], dim=-1)
        channels = images.shape[-3] if images.ndim - self.own == 5 else 1
        flat = images.reshape(-1, channels, *images.shape[-2:])
        members = len(flat) // (len(steps) * count)
        theta = theta.repeat(1, members, 1, 1).flatten(0, 1)
        grid = nn.functional.affine_grid(theta, list(flat.shape), align_corners=False)
        moved = nn.functional.grid_sample(flat, grid, align_corners=False)
        return moved.view_as(images)

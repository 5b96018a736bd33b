"""What a cohort minimizes: the gradients of the paper's losses in closed form, and the losses.

Examples are the last axis throughout, (..., C, B): softmax runs along them 20 times faster.
Everything that does not depend on the students is made for a chunk of K steps at once, and so
are the losses, which nothing but the records needs.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from kdviz.training.batches import Batch
from kdviz.training.recipe import Recipe

_HUGE = 1e300


class Objective:
    """The mean of `distillation_loss` over mini-batches, for S members.

    The gradient of T²·KL(p_T ‖ q_T) is T(q_T - p_T): Eq. 2 times T². That of the cross-entropy
    is q_1 minus the label, and 0 for an unlabelled example.
    """

    def __init__(self, recipe: Recipe) -> None:
        number = partial(torch.tensor, device=recipe.device, dtype=recipe.dtype)
        temperature = number(recipe.temperature).view(-1, 1, 1)
        soft_weight = number(recipe.soft_weight).view(-1, 1, 1)
        parts = []  # of the loss: what the logits are divided by, and the gradient's factor
        self.soft, self.hard = any(recipe.soft_weight), min(recipe.soft_weight) < 1
        if self.soft:
            parts.append((1 / temperature, soft_weight * temperature / recipe.batch_size))
        if self.hard:
            hard_weight = (1 - soft_weight) / recipe.batch_size
            parts.append((torch.ones_like(temperature), hard_weight))
        self.sharpness, self.factors = (torch.stack(part) for part in zip(*parts, strict=True))
        self.shared = len(set(recipe.temperature)) == 1  # then soft targets are, too
        self._buffers: dict[int, Tensor] = {}
        # Single precision would lose the digits of a loss at a high temperature. MPS has no other.
        self.exact = recipe.device if recipe.device.type != "mps" else torch.device("cpu")
        self.temperature, self.soft_weight = (
            v.to(self.exact, torch.float64) for v in (temperature, soft_weight)
        )

    def prepare(self, batch: Batch, classes: int) -> None:
        """Make the targets of K steps from their labels and the teacher's logits."""
        labels = batch.labels if batch.labels.ndim == 3 else batch.labels.unsqueeze(1)
        self.labels = labels.unsqueeze(2)  # (K, 1 or S, 1, B)
        self.teacher = None
        targets, sharpness = [], self.sharpness
        if self.soft:
            v = batch.teacher_logits if batch.own else batch.teacher_logits.unsqueeze(1)
            self.teacher = v.transpose(2, 3).contiguous()  # (K, 1 or S, C, B)
            scale = sharpness[0, :1] if self.shared else sharpness[0]
            targets.append((self.teacher * scale).softmax(2))
        self.factor = [self.factors] * len(labels)
        if self.hard:
            labelled = self.labels >= 0
            shape = (*labels.shape[:2], classes, labels.shape[2])
            one_hot = torch.zeros(shape, device=labels.device, dtype=sharpness.dtype)
            targets.append(one_hot.scatter_(2, self.labels.clamp(min=0), 1))
            if not batch.labelled:
                factors = self.factors.expand(len(labels), *self.factors.shape)
                factors = factors * torch.ones_like(labelled).unsqueeze(1)
                factors[:, -1] *= labelled
                self.factor = list(factors.unbind())
        members = max(target.shape[1] for target in targets)
        expanded = [target.expand(-1, members, -1, -1) for target in targets]
        self.targets = list(torch.stack(expanded, 1).unbind())  # K of (parts, 1 or S, C, B)

    def gradient(self, slot: int, members: slice | None, logits: Tensor) -> Tensor:
        """Compute the gradient for some members, all if None, with respect to logits (S, C, B)."""
        sharpness, targets, factor = self.sharpness, self.targets[slot], self.factor[slot]
        if members is not None:
            sharpness, factor = sharpness[:, members], factor[:, members]
            targets = targets if targets.shape[1] == 1 else targets[:, members]
        gradient = (logits * sharpness).softmax(2).sub_(targets).mul_(factor)
        return gradient.sum(0) if self.soft and self.hard else gradient[0]

    def losses(self, slots: slice, logits: Tensor) -> Tensor:
        """Sum the losses (S,) of some steps of the chunk, in nats, from logits (k, S, C, B)."""
        total = torch.zeros(logits.shape[1], device=self.exact, dtype=torch.float64)
        if self.soft:
            scale = self.temperature
            scaled, log_q = self._buffer(0, logits), self._buffer(1, logits)
            v = self.teacher[slots].to(self.exact) / (scale[:1] if self.shared else scale)
            log_p = v.clamp_(min=-_HUGE).log_softmax(2)  # 0·log 0 = 0
            p = log_p.exp()
            scaled.copy_(logits).div_(scale)
            torch.log_softmax(scaled, 2, out=log_q)
            loss = ((p * log_p).sum(2) - log_q.mul_(p).sum(2)).clamp_(min=0)
            total += (self.soft_weight * scale**2 * loss.unsqueeze(2)).mean(3).sum((0, 2))
        if self.hard:
            labels = self.labels[slots].expand(-1, logits.shape[1], -1, -1)
            picked = logits.log_softmax(2).gather(2, labels.clamp(min=0))
            loss = (picked * (labels >= 0)).mean(3).to(self.exact)
            total -= ((1 - self.soft_weight) * loss.unsqueeze(3)).sum((0, 2, 3))
        return total

    def _buffer(self, number: int, like: Tensor) -> Tensor:
        """Return a float64 tensor that is kept: to get a new one takes as long as to fill it."""
        if number not in self._buffers or self._buffers[number].shape[0] < len(like):
            self._buffers[number] = torch.empty_like(like, device=self.exact, dtype=torch.float64)
        return self._buffers[number][: len(like)]

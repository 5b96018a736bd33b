"""One training step of a cohort: the paper's gradients, then one update of every member."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import torch
from torch import Tensor

from kdviz.training.batches import Batch, Batches
from kdviz.training.passes import AnyProgram, MlpProgram, Noise, Params
from kdviz.training.recipe import Recipe

_EAGER_STEPS = 3  # before a GPU records a step: libraries set themselves up in the first ones


class Stepper:
    """Takes steps. Where memory runs out, it goes through the cohort in halves.

    A step reads its positions, number and learning rate from tensors that stay in place, so that
    a GPU can record the step once as a CUDA graph and replay it without Python.
    """

    def __init__(
        self,
        program: MlpProgram | AnyProgram,
        params: Params,
        batches: Batches,
        recipe: Recipe,
        steps: int,
    ) -> None:
        self.program, self.params, self.batches = program, params, batches
        self.recipe, self.steps = recipe, steps
        number = partial(torch.tensor, device=recipe.device, dtype=recipe.dtype)
        self.temperature = number(recipe.temperature).view(-1, 1, 1)
        self.soft_weight = number(recipe.soft_weight).view(-1, 1, 1)
        self.noise_seeds = torch.tensor(recipe.seeds, device=recipe.device).to(torch.int32)
        self.slices = [slice(0, len(recipe.seeds))]
        self.trained = {k: v for k, v in params.items() if v.is_floating_point()}
        # SGD adds gradients straight into its momentum; Adam takes them as they are.
        self.buffers = {name: torch.zeros_like(value) for name, value in self.trained.items()}
        self.decay = recipe.momentum if recipe.optimizer == "sgd" else 0.0
        self.adam = self._build_adam() if recipe.optimizer == "adam" else None
        self.now = torch.zeros((), dtype=torch.int32, device=recipe.device)
        self.lr, self.descent = number(0.0), number(0.0)
        self.positions: Tensor | None = None
        self.loss = number([0.0] * len(recipe.seeds))
        self.taken, self.notice = 0, ""
        self.recordable = recipe.device.type == "cuda"
        self.graph: torch.cuda.CUDAGraph | None = None

    @torch.no_grad()
    def take(self, step: int) -> None:
        """Take step number `step`; steps must be asked for in order."""
        positions = self.batches.positions()
        if self.positions is None:
            self.positions = positions.clone()
        self.positions.copy_(positions)
        self.now.fill_(step)
        lr = self.recipe.lr
        if self.recipe.schedule == "one-cycle":
            lr *= one_cycle(step, self.steps)
        self.lr.fill_(lr)
        self.descent.fill_(-lr)
        if self.graph:
            self.graph.replay()
        elif self.recordable and step >= _EAGER_STEPS:
            self._record_graph()
        else:
            self._step()
        self.taken += 1

    def _step(self) -> None:
        batch = self.batches.at(self.positions, self.now)
        waiting, self.slices = self.slices[::-1], []
        while waiting:
            members = waiting.pop()
            try:
                self._add_gradients(members, batch)
                self.slices.append(members)
            except torch.OutOfMemoryError:
                waiting += self._halves(members)[::-1]
        if self.adam:
            self.adam.param_groups[0]["lr"] = self.lr
            self.adam.step()
        else:
            for name, value in self.trained.items():
                value.addcmul_(self.buffers[name], self.descent)

    def _record_graph(self) -> None:
        """Record this step, then take it; the steps before it have warmed everything up."""
        graph, self.recordable = torch.cuda.CUDAGraph(), False
        try:
            with torch.cuda.graph(graph):
                self._step()
        except RuntimeError as error:  # a network that asks the GPU for values can't be recorded
            self.notice = f"Steps are not recorded as a CUDA graph: {str(error).splitlines()[0]}"
            self._step()
        else:
            self.graph = graph
            graph.replay()

    def _build_adam(self) -> torch.optim.Adam:
        for name, value in self.trained.items():
            value.grad = self.buffers[name]
        on_gpu = self.recipe.device.type == "cuda"
        return torch.optim.Adam(self.trained.values(), fused=True, capturable=on_gpu)

    def report(self) -> tuple[np.ndarray, str]:
        """Return the mean losses (S,) since the last report, and a notice."""
        loss, notice = (self.loss / self.taken).double().cpu().numpy(), self.notice
        self.loss.zero_()
        self.taken, self.notice = 0, ""
        return loss, notice

    def _add_gradients(self, members: slice, batch: Batch) -> None:
        params = {name: value[members] for name, value in self.params.items()}
        buffers = {name: value[members] for name, value in self.buffers.items()}
        labels, teacher = batch.labels, batch.teacher_logits
        labels = labels[members] if labels.ndim == 2 else labels
        if teacher is not None and teacher.ndim == 3:
            teacher = teacher[members]
        inputs = batch.inputs[members] if batch.own else batch.inputs
        noise = Noise(self.noise_seeds[members], self.now)
        logits, saved = self.program.forward(params, inputs, batch.own, noise)
        loss, gradient = loss_and_gradient(
            logits, teacher, labels, self.temperature[members], self.soft_weight[members]
        )
        self.program.backward(params, saved, gradient, buffers, self.decay)
        self.loss[members] += loss

    def _halves(self, members: slice) -> list[slice]:
        if members.stop - members.start == 1:
            raise torch.OutOfMemoryError(
                f"out of memory on {self.recipe.device} with one member at a time: use a smaller "
                f"batch_size or a smaller network"
            )
        if self.recipe.device.type == "cuda":
            torch.cuda.empty_cache()
        middle = (members.start + members.stop) // 2
        self.notice = (
            f"Memory ran out, so the cohort goes through each step in smaller parts "
            f"({middle - members.start} members at a time). Results do not change."
        )
        return [slice(members.start, middle), slice(middle, members.stop)]


def loss_and_gradient(
    logits: Tensor,
    teacher_logits: Tensor | None,
    labels: Tensor,
    temperature: Tensor,
    soft_weight: Tensor,
) -> tuple[Tensor, Tensor]:
    """Compute the mean of `distillation_loss` over a batch and its gradient, in closed form.

    The gradient of T²·KL(p_T ‖ q_T) is T(q_T - p_T): Eq. 2 times T². That of the cross-entropy
    is q_1 minus the label, and 0 for an unlabelled example.

    Args:
        logits: z, (S, B, C).
        teacher_logits: v, (B, C) or (S, B, C), or None if every soft weight is 0.
        labels: (B,) or (S, B), -1 for unlabelled.
        temperature: T, (S, 1, 1).
        soft_weight: w, (S, 1, 1).

    Returns:
        (S,) losses in nats, and (S, B, C) gradients with respect to the logits.
    """
    examples = logits.shape[1]
    # With the examples last, softmax runs along them: 20 times faster.
    z = logits.transpose(1, 2).contiguous()
    at_label = labels.clamp(min=0).expand(logits.shape[:2]).unsqueeze(1)
    labelled = (labels >= 0).expand(logits.shape[:2]).unsqueeze(1)
    hard_weight = (1 - soft_weight) * labelled / examples
    log_q = z.log_softmax(1)
    loss = -(hard_weight * log_q.gather(1, at_label)).sum((1, 2))
    gradient = log_q.exp_().scatter_add_(1, at_label, -torch.ones_like(hard_weight))
    gradient *= hard_weight
    if teacher_logits is not None:
        v = teacher_logits.transpose(-1, -2).contiguous()
        log_p = (v / temperature).log_softmax(1)
        log_q = (z / temperature).log_softmax(1)
        p = log_p.exp()
        scale = soft_weight * temperature / examples
        loss += (scale * temperature * p * log_p.sub_(log_q)).sum((1, 2))
        gradient += scale * log_q.exp_().sub_(p)
    return loss, gradient.transpose(1, 2)


def one_cycle(step: int, steps: int, warm_up: float = 0.3, start: float = 0.04) -> float:
    """Scale the learning rate: a cosine up from `start` to 1, then a cosine down to 0."""
    peak = warm_up * steps
    if step < peak:
        return start + (1 - start) * (1 - math.cos(math.pi * step / peak)) / 2
    return (1 + math.cos(math.pi * (step - peak) / (steps - peak))) / 2

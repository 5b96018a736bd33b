"""Training steps of a cohort: the paper's gradients, then one update of every member."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from kdviz.batches import Batches
from kdviz.groups import Singles, Stack
from kdviz.networks import as_logits, seeded
from kdviz.objective import Objective
from kdviz.programs import AnyPasses, MlpPasses, Noise
from kdviz.recipe import Recipe

if TYPE_CHECKING:
    from kdviz.cohort import Cohort

_EAGER_STEPS = 3  # before a GPU records a step: libraries set themselves up in the first ones
_BETAS = (0.9, 0.999)  # of Adam


class Stepper:
    """Takes steps, in chunks of K whose data and targets are made at once.

    A step reads its positions, number and learning rate from tensors that stay in place, so that
    a GPU can record the step once as a CUDA graph and replay it without Python.

    Args:
        cohort: Whose members to train.
        batches: Their mini-batches.
        recipe: Its members in the order of the cohort's groups.
        steps: In all.
    """

    def __init__(self, cohort: Cohort, batches: Batches, recipe: Recipe, steps: int) -> None:
        self.cohort, self.batches, self.recipe, self.steps = cohort, batches, recipe, steps
        self.objective = Objective(recipe)
        self.chunk = batches.steps_at_once(4 * len(cohort) * cohort.classes)
        shape = (self.chunk, len(cohort), cohort.classes, recipe.batch_size)
        self.logits = torch.zeros(shape, device=recipe.device, dtype=recipe.dtype)
        self.positions: Tensor | None = None
        self.numbers = torch.zeros(self.chunk, device=recipe.device, dtype=torch.int32)
        self.lrs = torch.zeros(self.chunk, device=recipe.device, dtype=recipe.dtype)
        self.now, self.lr = self.numbers.unbind(), self.lrs.unbind()
        self.outputs = self.logits.unbind()
        self.loss = self.objective.temperature.new_zeros(len(cohort))
        self.done, self.added = 0, 0  # steps of the chunk: taken, and their losses added
        self.taken, self.notice = 0, cohort.notice
        self.groups: list[_StackSteps | _SingleSteps] = []
        for group in cohort.groups:
            kind = _StackSteps if isinstance(group, Stack) else _SingleSteps
            begin = sum(len(before.group) for before in self.groups)
            self.groups.append(kind(self, group, begin))
        stacked = all(isinstance(group, Stack) for group in cohort.groups)
        self.recordable = recipe.device.type == "cuda" and stacked
        self.graph: torch.cuda.CUDAGraph | None = None

    def take(self, step: int) -> None:
        """Take step number `step`; steps must be asked for in order."""
        slot = step % self.chunk
        if slot == 0:
            self._announce(step)
        if self.graph:
            self.graph.replay()
        elif self.recordable and step >= _EAGER_STEPS:
            self._record_graph()
        else:
            self._step(slot)
        self.done = slot + 1
        self.taken += 1

    def report(self) -> tuple[np.ndarray, str]:
        """Return the mean losses (S,) since the last report, and a notice."""
        self._add_losses(self.done)
        loss, notice = (self.loss / self.taken).cpu().numpy(), self.notice
        self.loss.zero_()
        self.taken, self.notice = 0, ""
        return loss[np.argsort(self.cohort.order)], notice

    def _announce(self, step: int) -> None:
        """Put what the next K steps read from in its place."""
        positions = self.batches.positions(self.chunk)
        if self.positions is None:
            self.positions = positions.clone()
        self.positions.copy_(positions)
        recipe, steps = self.recipe, range(step, step + self.chunk)
        lrs = [recipe.lr] * self.chunk
        if recipe.schedule == "one-cycle":
            lrs = [recipe.lr * one_cycle(min(s, self.steps), self.steps) for s in steps]
        self.numbers.copy_(torch.tensor(steps, dtype=torch.int32))
        self.lrs.copy_(torch.tensor(lrs, dtype=torch.float64))

    def _step(self, slot: int) -> None:
        if slot == 0:
            batch = self.batches.at(self.positions, self.numbers)
            self.inputs, self.own = batch.inputs, batch.own
            self.objective.prepare(batch, self.cohort.classes)
            self.added = 0
        for group in self.groups:
            group.step(slot)
        if slot == self.chunk - 1:
            self._add_losses(self.chunk)

    def _add_losses(self, done: int) -> None:
        if done > self.added:
            new = slice(self.added, done)
            self.loss += self.objective.losses(new, self.logits[new])
            self.added = done

    def _record_graph(self) -> None:
        """Record this step, then take it; the steps before it have warmed everything up."""
        graph, self.recordable = torch.cuda.CUDAGraph(), False
        try:
            with torch.cuda.graph(graph):
                self._step(0)
        except RuntimeError as error:  # a network that asks the GPU for values can't be recorded
            self.notice = f"Steps are not recorded as a CUDA graph: {str(error).splitlines()[0]}"
            self._step(0)
        else:
            self.graph = graph
            graph.replay()


class _StackSteps:
    """Steps of a stack. Where memory runs out, it goes through its members in parts."""

    def __init__(self, stepper: Stepper, group: Stack, begin: int) -> None:
        self.stepper, self.group, self.begin = stepper, group, begin
        recipe = stepper.recipe
        # SGD adds gradients straight into its momentum; Adam takes them as they are.
        self.decay = recipe.momentum if recipe.optimizer == "sgd" else 0.0
        self.sums = torch.zeros_like(group.flat)
        if recipe.optimizer == "adam":
            self.moments = [torch.zeros_like(group.flat) for _ in range(2)]
            self.count = torch.zeros((), device=recipe.device)
        seeds = torch.tensor(recipe.seeds, device=recipe.device).to(torch.int32)
        self.seeds = seeds[begin : begin + len(group)]
        self.parts: list[_Part] = [_Part(self, 0, len(group))]

    def step(self, slot: int) -> None:
        """Take the step of this slot of the chunk."""
        at = 0
        while at < len(self.parts):
            try:
                self.parts[at].add_gradients(slot)
                at += 1
            except torch.OutOfMemoryError:
                self.parts[at : at + 1] = self._halves(self.parts[at])
        lr = self.stepper.lr[slot]
        if self.stepper.recipe.optimizer == "sgd":
            self.group.flat.addcmul_(self.sums, lr, value=-1)
            return
        self.count += 1
        first, second = self.moments
        torch._fused_adam_(  # what torch.optim.Adam calls, after 20 times the time of its own
            [self.group.flat], [self.sums], [first], [second], [], [self.count], lr=lr,
            beta1=_BETAS[0], beta2=_BETAS[1], weight_decay=0.0, eps=1e-8, amsgrad=False,
            maximize=False,
        )  # fmt: skip

    def _halves(self, part: _Part) -> list[_Part]:
        device, middle = self.stepper.recipe.device, (part.first + part.end) // 2
        if part.end - part.first == 1:
            raise torch.OutOfMemoryError(
                f"out of memory on {device} with one member at a time: use a smaller "
                f"batch_size or a smaller network"
            )
        part.passes = None
        if device.type == "cuda":
            torch.cuda.empty_cache()
        self.stepper.notice = (
            f"Memory ran out, so the cohort goes through each step in smaller parts "
            f"({middle - part.first} members at a time). Results do not change."
        )
        return [_Part(self, part.first, middle), _Part(self, middle, part.end)]


class _Part:
    """Members of a stack from `first` up to `end` that go through a step together."""

    def __init__(self, steps: _StackSteps, first: int, end: int) -> None:
        self.steps, self.first, self.end = steps, first, end
        self.passes: MlpPasses | AnyPasses | None = None
        members = slice(steps.begin + first, steps.begin + end)
        whole = end - first == len(steps.stepper.cohort)
        self.members = None if whole else members

    def add_gradients(self, slot: int) -> None:
        steps, stepper, members = self.steps, self.steps.stepper, self.members
        if self.passes is None:
            group, part = steps.group, slice(self.first, self.end)
            state = {name: value[part] for name, value in group.state.items()}
            sums = {name: value[part] for name, value in group.views(steps.sums).items()}
            size = stepper.recipe.batch_size
            self.seeds = steps.seeds[part]
            self.passes = group.program.passes(state, sums, steps.decay, size)
            self.laid_out: Tensor | None = None
        if self.laid_out is not stepper.inputs:
            self.laid_out, inputs = stepper.inputs, stepper.inputs
            if stepper.own and members is not None:
                inputs = inputs[:, members]
            self.inputs = self.passes.lay_out(inputs, stepper.own)
        logits = stepper.outputs[slot] if members is None else stepper.outputs[slot][members]
        noise = Noise(self.seeds, stepper.now[slot])
        saved = self.passes.forward(self.inputs[slot], stepper.own, noise, logits)
        self.passes.backward(saved, stepper.objective.gradient(slot, members, logits))


class _SingleSteps:
    """Steps of networks that can't be stacked: the loop that one would write for each."""

    def __init__(self, stepper: Stepper, group: Singles, begin: int) -> None:
        self.stepper, self.group, self.begin = stepper, group, begin
        recipe, self.optimizers = stepper.recipe, []
        for network in group.networks:
            trained = [value for value in network.parameters() if value.requires_grad]
            if recipe.optimizer == "sgd":
                optimizer = torch.optim.SGD(trained, recipe.lr, momentum=recipe.momentum)
            else:
                optimizer = torch.optim.Adam(trained, recipe.lr, betas=_BETAS)
            self.optimizers.append(optimizer)

    def step(self, slot: int) -> None:
        """Take the step of this slot of the chunk."""
        stepper, device = self.stepper, self.stepper.recipe.device
        number, lr = int(stepper.now[slot]), float(stepper.lr[slot])
        networks = zip(self.group.networks, self.optimizers, strict=True)
        for member, (network, optimizer) in enumerate(networks, self.begin):
            inputs = stepper.inputs[slot, member] if stepper.own else stepper.inputs[slot]
            optimizer.zero_grad()
            # Whatever the network draws, it draws alone as well.
            seed = (stepper.recipe.seeds[member] << 32 | number) % 2**64
            with torch.enable_grad(), seeded(seed, device):
                logits = as_logits(network.train()(inputs))
            out, members = stepper.outputs[slot][member], slice(member, member + 1)
            out.copy_(logits.detach().t())
            gradient = stepper.objective.gradient(slot, members, out.unsqueeze(0))[0]
            logits.backward(gradient.t().to(logits.dtype))
            optimizer.param_groups[0]["lr"] = lr
            optimizer.step()


def one_cycle(step: int, steps: int, warm_up: float = 0.3, start: float = 0.04) -> float:
    """Scale the learning rate: a cosine up from `start` to 1, then a cosine down to 0."""
    peak = warm_up * steps
    if step < peak:
        return start + (1 - start) * (1 - math.cos(math.pi * step / peak)) / 2
    return (1 + math.cos(math.pi * (step - peak) / (steps - peak))) / 2

"""Forward and backward passes of many networks at once: by hand for an MLP, by vmap for the rest.

The state of S networks that run alike is a dict of stacked tensors (S, ...). A backward pass
starts from the gradient with respect to the logits, which the paper gives in closed form (Eq. 2),
and adds into `sums` that the caller keeps: sums ← decay·sums + gradient. It makes every new
tensor before anything that stays changes, so a step that ran out of memory can be taken again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from kdviz.networks import as_logits
from kdviz.noise import Dropouts, keep

State = Mapping[str, Tensor]

_gate = torch.ops.aten.threshold_backward.grad_input
_WIDE = 256  # units; narrower layers on a shared batch are one product of all members


class Noise(NamedTuple):
    """What dropout draws from: `seeds` (S,) int32, one per member, and the step, int32."""

    seeds: Tensor
    step: Tensor


class Layer(NamedTuple):
    """A linear layer: the names of its parameters, and the dropout rate on its input."""

    weight: str
    bias: str
    dropout: float
    stream: int


class MlpProgram:
    """Multilayer perceptrons by hand.

    Inside, the examples are the last axis: products read the weights as they lie, and softmax
    runs along the classes without a copy.
    """

    def __init__(self, layers: list[Layer]) -> None:
        self.layers = layers

    def logits(self, state: State, x: Tensor) -> Tensor:
        """Compute logits (S, B, C) of inputs (B, ...), without dropout."""
        first, *others = self.layers
        weight, bias = state[first.weight], state[first.bias]
        h = torch.addmm(bias.view(-1, 1), weight.flatten(0, 1), x.flatten(1).t())
        h = h.view(*bias.shape, -1)
        for layer in others:
            h = torch.baddbmm(state[layer.bias].unsqueeze(2), state[layer.weight], h.relu_())
        return h.transpose(1, 2)

    def passes(self, state: State, sums: State, decay: float, examples: int) -> MlpPasses:
        """Lay out training passes of mini-batches of `examples` over these members."""
        return MlpPasses(self.layers, state, sums, decay, examples)


class MlpPasses:
    """Training passes of S multilayer perceptrons; all tensors and views are made beforehand.

    A CPU takes as long to hand out a large tensor as to fill it, and to make a view as to
    multiply two small matrices.
    """

    def __init__(
        self, layers: list[Layer], state: State, sums: State, decay: float, examples: int
    ) -> None:
        self.layers, self.decay = layers, decay
        self.weights = [state[layer.weight] for layer in layers]
        self.biases = [state[layer.bias].unsqueeze(2) for layer in layers]
        self.turned = [weight.transpose(1, 2) for weight in self.weights]
        self.weight_sums = [sums[layer.weight] for layer in layers]
        self.bias_sums = [sums[layer.bias].view(-1) for layer in layers]
        self.units = [b.new_empty(*b.shape[:2], examples) for b in self.biases[:-1]]
        self.units_turned = [units.transpose(1, 2) for units in self.units]
        self.deltas = [torch.empty_like(units) for units in self.units]
        self.ones = self.biases[0].new_ones(examples)
        self.narrow = self.weights[0].shape[1] < _WIDE
        self.outs = [v.numel() for v in self.biases]  # of all members
        self.first = [v.flatten(0, 1) for v in (self.biases[0], self.weights[0])]
        self.first_sums = self.weight_sums[0].flatten(0, 1)

    def lay_out(self, inputs: Tensor, own: bool) -> list[tuple[Tensor, Tensor]]:
        """Make of inputs (K, B, ...), or (K, S, B, ...) if each has its own, what K passes take."""
        flat = inputs.flatten(3 if own else 2)
        return list(zip(flat.transpose(-1, -2).unbind(), flat.unbind(), strict=True))

    def forward(self, x: tuple[Tensor, Tensor], own: bool, noise: Noise, out: Tensor) -> list:
        """Write logits (S, C, B) of inputs that `lay_out` made, of each its own or of all the same.

        Returns:
            Each layer's input, and the same with its last axes exchanged, for `backward`.
        """
        h, turned = x
        saved = []
        for i, layer in enumerate(self.layers):
            if layer.dropout:
                shape = (h.shape[-1], h.shape[-2])
                mask = keep(noise.seeds, noise.step, layer.stream, shape, layer.dropout)
                h = h * mask.transpose(-1, -2) / (1 - layer.dropout)
                turned = h.transpose(1, 2)
            saved.append((h, turned))
            units = out if i == len(self.units) else self.units[i]
            if h.ndim == 2 and self.narrow:
                torch.addmm(*self.first, h, out=units.view(self.outs[0], -1))
            else:
                shared = h.expand(len(out), *h.shape[-2:]) if h.ndim == 2 else h
                torch.baddbmm(self.biases[i], self.weights[i], shared, out=units)
            if units is not out:
                h, turned = units.relu_(), self.units_turned[i]
        return saved

    def backward(self, saved: list, delta: Tensor) -> None:
        """Add the gradients of the parameters into the sums, from that of the logits (S, C, B)."""
        deltas = [delta]
        for i in range(len(self.layers) - 1, 0, -1):
            delta = torch.bmm(self.turned[i], delta, out=self.deltas[i - 1])
            # A unit that was dropped holds 0 too, so one comparison serves both.
            _gate(delta, saved[i][0], 0, grad_input=delta)
            if self.layers[i].dropout:
                delta /= 1 - self.layers[i].dropout
            deltas.append(delta)
        for i, (h, turned) in enumerate(saved):
            delta = deltas.pop()
            flat = delta.view(self.outs[i], -1)
            if h.ndim == 2:
                self.first_sums.addmm_(flat, turned, beta=self.decay)
            else:
                self.weight_sums[i].baddbmm_(delta, turned, beta=self.decay)
            self.bias_sums[i].addmv_(flat, self.ones, beta=self.decay)


class AnyProgram:
    """Networks of any kind that `torch.func.vmap` can carry.

    Args:
        network: One of those that run alike; its own parameters and buffers are not used.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.buffers = [name for name, _ in network.named_buffers()]
        self.trained = [name for name, value in network.named_parameters() if value.requires_grad]

    def logits(self, state: State, x: Tensor) -> Tensor:
        """Compute logits (S, B, C) of inputs (B, ...), in evaluation mode."""
        self.network.eval()

        def logits_of(state: State) -> Tensor:
            return as_logits(functional_call(self.network, dict(state), (x,)))

        return vmap(logits_of)(dict(state))

    def passes(self, state: State, sums: State, decay: float, examples: int) -> AnyPasses:
        """Lay out training passes over these members."""
        return AnyPasses(self, state, sums, decay)


class AnyPasses:
    """Training passes of S networks by `torch.func`."""

    def __init__(self, program: AnyProgram, state: State, sums: State, decay: float) -> None:
        self.program, self.state, self.decay = program, state, decay
        self.sums = [sums[name] for name in program.trained]

    def lay_out(self, inputs: Tensor, own: bool) -> Sequence[Tensor]:
        """As that of `MlpPasses`."""
        return inputs.unbind()

    def forward(self, x: Tensor, own: bool, noise: Noise, out: Tensor) -> tuple:
        """Write logits (S, C, B); as that of `MlpPasses`."""
        network = self.program.network.train()
        step = noise.step

        def logits_of(state: dict[str, Tensor], x: Tensor, seed: Tensor) -> tuple[Tensor, State]:
            # What a pass changes is kept apart until the step is sure to be taken.
            state |= {name: state[name].clone() for name in self.program.buffers}
            with Dropouts(seed, step):
                logits = as_logits(functional_call(network, state, (x,)))
            changed = {name: state[name] for name in self.program.buffers}
            return logits.to(out.dtype).transpose(0, 1), changed

        leaves = [self.state[name].detach().requires_grad_() for name in self.program.trained]
        state = dict(self.state) | dict(zip(self.program.trained, leaves, strict=True))
        with torch.enable_grad():
            logits, changed = vmap(logits_of, in_dims=(0, 0 if own else None, 0))(
                state, x, noise.seeds
            )
        out.copy_(logits.detach())
        return leaves, logits, changed

    def backward(self, saved: tuple, delta: Tensor) -> None:
        """Add the gradients of the parameters into the sums, from that of the logits (S, C, B)."""
        leaves, logits, changed = saved
        gradients = torch.autograd.grad(
            logits, leaves, delta, allow_unused=True, materialize_grads=True
        )
        torch._foreach_mul_(self.sums, self.decay)
        torch._foreach_add_(self.sums, gradients)
        for name, value in changed.items():
            self.state[name].copy_(value)


def mlp_layers(network: nn.Module) -> list[Layer] | None:
    """Read a Sequential of Flatten, then Linear, ReLU and Dropout in turn; None if it is not.

    A network that shares weights, has frozen ones, or anything out of the ordinary is none.
    """
    if type(network) is not nn.Sequential or any("forward" in vars(m) for m in network.modules()):
        return None
    layers: list[Layer] = []
    rate, stream, open_for = 0.0, 0, {"flatten", "dropout", "linear"}
    for name, module in network._modules.items():
        kind = {nn.Flatten: "flatten", nn.Dropout: "dropout", nn.ReLU: "relu"}.get(type(module))
        if type(module) is nn.Linear and module.bias is not None:
            kind = "linear"
        if kind not in open_for:
            return None
        if kind == "dropout":
            rate, open_for = module.p, {"linear"}
        elif kind == "linear":
            layers.append(Layer(f"{name}.weight", f"{name}.bias", rate, stream))
            stream += rate > 0
            rate, open_for = 0.0, {"relu"}
        else:
            open_for = {"dropout", "linear"}
    names = [name for layer in layers for name in (layer.weight, layer.bias)]
    trained = [name for name, value in network.named_parameters() if value.requires_grad]
    plain = trained == names and not list(network.buffers())
    plain = plain and all(layer.dropout < 1 for layer in layers)
    return layers if open_for == {"relu"} and plain else None

"""Forward and backward passes of many networks at once: by hand for an MLP, by vmap for the rest.

Parameters are dicts of stacked tensors (S, ...), S members. A backward pass starts from the
gradient with respect to the logits, which the paper gives in closed form (Eq. 2), and adds into
buffers that the caller keeps: buffer ← decay·buffer + gradient. It makes every new tensor
before the first buffer changes, so a step that runs out of memory can be taken again.
"""

from __future__ import annotations

import copy
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from kdviz.training.noise import keep

Params = dict[str, Tensor]

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
        # A CPU takes as long to hand out a large tensor as to fill it, so training keeps these.
        self._rooms: dict[str, Tensor] = {}

    def forward(
        self, params: Params, x: Tensor, own: bool, noise: Noise | None
    ) -> tuple[Tensor, list[Tensor]]:
        """Compute logits (S, B, C) from inputs (B, ...), or (S, B, ...) if each has its own.

        Returns:
            The logits, and each layer's input, which `backward` needs.
        """
        h = x.flatten(2 if own else 1).transpose(-1, -2)
        saved = []
        for layer in self.layers:
            if noise is not None and layer.dropout:
                shape = (h.shape[-1], h.shape[-2])
                mask = keep(noise.seeds, noise.step, layer.stream, shape, layer.dropout)
                h = h * mask.transpose(-1, -2) / (1 - layer.dropout)
            saved.append(h)
            weight, bias = params[layer.weight], params[layer.bias]
            last = layer is self.layers[-1]
            inside = noise is not None and not last
            room = self._room(layer.weight, bias, h.shape[-1]) if inside else None
            h = _affine(weight, bias, h, room)
            if not last:
                h = h.relu_()
        return h.transpose(1, 2), saved

    def backward(
        self, params: Params, saved: list[Tensor], d_logits: Tensor, buffers: Params, decay: float
    ) -> None:
        """Add the gradients of the parameters into `buffers`, from that of the logits."""
        delta = d_logits.transpose(1, 2)
        deltas = [delta]
        for layer, h in zip(self.layers[:0:-1], saved[:0:-1], strict=True):
            room = self._room(layer.bias, h[..., 0], h.shape[-1])
            delta = torch.bmm(params[layer.weight].transpose(1, 2), delta, out=room)
            # A unit that was dropped holds 0 too, so one comparison serves both.
            torch.ops.aten.threshold_backward.grad_input(delta, h, 0, grad_input=delta)
            if layer.dropout:
                delta /= 1 - layer.dropout
            deltas.append(delta)
        sums = [delta.sum(2) for delta in deltas]
        for layer, h in zip(self.layers, saved, strict=True):
            delta, buffer = deltas.pop(), buffers[layer.weight]
            if h.ndim == 2:
                buffer.flatten(0, 1).addmm_(delta.flatten(0, 1), h.t(), beta=decay)
            else:
                buffer.baddbmm_(delta, h.transpose(1, 2), beta=decay)
            buffers[layer.bias].mul_(decay).add_(sums.pop())

    def _room(self, name: str, units: Tensor, examples: int) -> Tensor:
        """Return the tensor kept under this name, (S, out, B) for `units` (S, out)."""
        shape = (*units.shape, examples)
        if name not in self._rooms or self._rooms[name].shape != shape:
            self._rooms.pop(name, None)
            self._rooms[name] = units.new_empty(shape)
        return self._rooms[name]


def _affine(weight: Tensor, bias: Tensor, h: Tensor, room: Tensor | None) -> Tensor:
    """Apply S linear layers (S, out, in) to inputs (S, in, B), or to (in, B) that they share."""
    if h.ndim == 2 and weight.shape[1] < _WIDE:
        flat = None if room is None else room.flatten(0, 1)
        h = torch.addmm(bias.view(-1, 1), weight.flatten(0, 1), h, out=flat)
        return h.view(*bias.shape, -1)
    shared = h.expand(len(weight), *h.shape[-2:])
    return torch.baddbmm(bias.unsqueeze(2), weight, shared, out=room)


class AnyProgram:
    """Networks of any kind, by `torch.func`: as exact, a little slower."""

    def __init__(self, network: nn.Module) -> None:
        self.network = copy.deepcopy(network)
        self.dropouts = _replace_dropouts(self.network)

    def forward(
        self, params: Params, x: Tensor, own: bool, noise: Noise | None
    ) -> tuple[Tensor, tuple[list[Tensor], Tensor]]:
        """Compute logits (S, B, C); the arguments are those of `MlpProgram.forward`."""
        self.network.train(noise is not None)
        buffers = {}
        if noise is not None:
            step = noise.step.expand_as(noise.seeds)
            for name in self.dropouts:
                buffers |= {f"{name}.seed": noise.seeds, f"{name}.step": step}
        leaves = {
            name: value.detach().requires_grad_(noise is not None and value.is_floating_point())
            for name, value in params.items()
        }

        def logits_of(state: Params, x: Tensor) -> Tensor:
            return functional_call(self.network, state, (x,))

        with torch.set_grad_enabled(noise is not None):
            logits = vmap(logits_of, in_dims=(0, 0 if own else None))(leaves | buffers, x)
        return logits.detach(), ([leaf for leaf in leaves.values() if leaf.requires_grad], logits)

    def backward(
        self,
        params: Params,
        saved: tuple[list[Tensor], Tensor],
        d_logits: Tensor,
        buffers: Params,
        decay: float,
    ) -> None:
        """Add the gradients of the parameters into `buffers`, from that of the logits."""
        leaves, logits = saved
        gradients = torch.autograd.grad(logits, leaves, d_logits)
        names = (name for name, value in params.items() if value.is_floating_point())
        for name, gradient in zip(names, gradients, strict=True):
            buffers[name].mul_(decay).add_(gradient)


class _Dropout(nn.Module):
    """Dropout that draws from a member's own seed, as `MlpProgram` does."""

    def __init__(self, rate: float, stream: int) -> None:
        super().__init__()
        self.rate, self.stream = rate, stream
        self.register_buffer("seed", torch.zeros((), dtype=torch.int32))
        self.register_buffer("step", torch.zeros((), dtype=torch.int32))

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        return (
            x * keep(self.seed, self.step, self.stream, tuple(x.shape), self.rate) / (1 - self.rate)
        )


def program_for(network: nn.Module) -> MlpProgram | AnyProgram:
    """Choose how to run networks of this architecture.

    Raises:
        ValueError: If the network keeps running statistics, as BatchNorm does.
    """
    for name, module in network.named_modules():
        if getattr(module, "track_running_stats", False):
            raise ValueError(
                f"make_student must build networks without running statistics, got "
                f"{type(module).__name__} at '{name}'; use GroupNorm or LayerNorm, or pass "
                f"track_running_stats=False"
            )
    layers = _mlp_layers(network)
    return MlpProgram(layers) if layers else AnyProgram(network)


def _mlp_layers(network: nn.Module) -> list[Layer] | None:
    """Read a Sequential of Flatten, then Linear, ReLU and Dropout in turn; None if it is not."""
    if type(network) is not nn.Sequential:
        return None
    layers: list[Layer] = []
    rate, stream, open_for = 0.0, 0, {"flatten", "dropout", "linear"}
    for name, module in network.named_children():
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
    return layers if open_for == {"relu"} else None


def _replace_dropouts(network: nn.Module) -> list[str]:
    """Put `_Dropout` in the place of every nn.Dropout; return the names."""
    names = [name for name, module in network.named_modules() if type(module) is nn.Dropout]
    for stream, name in enumerate(names):
        rate = network.get_submodule(name).p
        network.set_submodule(name, _Dropout(rate, stream))
    return names

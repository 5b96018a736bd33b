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

from kdviz.noise import keep

Params = dict[str, Tensor]


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
    """Multilayer perceptrons by hand; on a shared batch their first layer is one product."""

    def __init__(self, layers: list[Layer]) -> None:
        self.layers = layers

    def forward(
        self, params: Params, x: Tensor, own: bool, noise: Noise | None
    ) -> tuple[Tensor, list[Tensor]]:
        """Compute logits (S, B, C) from inputs (B, ...), or (S, B, ...) if each has its own.

        Returns:
            The logits, and each layer's input, which `backward` needs.
        """
        h = x.flatten(2 if own else 1)
        saved = []
        for layer in self.layers:
            if noise is not None and layer.dropout:
                shape = tuple(h.shape[-2:])
                mask = keep(noise.seeds, noise.step, layer.stream, shape, layer.dropout)
                h = h * mask / (1 - layer.dropout)
            saved.append(h)
            weight, bias = params[layer.weight], params[layer.bias]
            if h.ndim == 2:
                h = torch.addmm(bias.flatten(), h, weight.flatten(0, 1).t())
                h = h.view(len(x), *bias.shape).transpose(0, 1)
            else:
                h = torch.baddbmm(bias.unsqueeze(1), h, weight.transpose(1, 2))
            if layer is not self.layers[-1]:
                h = h.relu_()
        return h, saved

    def backward(
        self, params: Params, saved: list[Tensor], d_logits: Tensor, buffers: Params, decay: float
    ) -> None:
        """Add the gradients of the parameters into `buffers`, from that of the logits."""
        delta = d_logits
        deltas = [delta]
        for layer, h in zip(self.layers[:0:-1], saved[:0:-1], strict=True):
            delta = torch.bmm(delta, params[layer.weight])
            # A unit that was dropped holds 0 too, so one comparison serves both.
            delta = torch.ops.aten.threshold_backward(delta, h, 0)
            if layer.dropout:
                delta = delta / (1 - layer.dropout)
            deltas.append(delta)
        sums = [delta.sum(1) for delta in deltas]
        for layer, h in zip(self.layers, saved, strict=True):
            delta = deltas.pop()
            h = h.expand(len(delta), *h.shape) if h.ndim == 2 else h
            buffers[layer.weight].baddbmm_(delta.transpose(1, 2), h, beta=decay)
            buffers[layer.bias].mul_(decay).add_(sums.pop())


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

"""The members of a cohort in groups: those whose networks run alike, and those that run alone."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from kdviz.training.networks import (
    alike,
    as_logits,
    cast,
    has_hooks,
    load,
    own_copy,
    seeded,
    state_of,
)
from kdviz.training.noise import Dropouts
from kdviz.training.passes import Noise, StackedMLP, VmappedNetwork, mlp_layers

_ALIGNED = 16  # numbers: tensors in one flat buffer begin where wide loads do


class Stack:
    """Networks that run alike, their state stacked, and run as one batched program.

    Args:
        numbers: Of its members in the cohort.
        networks: One a member; the first is kept, to run them all by.
    """

    def __init__(
        self,
        numbers: Sequence[int],
        networks: Sequence[nn.Module],
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        self.numbers, self.network = numbers, cast(own_copy(networks[0]), device, dtype)
        layers = mlp_layers(self.network)
        # torch.func leaves tied modules as it ran them: what members are copied from stays apart.
        self.program = StackedMLP(layers) if layers else VmappedNetwork(own_copy(self.network))
        states = [state_of(network) for network in networks]
        stacked = {n: torch.stack([s[n].detach() for s in states]) for n in states[0]}
        trained = [n for n, value in states[0].items() if value.requires_grad]
        self.shapes = {name: stacked[name].shape for name in trained}
        size = sum(_padded(shape.numel()) for shape in self.shapes.values())
        self.flat = torch.zeros(size, device=device, dtype=dtype)
        views = self.views(self.flat)
        self.state = {}
        for name, value in stacked.items():
            if name in views:
                self.state[name] = views[name].copy_(value)
            else:
                self.state[name] = value.to(
                    device, dtype if value.is_floating_point() else value.dtype
                )

    def views(self, flat: Tensor) -> dict[str, Tensor]:
        """See one buffer as the stacked tensors of all parameters that train."""
        views, begin = {}, 0
        for name, shape in self.shapes.items():
            views[name] = flat[begin : begin + shape.numel()].view(shape)
            begin += _padded(shape.numel())
        return views

    def __len__(self) -> int:
        return len(self.numbers)

    def logits(self, x: Tensor, members: slice = slice(None)) -> Tensor:
        """Compute (S, B, C) logits in evaluation mode."""
        return self.program.logits({n: value[members] for n, value in self.state.items()}, x)

    def member_state(self, place: int) -> dict[str, Tensor]:
        """Return one member's parameters and buffers."""
        return {name: value[place] for name, value in self.state.items()}

    def member(self, place: int) -> nn.Module:
        """Copy one member into a network of its own."""
        network = own_copy(self.network)
        load(network, self.member_state(place))
        return network


class Singles:
    """Networks that can't be stacked: each runs by itself, as in a loop of one's own."""

    def __init__(
        self,
        numbers: Sequence[int],
        networks: Sequence[nn.Module],
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        self.numbers = numbers
        self.networks = [cast(own_copy(network), device, dtype) for network in networks]

    def __len__(self) -> int:
        return len(self.numbers)

    def logits(self, x: Tensor, members: slice = slice(None)) -> Tensor:
        """Compute (S, B, C) logits in evaluation mode; what still draws, draws the same."""
        with seeded(0, x.device):
            return torch.stack([as_logits(n.eval()(x)) for n in self.networks[members]])

    def member_state(self, place: int) -> dict[str, Tensor]:
        """Return one member's parameters and buffers."""
        return {n: value.detach() for n, value in state_of(self.networks[place]).items()}

    def member(self, place: int) -> nn.Module:
        """Copy one member into a network of its own."""
        return own_copy(self.networks[place])


def group(
    networks: Sequence[nn.Module],
    inputs: Tensor | None,
    batch_size: int,
    device: torch.device,
    dtype: torch.dtype,
) -> tuple[list[Stack | Singles], int, str]:
    """Put members in groups; what a member does must not depend on who else is there.

    Args:
        networks: One a member.
        inputs: (2, ...) examples on which copies are tried, or None to trust the networks.
        batch_size: Examples in a mini-batch.
        device: Where they train.
        dtype: Of their floating-point parameters and buffers.

    Returns:
        The groups, the number of outputs (0 if not tried), and a notice if not all train at once.

    Raises:
        ValueError: If a network does not run, or gives no logits that can be trained.
    """
    kinds: list[list[int]] = []
    for number, network in enumerate(networks):
        kind = next((kind for kind in kinds if alike(networks[kind[0]], network)), None)
        if kind is None:
            kinds.append([number])
        else:
            kind.append(number)
    groups, alone, reason, classes = [], [], "", set()
    for kind in kinds:
        members = [networks[number] for number in kind]
        first = cast(own_copy(members[0]), device, dtype)
        if inputs is not None:
            classes.add(_try_alone(first, inputs, batch_size))
        if why := _why_alone(first, None if inputs is None else inputs[:batch_size]):
            alone, reason = alone + kind, why
        else:
            groups.append(Stack(kind, members, device, dtype))
    if len(classes) > 1:
        raise ValueError(
            f"make_student must build networks with equally many outputs, got {sorted(classes)}"
        )
    notice = ""
    if len(groups) > 1:
        notice = f"The networks are of {len(kinds)} kinds, and each kind trains by itself. "
    if alone:
        groups.append(Singles(alone, [networks[number] for number in alone], device, dtype))
        notice += (
            f"{len(alone)} of {len(networks)} members train one after another, which is slower "
            f"and as right: {reason}."
        )
    return groups, max(classes, default=0), notice.strip()


def _try_alone(network: nn.Module, inputs: Tensor, batch_size: int) -> int:
    """Run a copy of a network by itself, in both modes; return the number of its outputs."""
    if not any(value.requires_grad for value in network.parameters()):
        raise ValueError(
            "make_student must build networks with parameters to train, got one in which no "
            "parameter has requires_grad"
        )
    network = own_copy(network)
    try:
        with torch.no_grad(), seeded(0, inputs.device):
            logits = as_logits(network.eval()(inputs))
    except Exception as error:  # a network of others may raise anything
        raise ValueError(
            f"make_student must build networks that take inputs of shape "
            f"{tuple(inputs.shape[1:])}, got an error on two examples: {error}"
        ) from error
    shape = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
    if len(shape) != 2 or shape[0] != len(inputs) or not logits.is_floating_point():
        raise ValueError(
            f"make_student must build networks that return logits (examples, classes), "
            f"got {shape} for {len(inputs)} examples"
        )
    try:
        with seeded(0, inputs.device):
            as_logits(network.train()(inputs[:batch_size])).sum().backward()
    except Exception as error:
        raise ValueError(
            f"make_student must build networks that can be trained, got an error in a step on "
            f"{len(inputs[:batch_size])} examples: {error}"
        ) from error
    return shape[1]


def _why_alone(network: nn.Module, inputs: Tensor | None) -> str:
    """Say why a network can't be stacked, by its nature or by trying; empty if it can."""
    trained = [value for value in network.parameters() if value.requires_grad]
    if has_hooks(network):
        return "they have hooks"
    if any(not value.is_floating_point() for value in trained):
        return "they have complex parameters"
    if inputs is None:
        return ""
    zero = torch.zeros((), dtype=torch.int32, device=inputs.device)
    used, unused = own_copy(network).train(), own_copy(network).train()
    try:
        with warnings.catch_warnings(), seeded(0, inputs.device):
            # Where PyTorch has to take members in turn, doing so outside is faster.
            warnings.filterwarnings("error", message="There is a performance drop")
            stack = Stack([0], [network], inputs.device, trained[0].dtype)
            passes = stack.program.passes(stack.state, stack.views(stack.flat), 1, len(inputs))
            with torch.no_grad(), Dropouts(zero, zero):
                expected = as_logits(used(inputs)).to(stack.flat.dtype)
            logits = torch.empty_like(expected.t().unsqueeze(0))
            with torch.no_grad():
                x = passes.lay_out(inputs[None, None], own=True)[0]
                saved = passes.forward(x, True, Noise(zero.view(1), zero), logits)
                passes.backward(saved, torch.zeros_like(logits))
                stack.logits(inputs)
    except Exception as error:
        said = str(error).strip().split("\n")[0].split(". ")[0].rstrip(".")
        return f"torch.func.vmap can't carry them ({said})"
    if not alike(used, unused):
        return "they change attributes of their own as they run"
    same = torch.allclose(logits[0].t(), expected, rtol=1e-3, atol=1e-3, equal_nan=True)
    return "" if same or not expected.isfinite().all() else "stacked they give other logits"


def _padded(numbers: int) -> int:
    return numbers + -numbers % _ALIGNED

"""What the engine asks of networks that others wrote: copies, their state, and what runs alike."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import FunctionType, MethodType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

_RANDOM = threading.Lock()  # the random state that a seed sets is shared by all threads


@contextmanager
def seeded(seed: int, device: torch.device | None = None) -> Iterator[None]:
    """Set PyTorch's random state by a seed, and leave it as it was."""
    devices = [device] if device is not None and device.type == "cuda" else []
    with _RANDOM, torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield


def build(make: Callable[[], nn.Module], seed: int) -> nn.Module:
    """Build a network from its seed: a copy, so that training changes no network of the caller's.

    Raises:
        ValueError: If what comes out is no network, or one that can't be copied or is not whole.
    """
    if isinstance(make, nn.Module) or not callable(make):
        raise ValueError(
            f"make_student must be a function that builds a network, got {type(make).__name__}; "
            f"such as functools.partial(kdviz.mlp, 64, (32,), 10)"
        )
    with seeded(seed):
        network = make()
    if not isinstance(network, nn.Module):
        raise ValueError(
            f"make_student must return a torch.nn.Module, got {type(network).__name__}; "
            f"pass a function that builds a network, such as "
            f"functools.partial(kdviz.mlp, 64, (32,), 10)"
        )
    for name, value in state_of(network).items():
        if nn.parameter.is_lazy(value):
            raise ValueError(
                f"make_student must build networks whose parameters have their shapes, got the "
                f"uninitialized {name!r}; call the network once on an example before you return it"
            )
    try:
        return own_copy(network)
    except Exception as error:  # a network may hold anything
        raise ValueError(
            f"make_student must build networks that copy.deepcopy can copy, got an error: {error}"
        ) from error


def own_copy(network: nn.Module) -> nn.Module:
    """Copy a network, with what a pruned one keeps of its last pass and its parameters' hooks."""
    passing = {
        id(value): value.detach().clone()
        for module in network.modules()
        for value in vars(module).values()
        if isinstance(value, Tensor) and not value.is_leaf
    }
    copied = copy.deepcopy(network, passing)
    for old, new in zip(network.parameters(), copied.parameters(), strict=True):
        for hook in (old._backward_hooks or {}).values():
            new.register_hook(hook)
    return copied


def state_of(network: nn.Module) -> dict[str, Tensor]:
    """Return all parameters and buffers by name, those that `state_dict` leaves out as well."""
    return {**dict(network.named_parameters()), **dict(network.named_buffers())}


@torch.no_grad()
def load(network: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Set parameters and buffers to these values."""
    for name, value in state_of(network).items():
        value.copy_(state[name])


def cast(network: nn.Module, device: torch.device, dtype: torch.dtype) -> nn.Module:
    """Move a network; its floating-point parameters and buffers become `dtype`."""
    return network._apply(lambda v: v.to(device, dtype if v.is_floating_point() else v.dtype))


def as_inputs(inputs: np.ndarray | Tensor, device: torch.device, dtype: torch.dtype) -> Tensor:
    """Move inputs; those that are not floating-point, such as tokens, become int64."""
    inputs = torch.as_tensor(inputs)
    return inputs.to(device, dtype if inputs.is_floating_point() else torch.int64)


def as_logits(output: Any) -> Tensor:
    """Take the logits out of what a network returns: `.logits`, or the first of several."""
    output = getattr(output, "logits", output)
    return output[0] if isinstance(output, tuple | list) else output


def has_hooks(network: nn.Module) -> bool:
    """Whether anything of the network calls other code as it runs, forward or backward."""
    modules = any(
        value
        for module in network.modules()
        for name, value in vars(module).items()
        if name.endswith("_hooks") and "state_dict" not in name
    )
    return modules or any(value._backward_hooks for value in network.parameters())


def alike(a: Any, b: Any, seen: set[tuple[int, int]] | None = None) -> bool:
    """Tell whether two networks differ in nothing but the values of parameters and buffers.

    Whatever else they hold must be equal: modules, attributes, functions, hooks. In doubt they
    are not alike.
    """
    seen = set() if seen is None else seen
    if a is b or (id(a), id(b)) in seen:
        return True
    if type(a) is not type(b):
        return False
    seen.add((id(a), id(b)))
    both = partial(_all_alike, seen=seen)
    if isinstance(a, nn.Module):
        shared = [[*state_of(network)] for network in (a, b)]  # names differ if weights are tied
        mine, other = ({**vars(module), "_buffers": None} for module in (a, b))
        return shared[0] == shared[1] and _same_shapes(a._buffers, b._buffers) and both(mine, other)
    if isinstance(a, nn.Parameter):
        return _same_shapes({0: a}, {0: b}) and a.requires_grad == b.requires_grad
    if isinstance(a, Tensor):
        return _same_shapes({0: a}, {0: b}) and bool(torch.equal(a, b))
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b)
    if isinstance(a, FunctionType):
        insides = ([f.__code__, f.__defaults__, f.__kwdefaults__, *_closure(f)] for f in (a, b))
        return a.__globals__ is b.__globals__ and both(*insides)
    if isinstance(a, MethodType):
        return both([a.__func__, a.__self__], [b.__func__, b.__self__])
    if isinstance(a, partial):
        return both([a.func, a.args, a.keywords], [b.func, b.args, b.keywords])
    if isinstance(a, Mapping | list | tuple):
        return both(a, b)
    if type(a).__eq__ is object.__eq__ and hasattr(a, "__dict__"):
        return both(vars(a), vars(b))
    try:
        return bool(a == b)
    except Exception:  # what others compare may raise anything
        return False


def _all_alike(a: Any, b: Any, seen: set[tuple[int, int]]) -> bool:
    if isinstance(a, Mapping):
        if list(a) != list(b):
            return False
        a, b = list(a.values()), list(b.values())
    return len(a) == len(b) and all(alike(x, y, seen) for x, y in zip(a, b, strict=True))


def _same_shapes(a: Mapping, b: Mapping) -> bool:
    def shapes(values: Mapping) -> dict:
        return {n: None if v is None else (v.shape, v.dtype) for n, v in values.items()}

    return shapes(a) == shapes(b)


def _closure(function: FunctionType) -> list:
    return [cell.cell_contents for cell in function.__closure__ or ()]

"""What the cohort is timed against: each trains students on the same data, with the same loss.

A peer takes the layers' sizes, the members, the data and a device, and returns a function that
takes n training steps, and how many students a step of it trains. SGD with momentum 0.9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.utils.data import DataLoader, TensorDataset

import kdviz
from kdviz.data import Split, TransferSet
from kdviz.models import mlp

BATCH, TEMPERATURE, SOFT_WEIGHT, LR, MOMENTUM = 128, 4.0, 0.5, 0.01, 0.9
Data = tuple[np.ndarray, np.ndarray, np.ndarray]
Peer = tuple[Callable[[int], object], int]


def cohort(sizes: list[int], members: int, data: Data, device: torch.device, steps: int) -> Peer:
    """Train with kdviz; it takes `steps` steps at a time."""
    inputs, labels, teacher = data
    run = kdviz.train(
        lambda: mlp(sizes[0], sizes[1:-1], sizes[-1]), TransferSet(Split(inputs, labels)), teacher,
        seeds=range(members), temperature=TEMPERATURE, soft_weight=SOFT_WEIGHT, optimizer="sgd",
        schedule="constant", lr=LR, steps=10**8, record_every=steps, device=device,
    )  # fmt: skip
    next(run)
    return lambda _: next(run), members


def loader(sizes: list[int], members: int, data: Data, device: torch.device, steps: int) -> Peer:
    """Train one student at a time from a DataLoader, as tutorials do."""
    source = DataLoader(TensorDataset(*map(torch.from_numpy, data)), BATCH, shuffle=True)

    def batches() -> Iterator[list[torch.Tensor]]:
        while True:
            for batch in source:
                yield [part.to(device) for part in batch]

    return _one_student(sizes, device, batches())


def tensor(sizes: list[int], members: int, data: Data, device: torch.device, steps: int) -> Peer:
    """Train one student at a time, the data as one tensor on the device."""
    parts = [torch.from_numpy(part).to(device) for part in data]

    def batches() -> Iterator[list[torch.Tensor]]:
        while True:
            for rows in torch.randperm(len(parts[0]), device=device).split(BATCH):
                yield [part[rows] for part in parts]

    return _one_student(sizes, device, batches())


def functional(
    sizes: list[int], members: int, data: Data, device: torch.device, steps: int
) -> Peer:
    """Train all members at once by `torch.func`: vmap(grad)."""
    networks = [mlp(sizes[0], sizes[1:-1], sizes[-1]).to(device) for _ in range(members)]
    params = {n: v.detach() for n, v in stack_module_state(networks)[0].items()}
    velocity = [torch.zeros_like(value) for value in params.values()]
    parts = [torch.from_numpy(part).to(device) for part in data]

    def loss(params: dict, inputs: torch.Tensor, *targets: torch.Tensor) -> torch.Tensor:
        return _loss(functional_call(networks[0], params, (inputs,)), *targets)

    gradients = vmap(grad(loss), in_dims=(0, None, None, None))

    @torch.no_grad()
    def take(count: int) -> None:
        for _ in range(count):
            rows = torch.randint(len(parts[0]), (BATCH,), device=device)
            slopes = gradients(params, *(part[rows] for part in parts))
            torch._foreach_mul_(velocity, MOMENTUM)
            torch._foreach_add_(velocity, list(slopes.values()))
            torch._foreach_add_(list(params.values()), velocity, alpha=-LR)

    return take, members


def jax(sizes: list[int], members: int, data: Data, device: torch.device, steps: int) -> Peer:
    """Train all members at once by JAX: jit(vmap(grad)), with lax.scan over the steps."""
    import jax
    import jax.numpy as jnp
    from jax import lax, nn

    layers = list(pairwise(sizes))
    inputs, labels, teacher = map(jnp.asarray, (data[0].reshape(len(data[0]), -1), *data[1:]))

    def begin(key: jax.Array) -> list:
        keys = jax.random.split(key, len(layers))
        return [
            (jax.random.normal(k, (a, b)) * a**-0.5, jnp.zeros(b))
            for k, (a, b) in zip(keys, layers, strict=True)
        ]

    def loss(params: list, x: jax.Array, label: jax.Array, v: jax.Array) -> jax.Array:
        for weight, bias in params[:-1]:
            x = nn.relu(x @ weight + bias)
        z = x @ params[-1][0] + params[-1][1]
        log_p, log_q = nn.log_softmax(v / TEMPERATURE), nn.log_softmax(z / TEMPERATURE)
        soft = (jnp.exp(log_p) * (log_p - log_q)).sum(-1)
        hard = -jnp.take_along_axis(nn.log_softmax(z), label[:, None], 1)[:, 0]
        return (SOFT_WEIGHT * TEMPERATURE**2 * soft + (1 - SOFT_WEIGHT) * hard).mean()

    every = jax.vmap(jax.grad(loss), in_axes=(0, None, None, None))

    def step(state: tuple, rows: jax.Array) -> tuple:
        params, velocity = state
        slopes = every(params, inputs[rows], labels[rows], teacher[rows])
        velocity = jax.tree.map(lambda v, g: MOMENTUM * v + g, velocity, slopes)
        return (jax.tree.map(lambda p, v: p - LR * v, params, velocity), velocity), None

    scan = jax.jit(lambda state, rows: lax.scan(step, state, rows)[0])
    params = jax.vmap(begin)(jax.random.split(jax.random.key(0), members))
    state, rng = (params, jax.tree.map(jnp.zeros_like, params)), np.random.default_rng(0)

    def take(count: int) -> None:
        nonlocal state
        state = scan(state, jnp.asarray(rng.integers(0, len(inputs), (count, BATCH))))
        jax.block_until_ready(state)

    return take, members


def _one_student(sizes: list[int], device: torch.device, batches: Iterator) -> Peer:
    student = mlp(sizes[0], sizes[1:-1], sizes[-1]).to(device)
    optimizer = torch.optim.SGD(student.parameters(), lr=LR, momentum=MOMENTUM)

    def take(count: int) -> None:
        for _ in range(count):
            inputs, *targets = next(batches)
            optimizer.zero_grad()
            _loss(student(inputs), *targets).backward()
            optimizer.step()

    return take, 1


def _loss(logits: torch.Tensor, labels: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    log_p = (teacher / TEMPERATURE).log_softmax(1)
    # kl_div has no batching rule: under vmap it would be up to 10 times slower.
    soft = (log_p.exp() * (log_p - (logits / TEMPERATURE).log_softmax(1))).sum(1).mean()
    hard = nn.functional.cross_entropy(logits, labels)
    return SOFT_WEIGHT * TEMPERATURE**2 * soft + (1 - SOFT_WEIGHT) * hard

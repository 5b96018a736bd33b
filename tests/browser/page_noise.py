"""What is random in the page's engine, drawn by Python: as kdviz/page/engine/noise.js has it."""

from itertools import pairwise

import torch

from kdviz.training.noise import random_bits


def batches(size, batch_size, seed=0):
    """Yield the page's batches: one shuffled pass after the other."""
    positions, number = [], 0
    while True:
        while len(positions) < batch_size:
            positions += shuffled(size, seed, number)
            number += 1
        yield positions[:batch_size]
        positions = positions[batch_size:]


def shuffled(size, seed, number):
    """Fisher and Yates' shuffle by the noise of stream 3000."""
    draws = (bits(seed, number, 3000, size).long() % 2**32).tolist()
    order = list(range(size))
    for i in range(size - 1, 0, -1):
        j = draws[i] * (i + 1) >> 32
        order[i], order[j] = order[j], order[i]
    return order


def initial_weights(seed, widths):
    """The weights and biases of each layer, float64, by the noise of streams 2000 and on."""
    weights = []
    for layer, (fan_in, fan_out) in enumerate(pairwise(widths)):
        draws = bits(seed, 0, 2000 + layer, fan_out * (fan_in + 1)).double() / 2**31
        draws /= fan_in**0.5
        weights += [draws[:-fan_out].view(fan_out, fan_in), draws[-fan_out:]]
    return weights


def bits(seed, step, stream, count):
    seed, step = (torch.tensor(n).to(torch.int32) for n in (seed, step))
    return random_bits(seed, step, stream, (count,))

import pytest
import torch
from torch import nn

from kdviz.evaluation.cost import cost
from kdviz.models import mlp


def test_fully_connected_layers_cost_their_weights():
    found = cost(mlp(784, (1200, 1200), 10), (28, 28), repeats=1)
    assert found.multiply_adds == 784 * 1200 + 1200 * 1200 + 1200 * 10
    assert found.parameters == found.multiply_adds + 1200 + 1200 + 10
    assert found.bytes == 4 * found.parameters


def test_a_convolution_uses_its_weights_at_every_place():
    network = nn.Sequential(nn.Conv2d(1, 4, 3, bias=False), nn.Flatten())
    found = cost(network, (1, 8, 8), repeats=1)
    assert (found.parameters, found.multiply_adds) == (36, 36 * 6 * 6)


def test_buffers_and_precision_count_as_memory():
    network = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).double()
    assert cost(network, (3,), repeats=1).bytes == 8 * (3 * 2 + 2 + 4 * 2 + 1)


def test_time_is_measured():
    assert cost(mlp(64, (8,), 10), (8, 8)).latency_ms > 0


def test_the_network_and_the_threads_are_left_as_they_were():
    network = mlp(64, (8,), 10, dropout=0.5).train()
    threads = torch.get_num_threads()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    cost(network, (8, 8), repeats=2)
    assert network.training
    assert torch.get_num_threads() == threads
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_a_module_without_parameters():
    found = cost(nn.Flatten(), (8, 8), repeats=1)
    assert (found.parameters, found.multiply_adds, found.bytes) == (0, 0, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"repeats": 0}, "repeats must be a whole number of at least 1, got 0"),
        ({"example_shape": (8, 0)}, r"sizes of at least 1, got \(8, 0\)"),
    ],
)
def test_errors_name_the_argument(arguments, message):
    with pytest.raises(ValueError, match=message):
        cost(**{"network": nn.Flatten(), "example_shape": (8, 8)} | arguments)

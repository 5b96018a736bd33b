"""The engine: exactness, pairing, divergence, memory, and errors at its door."""

import json
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call

import kdviz
from kdviz.data.catalog import Split, TransferSet
from kdviz.models import mlp
from kdviz.training.batches import Batch
from kdviz.training.cohort import Cohort
from kdviz.training.objective import Objective
from kdviz.training.passes import MlpPasses, Noise, StackedMLP, VmappedNetwork
from kdviz.training.step import one_cycle

CPU = torch.device("cpu")
small = partial(mlp, 64, (12, 9), 10)
noisy = partial(mlp, 64, (12, 9), 10, dropout=0.5, input_dropout=0.2)


class Convolutional(nn.Module):
    """A network that is no Sequential: the engine has to run it by vmap."""

    def __init__(self):
        super().__init__()
        self.filters = nn.Conv2d(1, 3, 3)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(108, 10)

    def forward(self, x):
        return self.out(self.drop(torch.relu(self.filters(x.unsqueeze(1))).flatten(1)))


@pytest.fixture(scope="module")
def digits():
    return kdviz.load_dataset("digits")


@pytest.fixture(scope="module")
def transfer_set(digits):
    return TransferSet(digits.train).sample(0.3, seed=0)


@pytest.fixture(scope="module")
def teacher_logits(digits):
    # Any logits do: what is tested here is the engine, not a teacher.
    rng = np.random.default_rng(0)
    return rng.normal(0, 4, (len(digits.train), 10)).astype(np.float32)


def final_parameters(run):
    for _ in run:
        pass
    return run.cohort.params


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("make", [small, noisy, Convolutional])
def test_a_member_gives_what_it_gives_alone(make, optimizer, transfer_set, teacher_logits):
    shared = {"steps": 100, "batch_size": 16, "optimizer": optimizer, "dtype": torch.float64}
    shared |= {"lr": 0.01, "jitter": 0.5, "affine": 0.05, "device": "cpu"}
    seeds, temperatures, weights = [5, 6, 5], [1.0, 4.0, 20.0], [0.0, 0.5, 1.0]
    together = final_parameters(
        kdviz.train(
            make, transfer_set, teacher_logits, seeds=seeds, temperature=temperatures,
            soft_weight=weights, **shared,
        )
    )  # fmt: skip
    for s in range(3):
        alone = final_parameters(
            kdviz.train(
                make, transfer_set, teacher_logits, seeds=seeds[s], temperature=temperatures[s],
                soft_weight=weights[s], **shared,
            )
        )  # fmt: skip
        for name, value in together.items():
            torch.testing.assert_close(value[s], alone[name][0], rtol=0, atol=1e-10)


def test_members_with_sets_of_their_own_give_what_they_give_alone(transfer_set, teacher_logits):
    sets = [transfer_set, transfer_set.without_classes(3), transfer_set.keep_labels(20, seed=0)]
    sets.append(sets[2].labelled())
    shared = {"steps": 60, "batch_size": 16, "soft_weight": 0.5, "dtype": torch.float64}
    together = final_parameters(
        kdviz.train(small, sets, teacher_logits, seeds=[1, 2, 3, 4], **shared)
    )
    for s, source in enumerate(sets):
        alone = final_parameters(
            kdviz.train(small, source, teacher_logits, seeds=[s + 1], **shared)
        )
        for name, value in together.items():
            torch.testing.assert_close(value[s], alone[name][0], rtol=0, atol=1e-10)


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("make", [small, noisy])
def test_the_pass_by_hand_is_autograds(make, own):
    (group,) = Cohort([make] * 4, [1, 2, 3, 4], CPU, torch.float64).groups
    assert isinstance(group.program, StackedMLP)
    x = torch.randn(*((4, 7, 8, 8) if own else (7, 8, 8)), dtype=torch.float64)
    noise = Noise(torch.arange(4, dtype=torch.int32), torch.tensor(3, dtype=torch.int32))
    slope = torch.randn(4, 10, 7, dtype=torch.float64)
    results = []
    for program in (group.program, VmappedNetwork(make().double())):
        sums = {name: torch.ones_like(value) for name, value in group.state.items()}
        passes = program.passes(group.state, sums, 0.9, 7)
        logits = torch.empty(4, 10, 7, dtype=torch.float64)
        passes.backward(passes.forward(passes.lay_out(x[None], own)[0], own, noise, logits), slope)
        results.append([logits, *sums.values()])
    for by_hand, by_vmap in zip(*results, strict=True):
        torch.testing.assert_close(by_hand, by_vmap)


def test_the_closed_form_gradient_is_that_of_the_distillation_loss():
    generator = torch.Generator().manual_seed(0)
    z = torch.randn(3, 5, 10, dtype=torch.float64, generator=generator, requires_grad=True)
    v = torch.randn(5, 10, dtype=torch.float64, generator=generator)
    labels = torch.tensor([[0, 1, -1, 9, 4]] * 2 + [[-1] * 5])
    temperature, weight = [1.0, 4.0, 20.0], [0.0, 0.3, 1.0]
    as_column = partial(torch.tensor, dtype=torch.float64)
    expected = kdviz.distillation_loss(
        z, v.expand_as(z), labels, temperature=as_column(temperature)[:, None],
        soft_weight=as_column(weight)[:, None],
    ).mean(1)  # fmt: skip
    (slope,) = torch.autograd.grad(expected.sum(), z)
    recipe = SimpleNamespace(
        device=CPU, dtype=torch.float64, temperature=temperature, soft_weight=weight, batch_size=5
    )
    objective = Objective(recipe)
    objective.prepare(Batch(None, labels[None], v[None], own=False, labelled=False), 10)
    logits = z.detach().transpose(1, 2)
    torch.testing.assert_close(objective.losses(slice(1), logits[None]), expected.detach())
    gradient = objective.gradient(0, None, logits).transpose(1, 2)
    torch.testing.assert_close(gradient, slope)
    torch.testing.assert_close(
        objective.gradient(0, slice(1, 2), logits[1:2]).transpose(1, 2), slope[1:2]
    )


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_updates_are_those_of_torch_optim(optimizer, transfer_set):
    labels_only = {"soft_weight": 0.0, "schedule": "constant", "lr": 0.02, "batch_size": 300}
    run = kdviz.train(
        small, transfer_set, seeds=7, optimizer=optimizer, steps=5, dtype=torch.float64,
        **labels_only,
    )  # fmt: skip
    network = run.cohort.member(0).train()
    kinds = {"sgd": partial(torch.optim.SGD, momentum=0.9), "adam": torch.optim.Adam}
    updates = kinds[optimizer](network.parameters(), lr=0.02)
    # A batch as large as the set holds the same examples whatever their order.
    inputs = torch.from_numpy(transfer_set.inputs).double()
    for _ in range(5):
        updates.zero_grad()
        logits = network(inputs)
        kdviz.hard_target_loss(logits, torch.from_numpy(transfer_set.labels)).mean().backward()
        updates.step()
    expected = dict(network.named_parameters())
    for name, value in final_parameters(run).items():
        torch.testing.assert_close(value[0], expected[name].detach(), rtol=1e-9, atol=1e-9)


def test_equal_seeds_start_from_equal_weights_and_others_do_not():
    params = Cohort([small] * 3, [4, 4, 5], CPU).params
    for value in params.values():
        assert torch.equal(value[0], value[1])
    assert not torch.equal(params["1.weight"][0], params["1.weight"][2])


def test_a_run_repeats_itself_and_leaves_the_global_random_state(transfer_set, teacher_logits):
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    losses = []
    for _ in range(2):
        run = kdviz.train(noisy, transfer_set, teacher_logits, seeds=range(3), epochs=2)
        losses.append(np.array([record.loss for record in run]))
    np.testing.assert_array_equal(*losses)
    assert torch.equal(before, torch.random.get_rng_state())


def test_it_learns_and_a_member_can_be_deployed(digits):
    run = kdviz.train(
        partial(mlp, 64, (32,), 10), TransferSet(digits.train), soft_weight=0, seeds=range(2),
        test=digits.test, epochs=20, lr=0.01,
    )  # fmt: skip
    *_, last = run
    assert last.accuracy.min() > 0.93
    assert run.history.finished
    network = run.cohort.member(1)
    logits = network(torch.from_numpy(digits.test.inputs)).detach().numpy()
    np.testing.assert_allclose(run.cohort.logits(digits.test.inputs)[1], logits, atol=1e-4)
    assert np.mean(logits.argmax(1) == digits.test.labels) == last.accuracy[1]


def test_soft_targets_stay_with_their_examples(digits):
    # A teacher that knows only where an example stands: a student can follow only if kept in step.
    rows = np.arange(len(digits.train))
    v = np.zeros((len(rows), 10), dtype=np.float32)
    v[rows, digits.train.labels] = 9.0
    chosen = TransferSet(digits.train).without_classes(0, 1).sample(0.7, seed=1).unlabelled()
    run = kdviz.train(partial(mlp, 64, (32,), 10), chosen, v, test=digits.test, epochs=20)
    for _ in run:
        pass
    known = digits.test.labels >= 2
    logits = run.cohort.logits(digits.test.inputs[known])[0]
    assert np.mean(logits.argmax(1) == digits.test.labels[known]) > 0.9


def test_a_closed_run_leaves_a_valid_history(transfer_set, digits, tmp_path):
    run = kdviz.train(small, transfer_set, soft_weight=0, test=digits.test, record_every=2)
    next(run)
    next(run)
    run.close()
    assert list(run) == []
    assert run.history.steps.tolist() == [1, 2]
    assert not run.history.finished
    run.history.save(tmp_path / "run.npz")
    assert len(kdviz.History.load(tmp_path / "run.npz")) == 2


def test_a_diverging_member_is_named_and_the_others_go_on(transfer_set, digits):
    makers = [small, lambda: scaled(small(), 1e30), small]
    run = kdviz.train(
        makers, transfer_set, soft_weight=0, seeds=[0, 1, 2], epochs=40, test=digits.test
    )
    *_, last = run
    assert last.diverged == (1,)
    assert run.history.diverged == (1,)
    assert np.isnan(last.accuracy[1])
    assert np.isfinite(last.loss[[0, 2]]).all()
    assert last.accuracy[[0, 2]].min() > 0.2


def scaled(network, factor):
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(factor)
    return network


def test_out_of_memory_halves_the_cohort_and_changes_no_result(
    transfer_set, teacher_logits, monkeypatch
):
    run = partial(
        kdviz.train, small, transfer_set, teacher_logits, seeds=range(5), steps=6, device="cpu",
        record_every=2, optimizer="sgd", dtype=torch.float64,
    )  # fmt: skip
    expected = final_parameters(run())
    forward = MlpPasses.forward

    def short_of_memory(self, x, own, noise, out):
        if len(out) > 2:
            raise torch.OutOfMemoryError("for the test")
        return forward(self, x, own, noise, out)

    monkeypatch.setattr(MlpPasses, "forward", short_of_memory)
    halved = run()
    notices = [record.notice for record in halved]
    assert "smaller parts" in notices[0]
    assert notices[1:] == [""] * (len(notices) - 1)
    for name, value in halved.cohort.params.items():
        torch.testing.assert_close(value, expected[name], rtol=0, atol=1e-12)


def test_out_of_memory_with_one_member_says_what_to_do(transfer_set, monkeypatch):
    def no_memory(*_):
        raise torch.OutOfMemoryError("for the test")

    run = kdviz.train(small, transfer_set, soft_weight=0)
    monkeypatch.setattr(MlpPasses, "backward", no_memory)
    with pytest.raises(torch.OutOfMemoryError, match="smaller batch_size or a smaller network"):
        next(run)


def test_jitter_of_whole_pixels_only_shifts():
    inputs = np.zeros((4, 9, 9), dtype=np.float32)
    inputs[:, 4, 4] = np.arange(1, 5)
    split = Split(inputs, np.zeros(4, dtype=np.int64))
    run = kdviz.train(
        partial(mlp, 81, (2,), 2), TransferSet(split), soft_weight=0, batch_size=4, jitter=2
    )
    places = set()
    steps = torch.arange(256, dtype=torch.int32)
    for moved in run.batches.at(run.batches.positions(256), steps).inputs:
        assert torch.allclose(moved.amax((1, 2)).sort().values, torch.arange(1.0, 5.0))
        assert torch.allclose(moved.sum((1, 2)).sort().values, torch.arange(1.0, 5.0), atol=1e-4)
        places |= {tuple(place) for place in (moved > 0.5).nonzero()[:, 1:].tolist()}
    assert places == {(row, column) for row in range(2, 7) for column in range(2, 7)}


def test_one_cycle_warms_up_and_anneals_to_nothing():
    rates = [one_cycle(step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.04)
    assert max(rates) == pytest.approx(1)
    assert np.argmax(rates) == 30
    assert rates[-1] < 0.001


def test_the_recipe_is_json_and_tells_runs_apart(transfer_set, teacher_logits):
    recipe = kdviz.train(small, transfer_set, teacher_logits, seeds=[1, 2]).history.recipe
    other = kdviz.train(small, transfer_set, teacher_logits + 1, seeds=[1, 2]).history.recipe
    assert json.loads(json.dumps(recipe)) == recipe
    assert recipe["teacher_logits"] != other["teacher_logits"]
    assert recipe["versions"]["torch"] == torch.__version__
    assert recipe["seeds"] == [1, 2]


BAD = [
    ({"temperature": 0}, "temperature must be a finite number above 0, got 0"),
    ({"temperature": -1.0}, "temperature must be a finite number above 0, got -1"),
    ({"temperature": float("nan")}, "temperature must be a finite number above 0, got nan"),
    ({"temperature": [1.0, 2.0, 3.0]}, "temperature must be one for all or one for each of the 2"),
    ({"soft_weight": 1.5}, r"soft_weight must be a finite number in \[0, 1\], got 1.5"),
    ({"seeds": []}, "seeds must name at least one member"),
    ({"seeds": [0.5]}, "seeds must be a whole number from 0 to .*, got 0.5"),
    ({"epochs": 0}, "epochs must be a finite number above 0"),
    ({"steps": 0}, "steps must be a whole number of at least 1, got 0"),
    ({"batch_size": 0}, "batch_size must be a whole number of at least 1, got 0"),
    ({"optimizer": "lion"}, r"optimizer must be one of \['adam', 'sgd'\], got 'lion'"),
    ({"schedule": "steps"}, "schedule must be one of"),
    ({"lr": -1}, "lr must be a finite number above 0, got -1"),
    ({"device": "abacus"}, "device must be 'auto' or one that PyTorch has here, got 'abacus'"),
    ({"dtype": torch.int8}, "dtype must be torch.float32 or torch.float64"),
    ({"teacher_logits": None}, "soft_weight of member 0 must be 0 without teacher_logits"),
    ({"teacher_logits": np.zeros((3, 10))}, "teacher_logits must have shape"),
    ({"teacher_logits": np.zeros((1000, 9))}, "teacher_logits must have 10 classes"),
    ({"teacher_logits": np.full((1000, 10), np.nan)}, "teacher_logits must be finite"),
    ({"make_student": lambda: 3}, "make_student must return a torch.nn.Module, got int"),
    ({"make_student": partial(mlp, 63, (4,), 10)}, "must build networks that take inputs of shape"),
    ({"make_student": partial(mlp, 64, (0,), 10)}, "hidden must be a whole number of at least 1"),
    ({"make_student": partial(nn.Conv1d, 8, 4, 3)}, r"must build networks that return logits"),
    ({"make_student": small()}, "must be a function that builds a network, got a network"),
    ({"make_student": [small, partial(mlp, 64, (5,), 9)]}, r"equally many outputs, got \[9, 10\]"),
    ({"make_student": lambda: small().requires_grad_(False)}, "in which no parameter has requires"),
    (
        {"make_student": lambda: nn.Sequential(nn.Flatten(), nn.LazyLinear(10))},
        "whose parameters have their shapes, got the uninitialized '1.weight'; call the network",
    ),
    ({"make_student": partial(mlp, 64, (4,), 5), "teacher_logits": None, "soft_weight": 0},
     "labels must lie in 0 to 4, or be -1, got 9"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_bad_arguments_are_named_at_the_door(changes, message, digits, teacher_logits):
    arguments = {
        "make_student": small,
        "transfer_set": TransferSet(digits.train),
        "teacher_logits": teacher_logits,
        "seeds": [0, 1],
    }
    with pytest.raises(ValueError, match=message):
        kdviz.train(**arguments | changes)


def test_nothing_to_learn_from_is_said(transfer_set, digits):
    with pytest.raises(ValueError, match="no labels and soft_weight is 0"):
        kdviz.train(small, transfer_set.unlabelled(), soft_weight=0)
    with pytest.raises(ValueError, match="must draw on the same inputs"):
        kdviz.train(small, [transfer_set, TransferSet(digits.test)], soft_weight=0, seeds=[0, 1])
    flat = Split(digits.train.inputs.reshape(1000, 64), digits.train.labels)
    with pytest.raises(ValueError, match="jitter and affine need images"):
        kdviz.train(small, TransferSet(flat), soft_weight=0, jitter=1)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
def test_a_gpu_gives_what_the_cpu_gives(transfer_set, teacher_logits):
    shared = {"seeds": [0, 1], "steps": 50, "dtype": torch.float64, "jitter": 1}
    on_cpu, on_gpu = (
        final_parameters(kdviz.train(noisy, transfer_set, teacher_logits, device=device, **shared))
        for device in ("cpu", "cuda")
    )
    for name, value in on_cpu.items():
        torch.testing.assert_close(on_gpu[name].cpu(), value, rtol=0, atol=1e-8)


def test_programs_are_chosen_by_what_a_network_is():
    def program_of(make):
        return Cohort([make], [0], CPU).groups[0].program

    assert isinstance(program_of(noisy), StackedMLP)
    assert isinstance(program_of(lambda: nn.Sequential(nn.Linear(4, 3), nn.Tanh())), VmappedNetwork)
    assert isinstance(program_of(Convolutional), VmappedNetwork)
    network = Convolutional().eval()
    x = torch.randn(5, 8, 8)
    cohort = Cohort([Convolutional], [0], CPU)
    expected = functional_call(network, {k: v[0] for k, v in cohort.params.items()}, (x,))
    np.testing.assert_allclose(cohort.logits(x.numpy())[0], expected.detach(), atol=1e-5)

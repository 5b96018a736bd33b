"""Every member is its own network: it trains as a loop of plain PyTorch would train it alone."""

import copy
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune

import kdviz
from kdviz.data.catalog import TransferSet
from kdviz.models import mlp
from kdviz.training.batches import Stream

STEPS, BATCH = 20, 16


class Normalized(nn.Module):
    """Buffers of both kinds, one of which counts; and a parameter that no logit depends on."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.full((64,), 0.3))
        self.register_buffer("scale", torch.full((64,), 2.0), persistent=False)
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))
        self.unused = nn.Parameter(torch.ones(3))
        self.body = mlp(64, (9,), 10)

    def forward(self, x):
        if self.training:
            self.seen += len(x)
        return self.body((x.flatten(1) - self.mean) * self.scale)


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.body, self.head = kind(8, 7, batch_first=True), nn.Linear(7, 10)

    def forward(self, x):
        return self.head(self.body(x)[0][:, -1])


class Attentive(nn.Module):
    def __init__(self, dropout=0.0):
        super().__init__()
        self.body = nn.TransformerEncoderLayer(8, 2, 12, dropout, batch_first=True)
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        return self.head(self.body(x).flatten(1))


class Branching(nn.Module):
    """Its units decide which head answers, so that a step may leave a head without a gradient."""

    def __init__(self):
        super().__init__()
        self.body, self.heads = nn.Linear(64, 9), nn.ModuleList(nn.Linear(9, 10) for _ in "ab")

    def forward(self, x):
        h = self.body(x.flatten(1)).tanh()
        return self.heads[int(h.mean() > 0)](h)


class Told(nn.Module):
    """Give the logits in the shape that `tell` makes of them."""

    def __init__(self, tell):
        super().__init__()
        self.tell, self.body = tell, mlp(64, (9,), 10)

    def forward(self, x):
        return self.tell(self.body(x))


class Activated(nn.Module):
    """Networks of one structure that differ in an attribute."""

    def __init__(self, activation):
        super().__init__()
        self.activation = activation
        self.first, self.last = nn.Linear(64, 9), nn.Linear(9, 10)

    def forward(self, x):
        return self.last(self.activation(self.first(x.flatten(1))))


def frozen():
    network = mlp(64, (9, 8), 10)
    network[1].requires_grad_(False)
    return network


def batch_normalized():
    # A bias before it would have a gradient of rounding alone, which Adam makes as large as any.
    return nn.Sequential(
        nn.Unflatten(1, (1, 8)), nn.Conv2d(1, 3, 3, bias=False), nn.BatchNorm2d(3), nn.ReLU(),
        nn.Flatten(), nn.Linear(108, 9, bias=False), nn.BatchNorm1d(9), nn.Linear(9, 10),
    )  # fmt: skip


def tied():
    middle = nn.Linear(9, 9)
    return nn.Sequential(
        nn.Flatten(), nn.Linear(64, 9), nn.ReLU(), middle, nn.ReLU(), middle, nn.ReLU(),
        nn.Linear(9, 10),
    )  # fmt: skip


def shared_weight():
    network = mlp(64, (9, 9, 9), 10)
    network[5].weight = network[3].weight
    return network


def pruned():
    network = mlp(64, (9,), 10)
    prune.random_unstructured(network[1], "weight", 0.5)
    network(torch.zeros(1, 64))
    return network


def spectral():
    return nn.Sequential(
        nn.Flatten(), parametrizations.spectral_norm(nn.Linear(64, 9)), nn.Tanh(), nn.Linear(9, 10)
    )


def hooked(register):
    network = mlp(64, (9,), 10)
    getattr(network[2], register)(
        lambda module, x, *rest: torch.tanh(rest[0]) if rest else x[0] / 2
    )
    return network


def held_back():
    network = mlp(64, (9,), 10)
    network[1].weight.register_hook(lambda gradient: gradient * 0.1)
    return network


KINDS = {
    "mlp": partial(mlp, 64, (9, 8), 10),
    "tanh": partial(Activated, torch.tanh),
    "frozen": frozen,
    "buffers": Normalized,
    "batch norm": batch_normalized,
    "gru": partial(Recurrent, nn.GRU),
    "lstm": partial(Recurrent, nn.LSTM),
    "attention": Attentive,
    "branches": Branching,
    "tied layers": tied,
    "shared weight": shared_weight,
    "pruned": pruned,
    "spectral norm": spectral,
    "tuple": partial(Told, lambda logits: (logits, logits + 1)),
    "logits": partial(Told, lambda logits: SimpleNamespace(logits=logits)),
    "hook": partial(hooked, "register_forward_hook"),
    "pre-hook": partial(hooked, "register_forward_pre_hook"),
    "gradient hook": held_back,
}


@pytest.fixture(scope="module")
def transfer_set():
    return TransferSet(kdviz.load_dataset("digits").train).keep_labels(600, seed=0)


@pytest.fixture(scope="module")
def teacher_logits():
    return np.random.default_rng(0).normal(0, 4, (1000, 10)).astype(np.float32)


def seeded(make, seed):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()


def plain_loop(make, seed, transfer_set, teacher_logits, temperature, soft_weight, optimizer):
    """Train as a tutorial would."""
    network = seeded(make, seed).double().train()
    trained = [p for p in network.parameters() if p.requires_grad]
    kinds = {"sgd": partial(torch.optim.SGD, momentum=0.9), "adam": torch.optim.Adam}
    updates, stream = kinds[optimizer](trained, lr=0.01), Stream(len(transfer_set), 0)
    for _ in range(STEPS):
        at = stream.take(BATCH)
        rows = transfer_set.indices[at]
        x = torch.from_numpy(transfer_set.split.inputs[rows]).double()
        logits = network(x)
        logits = getattr(logits, "logits", logits)
        logits = logits[0] if isinstance(logits, tuple) else logits
        loss = kdviz.distillation_loss(
            logits, torch.from_numpy(teacher_logits[rows]).double(),
            torch.from_numpy(transfer_set.labels[at]), temperature=temperature,
            soft_weight=soft_weight,
        )  # fmt: skip
        updates.zero_grad()
        loss.mean().backward()
        updates.step()
    return network.eval()


def diverging(make):
    network = make()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(torch.inf)
    return network


def train(makers, transfer_set, teacher_logits, **settings):
    shared = {
        "steps": STEPS, "batch_size": BATCH, "lr": 0.01, "schedule": "constant", "device": "cpu",
        "dtype": torch.float64, "record_every": 7,
    }  # fmt: skip
    run = kdviz.train(makers, transfer_set, teacher_logits, **shared | settings)
    return run, list(run)


def assert_equal_state(network, expected):
    states = [
        {**dict(n.named_parameters()), **dict(n.named_buffers())} for n in (network, expected)
    ]
    assert states[0].keys() == states[1].keys()
    for name, value in states[0].items():
        torch.testing.assert_close(value, states[1][name], rtol=0, atol=1e-9)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_member_is_what_a_plain_loop_makes_beside_one_that_diverges(
    kind, optimizer, transfer_set, teacher_logits
):
    make = KINDS[kind]
    alone = {"temperature": [4.0, 2.0, 1.0], "soft_weight": [0.5, 0.5, 0.0]}
    run, records = train(
        [make, partial(diverging, make), make], transfer_set, teacher_logits,
        seeds=[3, 4, 5], optimizer=optimizer, **alone,
    )  # fmt: skip
    assert records[-1].diverged == (1,)
    x = torch.from_numpy(transfer_set.split.inputs[:20]).double()
    logits = run.cohort.logits(x)
    for m in (0, 2):
        expected = plain_loop(
            make, 3 + m, transfer_set, teacher_logits, alone["temperature"][m],
            alone["soft_weight"][m], optimizer,
        )  # fmt: skip
        network = run.cohort.member(m)
        assert_equal_state(network, expected)
        told = network(x)
        told = getattr(told, "logits", told)
        told = told[0] if isinstance(told, tuple) else told
        np.testing.assert_allclose(logits[m], told.detach(), rtol=0, atol=1e-9)


def test_members_of_other_kinds_are_their_own_networks(transfer_set, teacher_logits):
    makers = [
        partial(Activated, torch.relu), partial(Activated, torch.tanh), KINDS["mlp"],
        partial(Recurrent, nn.GRU), partial(Activated, torch.relu), partial(mlp, 64, (5,), 10),
    ]  # fmt: skip
    temperature, soft_weight = [1.0, 2.0, 4.0, 8.0, 3.0, 5.0], [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    sets = [transfer_set.sample(0.5, seed=s) for s in range(6)]
    run, records = train(
        makers, sets, teacher_logits, seeds=range(6), temperature=temperature,
        soft_weight=soft_weight,
    )  # fmt: skip
    assert "1 of 6 members train one after another" in records[0].notice
    assert "5 kinds" in records[0].notice
    assert [record.notice for record in records[1:]] == [""] * (len(records) - 1)
    settings = zip(makers, range(6), sets, temperature, soft_weight, strict=True)
    for m, (make, seed, source, T, weight) in enumerate(settings):
        expected = plain_loop(make, seed, source, teacher_logits, T, weight, "adam")
        assert_equal_state(run.cohort.member(m), expected)
        single, _ = train(
            make, source, teacher_logits, seeds=seed, temperature=T, soft_weight=weight
        )
        assert_equal_state(run.cohort.member(m), single.cohort.member(0))
        np.testing.assert_allclose(run.history.loss[:, m], single.history.loss[:, 0], rtol=1e-9)


class Noisy(nn.Module):
    def __init__(self, drop):
        super().__init__()
        self.filters, self.drop, self.head = nn.Conv1d(8, 6, 3), drop, nn.Linear(36, 10)

    def forward(self, x):
        return self.head(torch.relu(self.drop(self.filters(x))).flatten(1))


def functional_dropout(x):
    return nn.functional.dropout(x, 0.4)


def gaussian(x):
    return x + 0.3 * torch.randn_like(x)


DROPS = {
    "dropout": partial(nn.Dropout, 0.4),
    "in place": partial(nn.Dropout, 0.4, inplace=True),
    "function": lambda: functional_dropout,
    "channels": partial(nn.Dropout1d, 0.4),
    "alpha": partial(nn.AlphaDropout, 0.4),
    "channels, alpha": partial(nn.FeatureAlphaDropout, 0.4),
    "all": partial(nn.Dropout, 1.0),
    "gaussian": lambda: gaussian,
}


def noisy_kind(name):
    return Noisy(DROPS[name]())


def attentive_kind():
    return Attentive(dropout=0.3)


@pytest.mark.parametrize("make", [*(partial(noisy_kind, d) for d in DROPS), attentive_kind])
def test_noise_of_every_kind_is_what_a_member_would_see_alone(make, transfer_set, teacher_logits):
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    shared = {"temperature": 2.0, "optimizer": "sgd", "steps": 20}
    run, _ = train(
        [KINDS["tanh"], make, make], transfer_set, teacher_logits, seeds=[1, 2, 3], **shared
    )
    twins, _ = train(make, transfer_set, teacher_logits, seeds=[7, 3, 3], **shared)
    for m in (1, 2):
        alone, _ = train(make, transfer_set, teacher_logits, seeds=[m + 1], **shared)
        assert_equal_state(run.cohort.member(m), alone.cohort.member(0))
    assert_equal_state(run.cohort.member(2), twins.cohort.member(1))
    assert_equal_state(twins.cohort.member(1), twins.cohort.member(2))
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("drop", [nn.Dropout, nn.Dropout1d, nn.AlphaDropout])
def test_noise_differs_from_step_to_step_and_drops_its_share(drop):
    from kdviz.training.noise import Dropouts

    ones, kept = torch.ones(400, 50, 1), []
    for step in range(2):
        numbers = torch.tensor([5, step], dtype=torch.int32)
        with Dropouts(*numbers):
            kept.append(drop(0.3)(ones) > 0.5)
    assert not torch.equal(*kept)
    assert kept[0].float().mean() == pytest.approx(0.7, abs=0.02)


def test_the_callers_own_network_is_left_as_it_was(transfer_set, teacher_logits):
    network = nn.Sequential(batch_normalized(), nn.Dropout(0.2))
    before, mode = copy.deepcopy(network.state_dict()), network.training
    run, _ = train(lambda: network, transfer_set, teacher_logits, seeds=[0, 1], temperature=[1, 9])
    run.cohort.member(0).requires_grad_(False).add_module("other", nn.ReLU())
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
    assert network.training == mode
    assert all(p.requires_grad and p.grad is None for p in network.parameters())
    assert not torch.equal(run.cohort.params["0.1.weight"][0], run.cohort.params["0.1.weight"][1])


def test_frozen_specialists_and_buffers_stay(transfer_set):
    generalist = nn.Sequential(Normalized())
    generalist[0].body[1].requires_grad_(False)
    specialists = kdviz.train_specialists(
        generalist, transfer_set, [(0, 1), (2, 3)], steps=5, batch_size=16
    )
    list(specialists)
    params = specialists.run.cohort.params
    for m in range(2):
        assert torch.equal(params["0.mean"][m], generalist[0].mean)
        assert torch.equal(params["0.scale"][m], generalist[0].scale)
        assert torch.equal(params["0.body.1.weight"][m], generalist[0].body[1].weight)
    assert not torch.equal(params["0.body.3.bias"][0], params["0.body.3.bias"][1])


class HalfPrecise(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = mlp(64, (9,), 10)

    def forward(self, x):
        return self.body(x).bfloat16()


def test_half_precision_is_taken_up_to_single(transfer_set, teacher_logits):
    """Networks of half precision train in single; logits of half precision lose no more."""
    settings = {"temperature": 20.0, "dtype": torch.float32, "optimizer": "sgd", "record_every": 1}
    run, whole = train(KINDS["mlp"], transfer_set, teacher_logits, **settings)
    _, half = train(lambda: KINDS["mlp"]().bfloat16(), transfer_set, teacher_logits, **settings)
    assert run.cohort.params["1.weight"].dtype == torch.float32
    assert half[0].loss == pytest.approx(whole[0].loss, rel=0.02)
    _, told = train(HalfPrecise, transfer_set, teacher_logits, **settings)
    _, exact = train(partial(mlp, 64, (9,), 10), transfer_set, teacher_logits, **settings)
    assert told[0].loss == pytest.approx(exact[0].loss, rel=0.02)
    assert told[-1].loss == pytest.approx(exact[-1].loss, rel=0.05)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 20.0, 1000.0])
@pytest.mark.parametrize("near", [1e-3, 1.0])
def test_the_recorded_loss_keeps_its_digits(temperature, near, transfer_set):
    """In float32, also for a student within a thousandth of its teacher at T = 1,000."""
    inputs = transfer_set.split.inputs
    network = seeded(partial(mlp, 64, (9,), 10), 0)
    with torch.no_grad():
        own = network(torch.from_numpy(inputs)).numpy()
    v = own + np.random.default_rng(0).normal(0, near, own.shape).astype(np.float32)
    whole = TransferSet(transfer_set.split)
    run = kdviz.train(
        lambda: network, whole, v, temperature=temperature, batch_size=1000, steps=1, device="cpu"
    )
    (record,) = run
    z = torch.from_numpy(own).double()
    expected = kdviz.soft_target_loss(z, torch.from_numpy(v).double(), temperature).mean()
    assert record.loss[0] >= 0
    # Products of matrices differ in their last digit with their shape, and so do the logits.
    assert record.loss[0] == pytest.approx(expected.item(), rel=1e-3)


def test_masked_classes_of_the_teacher_leave_the_loss_finite(transfer_set, teacher_logits):
    masked = teacher_logits.copy()
    masked[:, 3:] = np.finfo(np.float32).min
    _, records = train(
        KINDS["mlp"], transfer_set, masked, temperature=0.5, dtype=torch.float32, steps=5
    )
    assert np.isfinite(records[-1].loss).all()
    assert records[-1].diverged == ()


class Shouting(nn.Module):
    def forward(self, x):
        raise RuntimeError("no such thing")


class Detached(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = mlp(64, (), 10)

    def forward(self, x):
        return self.body(x).detach()


@pytest.mark.parametrize(
    ("make", "settings", "message"),
    [
        (
            lambda: nn.Sequential(mlp(64, (), 10), Shouting()),
            {},
            "an error on two examples: no such",
        ),
        (
            batch_normalized,
            {"batch_size": 1},
            "error in a step on 1 examples: Expected more than 1",
        ),
        (Detached, {}, "error in a step on 2 examples: element 0 of tensors does not require grad"),
        (lambda: nn.Sequential(nn.Flatten(), nn.Softmax(1)), {}, "no parameter has requires_grad"),
        (partial(Told, lambda logits: {"scores": logits}), {}, r"return logits .*, got dict"),
    ],
)
def test_what_can_not_train_is_refused_before_the_first_step(make, settings, message, transfer_set):
    with pytest.raises(ValueError, match=message):
        train(make, transfer_set, None, soft_weight=0, **settings)

"""What people bring to `kdviz.train` and beside it: taken as it is meant, or refused by name."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

import kdviz
from kdviz.app.build import build_app
from kdviz.data.catalog import Dataset, Split, TransferSet, is_built_in
from kdviz.evaluation.cost import cost
from kdviz.models import mlp
from kdviz.sweeps.run import Grid, sweep
from kdviz.teachers import Teacher, load_teacher, train_ensemble


@pytest.fixture(scope="module")
def digits():
    return kdviz.load_dataset("digits")


@pytest.fixture(scope="module")
def logits():
    return load_teacher("digits").train_logits


small = partial(mlp, 64, (8,), 10)


def train(digits, logits=None, make=small, **settings):
    settings = {"steps": 5, "temperature": 4.0, "device": "cpu"} | settings
    run = kdviz.train(make, TransferSet(digits.train), logits, **settings)
    list(run)
    return run.cohort.logits(digits.test.inputs[:20])


# Soft targets.


def test_teacher_logits_of_any_kind_teach_the_same(digits, logits):
    expected = train(digits, logits)
    graph = torch.from_numpy(logits).requires_grad_()
    for same in (graph, 2 * graph / 2, logits.tolist(), logits.astype(np.float64)):
        np.testing.assert_array_equal(train(digits, same), expected)
    for half in (torch.bfloat16, torch.float16):
        coarse = graph.to(half)
        np.testing.assert_array_equal(train(digits, coarse), train(digits, coarse.float()))
    whole = logits.round().astype(np.int16)
    np.testing.assert_array_equal(train(digits, whole), train(digits, whole.astype(float)))
    assert graph.grad is None


@pytest.mark.parametrize("kind", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_probabilities_are_refused_at_every_door(digits, logits, kind):
    p = torch.from_numpy(logits).softmax(1).to(kind)
    wide = p.float().numpy()
    doors = [
        lambda: train(digits, p),
        lambda: train(digits, p, soft_weight=0.0),
        lambda: sweep(Grid({"width": [4]}), teacher=wide),
        lambda: sweep(
            Grid({"width": [4]}), teacher=replace(load_teacher("digits"), train_logits=wide)
        ),
        lambda: build_app(teacher=replace(load_teacher("digits"), train_logits=wide)),
        lambda: kdviz.teacher_logits(
            nn.Sequential(mlp(64, (4,), 10), nn.Softmax(1)), digits.test.inputs
        ),
        lambda: kdviz.read_logits(wide),
        lambda: kdviz.explore(wide),
    ]
    for door in doors:
        with pytest.raises(ValueError, match="probabilities"):
            door()


BAD_LOGITS = [
    ("logits", "teacher_logits must be an array or a tensor of numbers, got str"),
    ([[1.0], [1.0, 2.0]], "teacher_logits must be an array or a tensor of numbers, got list"),
    (np.zeros((5, 10)), r"teacher_logits must have shape \(1000, classes\), .* got \(5, 10\)"),
    (np.zeros((1000, 10), complex), "teacher_logits must be real numbers"),
    (np.full((1000, 10), np.nan), "teacher_logits must be finite"),
    (np.zeros((1000, 9)), "teacher_logits must have 10 classes"),
]


@pytest.mark.parametrize(("bad", "message"), BAD_LOGITS)
def test_what_are_no_logits_is_named(digits, bad, message):
    with pytest.raises(ValueError, match=message):
        train(digits, bad)


# Other slips.


def test_slips_are_named_with_the_remedy(digits, logits):
    network, classes = mlp(64, (8,), 10), "make_student must be a function that builds a network"
    narrow = Split(digits.test.inputs[:, :4], digits.test.labels)
    for settings, message in (
        ({"make": network}, f"{classes}, got a network, Sequential: pass functools.partial"),
        ({"make": [network, network], "seeds": (0, 1)}, f"{classes}, got a network"),
        ({"make": "mlp"}, f"{classes}, such as .* got 'mlp'"),
        ({"test": narrow}, r"test must have inputs of the shape .* \(8, 8\), got \(4, 8\)"),
        ({"test": digits.test.inputs}, "test must be a kdviz.Split, got ndarray"),
        ({"batch_seed": 2**31}, "batch_seed must be a whole number from 0 to 2147483647, got"),
        ({"seeds": 2**63}, "seeds must be a whole number from 0 to 9223372036854775807, got"),
    ):
        with pytest.raises(ValueError, match=message):
            train(digits, logits, **settings)
    with pytest.raises(ValueError, match=r"transfer_set must be a kdviz.TransferSet, .* got Split"):
        kdviz.train(small, digits.train, logits)
    for seed in (2**31, -1, 0.5):
        with pytest.raises(ValueError, match="seed must be a whole number from 0 to"):
            train_ensemble(digits, seed=seed)
    train(digits, logits, batch_seed=2**31 - 1, seeds=2**63 - 1)


# Datasets of one's own.


def named(name, inputs, classes=3):
    labels = np.arange(len(inputs)) % classes
    split = Split(inputs, labels)
    return Dataset(name, tuple(map(str, range(classes))), split, split)


@pytest.mark.parametrize("name", ["digits", "mnist", "spoken-digits"])
def test_a_dataset_of_ones_own_may_have_any_name(name):
    own = named(name, np.random.default_rng(0).normal(size=(30, 6)))
    assert not is_built_in(own)
    with pytest.raises(
        ValueError, match=f"teacher must be given for a dataset of your own, '{name}'"
    ):
        build_app(dataset=own)
    teacher = Teacher.of(mlp(6, (4,), 3), own)
    lab = build_app(dataset=own, teacher=teacher)
    assert lab.panels == ["soft_targets", "loss", "distill"]
    assert lab.student_logits == b""
    run = train_ensemble(own, epochs=1)
    assert len(run.cohort) == 12
    lab.close()


def test_a_built_in_dataset_is_known_by_its_data(digits):
    assert is_built_in(digits)
    assert is_built_in(replace(digits, classes=digits.classes))
    assert not is_built_in(replace(digits, test=digits.train))
    assert not is_built_in(replace(digits, name="mine"))
    other = Split(digits.test.inputs, digits.test.labels)
    assert not is_built_in(replace(digits, test=other))


DATA = {
    "vectors": lambda rng: rng.normal(size=(60, 16)),
    "tokens": lambda rng: rng.integers(0, 50, (60, 12)),
    "codes": lambda rng: np.eye(24)[rng.integers(0, 24, (60, 8))],
    "signs": lambda rng: rng.choice([-1.0, 1.0], (60, 8, 24)),
    "images": lambda rng: rng.random((60, 8, 8)),
    "bytes": lambda rng: rng.integers(0, 256, (60, 8, 8), dtype=np.uint8),
    "color": lambda rng: rng.random((60, 3, 8, 8)),
}


@pytest.mark.parametrize("kind", DATA)
def test_an_ensemble_trains_on_anything_and_moves_images_alone(kind):
    data = named(kind, DATA[kind](np.random.default_rng(0)))
    run = train_ensemble(data, epochs=1, members=2)
    list(run)
    moved = kind in ("images", "bytes", "color")
    assert (run.history.recipe["jitter"], run.history.recipe["affine"]) == (
        (0.5, 0.1) if moved else (0, 0)
    )
    if kind == "images":
        assert train_ensemble(data, affine=0).history.recipe["affine"] == 0
    if kind == "signs":
        assert train_ensemble(data, jitter=1).history.recipe["jitter"] == 1


def test_pythons_text_is_not_moved():
    try:
        data = kdviz.load_dataset("python-docs")
    except kdviz.DataError:
        pytest.skip("this Python has no reference text")
    assert not data.train.holds_images
    assert kdviz.load_dataset("digits").train.holds_images


# Tokens.


class Reader(nn.Module):
    """Tells tokens apart by their embedding, of more than float32 can count."""

    def __init__(self, words=2**24 + 2):
        super().__init__()
        self.words = words
        self.table = nn.Embedding(8, 4)
        self.out = nn.Linear(4, 3)

    def forward(self, tokens):
        rest = tokens - (self.words - 4)  # lost in float32
        return self.out(self.table(rest).mean(1))


@pytest.mark.parametrize("kind", ["int32", "int64", "uint32"])
def test_tokens_stay_whole_numbers_all_the_way(kind):
    rng = np.random.default_rng(0)
    tokens = (2**24 - 2 + rng.integers(0, 8, (60, 5))).astype(kind)
    data = named("words", tokens)
    assert data.train.inputs.dtype == kind
    assert TransferSet(data.train).inputs.dtype == kind
    network = Reader()
    expected = network(torch.from_numpy(tokens.astype(np.int64))).detach().numpy()
    found = kdviz.teacher_logits(network, tokens)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    teacher = Teacher.of(network, data)
    np.testing.assert_allclose(teacher.train_logits, expected, rtol=1e-6)
    run = kdviz.train(Reader, TransferSet(data.train), found, seeds=(0, 1), test=data.test, steps=5)
    list(run)
    assert np.isfinite(run.history.loss).all()
    alone = run.cohort.member(1)(torch.from_numpy(tokens.astype(np.int64))).detach()
    np.testing.assert_allclose(run.cohort.logits(tokens)[1], alone, rtol=1e-5, atol=1e-6)
    assert cost(Reader(0), (5,), repeats=2).parameters == sum(
        p.numel() for p in network.parameters()
    )


def test_whole_pixels_still_train_networks_of_floats(digits):
    whole = (digits.train.inputs * 16).astype(np.uint8)
    data = Dataset("mine", digits.classes, Split(whole, digits.train.labels), digits.test)
    floats = Split(whole.astype(np.float32), digits.train.labels)
    runs = [
        kdviz.train(small, TransferSet(s), soft_weight=0, steps=5) for s in (data.train, floats)
    ]
    for run in runs:
        list(run)
    same = [run.cohort.logits(whole) for run in runs]
    np.testing.assert_array_equal(*same)
    np.testing.assert_array_equal(same[0], runs[0].cohort.logits(whole.astype(np.float32)))

import os
import subprocess
import sys
from importlib.resources import as_file, files

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load
from torch import nn

from kdviz.data import container
from kdviz.data.catalog import Dataset, Split, load_dataset
from kdviz.evaluation.cost import cost
from kdviz.models import mlp, teacher_logits
from kdviz.panels.soft_targets import PICTURES
from kdviz.teachers import (
    Teacher,
    ensemble_teacher,
    load_pictures,
    load_small_teacher,
    load_teacher,
    train_ensemble,
)


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture(scope="module")
def shipped():
    return load_teacher("digits")


def test_pictures_have_the_logits_that_the_teacher_of_mnist_gives_them():
    def of(arrays, extra):
        return arrays["logits"], arrays["labels"], extra["numbers"]

    with as_file(files("kdviz") / "assets" / "pictures.npz") as path:
        logits, labels, numbers = container.load(path, "set of pictures", of)
        assert path.stat().st_size < 20_000
    np.testing.assert_array_equal(logits, load_teacher("mnist").test_logits[numbers])
    assert (logits.argmax(1) == labels).all()
    assert set(labels) == set(range(10))
    assert len(load_pictures()["images"]) == PICTURES * 28 * 28


@pytest.fixture(scope="module")
def small(digits):
    """Three members, trained for a moment, and the run that made them."""
    run = train_ensemble(digits, members=3, hidden=(16,), epochs=2)
    list(run)
    return run


# The teacher that comes with the package


def test_the_shipped_teacher_is_right_on_985_of_1000_test_images(shipped, digits):
    assert shipped.test_logits.shape == (797, 10)
    assert shipped.test_logits.dtype == np.float32
    accuracy = (shipped.test_logits.argmax(1) == digits.test.labels).mean()
    assert accuracy >= 0.985
    assert shipped.accuracy == pytest.approx(accuracy)


def test_the_shipped_logits_belong_to_the_training_images_in_their_order(shipped, digits):
    assert shipped.train_logits.shape == (1000, 10)
    assert (shipped.train_logits.argmax(1) == digits.train.labels).mean() > 0.99


def test_the_shipped_teacher_knows_more_than_the_labels(shipped):
    soft = np.exp(shipped.train_logits / 4)
    soft /= soft.sum(1, keepdims=True)
    bits = -(soft * np.log2(soft)).sum(1)
    assert bits.mean() > 0.3  # at T = 4; a teacher sure of everything would give 0


def test_the_shipped_recipe_says_how_to_repeat_it(shipped):
    assert {"seeds", "lr", "jitter", "versions", "device", "combined"} <= shipped.recipe.keys()
    assert shipped.members == len(shipped.recipe["seeds"])


def test_the_shipped_teacher_is_read_without_torch():
    code = (
        "import sys; from kdviz.teachers import load_teacher;"
        "load_teacher('digits'); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_teacher_is_refused():
    with pytest.raises(ValueError, match="name must be one of digits, mnist, got 'letters'"):
        load_teacher("letters")


def test_the_mnist_teacher_is_the_one_that_its_recipe_describes():
    teacher = load_teacher("mnist")
    assert teacher.train_logits.shape == (60_000, 10)
    assert teacher.train_logits.dtype == np.float32
    assert teacher.sizes == (784, 1200, 1200, 10)
    parameters = cost(teacher.build(), (28, 28), repeats=1).parameters
    assert parameters == 785 * 1200 + 1201 * 1200 + 1201 * 10
    assert teacher.recipe["jitter"] == 2


@pytest.mark.skipif("KDVIZ_DATA" not in os.environ, reason="needs MNIST in KDVIZ_DATA")
def test_the_mnist_teacher_is_as_accurate_as_it_says():
    mnist, teacher = load_dataset("mnist"), load_teacher("mnist")
    assert np.mean(teacher.test_logits.argmax(1) == mnist.test.labels) == teacher.accuracy
    assert np.mean(teacher.train_logits.argmax(1) == mnist.train.labels) > 0.995


# An ensemble trained live


def test_an_ensembles_logits_are_the_mean_of_its_members(small, digits):
    teacher = ensemble_teacher(small, digits)
    members = [small.cohort.member(m) for m in range(3)]
    inputs = torch.from_numpy(digits.test.inputs)
    expected = torch.stack([member(inputs) for member in members]).mean(0)
    np.testing.assert_allclose(teacher.test_logits, expected.detach(), atol=1e-5)
    assert teacher.sizes == (64, 16, 10)
    assert teacher.members == 3
    accuracy = (expected.argmax(1).numpy() == digits.test.labels).mean()
    assert teacher.accuracy == pytest.approx(accuracy)


def test_members_differ_by_their_seed(small, digits):
    logits = small.cohort.logits(digits.test.inputs)
    assert np.abs(logits[0] - logits[1]).max() > 0.1


def test_a_stopped_run_gives_a_teacher(digits):
    run = train_ensemble(digits, members=2, hidden=(8,), epochs=50)
    record = next(run)
    run.close()
    teacher = ensemble_teacher(run, digits)
    assert np.isfinite(teacher.train_logits).all()
    assert teacher.recipe["trained_steps"] == record.step < record.steps


def test_members_that_diverged_are_left_out(digits):
    run = train_ensemble(digits, members=3, hidden=(8,), epochs=1)
    list(run)
    for parameter in run.cohort.params.values():
        parameter[1] = torch.nan
    run.history.records[-1] = run.history.records[-1].__class__(
        **{**vars(run.history.records[-1]), "diverged": (1,)}
    )
    teacher = ensemble_teacher(run, digits)
    assert teacher.members == 2
    assert np.isfinite(teacher.test_logits).all()


def test_an_ensemble_learns_inputs_of_any_shape():
    rng = np.random.default_rng(0)
    split = Split(rng.normal(size=(40, 5)), np.arange(40) % 3)
    data = Dataset("points", ("a", "b", "c"), split, split)
    run = train_ensemble(data, members=2, hidden=(8,), epochs=1, jitter=0, affine=0)
    list(run)
    assert ensemble_teacher(run, data).train_logits.shape == (40, 3)


@pytest.mark.parametrize("members", [0, -1, 2.5, True])
def test_an_ensemble_needs_members(digits, members):
    with pytest.raises(ValueError, match="members must be a whole number of at least 1"):
        train_ensemble(digits, members=members)


# Saving


def test_a_teacher_saves_and_loads_as_it_was(small, digits, tmp_path):
    teacher = ensemble_teacher(small, digits)
    teacher.save(tmp_path / "teacher.npz")
    again = Teacher.load(tmp_path / "teacher.npz")
    np.testing.assert_array_equal(again.train_logits, teacher.train_logits)
    np.testing.assert_array_equal(again.test_logits, teacher.test_logits)
    for name in ("name", "accuracy", "members", "sizes", "recipe"):
        assert getattr(again, name) == getattr(teacher, name)


def test_a_file_of_another_kind_is_refused(small, tmp_path):
    small.history.save(tmp_path / "history.npz")
    with pytest.raises(ValueError, match="path must name a teacher that kdviz saved"):
        Teacher.load(tmp_path / "history.npz")


# A teacher that the user brings


def test_your_own_teacher_runs_in_evaluation_mode_and_is_left_as_it_was(digits):
    network = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64), nn.Dropout(0.5), nn.Linear(64, 10))
    network.train()
    network[1].eval()  # frozen on purpose
    before = {name: value.clone() for name, value in network.state_dict().items()}
    first = teacher_logits(network, digits.test.inputs, classes=10, batch_size=100)
    again = teacher_logits(network, torch.from_numpy(digits.test.inputs))
    np.testing.assert_allclose(first, again, atol=1e-5)
    assert first.shape == (797, 10)
    assert first.dtype == np.float32
    assert [part.training for part in network] == [True, False, True, True]
    for name, value in network.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


def test_your_own_teacher_may_compute_in_float64(digits):
    logits = teacher_logits(mlp(64, (8,), 10).double(), digits.test.inputs)
    assert logits.dtype == np.float32


class Faulty(nn.Module):
    def __init__(self, output):
        super().__init__()
        self.output = output

    def forward(self, inputs):
        return self.output(inputs.flatten(1))


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (lambda x: x.softmax(1), "must return logits, got probabilities"),
        (lambda x: x[:, :3], r"logits of shape \(797, 64\), got shape \(797, 3\)"),
        (lambda x: x[:5], r"logits of shape \(797, 64\), got shape \(5, 64\)"),
        (lambda x: x.sum(), r"got shape \(\)"),
        (lambda x: [x], "got list"),
        (lambda x: x / 0, "finite logits, got NaN or infinite"),
    ],
)
def test_what_is_not_logits_is_refused(digits, output, message):
    network = Faulty(output)
    with pytest.raises(ValueError, match=message):
        teacher_logits(network, digits.test.inputs, classes=64)
    assert network.training


def test_a_batch_size_below_one_is_refused(digits):
    with pytest.raises(ValueError, match="batch_size must be a whole number of at least 1, got 0"):
        teacher_logits(mlp(64, (8,), 10), digits.test.inputs, batch_size=0)


def test_a_network_of_your_own_becomes_a_teacher(tmp_path):
    digits, network = load_dataset("digits"), mlp(64, (16,), 10).train()
    teacher = Teacher.of(network, digits)
    assert teacher.train_logits.shape == (1000, 10)
    assert network.training
    assert teacher.accuracy == np.mean(teacher.test_logits.argmax(1) == digits.test.labels)
    assert teacher.build() is network
    with pytest.raises(ValueError, match="network must be an ensemble that kdviz trained"):
        teacher.save(tmp_path / "ours.npz")
    with pytest.raises(ValueError, match=r"logits of shape \(1000, 10\), got shape \(1000, 9\)"):
        Teacher.of(mlp(64, (16,), 9), digits)


def test_the_small_teacher_is_as_good_as_its_file_says(digits, tmp_path):
    (tmp_path / "small").write_bytes(load_small_teacher("digits"))
    with safe_open(tmp_path / "small", "pt") as file:
        said = float(file.metadata()["accuracy"])
    weights = load(load_small_teacher("digits"))
    assert {values.dtype for values in weights.values()} == {torch.float16}
    network = mlp(64, (128, 64), 10)
    network.load_state_dict({name: values.float() for name, values in weights.items()})
    found = teacher_logits(network, digits.test.inputs).argmax(1)
    assert (found == digits.test.labels).mean() == pytest.approx(said, abs=1e-6)
    with pytest.raises(ValueError, match="name must be one of digits, got 'mnist'"):
        load_small_teacher("mnist")

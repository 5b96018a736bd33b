"""The page's numbers are Python's, to 1e-12, on random and on extreme logits."""

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, softmax

import kdviz
from kdviz.teachers import load_student_logits
from kdviz.widgets._modules import join_modules

pytestmark = pytest.mark.browser

TEMPERATURES = (0.5, 0.77, 1.0, 2.5, 4.0, 8.0, 20.0, 50.0)
CASES = """(cases) => cases.map(({ z, v, T, label, weight }) => {
  const logP = numerics.logSoftmax(v, T);
  const logQ = numerics.logSoftmax(z, T);
  return {
    log_p: [...logP], p: [...numerics.softmax(v, T)],
    entropy: numerics.entropyBits(logP), kl: numerics.kl(logP, logQ),
    soft_gradient: [...loss.softGradient(z, v, T)], limit: [...loss.limitGradient(z, v, T)],
    hard: loss.hardTerm(z, label), hard_gradient: [...loss.hardGradient(z, label)],
    weighed: loss.weigh(z, v, label, { T, weight, squared: true }),
    plain: loss.weigh(z, v, label, { T, weight, squared: false }),
  };
})"""

SURVEY = """({ v, z, labels }) => new Promise((done) => surveys.survey(
  { count: v.length, width: v[0].length, row: (i) => v[i], label: (i) => labels[i] },
  (i) => z[i], (found) => done([surveys.GRID, found])))"""


@pytest.fixture(scope="module")
def in_page(chromium):
    """in_page(script, argument) runs with the page's modules at hand."""
    modules = join_modules("weigh-survey").rpartition("\nexport default")[0]
    page = chromium.new_page()
    page.add_script_tag(
        content=f"{modules}\nObject.assign(window, {{ numerics: $numerics, loss: $weigh_loss, "
        "surveys: $weigh_survey });"
    )
    yield page.evaluate
    page.close()


@pytest.fixture(scope="module")
def compared(in_page):
    """Cases, and what the page makes of each."""
    cases = [
        {"z": z.tolist(), "v": v.tolist(), "T": T, "label": label, "weight": weight}
        for T in TEMPERATURES
        for z, v, label, weight in logits()
    ]
    return list(zip(cases, in_page(CASES, cases), strict=True))


def logits():
    """Yield z, v, a label and a weight: random at many scales, then the awkward ones."""
    rng = np.random.default_rng(0)
    for scale in (1e-3, 1, 10, 1e3, 1e4):
        for classes in (2, 10, 100):
            z, v = rng.uniform(-scale, scale, (2, classes))
            yield z, v, int(rng.integers(-1, classes)), float(rng.uniform())
    far = np.array([1e4, -1e4, 0.0])
    yield far, -far, 1, 0.5
    yield far, far, 0, 1.0
    yield np.zeros(10), np.full(10, 1e4), -1, 0.9
    for apart in (1e-8, 1e-4, 1e-2):
        v = rng.uniform(-9, 9, 10)
        yield v + rng.uniform(-apart, apart, 10), v, 3, 0.5
    yield np.array([1e4, 1e4 - 1, -1e4]), np.array([-1e4, 9999.5, 1e4]), 2, 0.0


def close(ours, theirs, unit=1.0):
    """Compare to 1e-12 of the value or of the unit, whichever is larger."""
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12 * unit)


def test_the_softmax_and_its_logarithm_are_scipys(compared):
    for case, found in compared:
        scaled = np.array(case["v"]) / case["T"]
        close(found["log_p"], log_softmax(scaled))
        close(found["p"], softmax(scaled))


def test_entropy_is_pythons_and_not_negative(compared):
    for case, found in compared:
        p = kdviz.tempered_softmax(tensor(case["v"]), case["T"])
        close(found["entropy"], kdviz.entropy(p))
        assert 0 <= found["entropy"] <= np.log2(len(p)) + 1e-12


def test_the_two_terms_are_pythons(compared):
    for case, found in compared:
        z, v, T = tensor(case["z"]), tensor(case["v"]), case["T"]
        soft = kdviz.soft_target_loss(z, v, T)
        close(found["kl"], soft / T**2)
        assert found["kl"] >= 0
        if soft > 1e-12:  # alike as they may be, their difference has its digits
            np.testing.assert_allclose(found["kl"], soft / T**2, rtol=1e-7)
        assert found["weighed"]["kl"] == found["kl"]
        close(found["hard"], kdviz.hard_target_loss(z, torch.tensor(case["label"])))


def test_the_weighed_loss_adds_up_to_pythons(compared):
    for case, found in compared:
        weighed = found["weighed"]
        # T² magnifies the last digits of the KL, in the page as in Python.
        unit = max(1.0, case["T"] ** 2)
        close(weighed["loss"], python_loss(tensor(case["z"]), case), unit)
        close(weighed["loss"], weighed["soft"] + weighed["hard"])


def test_the_gradients_are_pythons(compared):
    for case, found in compared:
        z, v, T = tensor(case["z"]), tensor(case["v"]), case["T"]
        close(found["soft_gradient"], kdviz.soft_target_gradient(z, v, T))
        close(found["limit"], kdviz.logit_matching_gradient(z, v, T))
        close(
            values(found["plain"]["softPull"]), -case["weight"] * np.array(found["soft_gradient"])
        )


def test_the_pull_is_minus_the_gradient_that_autograd_finds(compared):
    for case, found in compared:
        z = tensor(case["z"]).requires_grad_()
        (gradient,) = torch.autograd.grad(python_loss(z, case), z)
        close(values(found["weighed"]["pull"]), -gradient)


def test_the_survey_of_the_digits_is_pythons(in_page):
    v, z = kdviz.load_teacher("digits").test_logits, load_student_logits("digits")
    labels = kdviz.load_dataset("digits").test.labels
    data = {"v": v.tolist(), "z": z.tolist(), "labels": labels.tolist()}
    grid, found = in_page(SURVEY, data)
    z, v = tensor(z.tolist()), tensor(v.tolist())
    hard = hard_gradients(z, torch.from_numpy(labels)).norm(dim=-1).mean()
    for T, ratio, band in zip(grid, found["ratio"], found["error"], strict=True):
        exact, limit = (
            f(z, v, T) for f in (kdviz.soft_target_gradient, kdviz.logit_matching_gradient)
        )
        close(ratio, exact.norm(dim=-1).mean() / hard)
        relative = (limit - exact).norm(dim=-1) / exact.norm(dim=-1)
        # Cold and certain, exact gradients are rounding; from T = 1 they are not.
        if T >= 1:
            np.testing.assert_allclose(band, np.quantile(relative, (0.1, 0.5, 0.9)), rtol=1e-9)


def hard_gradients(z, labels):
    return z.softmax(-1) - torch.nn.functional.one_hot(labels, z.shape[-1])


def python_loss(z, case):
    return kdviz.distillation_loss(
        z,
        tensor(case["v"]),
        torch.tensor(case["label"]),
        temperature=case["T"],
        soft_weight=case["weight"],
    )


def tensor(numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def values(typed_array):
    """Read a typed array, which arrives as an object of indices."""
    return np.array(list(typed_array.values() if isinstance(typed_array, dict) else typed_array))

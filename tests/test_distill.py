"""Properties of Equations 1 to 4, with SciPy as the oracle."""

import math
import warnings
from decimal import Decimal, getcontext
from itertools import pairwise

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch
from torch import func

import kdviz

DTYPES = (torch.float32, torch.float64)
TEMPERATURES = (0.5, 1.0, 4.0, 50.0)


@pytest.fixture(params=DTYPES, ids=str)
def dtype(request):
    return request.param


def logits(*shape, dtype=torch.float64, scale=4.0, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(*shape, dtype=torch.float64, generator=generator).to(dtype)


def tolerance(dtype):
    return (
        {"rtol": 1e-5, "atol": 1e-5} if dtype == torch.float32 else {"rtol": 1e-10, "atol": 1e-12}
    )


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_softmax_is_scipys_of_the_divided_logits(dtype, temperature):
    z = logits(3, 5, 10, dtype=dtype)
    expected = scipy.special.softmax(z.numpy() / temperature, axis=-1)
    torch.testing.assert_close(
        kdviz.tempered_softmax(z, temperature), torch.from_numpy(expected), **tolerance(dtype)
    )


def test_adding_a_constant_to_the_logits_changes_nothing(dtype):
    z, v = logits(4, 10, dtype=dtype), logits(4, 10, dtype=dtype, seed=1)
    for function in (kdviz.soft_target_loss, kdviz.soft_target_gradient):
        moved = function(z + 7, v - 3, 2.0)
        torch.testing.assert_close(moved, function(z, v, 2.0), rtol=1e-4, atol=1e-5)


def test_temperature_never_changes_the_order_of_the_classes():
    z = logits(20, 10)
    for temperature in TEMPERATURES:
        assert torch.equal(kdviz.tempered_softmax(z, temperature).argsort(-1), z.argsort(-1))


def test_entropy_is_scipys_and_zero_times_log_zero_is_zero(dtype):
    p = kdviz.tempered_softmax(logits(6, 10, dtype=dtype), 3.0)
    expected = scipy.stats.entropy(p.numpy(), base=2, axis=-1)
    torch.testing.assert_close(kdviz.entropy(p), torch.from_numpy(expected), **tolerance(dtype))
    assert kdviz.entropy(torch.tensor([0.0, 1.0, 0.0], dtype=dtype)) == 0
    assert kdviz.entropy(torch.full((8,), 1 / 8, dtype=dtype)) == pytest.approx(3.0)
    assert kdviz.entropy(torch.full((8,), 1 / 8), base=math.e) == pytest.approx(math.log(8))


def test_entropy_rises_with_the_temperature():
    z = logits(50, 10)
    entropies = [kdviz.entropy(kdviz.tempered_softmax(z, t)) for t in TEMPERATURES]
    for cooler, hotter in pairwise(entropies):
        assert (hotter > cooler).all()


def test_soft_target_loss_is_scipys_kl_times_t_squared(dtype):
    z, v = logits(5, 10, dtype=dtype), logits(5, 10, dtype=dtype, seed=1)
    for temperature in TEMPERATURES:
        p = scipy.special.softmax(v.double().numpy() / temperature, axis=-1)
        q = scipy.special.softmax(z.double().numpy() / temperature, axis=-1)
        expected = torch.from_numpy(temperature**2 * scipy.special.rel_entr(p, q).sum(-1))
        torch.testing.assert_close(
            kdviz.soft_target_loss(z, v, temperature).double(), expected, rtol=1e-4, atol=1e-4
        )


def exact_soft_loss(z, v, temperature):
    """T²·KL with 50 digits, of the very numbers that the tensors hold."""
    getcontext().prec = 50
    z, v = ([Decimal(value) / Decimal(temperature) for value in row.tolist()] for row in (z, v))
    p, q = ([value.exp() for value in row] for row in (v, z))
    logs = [sum(row).ln() for row in (p, q)]
    kl = sum(a / sum(p) * (x - logs[0] - y + logs[1]) for a, x, y in zip(p, v, z, strict=True))
    return float(Decimal(temperature) ** 2 * kl)


@pytest.mark.parametrize("apart", [1e-6, 1e-3, 0.1, 1.0, 10.0])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0, 20.0, 1e3, 1e5])
def test_soft_target_loss_keeps_its_digits_at_any_temperature_and_closeness(temperature, apart):
    v = logits(40, 10, dtype=torch.float32, scale=5)
    z = v + logits(40, 10, dtype=torch.float32, scale=apart, seed=1)
    z[20:] = z[20:] + 3  # a constant moves no probability
    found = kdviz.soft_target_loss(z, v, temperature)
    exact = [exact_soft_loss(*pair, temperature) for pair in zip(z, v, strict=True)]
    assert (found >= 0).all()
    np.testing.assert_allclose(found.double(), exact, rtol=1e-4)
    wide = z.double().requires_grad_()
    kdviz.soft_target_loss(wide, v.double(), temperature).sum().backward()
    narrow = z.clone().requires_grad_()
    kdviz.soft_target_loss(narrow, v, temperature).sum().backward()
    for gradient in (narrow.grad, temperature**2 * kdviz.soft_target_gradient(z, v, temperature)):
        error = (gradient - wide.grad).norm(dim=-1)
        assert (error <= 1e-4 * wide.grad.norm(dim=-1)).all()


def test_a_sure_teacher_and_a_sure_student_differ_by_what_is_left():
    v, z = torch.tensor([[100.0, 0, 0], [0, -90, 0]]), torch.tensor([[50.0, 30, 0], [0, 5, 0]])
    for temperature in (0.5, 1.0, 2.0):
        exact = [exact_soft_loss(*pair, temperature) for pair in zip(z, v, strict=True)]
        np.testing.assert_allclose(kdviz.soft_target_loss(z, v, temperature), exact, rtol=1e-4)


def test_derivatives_of_the_soft_loss_are_right_to_the_second_order():
    z, v = logits(6, 5, scale=3).requires_grad_(), logits(6, 5, seed=1)
    z.data[:2] = v[:2] + 1e-3 * z.data[:2]
    for temperature in (0.5, 4.0):
        T = torch.full((6,), temperature, dtype=torch.float64, requires_grad=True)
        torch.autograd.gradcheck(lambda z, T: kdviz.soft_target_loss(z, v, T), (z, T))
        torch.autograd.gradgradcheck(lambda z, T: kdviz.soft_target_loss(z, v, T), (z, T))
    hessian = func.jacrev(func.grad(lambda z: kdviz.soft_target_loss(z, v[0], 4.0)))(z.detach()[0])
    q = kdviz.tempered_softmax(z.detach()[0], 4.0)
    torch.testing.assert_close(hessian, q.diag() - q.outer(q))


def test_compiled_as_uncompiled():
    z, v, labels = logits(8, 10), logits(8, 10, seed=1), torch.arange(8)

    def loss(z, v):
        return kdviz.distillation_loss(z, v, labels, temperature=3.0, soft_weight=0.5)

    compiled = torch.compile(loss, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(z, v), loss(z, v))


@pytest.mark.parametrize("masked", ["both", "teacher", "student"])
@pytest.mark.parametrize("temperature", [0.5, 0.9, 1.0, 4.0])
def test_masked_logits_are_classes_that_cannot_be(dtype, masked, temperature):
    z, v = logits(4, 6, dtype=dtype), logits(4, 6, dtype=dtype, seed=1)
    lowest = torch.finfo(dtype).min
    z[:, 0] = lowest if masked != "teacher" else z[:, 0]
    v[:, 0] = lowest if masked != "student" else v[:, 0]
    z.requires_grad_()
    p, q = (kdviz.tempered_softmax(x.detach(), temperature) for x in (v, z))
    assert (p[:, 0] == 0).all() == (masked != "student")
    loss = kdviz.soft_target_loss(z, v, temperature)
    (gradient,) = torch.autograd.grad(loss.sum(), z)
    torch.testing.assert_close(gradient, temperature * (q - p))
    by_hand = temperature**2 * kdviz.soft_target_gradient(z.detach(), v, temperature)
    torch.testing.assert_close(by_hand, gradient)
    if masked == "student":
        expected = -temperature * p[:, 0] * lowest
        torch.testing.assert_close(loss, expected)
    else:
        expected = temperature**2 * scipy.special.rel_entr(p.numpy(), q.numpy()).sum(-1)
        torch.testing.assert_close(loss.detach(), torch.from_numpy(expected))
    assert kdviz.hard_target_loss(z, torch.arange(1, 5)).isfinite().all()


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
def test_half_precision_is_computed_and_returned_in_float32(half):
    z, v = logits(20, 10, dtype=half), logits(20, 10, dtype=half, seed=1)
    labels, one, other = torch.arange(20) % 10, z.float(), v.float()
    for temperature in (0.5, 4.0, 20.0, 1e3):
        for function in (
            kdviz.soft_target_loss,
            kdviz.soft_target_gradient,
            kdviz.logit_matching_gradient,
        ):
            torch.testing.assert_close(
                function(z, v, temperature), function(one, other, temperature), rtol=0, atol=0
            )
        soft = kdviz.tempered_softmax(z, temperature)
        assert torch.equal(soft, kdviz.tempered_softmax(one, temperature))
        assert kdviz.entropy(soft.to(half)).dtype == torch.float32
        settings = {"temperature": temperature, "soft_weight": 0.3}
        found = kdviz.distillation_loss(z, v, labels, **settings)
        assert torch.equal(found, kdviz.distillation_loss(one, other, labels, **settings))
    z.requires_grad_()
    kdviz.soft_target_loss(z, v, 4.0).sum().backward()
    assert z.grad.dtype == half
    with torch.autocast("cpu", dtype=torch.bfloat16):
        product = z.detach().float() @ torch.eye(10)
        assert kdviz.soft_target_loss(product, v, 4.0).dtype == torch.float32


INTEGERS = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]


@pytest.mark.parametrize("kind", INTEGERS)
def test_labels_of_every_integer_type_are_welcome(kind):
    z, classes = logits(4, 300), 300 if "8" not in kind else 120
    labels = torch.tensor([0, 1, 119, classes - 1])
    expected = kdviz.hard_target_loss(z, labels)
    torch.testing.assert_close(kdviz.hard_target_loss(z, labels.to(getattr(torch, kind))), expected)
    with pytest.raises(ValueError, match=r"labels must lie in 0 to 9, .* got 119"):
        kdviz.hard_target_loss(logits(4, 10), labels.to(getattr(torch, kind)))


def test_a_student_equal_to_its_teacher_has_no_soft_loss(dtype):
    v = logits(5, 10, dtype=dtype)
    assert kdviz.soft_target_loss(v, v, 4.0).abs().max() < 1e-6


def test_gradient_of_the_soft_loss_is_t_times_q_minus_p():
    z, v = logits(5, 10).requires_grad_(), logits(5, 10, seed=1)
    for temperature in TEMPERATURES:
        (gradient,) = torch.autograd.grad(kdviz.soft_target_loss(z, v, temperature).sum(), z)
        q, p = kdviz.tempered_softmax(z, temperature), kdviz.tempered_softmax(v, temperature)
        torch.testing.assert_close(gradient, temperature * (q - p))
        by_hand = temperature**2 * kdviz.soft_target_gradient(z, v, temperature)
        torch.testing.assert_close(gradient, by_hand.detach())


def test_cross_entropy_and_kl_have_the_same_gradient():
    z, v = logits(5, 10).requires_grad_(), logits(5, 10, seed=1)
    p, log_q = kdviz.tempered_softmax(v, 3.0), torch.log(kdviz.tempered_softmax(z, 3.0))
    (gradient,) = torch.autograd.grad(-(p * log_q).sum(), z)
    torch.testing.assert_close(gradient, kdviz.soft_target_gradient(z, v, 3.0).detach())


def test_soft_targets_of_one_class_give_the_hard_loss():
    z, labels = logits(5, 10), torch.tensor([0, 3, 9, 1, 1])
    certain = 1e4 * torch.nn.functional.one_hot(labels, 10).double()
    torch.testing.assert_close(
        kdviz.soft_target_loss(z, certain, 1.0), kdviz.hard_target_loss(z, labels)
    )


def test_error_of_the_logit_matching_limit_falls_tenfold_a_decade():
    z, v = logits(50, 10), logits(50, 10, seed=1)
    errors = []
    for temperature in (1e2, 1e3, 1e4):
        exact = kdviz.soft_target_gradient(z, v, temperature)
        limit = kdviz.logit_matching_gradient(z, v, temperature)
        errors.append(((limit - exact).norm() / exact.norm()).item())
    ratios = np.array(errors[:-1]) / np.array(errors[1:])
    assert ratios == pytest.approx(10, rel=0.05)


def test_no_gradient_flows_into_the_teacher():
    z, v = logits(3, 10).requires_grad_(), logits(3, 10, seed=1).requires_grad_()
    kdviz.soft_target_loss(z, v, 2.0).sum().backward()
    assert v.grad is None
    assert z.grad.abs().sum() > 0


def test_an_unlabelled_example_keeps_only_its_soft_term():
    z, v = logits(2, 10).requires_grad_(), logits(2, 10, seed=1)
    labels = torch.tensor([-1, 4])
    hard = kdviz.hard_target_loss(z, labels)
    assert hard[0] == 0
    assert not torch.autograd.grad(hard[0], z, retain_graph=True)[0].any()
    mixed = kdviz.distillation_loss(z, v, labels, temperature=2.0, soft_weight=0.25)
    soft = kdviz.soft_target_loss(z, v, 2.0)
    torch.testing.assert_close(mixed, 0.25 * soft + 0.75 * hard)


def test_temperature_and_weight_broadcast_over_members():
    z, v = logits(3, 4, 10), logits(3, 4, 10, seed=1)
    temperature = torch.tensor([[1.0], [4.0], [20.0]])
    weight = torch.tensor([[0.0], [0.5], [1.0]])
    labels = torch.randint(0, 10, (3, 4), generator=torch.Generator().manual_seed(0))
    together = kdviz.distillation_loss(z, v, labels, temperature=temperature, soft_weight=weight)
    for s in range(3):
        alone = kdviz.distillation_loss(
            z[s], v[s], labels[s], temperature=float(temperature[s]), soft_weight=float(weight[s])
        )
        torch.testing.assert_close(together[s], alone)


@pytest.mark.parametrize("size", [1.0, 1e2, 1e4])
def test_values_and_gradients_stay_finite_at_large_logits(dtype, size):
    z, v = logits(20, 10, dtype=dtype, scale=1), logits(20, 10, dtype=dtype, scale=1, seed=1)
    z, v = (size * z.sign()).requires_grad_(), size * v.sign()
    labels = torch.arange(20) % 10
    for temperature in TEMPERATURES:
        loss = kdviz.distillation_loss(z, v, labels, temperature=temperature, soft_weight=0.5)
        (gradient,) = torch.autograd.grad(loss.sum(), z)
        bits = kdviz.entropy(kdviz.tempered_softmax(z, temperature))
        assert loss.isfinite().all()
        assert gradient.isfinite().all()
        assert bits.isfinite().all()


def test_vmap_and_jacobians_work_without_a_warning():
    z, v, labels = logits(6, 10), logits(6, 10, seed=1), torch.arange(6)

    def loss(z, v, labels, temperature):
        return kdviz.distillation_loss(z, v, labels, temperature=temperature, soft_weight=0.5)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        temperatures = torch.linspace(1, 6, 6, dtype=torch.float64)
        batched = func.vmap(loss)(z, v, labels, temperatures)
        gradients = func.vmap(func.grad(loss))(z, v, labels, temperatures)
        bits = func.vmap(lambda z: kdviz.entropy(kdviz.tempered_softmax(z, 2.0)))(z)
    expected = kdviz.distillation_loss(z, v, labels, temperature=temperatures, soft_weight=0.5)
    torch.testing.assert_close(batched, expected)
    assert gradients.shape == z.shape
    assert bits.shape == (6,)


BAD_TEMPERATURES = [
    (0.0, "temperature must be positive and finite, got 0"),
    (-2.0, "temperature must be positive and finite, got -2"),
    (math.nan, "temperature must be positive and finite, got nan"),
    (math.inf, "temperature must be positive and finite, got inf"),
    (torch.tensor([1.0, 0.0]), "temperature must be positive and finite, got 0"),
    (torch.ones(3), r"temperature must be broadcastable to the leading shape \(2,\)"),
    ("warm", "temperature must be a number or a tensor, got 'warm'"),
]


@pytest.mark.parametrize(("temperature", "message"), BAD_TEMPERATURES)
def test_bad_temperatures_are_named(temperature, message):
    z, labels = logits(2, 10), torch.zeros(2, dtype=torch.long)
    with pytest.raises(ValueError, match=message):
        kdviz.tempered_softmax(z, temperature)
    for function in (
        kdviz.soft_target_loss,
        kdviz.soft_target_gradient,
        kdviz.logit_matching_gradient,
    ):
        with pytest.raises(ValueError, match=message):
            function(z, z, temperature)
    with pytest.raises(ValueError, match=message):
        kdviz.distillation_loss(z, z, labels, temperature=temperature, soft_weight=0.5)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (torch.tensor([0, 10]), "labels must lie in 0 to 9, or be -1 for unlabelled, got 10"),
        (torch.tensor([0, -2]), "labels must lie in 0 to 9, or be -1 for unlabelled, got -2"),
        (torch.tensor([0.0, 1.0]), "labels must be a torch.Tensor of whole numbers"),
        (
            torch.tensor([0]),
            r"leading shape of the logits, \(2,\), got \(1,\)",
        ),
        ([0, 1], "labels must be a torch.Tensor of whole numbers, got list"),
    ],
)
def test_bad_labels_are_named(labels, message):
    with pytest.raises(ValueError, match=message):
        kdviz.hard_target_loss(logits(2, 10), labels)


@pytest.mark.parametrize("weight", [-0.1, 1.1, math.nan])
def test_weights_outside_zero_to_one_are_named(weight):
    z, labels = logits(2, 10), torch.zeros(2, dtype=torch.long)
    with pytest.raises(ValueError, match=r"soft_weight must lie in \[0, 1\], got"):
        kdviz.distillation_loss(z, z, labels, temperature=1.0, soft_weight=weight)


@pytest.mark.parametrize(
    ("z", "v", "message"),
    [
        (torch.zeros(2, 10), torch.zeros(2, 9), "teacher_logits must have the shape of"),
        (
            torch.zeros(2, 10),
            torch.full((2, 10), math.nan),
            "teacher_logits must be finite",
        ),
        (
            torch.full((2, 10), math.inf),
            torch.zeros(2, 10),
            "student_logits must be finite",
        ),
        (torch.zeros(2, 0), torch.zeros(2, 0), "student_logits must have shape"),
        (torch.zeros(2, 10).long(), torch.zeros(2, 10), "student_logits must be a float"),
    ],
)
def test_bad_logits_are_named(z, v, message):
    with pytest.raises(ValueError, match=message):
        kdviz.soft_target_loss(z, v, 1.0)


@pytest.mark.parametrize(
    ("probabilities", "base", "message"),
    [
        ([0.5, 0.6], 2.0, r"probabilities must sum to 1 over the last axis, got a sum of 1\.1"),
        ([1.5, -0.5], 2.0, r"probabilities must not be negative, got -0\.5"),
        ([0.5, 0.5], 1.0, "base must be a number above 1, got 1"),
    ],
)
def test_what_is_no_distribution_is_named(probabilities, base, message):
    with pytest.raises(ValueError, match=message):
        kdviz.entropy(torch.tensor(probabilities), base)

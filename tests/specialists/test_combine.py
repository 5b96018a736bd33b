import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from kdviz.specialists.combine import (
    active_specialists,
    combination_objective,
    combine_by_gradient_descent,
    combine_specialists,
)


def probabilities(rng, examples, classes, scale):
    return torch.softmax(scale * torch.randn(examples, classes, generator=rng).double(), 1)


def problem(seed, scale=1.0, examples=30, classes=12, specialists=5):
    """A generalist and specialists of one to all but one classes, some of them shared."""
    rng = torch.Generator().manual_seed(seed)
    sizes = torch.randint(1, classes, (specialists,), generator=rng).tolist()
    sets = [torch.randperm(classes, generator=rng)[:size].tolist() for size in sizes]
    outputs = [probabilities(rng, examples, size + 1, scale) for size in sizes]
    return probabilities(rng, examples, classes, scale), outputs, sets


def logit_gradient(q, generalist, outputs, sets, top):
    """Of Eq. 5 with respect to z, where q = softmax(z), as the paper's formula gives it."""
    gradient = q - generalist
    active = active_specialists(generalist, sets, top)
    for m, special in enumerate(sets):
        target = q.clone()
        target[:, special] = 0
        target *= outputs[m][:, -1:] / target.sum(1, keepdim=True)
        target[:, special] = outputs[m][:, :-1]
        gradient += active[:, m, None] * (q - target)
    return gradient


def test_an_empty_active_set_returns_the_generalist():
    generalist = torch.tensor([[0.7, 0.3, 0.0], [0.1, 0.0, 0.9]])
    outputs = [torch.tensor([[0.2, 0.8], [0.6, 0.4]])]
    combined = combine_specialists(generalist, outputs, [(2,)])
    assert torch.equal(combined[0], generalist[0])
    assert not torch.equal(combined[1], generalist[1])
    assert torch.equal(combine_specialists(generalist, [], []), generalist)
    assert torch.equal(
        combine_specialists(generalist[:0], [outputs[0][:0]], [(2,)]), generalist[:0]
    )


@pytest.mark.parametrize("scale", [1, 30])
def test_one_active_specialist_has_a_closed_form(scale):
    generalist, (output, *_), (special, *_) = problem(3, scale)
    outside = [c for c in range(12) if c not in special]
    rest = generalist[:, outside].sum(1, keepdim=True)
    expected = torch.empty_like(generalist)
    expected[:, special] = (generalist[:, special] + output[:, :-1]) / 2
    expected[:, outside] = generalist[:, outside] / rest * (rest + output[:, -1:]) / 2
    combined = combine_specialists(generalist, [output], [special], top=12)
    torch.testing.assert_close(combined, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("scale", [0.1, 1, 5, 20])
@pytest.mark.parametrize("top", [1, 3, 12])
def test_the_gradient_vanishes_at_the_result(scale, top):
    generalist, outputs, sets = problem(top, scale)
    combined = combine_specialists(generalist, outputs, sets, top=top)
    assert logit_gradient(combined, generalist, outputs, sets, top).abs().max() < 1e-9
    torch.testing.assert_close(combined.sum(1), torch.ones(30).double(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("scale", [1, 5, 20])
def test_no_worse_than_the_papers_gradient_descent(scale):
    generalist, outputs, sets = problem(7, scale, examples=8)
    combined = combine_specialists(generalist, outputs, sets, top=3)
    descended = combine_by_gradient_descent(generalist, outputs, sets, top=3, steps=500)
    ours = combination_objective(combined, generalist, outputs, sets, top=3)
    theirs = combination_objective(descended, generalist, outputs, sets, top=3)
    assert (ours <= theirs + 1e-11).all()
    if scale == 1:
        torch.testing.assert_close(combined, descended, rtol=0, atol=1e-3)
        goal = ours + 1e-3
        reached = combine_by_gradient_descent(generalist, outputs, sets, top=3, goal=goal)
        values = combination_objective(reached, generalist, outputs, sets, top=3)
        assert (values <= goal).all()
        assert (values > theirs).all()  # stopped early


@pytest.mark.parametrize("seed", range(4))
def test_scipy_finds_the_same_minimum(seed):
    generalist, outputs, sets = problem(seed, 2, examples=1, classes=6, specialists=3)

    def value(z):
        q = torch.softmax(torch.from_numpy(z)[None], 1)
        slope = logit_gradient(q, generalist, outputs, sets, 6)[0].numpy()
        return combination_objective(q, generalist, outputs, sets, top=6).item(), slope

    found = minimize(value, generalist[0].log().numpy(), jac=True, method="BFGS", tol=1e-9)
    combined = combine_specialists(generalist, outputs, sets, top=6)
    ours = combination_objective(combined, generalist, outputs, sets, top=6).item()
    assert ours == pytest.approx(found.fun, abs=1e-9)
    np.testing.assert_allclose(combined[0], torch.softmax(torch.from_numpy(found.x), 0), atol=1e-6)


@pytest.mark.parametrize("scale", [5, 60, 700])
def test_the_fixed_point_map_finds_nothing_better_in_hard_cases(scale):
    """Zeros everywhere: q <- (p_g + Σ t_m) / (1 + |A|) never raises Eq. 5, whatever the start."""
    generalist, outputs, sets = problem(scale, scale, examples=60)
    generalist = torch.where(generalist < 1e-3, 0, generalist)
    generalist /= generalist.sum(1, keepdim=True)
    combined = combine_specialists(generalist, outputs, sets, top=6)
    assert torch.isfinite(combined).all()
    before = combination_objective(combined, generalist, outputs, sets, top=6)
    models = 1 + active_specialists(generalist, sets, 6).sum(1, keepdim=True)
    q = combined.clone()
    for _ in range(1000):
        q -= logit_gradient(q, generalist, outputs, sets, 6) / models
    after = combination_objective(q, generalist, outputs, sets, top=6)
    assert (before <= after + 1e-9).all()


def test_classes_outside_every_active_set_keep_the_generalists_proportions():
    rng = torch.Generator().manual_seed(1)
    generalist, sets = probabilities(rng, 30, 12, 3), [[0, 1, 2], [2, 3], [1, 3, 4]]
    outputs = [probabilities(rng, 30, len(s) + 1, 3) for s in sets]
    combined = combine_specialists(generalist, outputs, sets, top=12)
    ratio = combined[:, 5:] / generalist[:, 5:]
    torch.testing.assert_close(ratio, ratio[:, :1].expand_as(ratio), rtol=1e-12, atol=0)
    shrunk = torch.cat([generalist[:, :5], generalist[:, 5:].sum(1, keepdim=True)], 1)
    small = combine_specialists(shrunk, outputs, sets, top=6)
    torch.testing.assert_close(small[:, :5], combined[:, :5], rtol=0, atol=1e-12)
    torch.testing.assert_close(small[:, 5], combined[:, 5:].sum(1), rtol=0, atol=1e-12)


def test_the_mean_when_every_model_covers_all_classes():
    rng = torch.Generator().manual_seed(0)
    generalist, first, second = (probabilities(rng, 9, 4, 2) for _ in range(3))
    sets = [(0, 1, 2, 3), (3, 2, 1, 0)]
    no_dustbin = torch.zeros(9, 1).double()
    outputs = [torch.cat([first, no_dustbin], 1), torch.cat([second.flip(1), no_dustbin], 1)]
    combined = combine_specialists(generalist, outputs, sets)
    torch.testing.assert_close(combined, (generalist + first + second) / 3, rtol=0, atol=1e-12)
    outputs[0] = torch.cat([first * 0.6, no_dustbin + 0.4], 1)
    again = combine_specialists(generalist, outputs, sets)
    torch.testing.assert_close(again, combined, rtol=0, atol=1e-12)
    value = combination_objective(again, generalist, outputs, sets)
    assert torch.isfinite(value).all()


def test_a_set_of_all_classes_beside_narrower_ones():
    generalist, outputs, sets = problem(5, 2)
    sets.append(list(range(12)))
    everything = probabilities(torch.Generator().manual_seed(1), 30, 12, 2)
    outputs.append(torch.cat([everything, torch.zeros(30, 1).double()], 1))
    combined = combine_specialists(generalist, outputs, sets, top=12)
    gradient = logit_gradient(combined, generalist, outputs[:-1], sets[:-1], 12)
    assert (gradient + combined - everything).abs().max() < 1e-9


def test_order_of_classes_specialists_and_examples_does_not_matter():
    generalist, outputs, sets = problem(11, 3)
    combined = combine_specialists(generalist, outputs, sets, top=4)
    rng = torch.Generator().manual_seed(0)
    order = torch.randperm(12, generator=rng)
    rank = order.argsort().tolist()
    renamed = combine_specialists(
        generalist[:, order], outputs, [[rank[c] for c in s] for s in sets], top=4
    )
    torch.testing.assert_close(renamed, combined[:, order], rtol=0, atol=1e-11)
    backwards = combine_specialists(generalist, outputs[::-1], sets[::-1], top=4)
    torch.testing.assert_close(backwards, combined, rtol=0, atol=1e-11)
    rows = torch.randperm(30, generator=rng)[:7]
    fewer = combine_specialists(generalist[rows], [o[rows] for o in outputs], sets, top=4)
    torch.testing.assert_close(fewer, combined[rows], rtol=0, atol=1e-11)


def test_float32_agrees_with_float64():
    generalist, outputs, sets = problem(13, 8)
    narrow = combine_specialists(generalist.float(), [o.float() for o in outputs], sets, top=4)
    assert narrow.dtype == torch.float32
    combined = combine_specialists(generalist, outputs, sets, top=4)
    torch.testing.assert_close(narrow.double(), combined, rtol=0, atol=1e-6)


def test_arrays_a_padded_tensor_and_a_function_give_the_same():
    generalist, outputs, sets = problem(14, 2)
    combined = combine_specialists(generalist, outputs, sets, top=2)
    arrays = combine_specialists(generalist.numpy(), [o.numpy() for o in outputs], sets, top=2)
    assert torch.equal(arrays, combined)
    padded = torch.zeros(5, 30, 13).double()
    for m, output in enumerate(outputs):
        padded[m, :, : len(sets[m])], padded[m, :, -1] = output[:, :-1], output[:, -1]
    assert torch.equal(combine_specialists(generalist, padded, sets, top=2), combined)


def test_only_active_pairs_are_asked_for():
    generalist, outputs, sets = problem(15, 2, specialists=7)
    asked = []

    def ask(m, rows):
        asked.append((m, rows.tolist()))
        return outputs[m][rows]

    combined = combine_specialists(generalist, ask, sets)
    active = active_specialists(generalist, sets)
    assert asked == [(m, r.nonzero()[:, 0].tolist()) for m, r in enumerate(active.T) if r.any()]
    assert torch.equal(combined, combine_specialists(generalist, outputs, sets))


@pytest.mark.parametrize("dustbin", [0.0, 1.0])
def test_a_dustbin_of_nothing_or_of_everything(dustbin):
    generalist = torch.tensor([[0.6, 0.2, 0.15, 0.05]], dtype=torch.float64)
    inside = torch.full((2,), (1 - dustbin) / 2, dtype=torch.float64)
    output = torch.tensor([[*inside, dustbin]], dtype=torch.float64)
    combined = combine_specialists(generalist, [output], [(0, 1)])
    outside = (0.2 + dustbin) / 2  # 0.15 and 0.05 of the generalist stand for the rest
    expected = [*(generalist[0, :2] + inside) / 2, outside * 0.75, outside * 0.25]
    torch.testing.assert_close(combined[0], torch.tensor(expected, dtype=torch.float64))
    twice = combine_specialists(generalist, [output, output], [(0, 1), (0, 1)])
    gradient = logit_gradient(twice, generalist, [output, output], [(0, 1), (0, 1)], 1)
    assert gradient.abs().max() < 1e-10


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_mass_that_every_model_denies_is_spread_evenly(dtype):
    generalist = torch.tensor([[1, 0, 0, 0]], dtype=dtype)
    combined = combine_specialists(generalist, [torch.tensor([[0.4, 0.6]], dtype=dtype)], [(0,)])
    torch.testing.assert_close(combined, torch.tensor([[0.7, 0.1, 0.1, 0.1]], dtype=dtype))


def test_specialists_of_one_class_and_a_class_that_nobody_knows():
    generalist, *outputs = (
        torch.tensor([p], dtype=torch.float64) for p in ([0.5, 0.3, 0.2], [0.9, 0.1], [0.2, 0.8])
    )
    combined = combine_specialists(generalist, outputs, [(0,), (1,)], top=2)
    assert logit_gradient(combined, generalist, outputs, [(0,), (1,)], 2).abs().max() < 1e-10


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_the_same_on_a_gpu():
    generalist, outputs, sets = problem(16, 5)
    combined = combine_specialists(generalist, outputs, sets, top=4)
    there = combine_specialists(generalist.cuda(), [o.cuda() for o in outputs], sets, top=4)
    torch.testing.assert_close(there.cpu(), combined, rtol=0, atol=1e-10)


GOOD = {
    "generalist_probabilities": torch.full((2, 4), 0.25),
    "specialist_probabilities": [torch.full((2, 3), 1 / 3)],
    "special_classes": [(0, 1)],
    "top": 4,
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"generalist_probabilities": torch.full((2, 4), 0.2)}, "must sum to 1.*0.8"),
        ({"generalist_probabilities": torch.full((2, 4), torch.nan)}, "negative or NaN, got nan"),
        ({"generalist_probabilities": torch.full((2, 4), torch.inf)}, "must sum to 1.*inf"),
        ({"generalist_probabilities": torch.tensor([[1.5, -0.5]] * 2)}, "negative.*-0.5"),
        ({"generalist_probabilities": torch.full((4,), 0.25)}, r"shape \(examples, classes\)"),
        ({"generalist_probabilities": torch.eye(4).int()}, "float32 or float64.*int32"),
        ({"specialist_probabilities": [torch.full((2, 3), 0.5)]}, "specialist 0 must sum to 1"),
        (
            {"specialist_probabilities": [torch.full((2, 2), 0.5)]},
            "2 special classes and a dustbin",
        ),
        (
            {"specialist_probabilities": [torch.full((3, 3), 1 / 3)]},
            r"shape \(2, special.*\(3, 3\)",
        ),
        ({"specialist_probabilities": []}, "must be 1, one for each.*got 0"),
        ({"specialist_probabilities": lambda m, rows: torch.ones(1, 3)}, r"shape \(2, 2 special"),
        ({"special_classes": [(0, 4)]}, r"must be 0 to 3, got \[0, 4\]"),
        ({"special_classes": [(-1, 0)]}, "must be 0 to 3"),
        ({"special_classes": [(1, 1)]}, r"different classes, got \[1, 1\]"),
        ({"special_classes": [()]}, "one or more different classes"),
        ({"top": 0}, "top must be from 1 to the number of classes, 4, got 0"),
        ({"top": 5}, "top must be from 1 to the number of classes, 4, got 5"),
        (
            {
                "special_classes": [(0, 1, 2, 3)],
                "specialist_probabilities": [torch.eye(5)[[4, 4]]],
            },
            "knows all classes, must not be all dustbin",
        ),
    ],
)
def test_bad_input_is_named(change, message):
    combine_specialists(**GOOD)
    with pytest.raises(ValueError, match=message):
        combine_specialists(**{**GOOD, **change})


def test_the_objective_wants_the_generalists_shape():
    with pytest.raises(ValueError, match=r"must be \(2, 4\), got \(1, 4\)"):
        combination_objective(torch.full((1, 4), 0.25), **GOOD)

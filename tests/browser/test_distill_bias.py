"""The bias slider counts in the page; Python counts the same."""

import numpy as np
import pytest

from kdviz.page.bundle import STATIC

SOURCE = (STATIC / "distill-bias.js").read_text(encoding="utf-8")
MEMBERS, EXAMPLES, CLASSES = 6, 60, 4

COUNT = """async ([source, logits, labels, classes, raised, diverged, biases]) => {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { makeBias } = await import(url);
  const bias = makeBias(
    new Float32Array(logits), new Int32Array(labels), classes, raised, diverged);
  return biases.map((value) => bias.at(value));
}"""


def in_python(logits, labels, raised, diverged, bias):
    moved = logits.astype(np.float64)
    moved[..., raised] += bias
    right = moved.argmax(-1) == labels
    groups = np.split(np.arange(len(logits)), 2)
    kept = [[m for m in group if m not in diverged] for group in groups]
    return [
        {
            "all": right[group].mean(),
            "byClass": [right[group][:, labels == c].mean() for c in range(CLASSES)],
        }
        for group in kept
    ]


@pytest.fixture
def page(chromium):
    opened = chromium.new_page()
    opened.goto("about:blank")
    yield opened
    opened.close()


@pytest.mark.browser
@pytest.mark.parametrize("raised", range(CLASSES))
@pytest.mark.parametrize("diverged", [[], [1, 5]])
def test_the_page_counts_as_python_does(page, raised, diverged):
    rng = np.random.default_rng(raised)
    # Whole numbers, so that ties happen: they go to the class with the lower number.
    logits = rng.integers(-4, 5, (MEMBERS, EXAMPLES, CLASSES)).astype(np.float32)
    labels = rng.permutation(np.arange(EXAMPLES) % CLASSES)
    biases = [0, 0.5, 1, 3.5, 8]
    found = page.evaluate(
        COUNT,
        [SOURCE, logits.ravel().tolist(), labels.tolist(), CLASSES, raised, diverged, biases],
    )
    for bias, groups in zip(biases, found, strict=True):
        expected = in_python(logits, labels, raised, diverged, bias)
        for group, right in zip(groups, expected, strict=True):
            assert group["all"] == pytest.approx(right["all"], abs=1e-12)
            assert group["byClass"] == pytest.approx(right["byClass"], abs=1e-12)


@pytest.mark.browser
def test_a_group_whose_members_all_diverged_has_no_counts(page):
    zeros = [0.0] * (2 * EXAMPLES * CLASSES)
    labels = [n % CLASSES for n in range(EXAMPLES)]
    found = page.evaluate(COUNT, [SOURCE, zeros, labels, CLASSES, 1, [1], [0]])
    assert found[0][1] is None
    assert found[0][0]["all"] == 0.25

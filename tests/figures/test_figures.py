"""Figures: the numbers that both renderers draw, and a run watched live."""

import subprocess
import sys
from functools import partial

import matplotlib as mpl
import numpy as np
import pytest
from scipy import stats

import kdviz
from kdviz import figures
from kdviz.evaluation.compare import compare
from kdviz.figures.numbers import curves, matching_error, mean_and_interval
from kdviz.figures.style import COLORS, GAIN, INK, print_style
from kdviz.page.bundle import ROOT

RNG = np.random.default_rng(0)
TEACHER, STUDENT = RNG.normal(0, 4, (2, 50, 10))
EPOCHS = np.arange(11.0)
GROUPS = [
    figures.Group("soft targets", "student", 0.9 + 0.01 * RNG.random((11, 16))),
    figures.Group("hard <labels> $x$", "hard", 0.9 + 0.01 * RNG.random((11, 16))),
]
WIDTHS, TEMPERATURES = (8, 32, 128), np.array([4, 1, 20])
SOFT, HARD = 0.9 + 0.01 * RNG.random((3, 3, 8)), 0.9 + 0.01 * RNG.random((3, 8))
GAPS = np.array([[0.012, -0.02, np.nan], [0.0004, -0.0001, 0.01]])
VERDICTS = np.array([["better", "worse", ""], ["inconclusive", "inconclusive", "better"]])
FOUND = {
    "better": compare([0.93, 0.95, 0.96], [0.9, 0.91, 0.92]),
    "one <pair>": compare([0.9], [0.8]),
    "nothing": compare([np.nan], [0.8]),
}
EVERYTHING = {
    "curves": lambda: figures.training_curves(EPOCHS, GROUPS),
    "map": lambda: figures.sweep_map(GAPS, VERDICTS, [8, 16], [1, 2, 4]),
    "widths": lambda: figures.accuracy_by_width(TEMPERATURES, WIDTHS, SOFT, HARD),
    "pictures": lambda: figures.pictures(RNG.random((2, 8, 8)), ["<one>", "$two$"], "Two"),
    "matching": lambda: figures.logit_matching_error(STUDENT, TEACHER),
    "differences": lambda: figures.differences(FOUND, "This against that"),
    "accuracies": lambda: figures.accuracies({"a <b>": SOFT[0, 0], "one": [0.5]}, "Shares"),
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_notebook_gets_a_live_figure_and_a_still_one(name, tmp_path):
    import plotly.graph_objects  # noqa: F401
    from matplotlib.backends import backend_svg  # noqa: F401

    mpl.use("agg")
    before = mpl.rcParams.copy()
    figure = EVERYTHING[name]()
    shown = figure._repr_mimebundle_()
    assert shown["image/svg+xml"].lstrip().startswith("<?xml")
    assert shown["application/vnd.plotly.v1+json"]["data"]
    figure.savefig(tmp_path / "figure.pdf")
    assert (tmp_path / "figure.pdf").read_bytes().startswith(b"%PDF")
    assert mpl.rcParams == before


def test_imports_wait_for_the_first_figure():
    code = (
        "import sys, kdviz.figures; from kdviz.figures import sweep_map;"
        "assert not {'matplotlib', 'plotly', 'torch'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_curves_are_mean_and_central_band_and_leave_diverged_members_out():
    accuracy = GROUPS[0].accuracy.copy()
    accuracy[-1, :2] = np.nan
    (curve,) = curves([figures.Group("soft", "student", accuracy)], 11)
    np.testing.assert_allclose(curve.mean, accuracy[:, 2:].mean(1))
    np.testing.assert_allclose(curve.low, np.quantile(accuracy[:, 2:], 0.1, axis=1))
    assert curve.lost == 2
    live = figures.training_curves(EPOCHS, [figures.Group("soft", "student", accuracy)]).live()
    np.testing.assert_array_equal(live.data[1].y, curve.mean)
    assert "Left out: 2" in live.layout.title.subtitle.text


def test_both_renderers_draw_the_same_numbers():
    figure = EVERYTHING["curves"]()
    live, (axes,) = figure.live(), figure.still().axes
    for at, line in enumerate(axes.lines):
        np.testing.assert_array_equal(line.get_ydata(), live.data[2 * at + 1].y)
    assert "hard &lt;labels&gt;" in live.data[3].name
    heat, still = EVERYTHING["map"]().live().data[0], EVERYTHING["map"]().still().axes[0]
    assert list(heat.text.ravel() if hasattr(heat.text, "ravel") else np.ravel(heat.text)) == [
        text.get_text() for text in still.texts
    ]


def test_a_map_shows_points_and_verdicts():
    texts = np.ravel(EVERYTHING["map"]().live().data[0].text).tolist()
    assert texts == ["+1.2 ▲", "−2.0 ▼", "–", "0.0 ○", "0.0 ○", "+1.0 ▲"]


def test_words_on_the_map_can_be_read():
    def luminance(color):
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in mpl.colors.to_rgb(color)
        ]
        return np.dot([0.2126, 0.7152, 0.0722], linear)

    for color in GAIN:
        lighter, darker = sorted([luminance(color), luminance(INK)], reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_intervals_over_seeds_are_students_t():
    mean, half = mean_and_interval(SOFT)
    expected = stats.t.interval(0.95, 7, SOFT.mean(-1), stats.sem(SOFT, axis=-1))
    np.testing.assert_allclose([mean - half, mean + half], expected)
    one = mean_and_interval(np.array([[0.5, np.nan], [np.nan, np.nan]]))
    np.testing.assert_array_equal(one, [[0.5, np.nan], [np.nan, np.nan]])


def test_panels_by_width_sort_temperatures():
    live = EVERYTHING["widths"]().live()
    assert list(live.data[0].x) == [1, 4, 20]
    np.testing.assert_allclose(live.data[0].y, SOFT[0, [1, 0, 2]].mean(-1))
    assert live.data[0].line.color == COLORS["teacher"]


def test_error_of_logit_matching_falls_tenfold_a_decade():
    errors = np.median(matching_error(STUDENT, TEACHER, np.array([1e3, 1e4])), axis=1)
    assert errors[0] / errors[1] == pytest.approx(10, rel=0.02)


def test_differences_show_interval_and_verdict():
    live = EVERYTHING["differences"]().live()
    row, low = FOUND["better"], live.data[0].error_x.arrayminus[0]
    assert live.data[0].x[0] == pytest.approx(100 * row.difference)
    assert live.data[0].x[0] - low == pytest.approx(100 * row.low)
    assert live.data[1].error_x.array[0] == 0  # one pair has no interval
    assert [note.text for note in live.layout.annotations][:2] == [
        "<b>better ▲</b>",
        "<b>inconclusive ○</b>",
    ]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: figures.training_curves(EPOCHS, []), "groups must hold one or more"),
        (
            lambda: figures.training_curves(EPOCHS, [("x", "red", GROUPS[0].accuracy)]),
            "role must be one of teacher, student, hard, good, got 'red'",
        ),
        (
            lambda: figures.training_curves(EPOCHS[:3], GROUPS),
            r"accuracy of 'soft targets' must have shape \(3, any\), got \(11, 16\)",
        ),
        (
            lambda: figures.training_curves([0], [("x", "hard", [[np.nan]])]),
            "accuracy of 'x' must have one member or more without NaN",
        ),
        (lambda: figures.sweep_map(GAPS, VERDICTS, [8], [1, 2, 4]), "differences must have shape"),
        (
            lambda: figures.sweep_map(GAPS, np.full((2, 3), "maybe"), [8, 16], [1, 2, 4]),
            "verdicts must be one of better, worse, inconclusive, got 'maybe'",
        ),
        (
            lambda: figures.accuracy_by_width([0, 1, 2], WIDTHS, SOFT, HARD),
            "temperatures must be above 0, got 0",
        ),
        (
            lambda: figures.accuracy_by_width(TEMPERATURES, WIDTHS, SOFT[:2], HARD),
            "accuracy must have shape",
        ),
        (
            lambda: figures.logit_matching_error(TEACHER, TEACHER),
            "student_logits must differ from teacher_logits",
        ),
        (lambda: figures.differences({}, "x"), "found must hold one comparison or more"),
        (lambda: figures.accuracies({"a": []}, "x"), "found must hold one list of shares"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


@pytest.fixture
def run():
    digits, teacher = kdviz.load_dataset("digits"), kdviz.load_teacher("digits")

    def make(**options):
        return kdviz.train(
            partial(kdviz.mlp, 64, (4,), 10),
            kdviz.TransferSet(digits.train),
            teacher.train_logits,
            temperature=4.0,
            **{"epochs": 1, "test": digits.test, "seeds": [0, 1, 0, 1]}
            | {"soft_weight": [1, 1, 0, 0]}
            | options,
        )

    return make


def test_watching_ends_in_a_verdict_and_curves(run, capsys):
    made = run()
    figure = kdviz.watch(made)
    accuracy = made.history.accuracy
    expected = compare(accuracy[-1, :2], accuracy[-1, 2:]).sentence("Soft targets", "hard labels")
    assert capsys.readouterr().out.strip() == expected
    assert made.history.finished
    np.testing.assert_allclose(figure.live().data[1].y, accuracy[:, :2].mean(1))


def test_in_a_notebook_it_is_drawn_live_and_can_be_stopped(run, monkeypatch):
    module, shown, drawn = sys.modules["kdviz.figures.watch"], [], []
    monkeypatch.setattr(module, "_in_notebook", lambda: True)
    monkeypatch.setattr(module, "REDRAW_SECONDS", 0)
    monkeypatch.setattr("IPython.display.display", shown.append)

    class Clicked(type(run())):
        """A run during which the learner presses Stop."""

        def __next__(self):
            record = super().__next__()
            row, figure, _ = shown[0].children
            drawn.append(len(figure.data))
            if len(self.history) == 3:
                row.children[1].click()
            return record

    made = run(epochs=1000)
    made.__class__ = Clicked
    assert kdviz.watch(made) is None
    assert len(made.history) == 3
    assert drawn == [0, 4, 4]
    row, _, verdict = shown[0].children
    assert row.children[1].disabled
    assert verdict.value == "Stopped at epoch 2: no verdict on half a run."


def test_a_run_without_a_test_split_is_refused(run):
    with pytest.raises(ValueError, match=r"run must have a test split: kdviz.train\(..., test"):
        kdviz.watch(run(test=None))


def test_unknown_members_are_refused(run):
    with pytest.raises(ValueError, match=r"group 'a' must hold members 0 to 3, got \[9\]"):
        kdviz.watch(run(), {"a": [9]})


def test_print_style_is_a_style_of_matplotlib():
    assert set(print_style()) <= set(mpl.rcParams)


def test_a_role_has_one_color_on_the_page_and_in_figures():
    sheet = (ROOT / "app" / "shell" / "lab.css").read_text("utf-8")
    for role, color in COLORS.items():
        assert f"--kd-{role}: {color.lower()}" in sheet

import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from scipy import stats
from scipy.special import softmax

from kdviz import figures
from kdviz.figures import interactive
from kdviz.figures.numbers import center_and_band, mean_and_interval, spread
from kdviz.figures.style import COLORS, GAIN, INK, PrintFigure, percent, power
from kdviz.widgets._modules import STATIC

RNG = np.random.default_rng(0)
TEACHER, STUDENT = RNG.normal(0, 4, (2, 50, 10))
LABELS = TEACHER.argmax(1)
EPOCHS = np.arange(11.0)
GROUPS = [
    figures.Group("soft targets", "student", 0.9 + 0.01 * RNG.random((11, 16))),
    figures.Group("hard <labels> $x$", "hard", 0.9 + 0.01 * RNG.random((11, 16))),
]
WIDTHS, TEMPERATURES = (8, 32, 128), np.array([4, 1, 20])
SOFT, HARD = 0.9 + 0.01 * RNG.random((3, 3, 8)), 0.9 + 0.01 * RNG.random((3, 8))
GAPS = np.array([[0.012, -0.02, np.nan], [0.0004, -0.0001, 0.01]])
VERDICTS = np.array([["better", "worse", ""], ["inconclusive", "inconclusive", "better"]])


def everything():
    yield figures.soft_targets(TEACHER[0], 4)
    yield figures.entropy_curve(TEACHER, 3, temperature=4)
    yield figures.confidence(TEACHER, (LABELS + 1) % 10)
    yield figures.loss_balance(STUDENT, TEACHER, LABELS, temperature=4, soft_weight=0.7)
    yield figures.gradients(STUDENT[0], TEACHER[0], 3, temperature=4, soft_weight=0.7)
    yield figures.gradient_ratio(STUDENT, TEACHER, LABELS)
    yield figures.logit_matching_error(STUDENT, TEACHER)
    yield figures.training_curves(EPOCHS, GROUPS)
    yield figures.accuracy_by_class([("soft", "student", RNG.random((4, 10)))], unseen=[3])
    yield figures.sweep_map(GAPS, VERDICTS, [8, 16], [1, 2, 4])
    yield figures.accuracy_by_width(TEMPERATURES, WIDTHS, SOFT, HARD)
    yield figures.covariance_and_confusion(softmax(TEACHER, 1), LABELS, [(0, 5), (1, 2, 3)])


@pytest.fixture(scope="module")
def drawn():
    found = list(everything())
    for figure in found:
        FigureCanvasAgg(figure).draw()
    return found


def line(figure, index=0, axes=0):
    return figure.axes[axes].lines[index].get_ydata()


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def labels_of(figure, gid):
    return [text for axes in figure.axes for text in axes.texts if text.get_gid() == gid]


def test_all_are_print_figures_whose_words_stay_on_the_page(drawn):
    for figure in drawn:
        assert isinstance(figure, PrintFigure)
        assert figure.texts[0].get_family()[0] in ("Georgia", "Gelasio", "DejaVu Serif")
        page = figure.bbox.padded(1)
        words = [text.get_window_extent() for text in figure.texts]
        for box in words + [axes.get_tightbbox() for axes in figure.axes]:
            assert page.contains(box.x0, box.y0), figure.texts[0].get_text()
            assert page.contains(box.x1, box.y1), figure.texts[0].get_text()


def test_no_direct_label_covers_another(drawn):
    for figure in drawn:
        for gid in ("end-label", "key"):
            boxes = [text.get_window_extent() for text in labels_of(figure, gid)]
            for index, box in enumerate(boxes):
                assert not any(box.overlaps(other) for other in boxes[:index])
                assert figure.bbox.padded(1).contains(box.x1, box.y0)


def test_drawing_leaves_the_readers_settings_alone_and_loads_no_pyplot():
    before = dict(mpl.rcParams)
    figure = figures.training_curves(EPOCHS, GROUPS)
    assert "<svg" in figure._repr_svg_()
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
def test_figures_are_saved_for_slides_and_papers(kind, tmp_path):
    figures.soft_targets(TEACHER[0], 4).savefig(tmp_path / f"soft.{kind}")
    assert (tmp_path / f"soft.{kind}").stat().st_size > 5_000


def test_imports_wait_for_the_first_figure():
    heavy = "{'torch', 'plotly', 'matplotlib', 'scipy'}"
    code = f"import sys, kdviz.figures as f; assert not {heavy} & set(sys.modules); "
    code += "f.soft_targets([1, 2], 3); assert not {'torch', 'plotly'} & set(sys.modules); "
    code += "assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("scale", ["log", "linear"])
def test_bars_end_at_the_soft_targets_and_ticks_at_those_of_t_1(scale):
    axes = figures.soft_targets(TEACHER[0], 4, label=3, scale=scale).axes[0]
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    np.testing.assert_allclose(ends, softmax(TEACHER[0] / 4), rtol=1e-12)
    ticks = [segment[0, 0] for segment in axes.collections[0].get_segments()]
    np.testing.assert_allclose(ticks, softmax(TEACHER[0]), rtol=1e-12)
    assert [label.get_weight() for label in axes.get_yticklabels()].index("bold") == 3
    assert axes.get_xscale() == scale


def test_above_twenty_classes_the_rest_are_summed():
    logits = RNG.normal(0, 3, 1000)
    axes = figures.soft_targets(logits, 2, classes=[f"$c_{i}$" for i in range(1000)]).axes[0]
    ends = np.array([bar.get_x() + bar.get_width() for bar in axes.patches])
    np.testing.assert_allclose(ends[:19], np.sort(softmax(logits / 2))[::-1][:19])
    assert ends.sum() == pytest.approx(1)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names[-1] == "981 others"
    assert names[0] == f"$c_{logits.argmax()}$"


def test_extreme_logits_are_drawn():
    figures.soft_targets([1e4, -1e4, 0], 0.5)
    figures.entropy_curve(np.array([[1e4, -1e4], [0, 0]]), 0)
    figures.confidence(np.array([[1e4, -1e4], [0, 0]]))


def test_entropy_curve_is_scipys_and_its_band_holds_eight_in_ten():
    figure = figures.entropy_curve(TEACHER, 7, temperature=5)
    T = figure.axes[0].lines[0].get_xdata()
    every = np.array([stats.entropy(softmax(TEACHER / t, 1), base=2, axis=1) for t in T])
    np.testing.assert_allclose(line(figure), every[:, 7], rtol=1e-9)
    band = figure.axes[0].collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx(np.quantile(every, 0.9, axis=1).max())
    np.testing.assert_allclose(line(figure, 1), np.log2(10))


def test_confidence_marks_mistakes_and_every_point_lies_between_the_limits():
    axes = figures.confidence(TEACHER, np.where(np.arange(50) < 5, (LABELS + 1) % 10, LABELS)).axes[
        0
    ]
    most, least, right, wrong = axes.lines
    assert (len(right.get_xdata()), len(wrong.get_xdata())) == (45, 5)
    for points in (right, wrong):
        p, bits = points.get_data()
        assert (bits <= np.interp(p, *most.get_data()) + 0.02).all()
        assert (bits >= np.interp(p, *least.get_data()) - 0.02).all()


def test_two_terms_of_the_loss_add_up_and_agree_with_the_engine():
    torch = pytest.importorskip("torch")
    from kdviz import distillation_loss

    tensors = [torch.from_numpy(each) for each in (STUDENT, TEACHER, LABELS)]
    expected = distillation_loss(*tensors, temperature=3, soft_weight=0.6).mean().item()
    figure = figures.loss_balance(STUDENT, TEACHER, LABELS, temperature=3, soft_weight=0.6)
    first, second, *stack = figure.axes[0].patches
    assert second.get_x() + second.get_width() == pytest.approx(expected)
    assert first.get_width() + second.get_width() == pytest.approx(expected)
    assert sum(bar.get_width() for bar in stack) == pytest.approx(expected)
    assert f"{expected:.3f}" in texts(figure)


def test_pushes_are_the_negative_gradient_of_the_loss():
    torch = pytest.importorskip("torch")
    from kdviz import distillation_loss

    z = torch.from_numpy(STUDENT[0]).requires_grad_()
    loss = distillation_loss(
        z, torch.from_numpy(TEACHER[0]), torch.tensor(2), temperature=3, soft_weight=0.6
    )
    loss.backward()
    axes = figures.gradients(STUDENT[0], TEACHER[0], 2, temperature=3, soft_weight=0.6).axes[0]
    widths = np.array([bar.get_width() for bar in axes.patches]).reshape(2, 10)
    np.testing.assert_allclose(widths.sum(0), -z.grad, rtol=1e-9)
    np.testing.assert_allclose(widths.sum(1), 0, atol=1e-12)


def test_gradient_ratio_without_t_squared_falls_as_its_inverse_square():
    figure = figures.gradient_ratio(STUDENT, TEACHER, LABELS, temperatures=[1, 1e3, 1e4])
    scaled, bare = line(figure, 0), line(figure, 1)
    np.testing.assert_allclose(scaled / bare, [1, 1e6, 1e8])
    assert scaled[2] == pytest.approx(scaled[1], rel=0.01)
    hard = np.abs(softmax(STUDENT, 1) - np.eye(10)[LABELS]).mean()
    soft = np.abs(softmax(STUDENT, 1) - softmax(TEACHER, 1)).mean()
    assert scaled[0] == pytest.approx(soft / hard)


def test_error_of_logit_matching_falls_tenfold_a_decade():
    figure = figures.logit_matching_error(STUDENT, TEACHER + 100, temperatures=[100, 1000, 10_000])
    middle = line(figure)
    np.testing.assert_allclose(middle[:-1] / middle[1:], 10, rtol=0.1)
    np.testing.assert_allclose(line(figure, 1)[0], 100 * middle[-1])


def test_curves_are_mean_and_central_band_and_leave_diverged_members_out():
    holes = GROUPS[0].accuracy.copy()
    holes[5:, 2] = np.nan
    whole = np.delete(holes, 2, 1)
    mean, low, high, lost = center_and_band(holes)
    assert lost == 1
    np.testing.assert_allclose(mean, whole.mean(1))
    np.testing.assert_allclose([low, high], np.quantile(whole, [0.1, 0.9], axis=1))
    groups = [figures.Group("soft", "student", holes), GROUPS[1]]
    figure = figures.training_curves(EPOCHS, groups)
    np.testing.assert_allclose(line(figure), mean)
    assert figure.axes[0].lines[0].get_color() == COLORS["student"]
    assert "1 that diverged" in figure.texts[1].get_text()
    assert f"soft: {100 * mean[-1]:.1f}%" in texts(figure)


def test_bars_by_class_are_means_over_seeds():
    accuracy = RNG.random((4, 10))
    accuracy[0, 2] = np.nan
    accuracy[:, 3] = 0
    figure = figures.accuracy_by_class([("a", "student", accuracy), ("b", "hard", accuracy[1])])
    heights = np.array([bar.get_height() for bar in figure.axes[0].patches]).reshape(2, 10)
    np.testing.assert_allclose(heights, [np.nanmean(accuracy, 0), accuracy[1]])
    assert texts(figure).count("0%") == 2


def test_sweep_shows_differences_and_verdicts():
    figure = figures.sweep_map(GAPS, VERDICTS, [8, 16], [1, 2, 4])
    assert texts(figure) == ["+1.2 ▲", "−2.0 ▼", "–", "0.0 ○", "0.0 ○", "+1.0 ▲"]
    np.testing.assert_array_equal(figure.axes[0].collections[0].get_array().filled(np.nan), GAPS)


def test_words_on_the_map_can_be_read():
    from kdviz.figures.interactive import DARK, LIGHT

    def luminance(color):
        c = np.array(mpl.colors.to_rgb(color))
        return np.where(c <= 0.03928, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [
            0.2126,
            0.7152,
            0.0722,
        ]

    def contrast(a, b):
        dark, light = sorted([luminance(a), luminance(b)])
        return (light + 0.05) / (dark + 0.05)

    assert min(contrast(INK, color) for color in GAIN) > 4.5
    for look in (LIGHT, DARK):
        assert min(contrast(look["ink"], color) for color in look["gain"]) > 4.5
        assert contrast(look["muted"], look["paper"]) > 4.5


def test_intervals_over_seeds_are_students_t():
    mean, half = mean_and_interval(SOFT)
    expected = stats.t.interval(0.95, 7, SOFT.mean(-1), stats.sem(SOFT, axis=-1))
    np.testing.assert_allclose([mean - half, mean + half], expected)
    lone, none = np.full((2, 3), np.nan)
    lone[0] = 0.9
    means, halves = mean_and_interval(np.array([lone, none]))
    np.testing.assert_array_equal(means, [0.9, np.nan])
    assert np.isnan(halves).all()


def test_panels_by_width_sort_temperatures_and_show_the_baseline():
    figure = figures.accuracy_by_width(TEMPERATURES, WIDTHS, SOFT, HARD)
    for panel, axes in enumerate(figure.axes):
        points = axes.containers[0].lines[0]
        np.testing.assert_array_equal(points.get_xdata(), [1, 4, 20])
        np.testing.assert_allclose(points.get_ydata(), SOFT[panel].mean(-1)[[1, 0, 2]])
        half = stats.t.ppf(0.975, 7) * stats.sem(HARD[panel])
        assert axes.patches[0].get_height() == pytest.approx(2 * half)
        assert axes.get_title(loc="left") == f"{WIDTHS[panel]} units"
    assert (
        len(
            figures.accuracy_by_width(
                [4], range(1, 6), SOFT[:1, :1].repeat(5, 0), HARD[:1].repeat(5, 0)
            ).axes
        )
        == 5
    )


def test_matrices_are_reordered_together():
    p = softmax(TEACHER, 1)
    labels = (LABELS + (np.arange(50) % 7 == 0)) % 10
    figure = figures.covariance_and_confusion(p, labels, [(9, 2), (2, 4)])
    order = [9, 2, 4, 0, 1, 3, 5, 6, 7, 8]
    off = ~np.eye(10, dtype=bool)
    covariance, confusion = (
        np.ma.filled(axes.images[0].get_array(), np.nan) for axes in figure.axes
    )
    np.testing.assert_allclose(covariance[off], np.cov(p.T)[np.ix_(order, order)][off])
    assert np.nansum(confusion) == (labels != LABELS).sum()
    example = np.flatnonzero(labels != LABELS)[0]
    assert confusion[order.index(labels[example]), order.index(LABELS[example])] >= 1
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == [str(n) for n in order]
    assert [frame.get_width() for frame in figure.axes[0].patches] == [2, 1]


@pytest.mark.parametrize("dark", [False, True])
def test_plotly_draws_the_numbers_of_print(dark):
    look = "kdviz-dark" if dark else "kdviz"
    plotly = figures.interactive
    curves = plotly.training_curves(EPOCHS, GROUPS, dark=dark)
    mean, low, high, _ = center_and_band(GROUPS[0].accuracy)
    np.testing.assert_allclose(curves.data[1].y, mean)
    np.testing.assert_allclose(curves.data[0].y, [*high, *low[::-1]])
    assert curves.data[3].name == "hard &lt;labels&gt; $x$"
    heat = plotly.sweep_map(GAPS, VERDICTS, [8, 16], [1, 2, 4], dark=dark)
    np.testing.assert_allclose(heat.data[0].z, 100 * GAPS)
    assert heat.data[0].text[0].tolist() == ["<b>+1.2 ▲</b>", "<b>−2.0 ▼</b>", "–"]
    panels = plotly.accuracy_by_width(TEMPERATURES, WIDTHS, SOFT, HARD, dark=dark)
    np.testing.assert_allclose(panels.data[1].y, SOFT[1].mean(-1)[[1, 0, 2]])
    bands = [shape for shape in panels.layout.shapes if shape.type == "rect"]
    assert len(bands) == 3
    assert bands[0].y1 - bands[0].y0 == pytest.approx(2 * mean_and_interval(HARD)[1][0])
    for figure in (curves, heat, panels):
        assert figure.layout.template == plotly.template(dark)
    import plotly.io as pio

    assert pio.templates[look] == plotly.template(dark)


def test_labels_are_spread_as_little_as_can_be():
    np.testing.assert_allclose(spread([0.9, 0.2, 0.5], 0.1, 0, 1), [0.9, 0.2, 0.5])
    np.testing.assert_allclose(spread([0.5, 0.5], 0.2, 0, 1), [0.4, 0.6])
    np.testing.assert_allclose(spread([1, 1, 1], 0.1, 0, 1), [0.8, 0.9, 1])
    np.testing.assert_allclose(spread([-5], 0.1, 0, 1), [0])
    np.testing.assert_allclose(spread([0.1] * 11, 0.5, 0, 1), np.linspace(0, 1, 11))
    assert len(spread([], 0.1, 0, 1)) == 0


@pytest.mark.parametrize("seed", range(20))
def test_spread_keeps_order_gap_and_limits(seed):
    rng = np.random.default_rng(seed)
    wanted = rng.normal(0.5, 0.4, rng.integers(1, 10))
    placed = spread(wanted, 0.1, 0, 1)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(placed[order]) >= 0.1 - 1e-12).all()
    assert ((placed >= -1e-12) & (placed <= 1 + 1e-12)).all()
    if np.diff(np.sort(wanted)).min(initial=1) >= 0.1:
        np.testing.assert_allclose(placed, spread(wanted, 0, 0, 1), atol=0.11 * len(wanted))


def test_numbers_read_well():
    assert [power(n) for n in (0, 1, 2, -6, -12)] == ["1", "10", "10²", "10⁻⁶", "10⁻¹²"]
    values = (1, 0.37, 0.0996, 0.0312, 0.001, 4.4e-7, 0)
    assert [percent(value) for value in values] == [
        "100%",
        "37%",
        "10%",
        "3.1%",
        "0.1%",
        "4·10⁻⁷",
        "0%",
    ]


SHAPES = {
    "logits must have shape .any., got .2, 2.": lambda: figures.soft_targets(np.zeros((2, 2)), 1),
    "temperature must be above 0, got 0": lambda: figures.soft_targets([1, 2], 0),
    "scale must be 'log' or 'linear', got 'cubic'": lambda: figures.soft_targets(
        [1, 2], 1, scale="cubic"
    ),
    "classes must be 2 names, got 1": lambda: figures.soft_targets([1, 2], 1, classes=["a"]),
    "label must be whole numbers from 0 to 1": lambda: figures.soft_targets([1, 2], 1, label=2),
    "logits must be finite": lambda: figures.entropy_curve([[1, np.nan]], 0),
    "logits must have shape .any, any.": lambda: figures.entropy_curve(np.empty((0, 3)), 0),
    "example must be whole numbers from 0 to 49": lambda: figures.entropy_curve(TEACHER, 50),
    "labels must have shape .50.": lambda: figures.confidence(TEACHER, LABELS[:3]),
    "student_logits must have shape .50, 10.": lambda: figures.logit_matching_error(
        STUDENT[:3], TEACHER
    ),
    "must differ from teacher_logits": lambda: figures.logit_matching_error(TEACHER, TEACHER),
    "temperatures must be above 0": lambda: figures.logit_matching_error(
        STUDENT, TEACHER, temperatures=[-1, 2]
    ),
    "must differ from the teacher's": lambda: figures.gradient_ratio(TEACHER, TEACHER, LABELS),
    "soft_weight must lie between 0 and 1, got 2": lambda: figures.loss_balance(
        STUDENT, TEACHER, LABELS, temperature=1, soft_weight=2
    ),
    "at most 40 classes to draw, got 41": lambda: figures.gradients(
        np.zeros(41), np.ones(41), 0, temperature=1, soft_weight=1
    ),
    "groups must hold one or more": lambda: figures.training_curves(EPOCHS, []),
    "role must be one of .* got 'parent'": lambda: figures.training_curves(
        EPOCHS, [("a", "parent", np.ones((11, 2)))]
    ),
    "accuracy of 'a' must have shape .11, any.": lambda: figures.training_curves(
        EPOCHS, [("a", "hard", np.ones((10, 2)))]
    ),
    "one member or more without NaN": lambda: figures.training_curves(
        EPOCHS, [("a", "hard", np.full((11, 2), np.nan))]
    ),
    "at most 40 classes, got 41": lambda: figures.accuracy_by_class([("a", "hard", np.ones(41))]),
    "unseen must be whole numbers from 0 to 9": lambda: figures.accuracy_by_class(
        [("a", "hard", np.ones(10))], unseen=[10]
    ),
    "differences must have shape .1, 3.": lambda: figures.sweep_map(GAPS, VERDICTS, [8], [1, 2, 4]),
    "verdicts must be one of .* got 'great'": lambda: figures.sweep_map(
        [[0.1]], [["great"]], [8], [1]
    ),
    "accuracy of 'baseline' must have shape .3, any.": lambda: figures.accuracy_by_width(
        TEMPERATURES, WIDTHS, SOFT, HARD[:2]
    ),
    "clusters must be whole numbers": lambda: figures.covariance_and_confusion(
        softmax(TEACHER, 1), LABELS, [(0, 10)]
    ),
}


@pytest.mark.parametrize("message", SHAPES)
def test_what_does_not_fit_is_refused_by_name(message):
    with pytest.raises(ValueError, match=message):
        SHAPES[message]()


def test_pages_and_figures_give_each_role_one_color():
    css = (STATIC / "lab.css").read_text("utf-8")
    dark = interactive.DARK_COLORS
    for role, color in COLORS.items():
        assert f"--kd-{role}: {color.lower()};" in css
        assert f"--kd-{role}: light-dark({color.lower()}, {dark[role].lower()});" in css


def test_soft_targets_are_the_teachers_wherever_they_win():
    """On the map of a sweep, and over temperature, as in the page's own."""
    for look in (interactive.LIGHT, interactive.DARK):
        (_, _, blue), (red, _, most) = (mpl.colors.to_rgb(look["gain"][i]) for i in (0, -1))
        assert most - red > 0.3  # the teacher's blue
        assert blue - mpl.colors.to_rgb(look["gain"][0])[0] < 0.1  # hard labels' gray
    figure = figures.accuracy_by_width([1, 2], [8], RNG.random((1, 2, 3)), RNG.random((1, 3)))
    assert figure.axes[0].containers[0].lines[0].get_color() == COLORS["teacher"]

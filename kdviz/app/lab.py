"""The lab: one widget, so that everything on a page is linked in the browser."""

import math

import anywidget
import numpy as np
import traitlets

from kdviz.page.bundle import join_modules, join_styles

COLDEST, HOTTEST = 0.5, 50.0
PANELS = ("soften", "weigh", "distill", "sweep", "crowd")


class Lab(anywidget.AnyWidget):
    """An interactive lab over the logits of a teacher; every view of it shows one state.

    Panels compute in the page from `logits`, sent once. A panel that trains writes its settings
    to a trait of its own name and reads results from the one ending in `_view`.

    Attributes:
        temperature: T, from 0.5 to 50.
        soft_weight: Weight of the soft targets in the loss, from 0 to 1.
        panels: The panels on the page, in order; `panel` is the open one.
        title: The heading; `note`, if any, stands beneath it and says what the data are.
        classes: Class names, C of them, at least two.
        logits: The teacher's logits on test examples, float32 (N, C) as little-endian bytes.
        student_logits: A student's logits on the same examples, as `logits`; may be empty.
        labels: int32 (N,) as bytes, -1 for unlabelled; may be empty.
        images: uint8 (N, height, width) as bytes; may be empty.
        image_shape: Height and width of an image in pixels.
        example: Number of the example in view; -1 lets the page choose a telling one.
        scale: How bars are drawn, "linear" or "log".
        large: Whether everything is drawn larger, for a projector.
        soften: What the learner has set in *Soften*: `closer` (the closer look that is open),
            `overlay` (the student beside the teacher), `dragged` (None, or an `example` and
            `logits`), `second` (the example to compare with), `factor` and `offset`.
        weigh: What the learner has set in *Weigh*: `start` (of the student: "trained", "nothing"
            or "equal"), `squared` (the factor T²), `moved` (None, or an `example` and `logits`).
        live: Whether a kernel trains when the page asks for it.
        distill: What the learner has set in *Distill*; `distill_view` is what to show there.
        distill_curves: float32 (records, 7): epoch; mean, lowest and highest test accuracy of
            students; the same of baselines.
        distill_logits: float32 (members, N, C): students, then baselines, on the test examples.
        sweep: What the learner has set in *Sweep*; `sweep_view` is what to show there, and
            `sweep_table` its heat map.
        crowd: What the learner has set in *Crowd*; `crowd_view` is what to show there, and
            `crowd_picks` the clusters trained and examples worth a look.
        crowd_matrices: float32 (3, C, C): covariance and correlation of the generalist's
            predictions, and its confusion matrix.
        crowd_curves: float32 (records, 2 + M): step; points gained by all specialists, by each.
        crowd_shares: float64 (K, C), then (M, K, W + 1): what generalist and specialists say of
            the examples in `crowd_picks`.
    """

    _esm = join_modules("lab")
    _css = join_styles()

    temperature = traitlets.Float(4.0).tag(sync=True)
    soft_weight = traitlets.Float(0.9).tag(sync=True)
    panel = traitlets.Unicode("soften").tag(sync=True)
    panels = traitlets.List(traitlets.Unicode(), ["soften"]).tag(sync=True)
    title = traitlets.Unicode("What a temperature teaches").tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    classes = traitlets.List(traitlets.Unicode(), [str(c) for c in range(10)]).tag(sync=True)
    logits = traitlets.Bytes().tag(sync=True)
    student_logits = traitlets.Bytes().tag(sync=True)
    labels = traitlets.Bytes().tag(sync=True)
    images = traitlets.Bytes().tag(sync=True)
    image_shape = traitlets.List(traitlets.Int(), [0, 0]).tag(sync=True)
    example = traitlets.Int(-1).tag(sync=True)
    scale = traitlets.Enum(["linear", "log"], "linear").tag(sync=True)
    large = traitlets.Bool(False).tag(sync=True)
    soften = traitlets.Dict().tag(sync=True)
    weigh = traitlets.Dict().tag(sync=True)
    live = traitlets.Bool(False).tag(sync=True)
    distill = traitlets.Dict().tag(sync=True)
    distill_view = traitlets.Dict().tag(sync=True)
    distill_curves = traitlets.Bytes().tag(sync=True)
    distill_logits = traitlets.Bytes().tag(sync=True)
    sweep = traitlets.Dict().tag(sync=True)
    sweep_view = traitlets.Dict().tag(sync=True)
    sweep_table = traitlets.Dict().tag(sync=True)
    crowd = traitlets.Dict().tag(sync=True)
    crowd_view = traitlets.Dict().tag(sync=True)
    crowd_picks = traitlets.Dict().tag(sync=True)
    crowd_matrices = traitlets.Bytes().tag(sync=True)
    crowd_curves = traitlets.Bytes().tag(sync=True)
    crowd_shares = traitlets.Bytes().tag(sync=True)

    @classmethod
    def from_arrays(
        cls, logits, labels=None, images=None, classes=None, student_logits=None, **traits
    ):
        """Make a lab from arrays.

        Args:
            logits: (N, C), finite, with at least one row and two columns.
            labels: (N,) integers from -1 (unlabelled) to C - 1.
            images: (N, height, width), uint8, or floats from 0 to 1.
            classes: C names; 0 to C - 1 when left out.
            student_logits: (N, C), finite.
            **traits: Any other trait, as `temperature=4`.

        Returns:
            A `Lab`.

        Raises:
            ValueError: An array has a shape or a value that is not allowed.
        """
        logits = _logits("logits", logits)
        count, width = logits.shape
        names = [str(c) for c in (range(width) if classes is None else classes)]
        if len(names) != width:
            raise ValueError(f"classes has {len(names)} names; logits has {width} columns")
        if student_logits is not None:
            student_logits = _logits("student_logits", student_logits)
            if student_logits.shape != logits.shape:
                raise ValueError(
                    f"student_logits has shape {student_logits.shape}; that of logits, "
                    f"{logits.shape}, is needed"
                )
            traits["student_logits"] = student_logits.astype("<f4").tobytes()
        if labels is not None:
            traits["labels"] = _labels(labels, count, width).astype("<i4").tobytes()
        if images is not None:
            pixels = _pixels(images, count)
            traits |= {"images": pixels.tobytes(), "image_shape": list(pixels.shape[1:])}
        return cls(logits=logits.astype("<f4").tobytes(), classes=names, **traits)

    @traitlets.validate("temperature")
    def _check_temperature(self, proposal):
        return _within("temperature", proposal["value"], COLDEST, HOTTEST)

    @traitlets.validate("soft_weight")
    def _check_soft_weight(self, proposal):
        return _within("soft_weight", proposal["value"], 0, 1)

    @traitlets.validate("panels")
    def _check_panels(self, proposal):
        names = proposal["value"]
        if not names or len(set(names)) < len(names) or not set(names) <= set(PANELS):
            raise traitlets.TraitError(
                f"panels is {names!r}; allowed are one or more of {', '.join(PANELS)}, each once"
            )
        return names

    @traitlets.validate("panel")
    def _check_panel(self, proposal):
        if proposal["value"] not in self.panels:
            raise traitlets.TraitError(
                f"panel is {proposal['value']!r}; allowed are {', '.join(self.panels)}"
            )
        return proposal["value"]

    @traitlets.validate("classes")
    def _check_classes(self, proposal):
        if len(proposal["value"]) < 2:
            raise traitlets.TraitError(
                f"classes is {proposal['value']!r}; at least two names are needed"
            )
        return proposal["value"]

    @traitlets.validate("logits", "student_logits")
    def _check_logits(self, proposal):
        row = 4 * len(self.classes)
        if len(proposal["value"]) % row:
            raise traitlets.TraitError(
                f"{proposal['trait'].name} holds {len(proposal['value'])} bytes, which are "
                f"not whole rows of {len(self.classes)} float32"
            )
        return proposal["value"]

    @traitlets.validate("example")
    def _check_example(self, proposal):
        count = len(self.logits) // (4 * len(self.classes))
        if not -1 <= proposal["value"] < max(count, 1):
            raise traitlets.TraitError(
                f"example is {proposal['value']}; allowed are -1 (the page "
                f"chooses) to {max(count, 1) - 1}"
            )
        return proposal["value"]


def _within(name: str, value: float, low: float, high: float) -> float:
    if math.isnan(value) or not low <= value <= high:
        raise traitlets.TraitError(f"{name} is {value}; allowed are {low:g} to {high:g}")
    return value


def _logits(name: str, logits) -> np.ndarray:
    logits = np.asarray(logits, dtype=np.float32)
    if logits.ndim != 2 or logits.shape[0] < 1 or logits.shape[1] < 2:
        raise ValueError(
            f"{name} has shape {logits.shape}; (examples, classes) with at least "
            "one example and two classes is needed"
        )
    if not np.isfinite(logits).all():
        row, column = np.argwhere(~np.isfinite(logits))[0]
        raise ValueError(f"{name}[{row}, {column}] is {logits[row, column]}; all must be finite")
    return logits


def _labels(labels, count: int, width: int) -> np.ndarray:
    labels = np.asarray(labels)
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        raise ValueError(
            f"labels has shape {labels.shape} and type {labels.dtype}; "
            f"({count},) integers are needed, one for each row of logits"
        )
    if labels.min() < -1 or labels.max() >= width:
        wrong = labels[(labels < -1) | (labels >= width)][0]
        raise ValueError(f"labels holds {wrong}; allowed are -1 (unlabelled) to {width - 1}")
    return labels


def _pixels(images, count: int) -> np.ndarray:
    images = np.asarray(images)
    if images.ndim != 3 or len(images) != count:
        raise ValueError(
            f"images has shape {images.shape}; ({count}, height, width) is needed, "
            "one image for each row of logits"
        )
    if images.dtype == np.uint8:
        return images
    if not (images.min() >= 0 and images.max() <= 1):
        raise ValueError(
            f"images spans {images.min()} to {images.max()}; uint8, or floats from "
            "0 to 1, are needed"
        )
    return np.round(images * 255).astype(np.uint8)

"""The lab: one widget, so that everything on a page is linked in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import anywidget
import numpy as np
import traitlets

from kdviz.app.class_folder import gather, hand_in
from kdviz.page.bundle import ROOT, join_styles, join_views
from kdviz.panels import find_panels
from kdviz.panels.panel import Panel
from kdviz.panels.settings import SHARED, Setting, settings_traits
from kdviz.words import Said, language

_SHELL = ROOT / "app" / "shell"
_PARTS = ROOT / "page" / "parts"
_OTHERS = {"data": Said("Own logits")}  # what a link may hide besides


class Lab(anywidget.AnyWidget, settings_traits(SHARED, sync=True)):
    """An interactive lab over the logits of a teacher; every view of it shows one state.

    Panels compute in the page from `logits`, sent once. Each has a trait of its own name, which
    holds what the learner has set there; one that trains tells of it in a trait ending in
    `_view` and in those that its `Panel` names.

    Args:
        panels: Names of panels, or panels of your own; the first is open.
        **traits: Any trait.

    Attributes:
        temperature: T, from 0.5 to 50.
        soft_weight: Weight of the soft targets in the loss, from 0 to 1.
        example: Number of the example in view; -1 lets the page choose a telling one.
        scale: How bars are drawn, "linear" or "log".
        tour: Whether a tour of two minutes leads through the panels.
        where: Who trains where the page can too: "page" or "kernel".
        large: Whether everything is drawn larger, for a projector.
        colors: "light" or "dark", or "auto" for what the device asks for.
        codes: Whether the page gives a code for each prediction, for a class.
        language: What the page speaks: "en" or "de"; by default as `kdviz.use_language` says.
        panels: Names of the panels on the page, in order; `panel` is the open one.
        table: What can be set, locked and hidden, by panel; "lab" is the whole page.
        title: The heading; `note`, if any, stands beneath it and says what the data are.
        classes: Class names, C of them, at least two.
        logits: The teacher's logits on test examples, float32 (N, C) as little-endian bytes.
        student_logits: A student's logits on the same examples, as `logits`; may be empty.
        labels: int32 (N,) as bytes, -1 for unlabelled; may be empty.
        images: uint8 (N, height, width) as bytes; may be empty.
        image_shape: Height and width of an image in pixels.
        train_images: Images to train on, as `images`; empty where only a kernel can train.
        train_labels: Their labels, as `labels`; `train_logits` are the teacher's on them.
        small_teacher: A network that stands in for the teacher where there are no logits, on
            drawings: a .safetensors file in half precision. May be empty.
        teacher: Its members, the sizes of their layers, and its accuracy on the test examples.
        lesson: Where the first lesson is, as a page, by language; empty, where there is none.
        class_folder: Whether codes of predictions reach the teacher by a folder; `class_codes`
            are those in it, once the page has asked, and `handed_in` the last from this page.
        network: This computer's address in its network, where the page is for it alone.
        pictures: Images that *Soft targets* opens with, and what another teacher says of them: the
            traits `classes`, `logits`, `labels`, `images` and `image_shape` by name. May be empty.
        levels: Steps of gray that pixels of images come in, from 0 to 1.
        live: Whether a kernel trains when the page asks for it.
        python: Where this page is, with a kernel; nothing, where it has one or there is none.
    """

    panel = traitlets.Unicode().tag(sync=True)
    panels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    table = traitlets.Dict().tag(sync=True)
    title = traitlets.Unicode(Said("What a temperature teaches")).tag(sync=True)
    note = traitlets.Unicode().tag(sync=True, to_json=lambda note, _: getattr(note, "plain", note))
    classes = traitlets.List(traitlets.Unicode(), [str(c) for c in range(10)]).tag(sync=True)
    logits = traitlets.Bytes().tag(sync=True)
    student_logits = traitlets.Bytes().tag(sync=True)
    labels = traitlets.Bytes().tag(sync=True)
    images = traitlets.Bytes().tag(sync=True)
    image_shape = traitlets.List(traitlets.Int(), [0, 0]).tag(sync=True)
    train_images = traitlets.Bytes().tag(sync=True)
    train_labels = traitlets.Bytes().tag(sync=True)
    train_logits = traitlets.Bytes().tag(sync=True)
    small_teacher = traitlets.Bytes().tag(sync=True)
    levels = traitlets.Int(255, min=1, max=255).tag(sync=True)
    teacher = traitlets.Dict().tag(sync=True)
    pictures = traitlets.Dict().tag(sync=True)
    lesson = traitlets.Dict().tag(sync=True)
    class_folder = traitlets.Bool(False).tag(sync=True)
    class_codes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    handed_in = traitlets.Unicode().tag(sync=True)
    network = traitlets.Unicode().tag(sync=True)
    live = traitlets.Bool(False).tag(sync=True)
    python = traitlets.Unicode().tag(sync=True)

    def __init__(self, panels: Sequence[str | Panel] = ("soft_targets",), **traits: Any) -> None:
        self.chosen = find_panels(panels)
        self._esm, self._css = _module(self.chosen), _styles(self.chosen)
        names = [panel.name for panel in self.chosen]
        added: dict[str, traitlets.TraitType] = {}
        for panel in self.chosen:
            added[panel.name] = traitlets.Dict().tag(sync=True)
            if panel.session is not None:
                added[f"{panel.name}_view"] = traitlets.Dict().tag(sync=True)
            added |= {name: traitlets.Bytes().tag(sync=True) for name in panel.arrays}
        self.add_traits(**added)
        # The page has what it sent. An echo that comes late would undo what was set meanwhile.
        for trait in self.traits(sync=True).values():
            trait.tag(echo_update=False)
        super().__init__(panels=names, table=_table(self.chosen), **{"panel": names[0]} | traits)
        self.on_msg(self._take)

    def count(self, name: str) -> int:
        """Count the "classes" or "examples", which limit settings."""
        classes = len(self.classes)
        return {"classes": classes, "examples": max(1, len(self.logits) // (4 * classes))}[name]

    def _take(self, lab: Lab, content: dict, buffers: list) -> None:
        action = content.get("action")
        if action == "set":
            self.set_state(content.get("state", {}))
        elif action == "hand in":
            self.handed_in = hand_in(content.get("code"))
        elif action == "gather":
            self.class_codes = gather()

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

    @traitlets.default("language")
    def _in_use(self):
        return language()

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

    @traitlets.validate("logits", "student_logits", "train_logits")
    def _check_logits(self, proposal):
        row = 4 * len(self.classes)
        if len(proposal["value"]) % row:
            raise traitlets.TraitError(
                f"{proposal['trait'].name} holds {len(proposal['value'])} bytes, which are "
                f"not whole rows of {len(self.classes)} float32"
            )
        return proposal["value"]


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


def _table(panels: tuple[Panel, ...]) -> dict[str, Any]:
    names = tuple(panel.name for panel in panels)
    page = (Setting("panel", "choice", names[0], choices=names, undo=False), *SHARED)
    shared = {"settings": [setting.plain() for setting in page], "parts": _OTHERS}
    return {"lab": shared} | {panel.name: panel.plain() for panel in panels}


@cache
def _module(panels: tuple[Panel, ...]) -> str:
    render = "{ render: (given) => $.renderLab({ ...given, panels }) }"
    return join_views(_SHELL / "lab.js", {p.name: p.folder / "panel.js" for p in panels}, render)


@cache
def _styles(panels: tuple[Panel, ...]) -> str:
    sheets = [sheet for panel in panels for sheet in sorted(panel.folder.glob("*.css"))]
    shell = [_SHELL / "lab.css", _SHELL / "alive.css"]
    return join_styles([*shell, *sorted(_PARTS.glob("*.css")), *sheets])

"""The lab as one file, without a server, a kernel or a network: a page, or a module for others'."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from kdviz.app.build import build_app
from kdviz.app.lab import Lab
from kdviz.data.catalog import Dataset, Split, load_dataset
from kdviz.export.standalone import standalone, state_of
from kdviz.page.bundle import ROOT, join_styles, join_views
from kdviz.panels import PANELS
from kdviz.panels.panel import Panel
from kdviz.teachers import load_teacher
from kdviz.words import Said, language, say

_SHELL = ROOT / "app" / "shell"
_FIRST, _EMBED = _SHELL / "lab.css", _SHELL / "embed.css"
_STYLES = [_FIRST, *sorted(set(ROOT.rglob("*.css")) - {_FIRST, _EMBED})]
MOST_MNIST = 8_000  # training images: with the test images, some 9 MB as text
LARGEST_PAGE = 1_800_000  # bytes: what a phone in a classroom loads at once

# It keeps the promise: this page runs only what it carries and asks nobody anything.
_POLICY = """\
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: blob:; \
script-src 'unsafe-inline' 'wasm-unsafe-eval'; worker-src blob:; style-src 'unsafe-inline'">
"""
_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
{policy}<link rel="icon" href="data:;base64,=">
<title>{title}</title>
<style>
html, body {{ margin: 0; background: #fcfbf8; background: light-dark(#fcfbf8, #15181c); }}
{styles}
</style>
</head>
<body>
<main>{body}</main>
<noscript>{noscript}</noscript>
<script type="module">
{modules}
</script>
</body>
</html>
"""


def write_page(lab: Lab, path: str | Path, *, largest: int = LARGEST_PAGE) -> int:
    """Write a lab as one self-contained file and return its size in bytes.

    Args:
        lab: As `build_app` or `explore` gives it.
        path: The file, in a folder that exists: a page if it ends in .html, and if in .mjs a
            module by which other pages embed the lab.
        largest: The most bytes it may have.

    Raises:
        ValueError: If the file would be larger, or `path` ends otherwise.
    """
    path = Path(path)
    if path.suffix.lower() not in _KINDS:
        raise ValueError(f"the lab must be a file ending in .html or .mjs, got {str(path)!r}")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"No such file or directory: the folder {str(path.parent)!r}")
    text = _KINDS[path.suffix.lower()](lab).encode()
    if len(text) > largest:
        raise ValueError(_too_large(lab, len(text), largest))
    path.write_bytes(text)
    return len(text)


def _too_large(lab: Lab, size: int, largest: int) -> str:
    """What to do about it. Arrays grow with the examples; everything else stays."""
    count = len(lab.logits) // (4 * len(lab.classes))
    arrays = sum(len(value["base64"]) for value in state_of(lab).values() if _is_array(value))
    fit = count * (largest - 500 - size + arrays) // arrays  # 500: the note on the sample
    said = (
        f"the file would have {size / 1e6:.2f} MB, and at most {largest / 1e6:.2f} MB are allowed"
    )
    if fit < 1:
        return f"{said}: not even one example fits. Allow more, with --largest"
    return f"{said}. Draw examples at random, with --rows {fit}, or allow more, with --largest"


def page_of(lab: Lab) -> str:
    """The HTML of a page that holds a lab."""
    return document(lab.title, widget(standalone(lab)), lab.chosen)


def module_of(lab: Lab) -> str:
    """The JavaScript module that shows a lab in other pages; `docs/embedding.md` tells how."""
    styles = _json(f"{lab._css}\n{join_styles([_EMBED])}")
    given = f"const state = {_json(standalone(lab))}, styles = {styles};\n"
    made = "$.makeEmbedding({ panels, state, styles })"
    return given + join_views(_SHELL / "embed.js", _views(lab.chosen), made, ["embed"])


_KINDS = {".html": page_of, ".htm": page_of, ".mjs": module_of}


def whole_lab(**traits: Any) -> Lab:
    """Every panel on the embedded digits, for a page: no kernel stands behind it."""
    lab = build_app(**traits)
    lab.close()
    return lab


def mnist_lab(rows: int, seed: int = 0, **traits: Any) -> Lab:
    """The panels that need no digits of ours, on some of MNIST; students train in the page.

    Args:
        rows: Training images, drawn at random, at most 8,000; of the test images, half as many.
        seed: Of that draw.
        **traits: As `build_app` takes them.

    Raises:
        ValueError: If `rows` is out of its range.
        DataError: If MNIST cannot be had.
    """
    if not 100 <= rows <= MOST_MNIST:
        raise ValueError(f"rows must lie in 100 to {MOST_MNIST:,} for mnist, got {rows}")
    whole, teacher = load_dataset("mnist"), load_teacher("mnist")
    rng = np.random.default_rng(seed)
    train, test = (
        np.sort(rng.choice(len(split), count, replace=False))
        for split, count in ((whole.train, rows), (whole.test, rows // 2))
    )
    parts = (
        Split(split.inputs[keep], split.labels[keep])
        for split, keep in ((whole.train, train), (whole.test, test))
    )
    logits = {"train_logits": teacher.train_logits[train], "test_logits": teacher.test_logits[test]}
    note = Said(
        "MNIST: {} of {} training and {} of {} test images, drawn at random with seed {}.",
        *(f"{count:,}" for count in (rows, len(whole.train), rows // 2, len(whole.test))),
        seed,
    )
    return whole_lab(
        dataset=Dataset("some of mnist", whole.classes, *parts),
        teacher=replace(teacher, **logits),
        **{"where": "page", "note": note} | traits,
    )


def front_page(python: str) -> str:
    """All panels, of which those that need Python lead to a page that has one, at this address.

    It is for a server, whose answers say what a page may load.
    """
    lab = whole_lab(python=python)
    state = state_of(lab) | {"live": False, "class_folder": False}
    return document(lab.title, widget(state), lab.chosen, policy="")


def quick_page() -> str:
    """All panels that train in the page, made at once: to take along from a server."""
    return page_of(
        whole_lab(panels=[panel for panel in PANELS if panel.in_page or not panel.session])
    )


def document(title: str, body: str, panels: Sequence[Panel] = PANELS, policy: str = _POLICY) -> str:
    """The HTML of a page with all that its widgets need.

    Args:
        title: Plain text.
        body: HTML, with what `widget` gives where there is to be one.
        panels: Those that its labs hold.
        policy: What the page may load, as a line of its head.
    """
    return _PAGE.format(
        policy=policy,
        language=language(),
        noscript=say("This page computes as you move it: please allow JavaScript."),
        title=html.escape(title),
        styles=join_styles(_STYLES),
        body=body,
        modules=join_views(_SHELL / "offline.js", _views(panels), "$.start(panels)"),
    )


def widget(state: dict[str, Any], kind: str = "lab") -> str:
    """The HTML of a place for a widget: "lab", "exercise" or "progress", its state beside it."""
    text = _json(state)
    return f'<div data-widget="{kind}"></div><script type="application/json">{text}</script>'


def _views(panels: Sequence[Panel]) -> dict[str, Path]:
    return {panel.name: panel.folder / "panel.js" for panel in panels}


def _is_array(value: Any) -> bool:
    return isinstance(value, dict) and "base64" in value


def _json(state: Any) -> str:
    """JSON that no text in it can end early: < is written as an escape."""
    return json.dumps(state, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")

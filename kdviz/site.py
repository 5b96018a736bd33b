"""A folder of pages for any static host: an index, a page a lesson, and recorded runs."""

from __future__ import annotations

import ast
import contextlib
import html
import io
import json
import re
from pathlib import Path
from typing import Any

import mistune

from kdviz.app import build_app
from kdviz.data import load_dataset
from kdviz.explorers import EXPLORERS, explore
from kdviz.export import document, page_of, plain, state_of, widget
from kdviz.panels import DISTILL
from kdviz.session import Session
from kdviz.stories import STORIES
from kdviz.teachers import load_teacher
from kdviz.widgets import Lab
from kdviz.widgets.exercise import Exercise

SEEDS = 8  # pairs of a recorded run: enough for a verdict, and their logits fit on a page
MORE = (
    ("explorers.html", "The explorers", "Temperature and the loss, without a word around them."),
    ("runs.html", "Recorded runs", "Three stories of distillation, to play and to scrub."),
)

_BACK = '<p><a href="index.html">All lessons</a></p>'
_MARKDOWN = mistune.create_markdown(escape=False, plugins=["table"])


def write_site(folder: str | Path, lessons: str | Path = "notebooks") -> list[Path]:
    """Write the pages and return their paths; every lesson is run to the end, once.

    Args:
        folder: Where to; it is made if it does not exist, other files in it are left alone.
        lessons: A folder of notebooks with an `index.ipynb`, as in kdviz's repository.

    Raises:
        ValueError: If there are no lessons, or a cell of one fails.
    """
    folder, lessons = Path(folder), Path(lessons)
    if not (lessons / "index.ipynb").is_file():
        raise ValueError(
            f"lessons must be a folder with an index.ipynb, got {str(lessons)!r}; run this in a "
            "clone of kdviz's repository, or give --lessons"
        )
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"explorers.html": page_of(explore()), "runs.html": runs_page()}
    for notebook in sorted(lessons.glob("[0-9]*.ipynb")):
        pages[f"{notebook.stem}.html"] = lesson_page(notebook)
    extra = "".join(f'<li><a href="{name}">{title}</a>: {said}</li>' for name, title, said in MORE)
    index = lesson_page(lessons / "index.ipynb", f"<h2>Without a lesson</h2><ul>{extra}</ul>")
    paths = []
    for name, page in {**pages, "index.html": index}.items():
        paths.append(folder / name)
        paths[-1].write_text(page, encoding="utf-8")
    return paths


def lesson_page(notebook: Path, foot: str = _BACK) -> str:
    """The HTML of a notebook: its text, its code, and what the code shows, live where it can be.

    Raises:
        ValueError: If a cell fails, naming it.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {"__name__": "__main__"}
    parts = []
    for number, cell in enumerate(cells, start=1):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(_linked(_MARKDOWN(source)))
        elif cell["cell_type"] == "code":
            try:
                shown = _run(source, names)
            except Exception as error:
                raise ValueError(f"cell {number} of {notebook.name} fails: {error}") from error
            parts.append(f'<pre tabindex="0"><code>{html.escape(source)}</code></pre>{shown}')
    title = re.search(r"^# (.+)$", "\n".join("".join(c["source"]) for c in cells), re.MULTILINE)
    body = f'<article class="kdviz kd-lesson">{"".join(parts)}{foot}</article>'
    return document(title[1] if title else notebook.stem, body)


def _linked(text: str) -> str:
    """Links to other lessons lead to their pages, and those to the app to the explorers."""
    text = text.replace('href="app.ipynb"', 'href="explorers.html"')
    return re.sub(r'href="([\w-]+)\.ipynb"', r'href="\1.html"', text)


def _run(source: str, names: dict[str, Any]) -> str:
    """Run a cell and return what it prints and shows, as HTML."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), names)
        value = last and eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    text = printed.getvalue()
    return (f'<pre tabindex="0">{html.escape(text)}</pre>' if text else "") + _show(value)


def _show(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Lab):
        return _show_lab(value)
    if isinstance(value, Exercise):
        return widget(state_of(value), "exercise")
    if hasattr(value, "savefig"):
        drawing = io.StringIO()
        value.savefig(drawing, format="svg")
        return f"<figure>{drawing.getvalue()[drawing.getvalue().index('<svg') :]}</figure>"
    if hasattr(value, "_repr_html_"):
        return value._repr_html_()
    return f'<pre tabindex="0">{html.escape(repr(value))}</pre>'


def _show_lab(lab: Lab) -> str:
    """A lab as a page can hold it: the explorers live, a run of *Distill* recorded."""
    panels = [name for name in lab.panels if name in (*EXPLORERS, "distill")]
    if not panels:
        return "<p><em>This part trains live. Open the lesson in JupyterLab to try it.</em></p>"
    state = state_of(lab) | {"live": False, "panels": panels}
    state["panel"] = lab.panel if lab.panel in panels else panels[0]
    if "distill" in panels:
        shared = {name: getattr(lab, name) for name in DISTILL.shared}
        state["recordings"] = [record(**lab.distill | shared | {"seeds": SEEDS})]
    lab.close()
    return widget(state)


def record(**settings: Any) -> dict[str, Any]:
    """Train the students of *Distill* now, and return what a page needs to replay it."""
    session = Session(load_dataset("digits"), load_teacher("digits"), **settings)
    try:
        session.start()
        session.wait()
        if session.outcome is None:
            raise ValueError(f"the run to record ended early: {session.message}")
        shown = {name: plain(value) for name, value in DISTILL.describe(session).items()}
    finally:
        session.close()
    outcome = shown["distill_view"]["outcome"]
    outcome["beside"] = outcome["beside"].partition(" You made no prediction")[0]
    own = {name: getattr(session, name) for name in DISTILL.own}
    return {"distill": own} | {n: v for n, v in shown.items() if n.startswith("distill_")}


def runs_page() -> str:
    """The HTML of a page with a recorded run of each story."""
    lab = build_app(panels=("distill",), title="Recorded runs")
    state = state_of(lab) | {"live": False}
    lab.close()
    state["recordings"] = [record(story=story, seeds=SEEDS) for story in STORIES]
    return document("Recorded runs", widget(state) + f'<div class="kdviz">{_BACK}</div>')

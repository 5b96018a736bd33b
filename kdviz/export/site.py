"""A folder of pages for any static host: an index, the lab, and a page a lesson."""

from __future__ import annotations

import ast
import contextlib
import html
import io
import json
import re
import warnings
from pathlib import Path
from typing import Any

import mistune

from kdviz.app.lab import Lab
from kdviz.exercises.exercise import Exercise, Progress
from kdviz.export.page import document, page_of, whole_lab, widget
from kdviz.export.standalone import standalone, state_of
from kdviz.lessons import find_notebooks
from kdviz.words import language, say, use_language

# In place of cells tagged "live", which tell what only a kernel can do.
_PLAYED = """<p>Here one run is recorded: press <b>Play</b>, or move its slider. Other settings and
runs of your own need kdviz on your machine, where this lesson says what to try.</p>"""
_INDEX = """<p>These pages need no Python: their code was run beforehand, and their labs train in
your browser. Predict before you look: you will remember it better.</p>"""
_LAB = """<h2>Without a lesson</h2>
<ul><li><a href="lab.html">The lab</a>: every panel, without a word around it.</li>
<li lang="de"><a href="lab.html#language=de">Das Labor auf Deutsch</a></li></ul>"""
_MARKDOWN = mistune.create_markdown(escape=False, plugins=["table"])


def write_site(folder: str | Path, lessons: str | Path) -> list[Path]:
    """Write the pages and return their paths; every lesson is run to the end, once.

    Args:
        folder: Where to; it is made if it does not exist, other files in it are left alone.
        lessons: A folder of notebooks with an `index.ipynb`, as those that come with kdviz; those
            in other languages lie in folders in it, such as `de`.

    Raises:
        ValueError: If there are no lessons, or a cell of one fails.
    """
    folder, lessons = Path(folder), Path(lessons)
    if not (lessons / "index.ipynb").is_file():
        raise ValueError(f"lessons must be a folder with an index.ipynb, got {str(lessons)!r}")
    numbered = {
        path.relative_to(lessons).with_suffix(".html").as_posix(): path
        for path in find_notebooks(lessons)
        if path.name[0].isdigit()
    }
    first: dict[str, str] = {}
    for name in numbered:
        first.setdefault(name.rpartition("/")[0] or "en", name)
    pages = {"lab.html": page_of(whole_lab(lesson=first))}
    for name, notebook in numbered.items():
        pages[name] = lesson_page(notebook, home="../index.html" if "/" in name else "index.html")
    pages["index.html"] = lesson_page(lessons / "index.ipynb", _LAB)
    for name, page in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(page, encoding="utf-8")
    return [folder / name for name in pages]


def lesson_page(notebook: Path, foot: str = "", home: str = "index.html") -> str:
    """The HTML of a notebook: its text, its code, and what the code shows, live where it can be.

    Args:
        notebook: What it speaks by `kdviz.use_language`, its page speaks, and no other.
        foot: HTML for the end, in place of a link home.
        home: Where the index is, seen from the page.

    Raises:
        ValueError: If a cell fails, naming it.
    """
    before = language()
    try:
        return _lesson_page(notebook, foot, home)
    finally:
        use_language(before)


def _lesson_page(notebook: Path, foot: str, home: str) -> str:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {"__name__": "__main__"}
    Exercise.made.clear()  # as in a session of its own
    parts = []
    for number, cell in enumerate(cells, start=1):
        source = "".join(cell["source"])
        if "live" in cell.get("metadata", {}).get("tags", []):
            parts.append(_INDEX if notebook.stem == "index" else _PLAYED)
        elif cell["cell_type"] == "markdown":
            parts.append(_linked(_MARKDOWN(source)))
        elif cell["cell_type"] == "code":
            try:
                shown = _run(source, names)
            except Exception as error:
                raise ValueError(f"cell {number} of {notebook.name} fails: {error}") from error
            code = f'<pre tabindex="0"><code>{html.escape(source)}</code></pre>'
            # What a notebook folds, as the code of a question, which holds the answer.
            folded = cell.get("metadata", {}).get("jupyter", {}).get("source_hidden")
            code = f"<details><summary>{say('Code')}</summary>{code}</details>" if folded else code
            parts += [code, shown]
    title = re.search(r"^# (.+)$", "\n".join("".join(c["source"]) for c in cells), re.MULTILINE)
    # An exercise may be told its answer by a later cell.
    foot = foot or f'<p><a href="{home}">{say("All lessons")}</a></p>'
    body = f'<article class="kdviz kd-lesson">{"".join(map(_drawn, parts))}{foot}</article>'
    if notebook.stem != "index":
        first, end, rest = body.partition("</p>")
        body = f'{first}{end}<p class="kd-caption">{_how(notebook)}</p>{rest}'
    return document(title[1] if title else notebook.stem, body)


def _drawn(part: str | Exercise | Progress) -> str:
    if isinstance(part, str):
        return part
    return widget(state_of(part), "exercise" if isinstance(part, Exercise) else "progress")


def _how(notebook: Path) -> str:
    return say(
        "This page needs no Python: its code was run beforehand, and its labs train in your "
        "browser; what specialists learn was recorded, to be played. To change the code, get "
        "kdviz, run {} and open {}.",
        "<code>make lab</code>",
        f"<code>{html.escape(notebook.name)}</code>",
    )


def _linked(text: str) -> str:
    """Links to other lessons lead to their pages, and those to the app to the lab."""
    text = text.replace('href="app.ipynb"', 'href="lab.html"')
    return re.sub(r'href="([\w./-]+)\.ipynb"', r'href="\1.html"', text)


def _run(source: str, names: dict[str, Any]) -> str | Exercise | Progress:
    """Run a cell and return what it prints and shows, as HTML; exercises as they are."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, bars = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(bars),
        warnings.catch_warnings(record=True) as warned,
    ):
        warnings.simplefilter("default", UserWarning)
        exec(compile(tree, "<cell>", "exec"), names)
        value = last and eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    text = printed.getvalue() + "".join(f"{w.category.__name__}: {w.message}\n" for w in warned)
    if isinstance(value, Exercise | Progress):
        return value
    return (_output(text) if text else "") + _show(value)


def _output(text: str) -> str:
    return f'<pre class="kd-output" tabindex="0">{html.escape(text)}</pre>'


def _show(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Lab):
        value.close()  # its page has no kernel, and what is recorded has the machine to itself
        return widget(standalone(value))
    if hasattr(value, "savefig"):
        drawing = io.StringIO()
        value.savefig(drawing, format="svg")
        _, _, figure = drawing.getvalue().partition("<svg")
        return f'<figure tabindex="0"><svg{figure}</figure>'
    if hasattr(value, "_repr_html_"):
        return value._repr_html_()
    return _output(repr(value))

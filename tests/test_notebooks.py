"""The notebooks keep to the rules of the house, and run from top to bottom."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
GERMAN = sorted((FOLDER / "de").glob("*.ipynb"))
LESSONS = [path for path in NOTEBOOKS if re.match(r"\d\d_", path.name)]
SECONDS_A_CELL = 120

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
in_any_language = pytest.mark.parametrize("path", NOTEBOOKS + GERMAN, ids=lambda path: path.stem)
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def read(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def code_of(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def is_exercise(cell):
    return "exercise" in cell.metadata.get("tags", [])


def text_of(path):
    return "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def test_there_are_lessons():
    assert [path.name[:2] for path in LESSONS] == [f"{i + 1:02}" for i in range(len(LESSONS))]
    assert len(LESSONS) >= 2


@in_any_language
def test_it_is_stored_without_outputs(path):
    for cell in code_of(path):
        assert cell.outputs == []
        assert cell.execution_count is None


@every_notebook
def test_cells_are_short_and_define_nothing(path):
    for cell in code_of(path):
        assert len(cell.source.splitlines()) <= 10, cell.source
        defined = [
            node.name
            for node in ast.walk(ast.parse(cell.source))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        ]
        assert not defined or is_exercise(cell), f"a cell without the tag defines {defined}"


@every_lesson
def test_the_first_code_cell_is_imports(path):
    first, *rest = code_of(path)
    assert all(isinstance(n, (ast.Import, ast.ImportFrom)) for n in ast.parse(first.source).body)
    assert not any(re.match(r"(import|from) ", cell.source) for cell in rest)


@every_lesson
def test_no_code_gives_an_answer_away(path):
    """JupyterLab folds the cell of a question, which holds the answer; a click unfolds it."""
    for cell in code_of(path):
        asks = re.search(r"kdviz\.exercise\.(predict|choice|number)\(", cell.source)
        folded = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        assert folded == bool(asks), cell.source


@every_lesson
def test_it_asks_before_it_shows(path):
    """A prediction, then a lab, then exercises, one of them to be written in code."""
    order = "\n".join(cell.source for cell in code_of(path))
    places = [order.index(f"kdviz.{name}(") for name in ("exercise.predict", "build_app")]
    places.append(order.index("kdviz.exercise.choice("))
    assert places == sorted(places)
    assert any(is_exercise(cell) for cell in code_of(path))
    assert re.search(r"\*\*Time:\*\* (1[5-9]|2[0-5]) minutes", text_of(path))
    assert "**Goal:**" in text_of(path)
    assert "**Before:**" in text_of(path)


@every_lesson
def test_the_index_lists_it(path):
    rows = [row for row in text_of(FOLDER / "index.ipynb").splitlines() if path.name in row]
    assert len(rows) == 1
    title = re.search(r"^# (.+)$", text_of(path), re.MULTILINE)[1]
    time = re.search(r"\*\*Time:\*\* (\d+ minutes)", text_of(path))[1]
    assert rows[0].startswith(f"| [{title}]({path.name}) | {time} | ")


@in_any_language
def test_links_between_notebooks_lead_somewhere(path):
    linked = re.findall(r"\]\(([^):]+\.ipynb)\)", text_of(path))
    assert [name for name in linked if not (path.parent / name).is_file()] == []
    assert linked or path.stem == "app"


class Wordless(ast.NodeTransformer):
    """Code without its texts, and without the choice of a language."""

    def visit_Constant(self, node):
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node):
        values = [each for each in node.values if isinstance(each, ast.FormattedValue)]
        for each in values:
            each.value = self.visit(each.value)  # its format stays
        return ast.JoinedStr(values)

    def visit_Expr(self, node):
        said = ast.unparse(node) == "kdviz.use_language('de')"
        return None if said else self.generic_visit(node)


@pytest.mark.parametrize("path", GERMAN, ids=lambda path: path.stem)
def test_a_lesson_in_german_is_the_english_one_in_other_words(path):
    (english,) = (lesson for lesson in LESSONS if lesson.name[:3] == path.name[:3])
    assert [(c.cell_type, c.metadata) for c in read(path).cells] == [
        (c.cell_type, c.metadata) for c in read(english).cells
    ]
    assert "kdviz.use_language" in code_of(path)[0].source
    for ours, theirs in zip(code_of(path), code_of(english), strict=True):
        code = [ast.dump(Wordless().visit(ast.parse(c.source))) for c in (ours, theirs)]
        assert code[0] == code[1], ours.source
    (row,) = (row for row in text_of(FOLDER / "index.ipynb").splitlines() if path.name in row)
    title = re.search(r"^# (.+)$", text_of(path), re.MULTILINE)[1]
    time = re.search(r"\*\*Dauer:\*\* (\d+)", text_of(path))[1]
    assert row.startswith(f"| [{title}](de/{path.name}) | {time} Minuten | ")
    assert f"**Time:** {time} minutes" in text_of(english)


@every_lesson
def test_it_needs_no_network(path):
    """As it stands; `DATA` is the learner's to change, and what else is loaded must be here."""
    for cell in code_of(path):
        named = set(re.findall(r'load_dataset\("([^"]+)"\)', cell.source)) | set(
            re.findall(r'^DATA = "([^"]+)"', cell.source, re.MULTILINE)
        )
        there = {name for name in named if f'dataset_location("{name}")' in cell.source}
        assert named - there <= {"digits", "python-docs", "hierarchy"}, cell.source


@pytest.mark.slow
@pytest.mark.filterwarnings("default:.*running over TCP:UserWarning")
@pytest.mark.parametrize("path", [*NOTEBOOKS, GERMAN[1]], ids=lambda path: path.stem)
def test_it_runs_from_top_to_bottom(path):
    notebook = read(path)
    where = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(
        notebook, timeout=SECONDS_A_CELL, kernel_name="python3", resources=where
    ).execute()
    for cell in notebook.cells:
        shown = [output.get("data", {}) for output in cell.get("outputs", [])]
        assert "kdviz.exercise" not in cell.source or any(
            "application/vnd.jupyter.widget-view+json" in data for data in shown
        )

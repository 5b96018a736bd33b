"""The worked example of docs/grading.md: its notebook, and where nbgrader is, its marks."""

import csv
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest

COURSE = Path(__file__).parents[1] / "docs" / "grading"
SOURCE = COURSE / "source" / "functions" / "functions.ipynb"
RIGHT = {
    "my_softmax": "torch.softmax(logits / temperature, -1)",
    "my_entropy": "torch.special.entr(probabilities).sum(-1) / math.log(2)",
}
WRONG = {
    "my_softmax": "torch.softmax(logits, -1) / temperature",
    "my_entropy": "torch.special.entr(probabilities).sum(-1)",
}


def test_the_solutions_pass_the_hidden_tests_and_what_learners_begin_with_does_not():
    cells = [cell for cell in nbformat.read(SOURCE, 4).cells if cell.cell_type == "code"]
    solved: dict = {}
    for cell in cells:
        exec(cell.source, solved)
    tests = [cell.source for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
    written = [cell.source for cell in cells if cell.source.startswith("def ")]
    for test, source, wrong in zip(tests, written, WRONG.values(), strict=True):
        exec(re.sub(r"return .*", f"return {wrong}", source), solved)
        with pytest.raises(AssertionError, match="'holds': False"):
            exec(test, solved)


def test_its_cells_are_what_nbgrader_asks_for():
    notebook = nbformat.read(SOURCE, 4)
    nbformat.validate(notebook)
    marks = [cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata]
    assert [mark.solution for mark in marks] == [True, False] * len(RIGHT)
    assert all(mark.locked == mark.grade == ("points" in mark) for mark in marks)
    assert len({mark.grade_id for mark in marks}) == len(marks)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("nbgrader"), reason="nbgrader comes with no extra of kdviz's")
def test_nbgrader_marks_a_right_a_wrong_and_a_forged_notebook(tmp_path):
    course = tmp_path / "course"
    shutil.copytree(COURSE, course)
    # What is installed beside nbgrader, and this kdviz.
    own = os.environ | {"HOME": str(tmp_path), "PYTHONPATH": str(COURSE.parents[1])}

    def nbgrader(*command):
        done = subprocess.run(["nbgrader", *command], cwd=course, env=own, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()

    nbgrader("generate_assignment", "functions")
    released = (course / "release/functions/functions.ipynb").read_text("utf-8")
    assert "entr(" not in released
    assert "seed=1" not in released
    for learner in ("right", "wrong", "forged"):
        written = json.loads(released)
        for cell in written["cells"]:
            source = "".join(cell["source"])
            if name := re.match(r"def (\w+)", source):
                answers = RIGHT if learner == "right" or name[1] == "my_softmax" else WRONG
                cell["source"] = re.sub(r"raise .*", f"return {answers[name[1]]}", source)
            elif learner == "forged" and cell["metadata"].get("nbgrader", {}).get("grade"):
                cell["source"] = "assert True"
        folder = course / "submitted" / learner / "functions"
        folder.mkdir(parents=True)
        (folder / "functions.ipynb").write_text(json.dumps(written), encoding="utf-8")
    nbgrader("autograde", "functions")
    nbgrader("export")
    with (course / "grades.csv").open() as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores == {"right": 4, "wrong": 2, "forged": 2}

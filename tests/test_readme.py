"""What the README says runs, and what it points to exists."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

README = Path(__file__).parents[1] / "README.md"


def test_its_six_lines_of_python_run_as_shown(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)
    assert len(code.splitlines()) == 6
    exec(compile(code, "README.md", "exec"), {})
    assert 0.7 < float(capsys.readouterr().out) < 0.9


def test_its_files_exist_and_its_targets_are_in_the_makefile():
    text = README.read_text()
    for path in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (README.parent / path).exists(), path
    makefile = (README.parent / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", text, flags=re.MULTILINE):
        assert f"\n{target}:" in makefile, target


@pytest.mark.parametrize(
    ("file", "begins", "asks"),
    [
        ("README.md", "https://mybinder.org/v2/gh/kdviz/kdviz/HEAD?", {"urlpath"}),
        ("docs/classroom.md", "https://YOUR-HUB/hub/user-redirect/git-pull?", {"repo", "urlpath"}),
    ],
    ids=["binder", "nbgitpuller"],
)
def test_a_link_that_starts_a_server_opens_a_notebook_of_the_repository(file, begins, asks):
    (link,) = re.findall(rf"{re.escape(begins)}[^)`\s]+", (README.parent / file).read_text())
    query = parse_qs(urlsplit(link).query, strict_parsing=True)
    assert query.keys() == asks
    assert query.get("repo", ["https://github.com/kdviz/kdviz"]) == [
        "https://github.com/kdviz/kdviz"
    ]
    opener, notebook = query["urlpath"][0].split("notebooks/")
    assert opener in {"voila/render/", "lab/tree/kdviz/"}  # nbgitpuller's clone is a folder in home
    assert (README.parent / "notebooks" / notebook).is_file()

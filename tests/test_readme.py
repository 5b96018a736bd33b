"""What the README says runs, and what it points to exists."""

import re
from pathlib import Path

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

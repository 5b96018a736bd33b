"""The numbers that docs/teaching.md expects, read off the very page that a class opens.

In the guide a number stands between `<!--its name-->` and `<!--/-->`, which no reader sees. This
script exports the lab, opens it in Chromium, does what the guide says, and writes what it reads
into the guide; without --write it only prints. It takes some five minutes:

    python -m scripts.teaching_numbers --write

The lessons' code is run for the outcomes of their predictions.
"""

import argparse
import ast
import contextlib
import io
import json
import re
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

from kdviz.exercises.exercise import Exercise
from kdviz.export.page import whole_lab, write_page
from kdviz.panels.distill.scenarios import Settings
from kdviz.panels.sweep.questions import QUESTIONS
from scripts.find_chromium import find_chromium

ROOT = Path(__file__).parents[1]
GUIDE, LESSONS = ROOT / "docs" / "teaching.md", ROOT / "notebooks"
BIAS = "3.5"  # the paper's own, of both panels that have one
SWEEPS, SWEEP_SEEDS = ("labels", "temperature"), 3
PATIENCE_MS = 120_000


def _run(scenario: str, T: float, width: int = 64, seeds: int = 8, omitted: int = 3) -> Settings:
    return Settings(scenario, omitted, width, T, soft_weight=1.0, seeds=seeds, prediction=None)


# Its shares differ by nearly 10,000 times: a fourth root that a class can take in its head.
IMAGE = 548
# The runs of Distill that the guide tells of.
RUNS = {
    "unseen": _run("unseen", 8),
    "unseen.cold": _run("unseen", 1),
    **{f"unseen.{digit}": _run("unseen", 8, omitted=digit) for digit in range(10) if digit != 3},
    "few": _run("few-labels", 8),
    "all.1": _run("all-labels", 4, 32, seeds=1),
    "all.2": _run("all-labels", 4, 32, seeds=2),
    "all.16": _run("all-labels", 4, 32, seeds=16),
    "all.units4": _run("all-labels", 8, 4, seeds=16),
    "all.units8": _run("all-labels", 8, 8, seeds=16),
    "all.units64": _run("all-labels", 8, 64, seeds=16),
}


def link(settings: Settings) -> str:
    """What stands behind the page's address to set *Distill* so."""
    about = settings
    missing = f"&omitted={about.omitted}" if about.scenario == "unseen" else ""
    return (
        f"#panel=distill&scenario={about.scenario}{missing}&width={about.width}"
        f"&seeds={about.seeds}&temperature={about.temperature:g}"
    )


class Reader:
    """Reads numbers off the exported page.

    Args:
        page: Of Playwright.
        address: Of the exported lab, without a fragment.
    """

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        page.set_default_timeout(PATIENCE_MS)

    def open(self, fragment: str) -> None:
        """Open the page anew, as if it had never been open."""
        self.page.goto("about:blank")
        self.page.goto(self.address + fragment)

    def find(self, pattern: str, selector: str) -> tuple[str, ...]:
        """Wait until an element holds the pattern, on one line; give what its groups hold."""
        until = time.monotonic() + PATIENCE_MS / 1000
        while time.monotonic() < until:
            for text in self.page.locator(selector).all_text_contents():
                if found := re.search(pattern, " ".join(text.split())):
                    return found.groups()
            self.page.wait_for_timeout(50)
        raise TimeoutError(f"the page must show {pattern!r} in {selector}, and does not")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def raise_bias(self, name: str) -> None:
        self.page.get_by_label(name).fill(BIAS)
        self.find(r"(\+3\.5)", ".kd-start-bias, .kd-bias")

    def start(self) -> dict[str, str]:
        """The panel Start: watched once, then its bias."""
        self.open("")
        found = {}
        (found["start.cheaper"],) = self.find(r"needs ([\d,]+) times less", ".kd-start")
        (found["start.like"],) = self.find(r"looks (\d+%) like", ".kd-start")
        (found["start.images"],) = self.find(r"These (\d+) images", ".kd-start")
        self.press("Watch")
        known = r"soft targets know (\d+%) \(.+\), those taught with labels (\d+%)"
        found["start.soft"], found["start.hard"] = self.find(known, ".kd-after")
        whole = r"soft targets ([\d.]+%), labels ([\d.]+%)"
        found["start.all"], found["start.all.hard"] = self.find(whole, ".kd-start-bias")
        self.raise_bias("Let it say 3 more readily")
        found["start.bias.all"], _ = self.find(whole, ".kd-start-bias")
        (found["start.bias.soft"],) = self.find(r"soft targets (\d+%) of", ".kd-threes-soft")
        return found

    def soft_targets(self) -> dict[str, str]:
        """The panel Soft targets, on the image that the guide's links name."""
        panel = f"#panel=soft_targets&example={IMAGE}&temperature="
        found = {}
        for T in (1, 2, 4, 8, 20, 50):
            self.open(f"{panel}{T}")
            (found[f"bits.{T}"],) = self.find(r"([\d.]+) bits", ".kd-value")
            if T == 1:
                (found["ratio.1"],) = self.find(r"([\d,]+ times)", ".kd-say")
            elif T < 10:
                (found[f"ratio.{T}"],) = self.find(rf"At T = {T} it is ([\d.]+ times)", ".kd-say")
        self.open(f"{panel}1")
        self.page.get_by_role("radio", name="3 to 6").check()
        self.page.get_by_role("slider", name="Temperature").press("End")
        (found["passes"],) = self.find(r"it passes 1% at T = ([\d.]+\d)", ".kd-answer")
        return found

    def loss(self) -> dict[str, str]:
        """The panel Loss: T², its limit, and the weights."""
        found = {}
        self.open("#panel=loss&temperature=20")
        (found["pull.with"],) = self.find(r"pull ([\d.]+ times) as hard", ".kd-side")
        self.page.get_by_role("radio", name="0.01 to 0.1").check()
        self.page.get_by_role("switch").uncheck()
        (found["pull.without"],) = self.find(r": ([\d.]+ times) as hard", ".kd-answer")
        for T in (4, 20, 50):
            self.open(f"#panel=loss&temperature={T}")
            (found[f"error.{T}"],) = self.find(r"50(\d+%)$", ".kd-error")
        for weight in ("0.5", "0.9"):
            self.open(f"#panel=loss&temperature=4&soft_weight={weight}")
            (found[f"pull.{weight}"],) = self.find(r"pull ([\d.]+ times)", ".kd-say")
        return found

    def distill(self, name: str) -> dict[str, str]:
        """A run of Distill: what the verdict says, and for an unseen digit what a bias does."""
        settings = RUNS[name]
        self.open(link(settings))
        self.press("Train")
        self.page.locator(".kd-verdict[data-verdict]").wait_for()
        (verdict,) = self.find(r"^(\w+?)(?=Soft)", ".kd-verdict")
        (gain,) = self.find(r"(?:by|labels:) (−?[\d.]+) points", ".kd-verdict")
        lost = "−" if verdict == "Worse" else ""  # "lose by 2.2 points"
        found = {f"{name}.verdict": verdict, f"{name}.gain": lost + gain}
        if settings.seeds > 1:
            (found[f"{name}.interval"],) = self.find(r"interval (.+?),", ".kd-verdict")
        if settings.scenario == "unseen":
            (found[f"{name}.found"],) = self.find(r"recognize (\d+%)", ".kd-verdict")
        if name == "unseen":
            table = r"soft([\d.]+%)([\d.]+%)labels([\d.]+%)"
            found["unseen.all"], found["unseen.threes"], found["unseen.all.hard"] = self.find(
                table, ".kd-bias"
            )
            self.raise_bias("Bias of class 3")
            found["unseen.bias.all"], found["unseen.bias.threes"], _ = self.find(table, ".kd-bias")
            costs = r"networks(\d,\d{3},\d{3}).*student(\d,\d{3})"
            found["cost.teacher"], found["cost.student"] = self.find(costs, ".kd-costs")
        return found

    def sweep(self, name: str) -> dict[str, str]:
        """A question of Sweep at the fewest seeds, answered with its first option."""
        question = QUESTIONS[name](SWEEP_SEEDS, "digits")
        first = quote(question.options[0])
        about = f"&question={name}&sweep_seeds={SWEEP_SEEDS}&sweep_prediction={first}"
        self.open(f"#panel=sweep{about}")
        self.press("Run the sweep")
        told = "".join(
            rf".*?(\d+) (?:is|are) {each}" for each in ("better", "worse", "inconclusive")
        )
        counts = self.find(rf"^Of (\d+) cells,{told}", ".kd-sweep-summary")
        kinds = ("cells", "better", "worse", "inconclusive")
        found = {f"sweep.{name}.{kind}": count for kind, count in zip(kinds, counts, strict=True)}
        row = len(question.rows) - 1 if question.asks == "enough" else 0
        cells = self.page.locator(".kd-map tbody tr").nth(row).locator("b").all_inner_texts()
        for column, points in zip(question.columns, cells, strict=True):
            found[f"sweep.{name}.{column}"] = points
        other = r"; (?:it was|the best mean was [\d.]+%, with) (.+?)\.(?= [A-Z]|B)"
        told = rf"You predicted (.+?)(?:, and (?:so )?it was|{other})"
        predicted, other = self.find(told, ".kd-sweep-summary")
        return found | {f"sweep.{name}.answer": other or predicted}

    def specialists(self) -> dict[str, str]:
        """The recording in the panel Specialists, at its end."""
        self.open("#panel=specialists")
        self.press("Play")
        self.page.locator(".kd-verdict[data-verdict]").wait_for()
        pair = r"{} by ([\d.]+) points \(95% interval (.+?),"
        found = {}
        for name, words in (("random", "random clusters"), ("longer", "as many examples")):
            values = self.find(pair.format(words), ".kd-specialists-verdict")
            found[f"specialists.{name}"], found[f"specialists.{name}.interval"] = values
        (found["specialists.generalist"],) = self.find(r"right on ([\d.]+%)", ".kd-specialists")
        return found

    def at_once(self) -> dict[str, str]:
        """Every number that needs no training."""
        return self.soft_targets() | self.loss()

    def all(self) -> dict[str, str]:
        """Every number of the page."""
        found = self.start() | self.at_once()
        for name in RUNS:
            found |= self.distill(name)
        for name in SWEEPS:
            found |= self.sweep(name)
        return found | self.specialists()


def lessons(folder: Path = LESSONS) -> dict[str, str]:
    """The outcome of each prediction in the lessons, by running their code: "lesson5.1", …"""
    found = {}
    for path in sorted(folder.glob("0*.ipynb")):
        predictions = [each for each in exercises_of(path) if each.kind == "prediction"]
        for number, each in enumerate(predictions, start=1):
            value = each.answer if isinstance(each.answer, str) else f"{each.answer:.2g}"
            found[f"lesson{path.name[1]}.{number}"] = value
    return found


def exercises_of(lesson: Path) -> list[Exercise]:
    """The exercises of a lesson, in order, as its code makes them; its labs stay closed."""
    found, space = [], {"__name__": "lesson"}
    cells = json.loads(lesson.read_text())["cells"]
    for source in ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"):
        if "kdviz.build_app(" in source:
            continue
        before, watched, _ = source.partition("kdviz.watch(")
        tree = ast.parse(f"{before}list(run)" if watched else source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, lesson.name, "exec"), space)
        if last and isinstance(
            value := eval(compile(ast.Expression(last.value), lesson.name, "eval"), space), Exercise
        ):
            found += [value] * (value not in found)
    return found


_MARKED = re.compile(r"<!--([\w.,%-]+)-->(.*?)<!--/-->")


def marked(text: str) -> list[tuple[str, str]]:
    """The numbers of a guide, each with its name."""
    return _MARKED.findall(text)


def fill(text: str, numbers: dict[str, str]) -> str:
    """Write the numbers into a guide; a name that is not known is an error."""
    unknown = {name for name, _ in marked(text)} - set(numbers)
    if unknown:
        raise ValueError(f"the guide must name numbers that are read, got {sorted(unknown)}")
    return _MARKED.sub(lambda match: f"<!--{match[1]}-->{numbers[match[1]]}<!--/-->", text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write them into docs/teaching.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        lab = Path(folder, "lab.html")
        write_page(whole_lab(), lab)
        browser = playwright.chromium.launch(executable_path=find_chromium())
        numbers = Reader(browser.new_page(), lab.as_uri()).all()
        browser.close()
    with contextlib.redirect_stdout(io.StringIO()):  # what lessons print
        numbers |= lessons()
    for name, text in numbers.items():
        print(f"{name:32}{text}")
    if options.write:
        GUIDE.write_text(fill(GUIDE.read_text(), numbers))


if __name__ == "__main__":
    main()

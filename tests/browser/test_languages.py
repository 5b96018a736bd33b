"""In a language that nobody translated and that runs from right to left, everything still fits.

The language "pseudo" wraps all that is said in ⟦…⟧: what has letters outside was never translated.
"""

from dataclasses import replace

import pytest

from kdviz.data.catalog import DATASETS
from kdviz.export.page import page_of, whole_lab
from kdviz.specialists.plans import PLANS
from tests.browser.conftest import watch

pytestmark = pytest.mark.browser

SIZES = {"laptop": (1366, 768), "phone": (390, 844)}
TRAINED_MS = 120_000  # that training may take on a busy machine

# What has no language: units, symbols and names.
FREE = ["KL", "nats", "bits", "bit", "log", "MNIST", "Python", "PyTorch", "CPU", "CSV", "PNG", "SVG"]
FREE += ["kB", "MB", "ms", "µs"]
FREE_ELEMENTS = "code, pre, script, .kd-address, [data-lang-free], .kdviz [lang]"
SAID = ["aria-label", "aria-valuetext", "aria-roledescription", "title", "placeholder", "label"]

UNTRANSLATED = """([free, elements, said]) => {
  const root = document.querySelector(".kdviz");
  const isFree = (node) => node.closest(elements) || node.closest("a")?.host === "arxiv.org";
  const seen = (node) => (node.closest("option, optgroup")?.closest("select") ?? node)
    .checkVisibility({ visibilityProperty: true });
  let depth = 0;
  // Letters of a text outside of brackets, which may end in another text than they began in.
  const outside = (text) => [...text].filter((c) => {
    depth += (c === "⟦") - (c === "⟧");
    return depth === 0 && c !== "⟧";
  }).join("");
  const words = (text) => (text.match(/[\\p{L}.]{2,}/gu) ?? [])
    .filter((word) => /\\p{L}{2}/u.test(word) && !free.includes(word));
  const found = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data, parentElement: node } = walker.currentNode;
    const left = words(outside(data));
    if (left.length && seen(node) && !isFree(node)) found.push(data.trim());
  }
  for (const node of root.querySelectorAll(said.map((name) => `[${name}]`).join())) {
    depth = 0;
    for (const name of said) {
      const text = node.getAttribute(name) ?? "";
      if (words(outside(text)).length && seen(node) && !isFree(node)) found.push(`${name}: ${text}`);
    }
  }
  return [...new Set(found)];
}"""

# Controls that lie on each other, and those that what is in them sticks out of. A radio button is
# as large as its label; what is sticky may lie over anything.
CROWDED = """() => {
  const kinds = "a, button, select, summary, textarea, label:has([type=radio]), "
    + "input:not([type=radio], [type=file])";
  const controls = [...document.querySelectorAll(kinds)].filter((node) => node.closest(".kdviz")
    && node.checkVisibility({ visibilityProperty: true })
    && !node.closest(".kd-foot, .kd-tour, .kd-hidden"));
  const boxes = controls.map((node) => node.getBoundingClientRect());
  const name = (node) => (node.ariaLabel ?? node.textContent).trim().slice(0, 60) || node.className;
  const boxed = [...controls, ...document.querySelectorAll("fieldset.kd-segments")];
  const found = boxed.filter((node) => node.matches("button, label, summary, fieldset")
    && node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== "inline")
    .map((node) => `sticks out: ${name(node)}`);
  controls.forEach((one, i) => controls.slice(0, i).forEach((other, k) => {
    const [a, b] = [boxes[i], boxes[k]];
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    const nested = one.contains(other) || other.contains(one);
    if (across > 1 && down > 1 && !nested) found.push(`${name(one)} on ${name(other)}`);
  }));
  return found;
}"""


# Pixels by which the page is wider than its window; what hangs out at its left end is not in its own
# width, but in that of the lab.
TOO_WIDE = """() => Math.max(...[document.documentElement, document.querySelector(".kdviz")]
  .map((node) => node.scrollWidth - node.clientWidth))"""


def untranslated(page) -> list[str]:
    """Every text in view, or said to a screen reader, with a word outside of ⟦…⟧."""
    return page.evaluate(UNTRANSLATED, [FREE, FREE_ELEMENTS, SAID])


def watch_the_threes(page):
    page.locator(".kd-watch .kd-primary").click()
    page.locator(".kd-start-bias").wait_for(timeout=TRAINED_MS)


def drag_a_logit(page):
    page.locator(".kd-toggles button").first.click()
    page.locator(".kd-bars .kd-pull-slider").first.press("ArrowRight")


def take_a_step(page):
    page.locator(".kd-moves button").first.click()


def train_and_draw(page):
    page.locator(".kd-run .kd-primary:enabled").click()
    page.locator(".kd-verdict[data-verdict]").wait_for(timeout=TRAINED_MS)
    page.locator(".kd-slow").first.click()
    page.locator(".kd-stepwise").wait_for()
    page.locator(".kd-draw > summary").click()
    pad = page.locator(".kd-pad")
    for key in (" ", "ArrowDown", "ArrowDown", " "):
        pad.press(key)
    page.locator(".kd-teach").wait_for()


def run_the_sweep(page):
    page.locator(".kd-run .kd-primary:enabled").click()
    page.locator(".kd-sweep-summary:not(.kd-waiting)").wait_for(timeout=TRAINED_MS)


def play_the_recording(page):
    page.locator(".kd-replay input").press("End")
    page.locator(".kd-specialists [data-verdict]").wait_for()


WALK = {
    "start": watch_the_threes,
    "soft_targets": drag_a_logit,
    "loss": take_a_step,
    "distill": train_and_draw,
    "sweep": run_the_sweep,
    "specialists": play_the_recording,
}


@pytest.fixture(scope="module")
def walked(window, tmp_path_factory):
    """What was found of each panel in each size, and the page after that."""
    with pytest.MonkeyPatch.context() as patch:
        quick = replace(DATASETS["digits"], sweep={"epochs": 0.2, "lr": 1e-2})
        patch.setitem(DATASETS, "digits", quick)
        patch.setitem(PLANS, "hierarchy", PLANS["hierarchy"]._replace(epochs=1, steps=10))
        text = page_of(whole_lab(seeds=2, width=4, epochs=3))
    file = tmp_path_factory.mktemp("languages") / "lab.html"
    file.write_text(text, "utf-8")
    page, problems, found = window.new_page(), [], {}
    watch(page, problems)
    page.goto(f"{file.as_uri()}#language=pseudo")
    for panel, act in WALK.items():
        page.locator(f".kd-tabs [data-panel={panel}]").click()
        act(page)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("scrollTo(0, 0)")
            page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
            found[panel, size] = {
                "wide": page.evaluate(TOO_WIDE),
                "crowded": page.evaluate(CROWDED),
                "untranslated": untranslated(page),
            }
    yield found, page
    page.close()
    assert problems == []


def of_all(walked, what):
    """What was found of it, where there is any."""
    found = {f"{panel}, {size}": each[what] for (panel, size), each in walked[0].items()}
    return {where: value for where, value in found.items() if value}


def test_no_panel_is_wider_than_its_window(walked):
    assert max(each["wide"] for each in walked[0].values()) <= 0


def test_no_control_lies_on_another_and_nothing_sticks_out(walked):
    assert of_all(walked, "crowded") == {}


def test_no_word_is_left_untranslated(walked):
    assert of_all(walked, "untranslated") == {}

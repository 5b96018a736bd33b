"""In a language that nobody translated and that runs from right to left, everything still fits.

The language "pseudo" wraps all that is said in ⟦…⟧: what has letters outside was never translated.
"""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from kdviz.data.catalog import DATASETS
from kdviz.export.page import page_of, whole_lab
from kdviz.specialists.plans import PLANS
from tests.browser.conftest import watch

pytestmark = pytest.mark.browser

DIALOGS = ".kd-menu-list button:has-text('…'):not(:has-text('logits'))"
SIZES = {"laptop": (1366, 768), "phone": (390, 844)}
TRAINED_MS = 120_000  # that training may take on a busy machine

# What has no language: units, symbols and names.
FREE = ["KL", "nats", "bits", "log", "MNIST", "Python", "PyTorch", "CPU", "CSV", "PNG", "SVG"]
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
  const words = (text) => (text.match(/\\p{L}{2,}/gu) ?? []).filter((word) => !free.includes(word));
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
      const left = words(outside(text));
      if (left.length && seen(node) && !isFree(node)) found.push(`${name}: ${text}`);
    }
  }
  return [...new Set(found)];
}"""

# Controls that lie on each other, and those that what is in them sticks out of. A radio button is
# as large as its label; what is sticky may lie over all else.
CROWDED = """() => {
  const kinds = "a, button, select, summary, textarea, label:has([type=radio]), "
    + "input:not([type=radio], [type=file])";
  const root = document.querySelector("dialog[open]") ?? document.querySelector(".kdviz");
  const controls = [...root.querySelectorAll(kinds)].filter((node) =>
    node.checkVisibility({ visibilityProperty: true }) && !node.closest(".kd-hidden"));
  const stuckIn = (node) =>
    node.closest(".kd-foot, .kd-tour, .kd-ruler, .kd-replay, .kd-share-link");
  const boxes = controls.map((node) => node.getBoundingClientRect());
  const name = (node) => (node.ariaLabel ?? node.textContent).trim().slice(0, 60) || node.className;
  const boxed = [...controls, ...root.querySelectorAll("fieldset.kd-segments")];
  const found = boxed.filter((node) => node.matches("button, label, summary, fieldset")
    && node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== "inline")
    .map((node) => `sticks out: ${name(node)}`);
  controls.forEach((one, i) => controls.slice(0, i).forEach((other, k) => {
    const [a, b] = [boxes[i], boxes[k]];
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    const nested = one.contains(other) || other.contains(one);
    const together = stuckIn(one) === stuckIn(other);
    if (across > 1 && down > 1 && together && !nested) found.push(`${name(one)} on ${name(other)}`);
  }));
  return found;
}"""


# Pixels by which the page is wider than its window; what hangs out at the left is not in the
# width of the page, but in that of the lab.
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
    """What was found at each place in each size, and the page after that."""
    with pytest.MonkeyPatch.context() as patch:
        quick = replace(DATASETS["digits"], sweep={"epochs": 0.2, "lr": 1e-2})
        patch.setitem(DATASETS, "digits", quick)
        patch.setitem(PLANS, "hierarchy", PLANS["hierarchy"]._replace(epochs=1, steps=10))
        text = page_of(whole_lab(seeds=2, width=4, epochs=3))
    file = tmp_path_factory.mktemp("languages") / "lab.html"
    file.write_text(text, "utf-8")
    page, problems, found = window.new_page(), [], {}
    watch(page, problems)

    def look(place):
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("scrollTo(0, 0)")
            page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
            checks = {"too wide": TOO_WIDE, "crowded": CROWDED}
            found[f"{place}, {size}"] = {name: page.evaluate(js) for name, js in checks.items()}
            found[f"{place}, {size}"]["untranslated"] = untranslated(page)

    page.goto(f"{file.as_uri()}#language=pseudo")
    for panel, act in WALK.items():
        page.locator(f".kd-tabs [data-panel={panel}]").click()
        act(page)
        look(panel)
    page.evaluate("location.hash = 'language=pseudo&panel=soft_targets&codes=1&tour=1'")
    page.locator(".kd-tour").wait_for()
    look("tour")
    dialog = page.locator("dialog[open]")
    for n in range(page.locator(DIALOGS).count()):
        page.locator(".kd-menu > summary").click()
        page.locator(DIALOGS).nth(n).click()
        dialog.wait_for()
        look(f"dialog {n}")
        page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
    yield found, page
    page.close()
    assert problems == []


def of_all(walked, what):
    """What was found of it, where there is any."""
    return {place: each[what] for place, each in walked[0].items() if each[what]}


def test_nothing_is_wider_than_its_window(walked):
    assert of_all(walked, "too wide") == {}


def test_no_control_lies_on_another_and_nothing_sticks_out(walked):
    assert of_all(walked, "crowded") == {}


def test_no_word_is_left_untranslated(walked):
    assert of_all(walked, "untranslated") == {}


def test_arrow_keys_walk_the_tabs_as_one_sees_them(walked):
    page = walked[1]
    start, second = (page.locator(f".kd-tabs [data-panel={name}]") for name in list(WALK)[:2])
    start.click()
    for tab, key, reached in ((start, "ArrowLeft", second), (second, "ArrowRight", start)):
        expect(tab).to_have_attribute("aria-selected", "true")
        tab.press(key)
        expect(reached).to_be_focused()
    assert second.bounding_box()["x"] < start.bounding_box()["x"]

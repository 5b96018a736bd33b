"""A learner trains, stops, leaves; under Voila and under JupyterLab."""

import re

import pytest
from playwright.sync_api import expect

from kdviz.panels.distill.session import Session
from tests.browser.conftest import KERNEL_IS_IDLE

expect.set_options(timeout=30_000)

pytestmark = pytest.mark.browser

# Asks the notebook's kernel, from the page, in which states its sessions are.
STATES = """async () => {
  const services = window.jupyterapp.serviceManager;
  await services.ready;
  const { id } = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const kernel = services.kernels.connectTo({ model: { id, name: "python3" } });
  const code = "import gc, kdviz.panels.distill.session as s\\n"
    + "print([x.state for x in gc.get_objects() if isinstance(x, s.Session)])";
  let text = "";
  const future = kernel.requestExecute({ code });
  future.onIOPub = ({ content }) => { if (content.name === "stdout") text += content.text; };
  await Promise.race([future.done, new Promise((stop) => setTimeout(stop, 10000))]);
  return text.trim();
}"""


@pytest.fixture
def distill_page(app_page, request):
    """The panel Distill, ready to train in the page or in the kernel."""
    page = app_page
    page.get_by_role("tab", name="Distill").click()
    page.get_by_role("radio", name=request.param).check()
    page.get_by_text("Ready: ").wait_for(timeout=60_000)
    return page


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def progress(page) -> float:
    return page.get_by_role("progressbar", name="Training progress").evaluate("bar => bar.value")


def train_for_long(page):
    page.get_by_label("Hidden units").select_option("256")
    page.get_by_label("Seeds").select_option("32")
    button(page, "Train").click()
    page.wait_for_function("document.querySelector('.kd-curves progress').value > 0")


@pytest.mark.parametrize(
    ("app_page", "distill_page"),
    [("voila", "Python"), ("jupyterlab", "This device")],
    indirect=True,
)
def test_predict_train_and_read_the_verdict(distill_page, shoot):
    page = distill_page
    verdict = page.get_by_role("region", name="Verdict")
    page.get_by_label("Your prediction, in percent").fill("20")
    button(page, "Train").click()
    expect(button(page, "Train")).to_be_disabled()
    expect(verdict).to_contain_text(re.compile("^(Better|Worse|Inconclusive)"))
    expect(verdict).to_contain_text("95% interval")
    expect(verdict).to_contain_text(re.compile(r"You predicted 20% of the 3s; it was \d+%\."))
    assert progress(page) == 1
    expect(button(page, "Train")).to_be_enabled()
    pairs = Session.seeds.default_value
    expect(page.get_by_text(f"Trained {pairs} pairs")).to_be_visible()

    bias = page.get_by_role("slider", name="Bias of class 3")
    recognized = page.locator(".kd-bias tbody tr").first.locator("td").last
    before = recognized.inner_text()
    bias.focus()
    for _ in range(10):
        bias.press("ArrowRight")
    expect(recognized).not_to_have_text(before)
    assert float(recognized.inner_text().removesuffix("%")) > float(before.removesuffix("%"))
    shoot(page, "distill")


@pytest.mark.parametrize(
    ("app_page", "distill_page"),
    [("voila", "This device"), ("jupyterlab", "Python")],
    indirect=True,
)
def test_stop_and_train_again(distill_page):
    page = distill_page
    train_for_long(page)
    temperature = page.get_by_role("slider", name="Temperature")
    temperature.press("ArrowRight")  # sliders answer while it trains
    button(page, "Stop").click()
    page.get_by_text("no verdict on half a run").wait_for(timeout=5000)
    assert 0 < progress(page) < 1
    expect(button(page, "Stop")).to_be_disabled()
    page.get_by_label("Seeds").select_option("2")
    button(page, "Train").click()
    expect(page.get_by_role("region", name="Verdict")).to_contain_text("2 paired seeds")


@pytest.mark.parametrize(("app_page", "distill_page"), [("jupyterlab", "Python")], indirect=True)
def test_a_reloaded_notebook_leaves_no_training_behind(distill_page):
    page = distill_page
    train_for_long(page)
    assert "training" in page.evaluate(STATES)
    page.reload()
    page.locator(".jp-Notebook .jp-CodeCell").wait_for()
    page.wait_for_function(KERNEL_IS_IDLE)
    ended = "said.includes('stopped') && !/training|stopping/.test(said)"
    page.wait_for_function(
        f"async () => {{ const said = await ({STATES})(); return {ended}; }}", polling=500
    )

"""The lab in pages of others: as an element, as a function, and as anywidget's hosts take it."""

import functools
import http.server
import threading

import pytest
from playwright.sync_api import expect

from kdviz.export.page import whole_lab, write_page

pytestmark = pytest.mark.browser

TRAINED_MS = 60_000  # what a busy machine may take for seconds of training
POLICY = "default-src 'none'; style-src 'nonce-a'; script-src 'self' 'nonce-a'"
OURS = "'wasm-unsafe-eval'; worker-src blob:"
# A page whose own style would wreck the lab's, and that uses its names.
HOST = """<!DOCTYPE html><html><head><title>A page</title><link rel="icon" href="data:;base64,=">
<meta http-equiv="Content-Security-Policy" content="{policy}; img-src data:">
<style nonce="a">* {{ letter-spacing: 9px; text-transform: uppercase; font-size: 40px !important }}
button, input, h1 {{ display: none !important }} .kd-box {{ border: 7px solid lime !important }}
body {{ color: #111 }} .night {{ color: #eee; background: #111 }}</style>
<script type="module" nonce="a" src="kdviz.mjs"></script></head>
<body><p class="kd-box" id="own">Mine</p>{body}</body></html>"""
DISTILL = '<kdviz-lab id="a" class="wide" panel="distill" seeds="4" width="8"></kdviz-lab>'
EMBED = """async (settings) => {
  const { embed } = await import("./kdviz.mjs");
  window.end = embed(document.getElementById("b"), settings);
}"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the module, and its address."""
    folder = tmp_path_factory.mktemp("site")
    write_page(whole_lab(panels=("start", "soft_targets", "distill")), folder / "kdviz.mjs")
    handler = functools.partial(Handler, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def host(open_page, site):
    """host(body, policy) opens a page of somebody else's."""
    folder, address = site

    def host_(body=DISTILL + '<div id="b"></div>', policy=f"{POLICY} {OURS}"):
        (folder / "index.html").write_text(HOST.format(policy=policy, body=body), "utf-8")
        return open_page(address)

    return host_


def press(lab, name):
    lab.get_by_role("button", name=name, exact=True).click()


def test_two_panels_stand_in_one_page_and_one_trains(host):
    page = host()
    first, second = page.locator("#a"), page.locator("#b")
    page.evaluate(EMBED, {"panel": "start", "lock": ["soft_weight"]})
    expect(first.get_by_role("tablist")).to_be_hidden()
    expect(first.get_by_label("Hidden units")).to_have_value("8")
    press(second, "Watch")  # which takes its time
    press(first, "Train")
    expect(first.get_by_text("A demonstration is under way in the panel Start.")).to_be_visible()
    expect(second.get_by_text("Of 3s that no network here was ever shown")).to_be_visible(
        timeout=TRAINED_MS
    )
    press(first, "Train")
    expect(first.locator(".kd-verdict[data-verdict]")).to_contain_text(
        "4 paired seeds", timeout=TRAINED_MS
    )


def test_what_is_removed_trains_no_more(host):
    page = host('<kdviz-lab panel="start"></kdviz-lab>' * 2)
    first, second = page.locator("kdviz-lab").nth(0), page.locator("kdviz-lab").nth(1)
    press(first, "Watch")
    press(second, "Watch")
    expect(second.get_by_text("under way in another lab of this page.")).to_be_visible()
    page.evaluate("document.querySelector('kdviz-lab').remove()")
    press(first, "Watch")  # the one that was the second
    expect(first.get_by_text("Of 3s that no network here was ever shown")).to_be_visible(
        timeout=TRAINED_MS
    )
    page.evaluate("document.body.prepend(document.querySelector('kdviz-lab'))")
    expect(first.get_by_role("button", name="Watch", exact=True)).to_be_enabled()


def test_the_function_embeds_and_removes(host):
    page = host()
    lab = page.locator("#b")
    page.evaluate(EMBED, {"panel": "soft_targets", "temperature": 8, "lock": ["temperature"]})
    slider = lab.get_by_role("slider", name="Temperature")
    expect(slider).to_have_attribute("aria-valuetext", "T = 8")
    expect(slider).to_be_disabled()
    expect(lab.get_by_text("Locked by this page: Temperature.")).to_be_visible()
    lab.get_by_text("More", exact=True).click()
    press(lab, "Save a chart …")
    expect(lab.get_by_role("dialog")).to_contain_text("Entropy")
    page.evaluate("end()")
    assert lab.inner_html() == ""


def test_no_style_passes_between_the_pages(host):
    page = host()
    lab = page.locator("#a")
    assert page.locator("#own").evaluate("n => getComputedStyle(n).borderTopWidth") == "7px"
    expect(lab.locator(".kd-box").first).to_have_css("border-top-width", "1px")
    expect(lab.locator(".kdviz")).to_have_css("font-size", "16px")
    expect(lab.locator(".kdviz")).to_have_css("letter-spacing", "normal")
    expect(lab.get_by_role("heading", name="Distill")).to_have_css("text-transform", "none")
    expect(page.locator("#own")).to_have_css("font-size", "40px")


def test_it_is_as_dark_as_the_page_around_it(host):
    page = host()
    lab = page.locator("#a .kdviz")
    expect(lab).to_have_css("background-color", "rgb(252, 251, 248)")
    page.evaluate("document.body.className = 'night'")
    expect(lab).to_have_css("background-color", "rgb(21, 24, 28)")
    page.evaluate("document.body.className = ''")
    expect(lab).to_have_css("background-color", "rgb(252, 251, 248)")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"panel": "distil"}, "panel must be one of start, soft_targets, distill, got “distil”"),
        ({"panel": "distill", "temperature": 900}, "temperature must be a number from 0.5 to 50"),
        ({"temprature": 8}, "“temprature” is no setting here; there are panel, temperature,"),
        ({"panel": "soft_targets", "width": 8}, "“width” is no setting here"),
        ({"lock": ["<b>"]}, "lock can't have “<b>”; it takes temperature"),
    ],
)
def test_odd_settings_are_named_in_place_and_thrown(host, settings, named):
    page = host()
    with pytest.raises(Exception, match="kdviz: ") as refused:
        page.evaluate(EMBED, settings)
    assert named in str(refused.value)
    expect(page.locator("#b").get_by_role("alert")).to_contain_text(named)
    assert page.locator("#b b").count() == 0


def test_an_element_that_is_none_is_refused(host):
    page = host()
    with pytest.raises(Exception, match="element must be an element of the page, got null"):
        page.evaluate("import('./kdviz.mjs').then(({ embed }) => embed(null))")


# MyST's model throws where it would have to tell Python something, and in off().
def test_the_default_export_is_an_anywidget_for_hosts_that_only_read(host):
    page = host()
    page.evaluate("""async () => {
      const { default: widget } = await import("./kdviz.mjs");
      const refuse = () => { throw new Error("not implemented"); };
      const model = { get: (name) => ({ panel: "soft_targets", temperature: 20 })[name],
        set: refuse, on: refuse, off: refuse, save_changes: refuse, send: refuse };
      window.end = widget.render({ model, el: document.getElementById("b") });
    }""")
    slider = page.locator("#b").get_by_role("slider", name="Temperature")
    expect(slider).to_have_attribute("aria-valuetext", "T = 20")
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "T = 0.5")
    page.evaluate("end()")


def test_a_page_that_allows_neither_workers_nor_webassembly_trains_too(chromium, host, site):
    host()  # writes the page; its policy is to be the strict one
    (site[0] / "index.html").write_text(HOST.format(policy=POLICY, body=DISTILL), "utf-8")
    page = chromium.new_page()  # refusals are errors on its console
    page.goto(site[1])
    press(page.locator("#a"), "Train")
    expect(page.locator("#a .kd-verdict[data-verdict]")).to_be_visible(timeout=TRAINED_MS)
    page.close()


def test_the_module_can_stand_in_a_page_that_is_opened_from_disk(open_page, site, tmp_path):
    module = (site[0] / "kdviz.mjs").read_text("utf-8")
    file = tmp_path / "page.html"
    file.write_text(f'<kdviz-lab></kdviz-lab><script type="module">{module}</script>', "utf-8")
    page = open_page(file.as_uri())
    expect(page.get_by_role("tab", name="Start")).to_have_attribute("aria-selected", "true")

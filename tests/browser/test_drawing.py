"""Draw a digit, teach it, take a student home: in a page opened from disk."""

import base64
import math
import re

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from safetensors import safe_open

import kdviz
from kdviz.export.page import whole_lab, write_page
from kdviz.page.bundle import ROOT, join_modules
from kdviz.teachers import load_small_teacher

pytestmark = pytest.mark.browser

ENTRY = """
import { writeNpz } from "ROOT/page/files/npz.js";
import { readSafetensors, writeSafetensors } from "ROOT/page/files/safetensors.js";
import { imageOf } from "ROOT/page/maths/drawing.js";
import { layersFrom, logitsOf } from "ROOT/page/maths/network.js";
import { keepLabels, wholeSet, withoutClasses } from "ROOT/page/engine/transfer-set.js";
import { fewLabels, withYours } from "ROOT/panels/distill/yours.js";

const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const coded = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

function answer({ file, images }) {
  const { tensors } = readSafetensors(new DataView(bytesOf(file).buffer));
  const layers = layersFrom(tensors);
  return images.map((image) => [...logitsOf(layers, image)]);
}
function write(tensors, metadata) {
  const typed = Object.fromEntries(Object.entries(tensors).map(([name, { shape, values }]) =>
    [name, { shape, values: Float32Array.from(values) }]));
  return { npz: coded(writeNpz(typed)), safetensors: coded(writeSafetensors(typed, metadata)) };
}
const draw = (strokes) => { const image = imageOf(strokes); return image && [...image]; };
Object.assign(window, { answer, write, draw, keepLabels, wholeSet, withoutClasses, fewLabels,
  withYours });
export default null;
"""


def arc(x, y, wide, tall, start, end, points=24):
    angles = [math.radians(start + (end - start) * i / points) for i in range(points + 1)]
    return [(x + wide * math.cos(a), y + tall * math.sin(a)) for a in angles]


ZERO = [arc(0.5, 0.5, 0.22, 0.35, 0, 360)]
ONE = [[(0.5, 0.15), (0.5, 0.85)]]
THREE = [arc(0.48, 0.33, 0.2, 0.18, 200, 450) + arc(0.48, 0.67, 0.22, 0.18, -90, 160)]
SEVEN = [[(0.3, 0.15), (0.7, 0.15), (0.45, 0.85)], [(0.35, 0.5), (0.7, 0.5)]]


@pytest.fixture(scope="module")
def in_page(chromium, tmp_path_factory):
    """in_page(script, argument) runs beside the modules that draw and write files."""
    folder = tmp_path_factory.mktemp("drawing")
    (folder / "entry.js").write_text(ENTRY.replace("ROOT", ROOT.as_posix()), "utf-8")
    modules = join_modules(folder / "entry.js")
    (folder / "page.html").write_text(f'<script type="module">{modules}</script>', "utf-8")
    page = chromium.new_page()
    page.goto((folder / "page.html").as_uri())
    yield page.evaluate
    page.close()


@pytest.fixture(scope="module")
def lab_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "lab.html"
    write_page(whole_lab(panels=("soft_targets", "distill")), path)
    return path.as_uri()


@pytest.fixture
def lab(open_page, lab_file):
    """lab(**look) opens a small scenario, quick to train, and the pad."""

    def open_(fragment="", **look):
        page = open_page(f"{lab_file}#panel=distill&width=8&seeds=1{fragment}", **look)
        page.locator(".kd-setup").get_by_role("button", name="Draw a digit").click()
        return page

    return open_


def draw(page, strokes):
    pad = page.get_by_role("application", name="Drawing pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    for stroke in strokes:
        for i, (x, y) in enumerate(stroke):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if i == 0:
                page.mouse.down()
        page.mouse.up()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


# Presses Train, and waits until the verdict of another run is gone and that of this one is there.
TRAIN = """() => new Promise((done, fail) => {
  setTimeout(() => fail(new Error("no verdict after two minutes")), 120000);
  const results = document.querySelector(".kd-results");
  let gone = false;
  const look = () => {
    if (!results.querySelector("[data-verdict]")) gone = true;
    else if (gone) done();
  };
  new MutationObserver(look).observe(results, { attributes: true, childList: true, subtree: true });
  look();
  document.querySelector(".kd-run .kd-primary").click();
})"""


def train(page):
    page.evaluate(TRAIN)


def test_the_small_teacher_in_the_page_gives_pytorchs_logits(in_page):
    file, inputs = load_small_teacher("digits"), kdviz.load_dataset("digits").test.inputs
    network = kdviz.mlp(64, (128, 64), 10)
    weights = safetensors.torch.load(file)
    network.load_state_dict({name: values.float() for name, values in weights.items()})
    expected = network(torch.from_numpy(inputs)).detach().numpy()
    images = inputs.reshape(len(inputs), -1).tolist()
    given = {"file": base64.b64encode(file).decode(), "images": images}
    np.testing.assert_allclose(in_page("given => answer(given)", given), expected, atol=1e-4)


@pytest.mark.parametrize(("digit", "strokes"), [(0, ZERO), (1, ONE), (3, THREE), (7, SEVEN)])
def test_a_drawing_looks_as_the_data_do_wherever_and_however_large_it_is(in_page, digit, strokes):
    image = np.array(in_page("strokes => draw(strokes)", strokes))
    np.testing.assert_array_equal(image * 16, np.round(image * 16))
    data = kdviz.load_dataset("digits").train
    assert data.inputs.mean((1, 2)).min() < image.mean() < data.inputs.mean((1, 2)).max()
    file = base64.b64encode(load_small_teacher("digits")).decode()
    (logits,) = in_page("given => answer(given)", {"file": file, "images": [image.tolist()]})
    assert np.argmax(logits) == digit
    moved = [[(0.1 + 0.4 * x, 0.5 + 0.4 * y) for x, y in stroke] for stroke in strokes]
    again = np.array(in_page("strokes => draw(strokes)", moved))
    assert np.abs(again - image).max() <= 1 / 16


def test_nothing_drawn_is_no_image_and_a_dot_stays_one(in_page):
    assert in_page("draw([])") is None
    dot = np.array(in_page("draw([[[0.1, 0.1]]])")).reshape(8, 8)
    assert 0 < dot.mean() < 0.05
    assert dot[3:5, 3:5].sum() == dot.sum()


def test_drawings_join_the_transfer_set_at_its_end(in_page):
    script = """() => {
      const image = new Float32Array(64).fill(0.5);
      const yours = [3, -1].map((label) => ({ image, logits: new Float64Array(10), label }));
      const labels = Int32Array.from({ length: 200 }, (_, i) => i % 10);
      const set = { data: { inputs: new Float32Array(200 * 64), labels, classes: 10 },
        teacherLogits: new Float32Array(2000), test: null };
      const { data, teacherLogits } = withYours(set, yours);
      const left = withoutClasses(wholeSet(data.labels), data.labels, 3);
      return { sizes: [data.inputs.length, data.labels.length, teacherLogits.length],
        without: [...left.indices].filter((i) => i >= 200),
        few: [...fewLabels(data.labels, 2, 50, 4).labels],
        alone: [...keepLabels(wholeSet(labels), 50, 4).labels] };
    }"""
    found = in_page(script)
    assert found["sizes"] == [202 * 64, 202, 2020]
    assert found["without"] == [201]  # what has the label of the missing class is left out
    assert found["few"] == [*found["alone"], 3, -1]  # on top of the labels that a run keeps anyway


def test_files_of_weights_load_in_python_to_the_same_numbers(in_page, tmp_path):
    expected = {name: w.numpy() for name, w in kdviz.mlp(64, (7,), 10).state_dict().items()}
    tensors = {
        name: {"shape": list(w.shape), "values": w.ravel().tolist()} for name, w in expected.items()
    }
    files = in_page("tensors => write(tensors, { scenario: 'unseen, “3”' })", tensors)
    for kind, text in files.items():
        (tmp_path / f"student.{kind}").write_bytes(base64.b64decode(text))
    for found in (
        dict(np.load(tmp_path / "student.npz", allow_pickle=False)),
        safetensors.numpy.load_file(tmp_path / "student.safetensors"),
    ):
        assert found.keys() == expected.keys()
        for name, values in expected.items():
            np.testing.assert_array_equal(found[name], values, strict=True)
    with safe_open(tmp_path / "student.safetensors", "numpy") as file:
        assert file.metadata() == {"scenario": "unseen, “3”"}


def test_teacher_answers_at_once_and_students_once_they_are_trained(lab, shoot):
    page = lab()
    answered = page.locator(".kd-answered")
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()
    draw(page, THREE)
    expect(answered).to_have_text(re.compile(r"^The teacher says 3 \(\d+%\)\.$"))
    train(page)
    expect(answered).to_contain_text(
        re.compile(r"3 \(\d+%\), students \d \(\d+%\), hard labels \d")
    )
    before = answered.inner_text()
    slider = page.get_by_role("slider", name="Temperature")
    slider.focus()
    slider.press("End")
    expect(answered).not_to_have_text(before)
    shoot(page, "drawing")
    page.get_by_text("Take the student home").click()
    assert Axe().run(page).violations_count == 0
    press(page, "Undo stroke")
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()
    expect(page.locator(".kd-answers .kd-target")).to_have_count(0)
    draw(page, [[(0.2, 0.5), (0.8, 0.5)]])
    expect(page.get_by_text("less ink here than in any of the 1,000")).to_be_visible()
    expect(page.get_by_text("no “none of these”")).to_be_visible()


def test_keys_draw_and_take_back(lab):
    page = lab()
    pad = page.get_by_role("application", name="Drawing pad")
    pad.focus()
    for key in ["ArrowUp"] * 6 + ["Space"] + ["ArrowDown"] * 13 + ["Space"]:
        pad.press(key)
    expect(pad.get_by_role("status")).to_have_text("Column 9, row 16, lifted")
    expect(page.locator(".kd-answered")).to_contain_text("The teacher says 1")
    pad.press("Control+z")
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()


def test_a_label_of_the_missing_class_does_not_cheat_and_other_drawings_count(lab):
    page = lab()
    train(page)
    curves = page.locator(".kd-curves svg")
    alone = curves.text_content()
    draw(page, THREE)
    page.get_by_label("Your label").select_option("3")
    press(page, "Add to the transfer set")
    kept = page.locator(".kd-setup").get_by_text("0 drawings of yours are in")
    expect(kept).to_contain_text("1 left out as a 3")
    train(page)
    assert curves.text_content() == alone

    draw(page, ZERO)
    press(page, "Add to the transfer set")
    page.get_by_role("tab", name="Soft targets").click()
    page.get_by_role("tab", name="Distill").click()
    yours = page.get_by_role("list", name="Your drawings in the transfer set")
    expect(yours.get_by_role("button")).to_have_count(2)
    train(page)
    expect(page.locator(".kd-curves")).to_contain_text("With 1 drawing of yours.")
    page.get_by_role("button", name="Remove your drawing, no label, the teacher says 0").click()
    expect(yours.get_by_role("button")).to_have_count(1)


@pytest.mark.parametrize("kind", ["safetensors", "npz"])
def test_the_student_comes_home(lab, tmp_path, kind):
    page = lab()
    train(page)
    shown = re.search(r"soft ([\d.]+)%", page.locator(".kd-curves").inner_text())[1]
    page.get_by_text("Take the student home").click()
    with page.expect_download() as download:
        press(page, f"Save as .{kind}")
    path = tmp_path / download.value.suggested_filename
    assert path.name == f"kdviz-student.{kind}"
    download.value.save_as(path)
    code = page.locator(f"pre[aria-label*='.{kind}']").inner_text()
    scope = {}
    exec(code.replace(path.name, str(path)), scope)  # what the page shows is what loads it
    test = kdviz.load_dataset("digits").test
    found = scope["student"](torch.from_numpy(test.inputs)).argmax(1).numpy()
    assert f"{100 * (found == test.labels).mean():.1f}" == shown

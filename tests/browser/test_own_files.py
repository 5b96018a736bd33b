"""Files dropped on the page are read as Python reads them, and refused in the same words."""

import base64
import io
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from kdviz.data.own_logits import read_logits
from kdviz.page.bundle import ROOT, join_modules

pytestmark = pytest.mark.browser

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(0, 5, (6, 4))
MODULES = join_modules(ROOT / "app" / "shell" / "open.js").rpartition("\nexport default")[0]
READ = """async ([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  try {
    const read = await $page_files_tables.readTable(name, bytes.buffer, "logits");
    const table = { name: "x", ...read };
    const { traits } = $page_files_own_logits.checkLogits(table, null);
    return { classes: traits.classes, logits: [...new Float32Array(traits.logits.buffer)],
      labels: [...new Int32Array(traits.labels.buffer)] };
  } catch (error) { return { error: error.message }; }
}"""


def npy(array, version=None, **options) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array, **options), version)
    return stream.getvalue()


def cut(content: bytes, count: int) -> bytes:
    return content[:-count]


CSV = "\n".join(",".join(f"{v:.6f}" for v in row) for row in LOGITS)
GOOD = {
    **{f"{kind}.npy": npy(LOGITS * 10, dtype=kind) for kind in ("f8", "f4", "f2", "i4", "i8")},
    **{f"{kind}.npy": npy(np.abs(LOGITS) * 9, dtype=kind) for kind in ("u1", "u2", "u8")},
    "big.npy": npy(LOGITS, dtype=">f4"),
    "fortran.npy": npy(np.asfortranarray(LOGITS)),
    "v2.npy": npy(LOGITS, (2, 0)),
    "v3.npy": npy(LOGITS, (3, 0)),
    "one.npy": npy(LOGITS[:1]),
    "plain.csv": CSV.encode(),
    "windows.csv": ("\ufeffcat,owl,fox,emu\r\n" + CSV.replace("\n", "\r\n") + "\r\n\r\n").encode(),
    "quoted.csv": b'"a,1","say ""b""",label\n1, 2,0\n -3e-1 ,+4.,1\n',
    "counting.csv": b"0,1,2\n-1,5,2\n",
    "inside.csv": b"a,Label,b\n-1,1,4\n2,-1,3\n",
}
BAD = {
    "nan.npy": npy(np.where(LOGITS > 5, np.nan, LOGITS)),
    "inf.npy": npy([[1.0, -np.inf]]),
    "huge.npy": npy([[1.0, 1e300]]),
    "flat.npy": npy(np.zeros(3)),
    "cube.npy": npy(np.zeros((2, 2, 2))),
    "empty.npy": npy(np.zeros((0, 3))),
    "single.npy": npy(np.zeros((3, 1))),
    "wide.npy": npy(np.zeros((1, 50_001))),
    "probabilities.npy": npy([[0.25, 0.75], [0.5, 0.5]]),
    "pickled.npy": npy(np.array([{}], dtype=object)),
    "pickle.npy": b"\x80\x04\x95\x00",
    "text.npy": b"hello, this is no array",
    "cut.npy": cut(npy(LOGITS), 5),
    "none.csv": b"",
    "header.csv": b"a,b\n",
    "ragged.csv": b"1,2\n1,2,3\n",
    "word.csv": b"a,b\n1,2\n3,four\n",
    "hole.csv": b"1,2\n3,\n",
    "mixed.csv": b"1,b\n3,4\n",
    "numbered.csv": b",a,b\n0,1,2\n",
    "binary.csv": b"\xff\xfe\x00",
    "label.csv": b"a,b,label\n-1,2,7\n",
    "halflabel.csv": b"a,b,label\n-1,2,0.5\n",
    "twice.csv": b"a,a\n-1,2\n",
    "script.csv": b"<script>alert(1)</script>,b\n1,x\n",
}


@pytest.fixture(scope="module")
def read(chromium):
    """read(name, content) -> what the page makes of a file."""
    page = chromium.new_page()
    page.add_script_tag(content=MODULES)
    yield lambda name, content: page.evaluate(READ, [name, base64.b64encode(content).decode()])
    page.close()


@pytest.mark.parametrize("name", GOOD)
def test_the_page_reads_what_python_reads(read, name):
    found, own = read(name, GOOD[name]), read_logits((name, GOOD[name]))
    assert "error" not in found
    assert found["logits"] == own.logits.ravel().tolist()
    assert found["classes"] == list(own.classes)
    assert found["labels"] == ([] if own.labels is None else own.labels.tolist())


# Up to here the words are the same; what follows quotes another parser, or advises on an argument.
ENDS = r" \(|, got an array|: save a|\. Give kind| is no \.npy file| is not\b| says shape"


@pytest.mark.parametrize("name", BAD)
def test_the_page_refuses_what_python_refuses_in_the_same_words(read, name):
    with pytest.raises(ValueError, match=r".") as refused:
        read_logits((name, BAD[name]))
    said = re.sub(r"'([^']*)'", r"“\1”", str(refused.value)).replace("got 7.0", "got 7")
    found = read(name, BAD[name])
    start = re.split(ENDS, said)[0]
    assert re.split(ENDS, found["error"])[0] == start


@pytest.mark.parametrize("name", ["logits.safetensors", "logits.pt", "page.html"])
def test_what_only_python_reads_is_refused_with_the_way_to_it(read, name):
    assert read(name, b"\0" * 64)["error"] == (
        f"logits must be a .npy or .csv file, got “{name}”; save an array with numpy.save, "
        "or open it in Python with kdviz.explore"
    )


@pytest.fixture
def page(open_page, digits_file):
    return open_page(digits_file)


def give(page, *files):
    page.get_by_label("Your own logits").set_input_files(
        [{"name": name, "mimeType": "", "buffer": content} for name, content in files]
    )


def test_a_file_replaces_the_data_until_undone(page):
    give(page, ("birds.csv", b"crow,owl,emu,label\n9,1,0,0\n0,4,3,1\n"))
    expect(page.get_by_text("birds: 2 examples of 3 classes")).to_be_visible()
    expect(page.get_by_text("To the teacher, this owl is")).to_be_visible()
    page.get_by_role("tab", name="Loss").click()
    expect(page.get_by_role("slider", name="Student's logit of emu")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("birds:")).to_be_hidden()
    page.get_by_role("tab", name="Loss").click()
    expect(page.get_by_role("slider", name="Student's logit of 9")).to_be_visible()


def test_several_files_are_told_apart_by_their_names(page):
    labels, images = np.array([0, 1, 2, 3, -1, 0]), RNG.random((6, 5, 5))
    give(
        page,
        ("my_labels.npy", npy(labels)),
        ("images.npy", npy(images)),
        ("names.txt", b"ant\nbee\ncat\ndog\n"),
        ("scores.npy", npy(LOGITS)),
    )
    expect(page.get_by_text("scores: 6 examples of 4 classes")).to_be_visible()
    expect(page.get_by_role("radio", name=re.compile("bee, test image 1"))).to_be_attached()
    assert page.locator(".kd-big canvas").get_attribute("width") == "5"


def test_a_dropped_file_is_read(page):
    content = base64.b64encode(npy(LOGITS)).decode()
    page.evaluate(
        """(content) => {
          const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
          const carried = new DataTransfer();
          carried.items.add(new File([bytes], "dropped.npy"));
          for (const type of ["dragover", "drop"]) {
            document.querySelector(".kd-main").dispatchEvent(new DragEvent(type,
              { dataTransfer: carried, bubbles: true, cancelable: true }));
          }
        }""",
        content,
    )
    expect(page.get_by_text("dropped: 6 examples of 4 classes")).to_be_visible()


def test_a_refused_file_changes_nothing_and_says_why(page):
    before = page.locator(".kd-say").text_content()
    give(page, ("evil.csv", BAD["script.csv"]))
    expect(page.locator(".kd-news")).to_contain_text("row 2, column 2 is “x”. Nothing is changed.")
    assert page.locator(".kd-say").text_content() == before
    assert page.locator(".kd-news *").count() == 0


def test_probabilities_are_asked_about(page):
    give(page, ("p.npy", BAD["probabilities.npy"]))
    page.get_by_role("button", name="Probabilities: take their logarithm").click()
    expect(page.get_by_text("p: 2 examples of 2 classes")).to_be_visible()
    page.get_by_label("Temperature").press("PageDown")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_fifty_thousand_classes_are_drawn_within_a_frame(page):
    give(page, ("vocabulary.npy", npy(RNG.normal(0, 3, (20, 50_000)), dtype="f4")))
    expect(page.get_by_text("the rest, 49,981")).to_be_visible()
    page.locator(".kd-closer").scroll_into_view_if_needed()
    expect(page.get_by_text("Test image", exact=False).last).to_be_visible()
    page.get_by_label("Temperature").press("End")
    expect(page.locator(".kd-points svg")).to_have_attribute("aria-label", re.compile("T = 50"))
    page.get_by_label("Classes alike").check()
    expect(page.get_by_text("Pairs are compared for up to 300 classes")).to_be_visible()
    page.get_by_role("tab", name="Loss").click()
    expect(page.get_by_role("img", name="Pull on each logit")).to_be_visible()

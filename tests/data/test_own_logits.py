import io
import pickle
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import save

from kdviz.data.own_logits import read_logits
from kdviz.data.tables import LARGEST_BYTES

LOGITS = np.random.default_rng(0).normal(0, 4, (6, 3)).astype(np.float32)
LABELS = np.array([0, 1, 2, 2, 1, -1])
IMAGES = np.arange(6 * 4 * 5, dtype=np.uint8).reshape(6, 4, 5)


def npy(array, **options):
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def csv(rows):
    return "\n".join(",".join(str(cell) for cell in row) for row in rows).encode()


def dropped(text):
    return "mine.csv", text if isinstance(text, bytes) else text.encode()


def test_three_kinds_of_files_and_arrays_give_the_same(tmp_path):
    contents = {
        "mine.npy": npy(LOGITS),
        "mine.csv": csv(LOGITS),
        "mine.safetensors": save({"logits": LOGITS}),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        for source in (tmp_path / name, str(tmp_path / name), (name, content)):
            mine = read_logits(source)
            np.testing.assert_array_equal(mine.logits, LOGITS)
            assert (mine.name, mine.classes, mine.labels) == ("mine", ("0", "1", "2"), None)
            assert mine.images is None
            assert mine.logits.dtype == np.float32
            assert mine.logits.flags.c_contiguous
    assert read_logits(LOGITS.tolist()).name == "Your logits"


def test_labels_classes_and_images_come_along(tmp_path):
    (tmp_path / "names.txt").write_text("cat\ndog\n\nbird\n", encoding="utf-8")
    np.save(tmp_path / "labels.npy", LABELS)
    mine = read_logits(
        LOGITS,
        labels=tmp_path / "labels.npy",
        classes=tmp_path / "names.txt",
        images=("pictures.npy", npy(IMAGES)),
        name="Pets",
    )
    np.testing.assert_array_equal(mine.labels, LABELS)
    np.testing.assert_array_equal(mine.images, IMAGES)
    assert mine.labels.dtype == np.int64
    assert (mine.name, mine.classes) == ("Pets", ("cat", "dog", "bird"))
    for labels in (LABELS.astype(float), LABELS[:, None], dropped(csv(LABELS[:, None]))):
        np.testing.assert_array_equal(read_logits(LOGITS, labels=labels).labels, LABELS)
    named = read_logits(LOGITS, labels=dropped(b"label\n" + csv(LABELS[:, None])))
    np.testing.assert_array_equal(named.labels, LABELS)


def test_safetensors_brings_labels_and_images_and_arguments_win():
    content = save({"logits": LOGITS, "labels": LABELS, "images": IMAGES, "else": LOGITS[0]})
    mine = read_logits(("a.safetensors", content))
    np.testing.assert_array_equal(mine.labels, LABELS)
    np.testing.assert_array_equal(mine.images, IMAGES)
    other = read_logits(("a.safetensors", content), labels=np.zeros(6, int))
    np.testing.assert_array_equal(other.labels, 0)


def test_csv_header_names_classes_and_the_label_column():
    rows = [["<b>cat</b>", "Label", '"dog, small"'], *np.insert(LOGITS[:, :2], 1, LABELS % 2, 1)]
    mine = read_logits(dropped(b"\xef\xbb\xbf" + csv(rows)))
    assert mine.classes == ("<b>cat</b>", "dog, small")
    np.testing.assert_array_equal(mine.labels, LABELS % 2)
    np.testing.assert_array_equal(mine.logits, LOGITS[:, :2])
    counted = read_logits(dropped(csv([["0", "1", "2"], *LOGITS])))
    np.testing.assert_array_equal(counted.logits, LOGITS)


@pytest.mark.parametrize("dtype", ["float16", "float64", ">f4", "int8", "uint16", "int64"])
def test_any_real_numbers_become_float32(dtype):
    values = np.array([[3, 5], [100, 7]], dtype=dtype)
    for source in (values, ("a.npy", npy(values)), ("a.npy", npy(np.asfortranarray(values)))):
        logits = read_logits(source).logits
        assert logits.dtype == np.float32
        np.testing.assert_array_equal(logits, [[3, 5], [100, 7]])


def test_bfloat16_tensors_are_read():
    content = save({"logits": (LOGITS.view("<u4") >> 16).astype("<u2")})
    content = content.replace(b'"U16"', b'"BF16"').replace(
        b" ", b"", 1
    )  # one space of padding less
    header = int.from_bytes(content[:8], "little")
    assert content[8:9] == b"{"
    assert b"BF16" in content[8 : 8 + header]
    np.testing.assert_allclose(read_logits(("a.safetensors", content)).logits, LOGITS, rtol=2**-7)


def test_fifty_thousand_classes_and_no_more():
    assert read_logits(np.zeros((1, 50_000))).logits.shape == (1, 50_000)
    with pytest.raises(ValueError, match="2 to 50,000 classes, one a column, got 50,001"):
        read_logits(np.zeros((1, 50_001)))


def test_probabilities_are_refused_until_their_kind_is_given():
    odds = np.exp(LOGITS)
    probabilities = odds / odds.sum(1, keepdims=True)
    with pytest.raises(ValueError, match=r"look like probabilities.*kind='probabilities'"):
        read_logits(probabilities)
    np.testing.assert_array_equal(read_logits(probabilities, kind="logits").logits, probabilities)
    mine = read_logits(probabilities, kind="probabilities").logits
    np.testing.assert_allclose(np.diff(mine), np.diff(LOGITS), rtol=1e-4, atol=1e-5)
    assert np.isfinite(read_logits(np.eye(3), kind="probabilities").logits).all()
    with pytest.raises(ValueError, match="sum to 1 in each row"):
        read_logits(LOGITS, kind="probabilities")
    with pytest.raises(ValueError, match=r"kind must be .* got 'odds'"):
        read_logits(LOGITS, kind="odds")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ([[1, np.nan], [2, 3]], "logits must be finite.* got nan in row 1, column 2"),
        ([[1, 2], [-np.inf, 3]], "got -inf in row 2, column 1 .1 such"),
        ([[1.0, 1e300]], r"within ±3.4e38, got 1e\+300"),
        ([[1], [2]], "2 to 50,000 classes, one a column, got 1"),
        (np.empty((0, 3)), "one row or more"),
        ([], "shape .examples, classes., got .0,."),
        (np.zeros((2, 3, 4)), "got .2, 3, 4."),
        ([[1, 2], [3]], "rows of one length"),
        ([["a", "b"]], "real numbers"),
        ([[1j, 2]], "real numbers"),
        (dropped("1,2\n3\n"), "row 2 has 1 cells where the first has 2"),
        (dropped("1,2\n\n3,4,5\n"), "row 3 has 3 cells where the first has 2"),
        (dropped("1,2\n3,four\n"), "row 2, column 2 is 'four'"),
        (dropped("cat,dog\n3,\n"), "row 2, column 2 is ''"),
        (dropped("cat,dog\n1,nan\n"), "logits must be finite"),
        (dropped("1,dog\n1,2\n"), "first row mixes numbers and text, such as 'dog'"),
        (dropped(",cat,dog\n0,1,2\n"), "column 1 has no name.*index=False"),
        (dropped("cat,dog\n"), "only a header"),
        (dropped("cat,dog\n1,2,3\n"), "row 2 has 3 cells"),
        (dropped("label\n1\n"), "shape .examples, classes."),
        (dropped(""), "there is no row"),
        (dropped("Dear reader, here is my thesis.\nYours\n"), "row 2 has 1 cells"),
        (dropped("x" * 200_000), "rows of numbers; in 'mine.csv'"),
        (dropped(b"\xff\xfe\x00"), "text in UTF-8"),
        (dropped("cat,cat\n1,2\n"), "different names, got 'cat' twice"),
        (("a.pt", b"PK"), "must be a .npy, .csv or .safetensors file, got 'a.pt'"),
        (("a.npy", b""), "no .npy file"),
        (("a.npy", b"PK\x03\x04"), "no .npy file"),
        (("a.npy", npy(np.array([["a", "b"]]))), "a whole file of numbers.*of <U1"),
        (("a.npy", npy(LOGITS)[:-1]), "a whole file.*holds 71 bytes"),
        (("a.npy", npy(LOGITS).replace(b"(6, 3)", b"(9**9,")), "no .npy file"),
        (("a.npy", npy(np.zeros((4, 11))).replace(b"(4, 11)", b"(4, 9" + b"9)")), "a whole file"),
        (("a.npy", npy(np.array([[None, 1]], object), allow_pickle=True)), "never read"),
        (("a.npy", pickle.dumps([[1, 2]])), "a pickle, which can run code.*never read"),
        (("a.safetensors", b"no"), "whole .safetensors file"),
        (("a.safetensors", save({"z": LOGITS})), "tensor named 'logits', it holds: z"),
    ],
)
def test_bad_logits_are_refused_by_name(source, message):
    with pytest.raises(ValueError, match=message):
        read_logits(source)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": [0, 1]}, "labels must be one per example, shape .6,., got shape .2,."),
        ({"labels": [0, 1, 2, 3, 0, 0]}, "from 0 to 2, .* got 3 for example 4"),
        ({"labels": [0, 1, 2, -2, 0, 0]}, "got -2 for example 4"),
        ({"labels": [0, 1.5, 2, 0, 0, 0]}, "whole numbers.* got 1.5 for example 2"),
        ({"labels": [0, np.nan, 2, 0, 0, 0]}, "got nan for example 2"),
        ({"labels": np.ones(6, bool)}, "class numbers, got an array of bool"),
        ({"labels": ["cat"] * 6}, "labels must be real numbers"),
        ({"labels": ("l.csv", b"cat,dog\n1,2\n")}, "labels must be one per example"),
        ({"labels": ("l.safetensors", save({"y": LABELS}))}, "tensor named 'labels'"),
        ({"classes": ["a", "b"]}, "classes must be 3 names, one per column, got 2"),
        ({"classes": ["a", "b", "a"]}, "different names, got 'a' twice"),
        ({"classes": ["a", "b", " "]}, "class 2 has none"),
        ({"classes": ("names.txt", b"\xff\xff")}, "text in UTF-8"),
        ({"images": IMAGES[:5]}, r"images must be gray, of shape \(6, height, width\)"),
        ({"images": IMAGES.reshape(6, 20)}, r"got \(6, 20\)"),
        ({"images": np.zeros((6, 4, 5, 3))}, r"got \(6, 4, 5, 3\)"),
        ({"images": np.zeros((6, 0, 5))}, r"got \(6, 0, 5\)"),
        ({"images": IMAGES.astype(int) - 1}, "from 0 to 255.* from -1 to"),
        ({"images": IMAGES / 10}, "whole numbers from 0 to 255, or fractions from 0 to 1"),
        ({"images": np.full((6, 4, 5), np.nan)}, "fractions from 0 to 1"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(options, message):
    with pytest.raises(ValueError, match=message):
        read_logits(LOGITS, **options)


def test_fractions_and_whole_numbers_become_gray_values():
    np.testing.assert_array_equal(read_logits(LOGITS, images=IMAGES / 255).images, IMAGES)
    np.testing.assert_array_equal(read_logits(LOGITS, images=IMAGES * 1.0).images, IMAGES)


def test_a_two_gigabyte_file_is_refused_unread(tmp_path):
    path = tmp_path / "huge.npy"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)  # sparse: it takes no room on the disk
    with pytest.raises(ValueError, match=r"at most 400 MB, got 'huge.npy' of 2,000 MB"):
        read_logits(path)
    assert LARGEST_BYTES == 400_000_000


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="logits must name a file, and there is no"):
        read_logits(tmp_path / "none.npy")
    with pytest.raises(ValueError, match="which is none"):
        read_logits(tmp_path)


def test_reading_loads_no_torch():
    code = "import sys; from kdviz.data.own_logits import read_logits; read_logits([[1, 2]]); "
    subprocess.run([sys.executable, "-c", code + "assert 'torch' not in sys.modules"], check=True)

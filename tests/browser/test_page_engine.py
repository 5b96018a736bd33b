"""The page's engine, from a page opened from disk: as true as the kernel's, the same bits anywhere.

What differs between browsers and machines is refused here by a policy: workers, WebAssembly.
"""

import base64
import hashlib
import json

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import kdviz
from kdviz.evaluation.compare import compare
from kdviz.page.bundle import ROOT, join_modules
from kdviz.panels.distill.scenarios import Settings, transfer_sets
from kdviz.training.noise import keep, random_bits
from kdviz.training.step import one_cycle
from scripts.find_chromium import find_chromium
from tests.browser.conftest import ARGUMENTS
from tests.browser.page_noise import batches

pytestmark = pytest.mark.browser

ALL = "script-src 'unsafe-inline' 'wasm-unsafe-eval'; worker-src blob:"
PAGE = """<!doctype html>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; {policy}">
<link rel="icon" href="data:;base64,="><title>engine</title>
<script type="application/json" id="digits">{digits}</script>
<script type="module">
{modules}
</script>"""
ENTRY = """
import { train as begin } from "ENGINE/cohort.js";
import { keyOf, bitsAt, dropoutThreshold } from "ENGINE/noise.js";
import { oneCycle } from "ENGINE/schedule.js";
import { keepLabels, labelledOnly, wholeSet, withoutClasses } from "ENGINE/transfer-set.js";

const floats = (values) => values && Float32Array.from(values);
const integers = (values) => values && Int32Array.from(values);
const typed = (set) => set && { indices: integers(set.indices), labels: integers(set.labels) };
const split = ({ inputs, labels, ...rest }) =>
  ({ inputs: floats(inputs), labels: integers(labels), ...rest });
const coded = (floats) =>
  btoa(Array.from(new Uint8Array(floats.buffer), (byte) => String.fromCharCode(byte)).join(""));
const plain = (member) => Object.fromEntries(Object.entries(member).map(([name, values]) =>
  [name, values instanceof Float32Array ? coded(values) : [...values]]));

const { data, test, teacherLogits } = JSON.parse(document.getElementById("digits").textContent);
const given = { data: split(data), test: split(test), teacherLogits: floats(teacherLogits) };

function train({ members, ...settings }) {
  members = members.map(({ transferSet: set, ...rest }) => ({ ...rest, transferSet: typed(set) }));
  return begin({ ...given, members, ...settings });
}
async function finish(settings) {
  const run = train(settings);
  const records = [];
  for await (const record of run) records.push(record);
  const weights = (await run.weights()).map(plain);
  const logits = (await run.logits(given.test.inputs)).map(coded);
  await run.close();
  return { records, weights, logits };
}
Object.assign(window, { given, train, plain, finish, keyOf, bitsAt, dropoutThreshold, oneCycle,
  keepLabels, labelledOnly, wholeSet, withoutClasses });
export default null;
"""

# A cohort with everything in it, on few steps.
MIXED = {
    "members": [
        {"seed": 3, "temperature": 4.0, "softWeight": 1.0},
        {"seed": 3, "temperature": 1.0, "softWeight": 0.0},
        {"seed": 4, "temperature": 20.0, "softWeight": 0.5},
        {"seed": 5, "temperature": 4.0, "softWeight": 0.25},
        {"seed": 2**32 - 1, "temperature": 0.5, "softWeight": 0.75},
    ],
    "steps": 30, "batchSize": 50, "recordEvery": 10,
}  # fmt: skip
RECIPES = {
    "adam": MIXED | {"hidden": [64]},
    "sgd": MIXED | {"hidden": [37, 21], "optimizer": "sgd", "lr": 0.05, "schedule": "constant"},
    "dropout": MIXED | {"hidden": [30, 20], "dropout": 0.5, "inputDropout": 0.2},
}
# SHA-256 of the weights, float32 in the order of members and layers, its first 16 digits.
BITS = {"adam": "55da41a6a5c588cd", "sgd": "cce48674cd3db8f6", "dropout": "d49fbb1d0f23a335"}


@pytest.fixture(scope="module")
def digits():
    return kdviz.load_dataset("digits")


@pytest.fixture(scope="module")
def teacher():
    return kdviz.load_teacher("digits")


@pytest.fixture(scope="module")
def address(tmp_path_factory, digits, teacher):
    """address(policy) -> a page on disk that holds the engine and the digits."""
    entry = tmp_path_factory.mktemp("entry") / "entry.js"
    engine = (ROOT / "page" / "engine").as_posix()
    entry.write_text(ENTRY.replace("ENGINE", engine), encoding="utf-8")
    modules = join_modules(entry)
    flat = {
        name: {"inputs": split.inputs.ravel().tolist(), "labels": split.labels.tolist()}
        for name, split in (("data", digits.train), ("test", digits.test))
    }
    flat["data"]["classes"] = 10
    flat["teacherLogits"] = teacher.train_logits.ravel().tolist()

    def write(policy):
        path = tmp_path_factory.mktemp("engine") / "page.html"
        text = PAGE.format(policy=policy, digits=json.dumps(flat), modules=modules)
        path.write_text(text, encoding="utf-8")
        return path.as_uri()

    return write


@pytest.fixture(scope="module")
def in_page(chromium, address):
    """in_page(script, argument) runs in the page."""
    page = chromium.new_page()
    page.goto(address(ALL))
    yield page.evaluate
    page.close()


def floats(coded):
    """Read what `coded` wrote in the page."""
    return np.frombuffer(base64.b64decode(coded), dtype=np.float32)


def bits(weights) -> str:
    digest = hashlib.sha256()
    for member in weights:
        for values in member.values():
            digest.update(base64.b64decode(values))
    return digest.hexdigest()[:16]


class Reference:
    """The same student in PyTorch, float64, on the page's batches and with its noise."""

    def __init__(self, weights, recipe, member, digits, teacher):
        self.recipe, self.member, self.taken = recipe, member, 0
        self.weights = [torch.tensor(floats(v), dtype=torch.float64) for v in weights.values()]
        sizes = [64, *recipe["hidden"], 10]
        for layer, shape in enumerate(zip(sizes[1:], sizes, strict=False)):
            self.weights[2 * layer] = self.weights[2 * layer].view(shape)
        for value in self.weights:
            value.requires_grad_(True)
        self.lr = recipe.get("lr", 0.003)
        if recipe.get("optimizer") == "sgd":
            momentum = recipe.get("momentum", 0.9)
            self.optimizer = torch.optim.SGD(self.weights, lr=self.lr, momentum=momentum)
        else:
            self.optimizer = torch.optim.Adam(self.weights, lr=self.lr)
        self.inputs = torch.from_numpy(digits.train.inputs).double().flatten(1)
        self.labels = torch.from_numpy(digits.train.labels)
        self.teacher = torch.from_numpy(teacher.train_logits).double()
        self.batches = batches(len(self.labels), recipe["batchSize"])

    def step(self):
        """Take a step and return the loss before it."""
        rows = next(self.batches)
        logits = self.forward(self.inputs[rows])
        loss = kdviz.distillation_loss(
            logits, self.teacher[rows], self.labels[rows],
            temperature=self.member["temperature"], soft_weight=self.member["softWeight"],
        ).mean()  # fmt: skip
        self.optimizer.zero_grad()
        loss.backward()
        if self.recipe.get("schedule") != "constant":
            scale = one_cycle(self.taken, self.recipe["steps"])
            self.optimizer.param_groups[0]["lr"] = self.lr * scale
        self.optimizer.step()
        self.taken += 1
        return loss.item()

    def forward(self, h):
        seed, step = (torch.tensor(n).to(torch.int32) for n in (self.member["seed"], self.taken))
        stream = 0
        for layer in range(0, len(self.weights), 2):
            if rate := self.recipe.get("dropout" if layer else "inputDropout", 0):
                h = h * keep(seed, step, stream, tuple(h.shape), rate) / (1 - rate)
                stream += 1
            h = F.linear(h, *self.weights[layer : layer + 2])
            h = h if layer + 2 == len(self.weights) else h.relu()
        return h


def relative(found, exact):
    """The largest error, as a share of the largest value."""
    found, exact = np.asarray(found), np.asarray(exact)
    return np.abs(found - exact).max() / np.abs(exact).max()


def weights_after(in_page, recipe, steps=0):
    """The weights of the members of a recipe after so many steps."""
    script = """async ([settings, steps]) => {
      const run = train(settings);
      for (let i = 0; i < steps; i++) await run.step();
      const weights = (await run.weights()).map(plain);
      await run.close();
      return weights;
    }"""
    return in_page(script, [recipe, steps])


def test_noise_is_the_kernels(in_page):
    seeds, steps, streams = [0, 7, 2**31 + 5], [0, 1, 999], [0, 1, 1000]
    script = """([seed, step, stream]) =>
      Array.from({ length: 50 }, (_, i) => bitsAt(keyOf(seed, step, stream), i))"""
    for place in zip(seeds, steps, streams, strict=True):
        seed, step = (torch.tensor(n).to(torch.int32) for n in place[:2])
        assert in_page(script, place) == random_bits(seed, step, place[2], (50,)).tolist()


def test_the_schedule_is_the_kernels(in_page):
    found = in_page("() => Array.from({ length: 97 }, (_, i) => oneCycle(i, 97))")
    np.testing.assert_allclose(found, [one_cycle(i, 97) for i in range(97)], rtol=0, atol=1e-15)


def test_initial_weights_are_uniform_up_to_the_root_of_the_fan_in(in_page):
    recipe = {"members": [{"seed": 1}], "hidden": [150, 100]}
    (weights,) = weights_after(in_page, recipe)
    for number, fan_in in ((1, 64), (3, 150), (5, 100)):
        for kind in ("weight", "bias"):
            values = floats(weights[f"{number}.{kind}"]) * np.sqrt(fan_in)
            assert np.abs(values).max() <= 1 + 1e-6
            assert abs(values.mean()) < 4 / np.sqrt(3 * len(values))
            assert values.std() == pytest.approx(1 / np.sqrt(3), rel=2 / np.sqrt(len(values)))


@pytest.mark.parametrize("hidden", [[64], [37, 21]])
@pytest.mark.parametrize("member", MIXED["members"][:3])
def test_gradients_are_those_of_float64(in_page, digits, teacher, member, hidden):
    recipe = {"members": [member], "hidden": hidden, "dropout": 0.3, "batchSize": 50, "steps": 1}
    recipe |= {"optimizer": "sgd", "momentum": 0, "lr": 1, "schedule": "constant"}
    (weights,) = weights_after(in_page, recipe)
    exact = Reference(weights, recipe, member, digits, teacher)
    loss = exact.step()
    done = in_page("finish", recipe)
    assert done["records"][0]["loss"][0] == pytest.approx(loss, rel=2e-6)
    for name, value in zip(weights, exact.weights, strict=True):
        moved = floats(weights[name]).astype(float) - floats(done["weights"][0][name])
        assert relative(moved, value.grad.numpy().ravel()) < 1e-6


@pytest.mark.parametrize("name", RECIPES)
def test_losses_and_updates_are_those_of_float64_for_50_steps(in_page, digits, teacher, name):
    recipe = RECIPES[name] | {"steps": 50, "recordEvery": 1}
    weights = weights_after(in_page, recipe)
    done = in_page("finish", recipe)
    losses = np.array([record["loss"] for record in done["records"]])
    for number, member in enumerate(recipe["members"]):
        exact = Reference(weights[number], recipe, member, digits, teacher)
        expected = [exact.step() for _ in range(50)]
        np.testing.assert_allclose(losses[:, number], expected, rtol=2e-6)
        for values, value in zip(done["weights"][number].values(), exact.weights, strict=True):
            assert relative(floats(values), value.detach().numpy().ravel()) < 1e-5


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("threads", [0, 1, 2, 4])
def test_the_same_bits_with_any_number_of_workers(in_page, name, threads):
    done = in_page("finish", RECIPES[name] | {"threads": threads})
    assert bits(done["weights"]) == BITS[name]
    assert [record["notice"] for record in done["records"]] == [""] * 4


@pytest.mark.parametrize("name", RECIPES)
def test_the_same_bits_in_plain_javascript(in_page, name):
    done = in_page("finish", RECIPES[name] | {"simd": False})
    assert bits(done["weights"]) == BITS[name]


@pytest.mark.parametrize(
    ("policy", "missing"),
    [
        ("script-src 'unsafe-inline'; worker-src blob:", ["fast arithmetic"]),
        ("script-src 'unsafe-inline' 'wasm-unsafe-eval'", ["workers"]),
        ("script-src 'unsafe-inline'", ["workers", "fast arithmetic"]),
    ],
)
def test_what_a_page_refuses_changes_no_number_and_is_said(chromium, address, policy, missing):
    page = chromium.new_page()
    page.goto(address(policy))
    done = page.evaluate("finish", RECIPES["adam"])
    page.close()
    assert bits(done["weights"]) == BITS["adam"]
    first, *others = [record["notice"] for record in done["records"]]
    assert [part for part in ("workers", "fast arithmetic") if part in first] == missing
    assert set(others) == {""}


def test_the_same_records_from_another_start_and_another_compiler(in_page, chromium, address):
    arguments = [*ARGUMENTS, "--js-flags=--liftoff-only --no-opt"]
    executable = find_chromium()
    other = chromium.browser_type.launch(executable_path=executable, args=arguments)
    page = other.new_page()
    page.goto(address(ALL))
    ours, theirs = (run("finish", RECIPES["dropout"]) for run in (in_page, page.evaluate))
    other.close()
    assert ours["weights"] == theirs["weights"]
    assert ours["logits"] == theirs["logits"]
    for one, same in zip(ours["records"], theirs["records"], strict=True):
        assert {**one, "seconds": 0} == {**same, "seconds": 0}


def test_a_member_gives_what_it_gives_alone(in_page):
    recipe = RECIPES["dropout"] | {"threads": 0}
    together = in_page("finish", recipe)
    for number, member in enumerate(recipe["members"]):
        alone = in_page("finish", recipe | {"members": [member]})
        assert alone["weights"][0] == together["weights"][number]
        assert alone["records"][-1]["loss"][0] == together["records"][-1]["loss"][number]


def test_records_are_the_kernels(in_page, digits, teacher):
    run = kdviz.train(
        lambda: kdviz.mlp(64, (8,), 10), kdviz.TransferSet(digits.train), teacher.train_logits,
        test=digits.test, epochs=4, batch_size=60,
    )  # fmt: skip
    ours = in_page("finish", {"members": [{}], "hidden": [8], "epochs": 4, "batchSize": 60})
    fields = ("step", "steps", "epoch", "diverged", "notice")
    kernels = [[getattr(record, name) for name in fields] for record in run]
    assert [[r[name] for name in fields[:3]] for r in ours["records"]] == [k[:3] for k in kernels]
    right = floats(ours["logits"][0]).reshape(-1, 10).argmax(1) == digits.test.labels
    assert ours["records"][-1]["accuracy"] == [right.mean()]


def test_test_examples_without_a_label_count_nowhere(in_page, digits):
    hidden = """async (settings) => {
      const labels = given.test.labels;
      given.test.labels = labels.map((label, i) => (i % 3 ? label : -1));
      try { return await finish(settings); } finally { given.test.labels = labels; }
    }"""
    ours = in_page(hidden, {"members": [{}], "hidden": [8], "epochs": 2})
    right = floats(ours["logits"][0]).reshape(-1, 10).argmax(1) == digits.test.labels
    known = np.arange(len(right)) % 3 > 0
    assert ours["records"][-1]["accuracy"] == [right[known].mean()]


def test_a_member_that_diverges_is_named_and_the_others_go_on(in_page):
    recipe = RECIPES["adam"]
    huge = {"1.weight": 4096, "1.bias": 64, "3.weight": 640, "3.bias": 10}
    members = [dict(member) for member in recipe["members"]]
    members[2]["weights"] = {name: [3e37] * size for name, size in huge.items()}
    done = in_page("finish", recipe | {"members": members})
    for record in done["records"]:
        assert record["diverged"] == [2]
        assert np.isfinite(record["loss"]).tolist() == [True, True, False, True, True]
        assert np.isfinite(record["accuracy"]).tolist() == [True, True, False, True, True]
    expected = in_page("finish", recipe)["weights"]
    assert done["weights"][:2] + done["weights"][3:] == expected[:2] + expected[3:]


def test_one_sets_members_without_labels_and_with_few(in_page, digits):
    """A label of -1 adds nothing; sets of any size fill whole batches."""
    whole = kdviz.TransferSet(digits.train)
    few = whole.keep_labels(20, seed=0)
    sets = [whole.unlabelled(), few, few.labelled()]
    members = [
        {"seed": 0, "temperature": 4, "softWeight": w, "transferSet": as_lists(transfer_set)}
        for w, transfer_set in zip([1, 0.5, 0], sets, strict=True)
    ]
    soft_alone = [{"seed": 0, "temperature": 4, "softWeight": 1}]
    recipe = {"hidden": [8], "steps": 12}
    done = in_page("finish", recipe | {"members": members})
    alone = in_page("finish", recipe | {"members": soft_alone})
    assert done["weights"][0] == alone["weights"][0]
    assert np.isfinite(done["records"][-1]["loss"]).all()


def test_single_steps_show_what_they_do_and_lose_nothing(in_page, digits, teacher):
    script = """async (settings) => {
      const view = ({ step, seen: [first, ...others] }) =>
        ({ step, others: others.map((each) => each.rows.length), ...plain(first) });
      const run = train(settings);
      run.pause();
      const records = [];
      const reading = (async () => { for await (const r of run) records.push(r); })();
      const seen = [];
      for (let i = 0; i < 3; i++) seen.push(view(await run.step([2, 1])));
      const before = records.length;
      run.resume();
      await reading;
      return { seen, before, records, weights: (await run.weights()).map(plain) };
    }"""
    recipe, member = RECIPES["adam"], RECIPES["adam"]["members"][2]
    done = in_page(script, recipe)
    assert done["before"] == 1
    assert bits(done["weights"]) == BITS["adam"]
    assert [record["step"] for record in done["records"]] == [1, 10, 20, 30]
    unstepped = in_page("finish", recipe)["records"]
    for name in ("loss", "accuracy"):
        assert [each[name] for each in done["records"]] == [each[name] for each in unstepped]
    stream = batches(1000, recipe["batchSize"])
    for number, seen in enumerate(done["seen"]):
        rows = next(stream)
        assert seen["others"] == [len(rows)]
        assert (seen["step"], seen["rows"]) == (number + 1, rows)
        assert seen["labels"] == digits.train.labels[rows].tolist()
        before, after = (
            torch.tensor(floats(seen[name])).view(-1, 10).double() for name in ("before", "after")
        )
        before.requires_grad_(True)
        v, labels = torch.from_numpy(teacher.train_logits[rows]), torch.tensor(seen["labels"])
        how = {"temperature": member["temperature"], "soft_weight": member["softWeight"]}
        loss = kdviz.distillation_loss(before, v.double(), labels, **how)
        (gradient,) = torch.autograd.grad(loss.sum(), before)
        assert relative(floats(seen["gradient"]), gradient.numpy().ravel()) < 1e-5
        targets = kdviz.tempered_softmax(v.double(), member["temperature"])
        assert relative(floats(seen["softTargets"]), targets.numpy().ravel()) < 1e-5
        assert kdviz.distillation_loss(after, v.double(), labels, **how).mean() < loss.mean()


def test_whoever_iterates_decides_when_to_stop(in_page):
    script = """async (settings) => {
      const run = train(settings);
      const steps = [];
      for await (const { step } of run) { steps.push(step); if (steps.length === 2) break; }
      const weights = (await run.weights()).map(plain);
      const paused = train(settings);
      paused.pause();
      const waiting = paused.next();
      paused.stop();
      await run.close();
      const gone = await run.weights().catch((error) => error.message);
      return { steps, weights, gone, after: await run.next(), stopped: await waiting };
    }"""
    done = in_page(script, RECIPES["adam"])
    assert done["steps"] == [1, 10]
    assert done["weights"] == weights_after(in_page, RECIPES["adam"], 10)
    assert done["gone"] == "this run is closed, and its weights are gone"
    assert done["after"]["done"]
    assert done["stopped"]["done"]


def test_weights_come_home(in_page, digits):
    done = in_page("finish", RECIPES["dropout"])
    network = kdviz.mlp(64, (30, 20), 10, dropout=0.5, input_dropout=0.2)
    for weights, logits in zip(done["weights"], done["logits"], strict=True):
        state = network.state_dict()
        assert list(weights) == list(state)
        arrays = {
            name: torch.tensor(floats(weights[name])).view(state[name].shape) for name in state
        }
        network.load_state_dict(arrays)
        expected = kdviz.teacher_logits(network, digits.test.inputs)
        assert relative(floats(logits), expected.ravel()) < 1e-5


BAD = [
    ({"members": []}, "members must be a list of at least one member"),
    ({"hidden": [0]}, "hidden must be a whole number of at least 1, got 0"),
    ({"hidden": 64}, "hidden must be a list of widths, got 64"),
    ({"lr": -1}, "lr must be a finite number above 0, got -1"),
    ({"epochs": 0}, "epochs must be a finite number above 0, got 0"),
    ({"dropout": 1}, "dropout must be a finite number in [0, 0.99], got 1"),
    ({"batchSize": 0.5}, "batchSize must be a whole number of at least 1, got 0.5"),
    ({"optimizer": "lion"}, 'optimizer must be "adam" or "sgd", got "lion"'),
    ({"schedule": "flat"}, 'schedule must be "one-cycle" or "constant", got "flat"'),
    ({"rate": 1}, "there is no setting rate"),
    ({"threads": 9}, "threads must be a whole number from 0 to 8, got 9"),
    ({"members": [{}, {"temperature": 0}]}, "temperature of member 1 must be a finite number in"),
    ({"members": [{"temperature": None}]}, "temperature of member 0 must be a finite number in"),
    (
        {"members": [{"softWeight": 1.5}]},
        "softWeight of member 0 must be a finite number in",
    ),
    ({"members": [{"seed": -1}]}, "seed of member 0 must be a whole number from 0 to 4294967295"),
    ({"teacherLogits": None}, "softWeight of member 0 must be 0 without teacherLogits, got 1"),
    (
        {"members": [{"softWeight": 0, "transferSet": {"indices": [0], "labels": [-1]}}]},
        "transferSet of member 0 has no labels and softWeight is 0",
    ),
    (
        {"members": [{"transferSet": {"indices": [1000], "labels": [0]}}]},
        "transferSet.indices of member 0 must be a whole number from 0 to 999, got 1000",
    ),
    (
        {"members": [{"transferSet": {"indices": [0], "labels": [10]}}]},
        "transferSet.labels of member 0 must lie in 0 to 9, or be -1 for unlabelled, got 10",
    ),
    ({"members": [{"weights": {}}]}, 'weights of member 0 must have 4096 numbers in "1.weight"'),
    ({"hidden": [20000, 20000]}, "this training needs 8.1 GB of memory in the page"),
]


@pytest.mark.parametrize(("settings", "message"), BAD)
def test_settings_out_of_range_are_named(in_page, settings, message):
    script = "(s) => { try { train(s); } catch (error) { return error.message; } }"
    assert message in in_page(script, {"members": [{}]} | settings)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("data", "data.inputs must be finite, got NaN in row 2, column 5"),
        ("test", "test.inputs must be finite, got NaN in row 2, column 5"),
        ("teacherLogits", "teacherLogits must be finite, got NaN in row 13, column 3"),
    ],
)
def test_data_that_is_no_number_is_refused(in_page, name, message):
    script = """(name) => {
      const values = (given[name].inputs ?? given[name]).slice();
      values[133] = NaN;
      const bad = given[name].inputs ? { ...given[name], inputs: values } : values;
      try { train({ members: [{}], [name]: bad }); } catch (error) { return error.message; }
    }"""
    assert message in in_page(script, name)


def test_transfer_sets_are_those_of_python(in_page, digits):
    script = """([n, seed]) => {
      const labels = given.data.labels;
      const left = withoutClasses(wholeSet(labels), labels, 3);
      const few = keepLabels(left, n, seed);
      return [left, few, labelledOnly(few)].map(plain);
    }"""
    whole = kdviz.TransferSet(digits.train).without_classes(3)
    left, few, labelled = in_page(script, [50, 1])
    assert left == as_lists(whole)
    assert few["indices"] == left["indices"]
    kept = np.array(labelled["labels"])
    assert digits.train.labels[labelled["indices"]].tolist() == kept.tolist()
    assert sorted(np.bincount(kept, minlength=10)) == [0, 5, 5, 5, 5, 6, 6, 6, 6, 6]
    assert in_page(script, [50, 2])[2] != labelled


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["unseen", "few-labels", "all-labels"])
def test_students_of_both_engines_are_as_good(in_page, digits, teacher, scenario):
    pairs = 16
    settings = Settings(scenario, 3, 64, 8.0, 1.0, pairs, None)
    students, baselines = transfer_sets(settings, digits)
    weights = [1.0] * pairs + [0.0] * pairs
    run = kdviz.train(
        lambda: kdviz.mlp(64, (64,), 10), students + baselines, teacher.train_logits,
        seeds=[*range(pairs)] * 2, temperature=8.0, soft_weight=weights, test=digits.test,
        epochs=20, lr=0.01, record_every=10**6,
    )  # fmt: skip
    *_, last = run
    members = [
        {"seed": i % pairs, "temperature": 8, "softWeight": weights[i], "transferSet": as_lists(s)}
        for i, s in enumerate(students + baselines)
    ]
    recipe = {"members": members, "epochs": 20, "lr": 0.01, "recordEvery": 10**6}
    ours = in_page("finish", recipe)["records"][-1]["accuracy"]
    for group in (slice(pairs), slice(pairs, None)):
        comparison = compare(ours[group], last.accuracy[group])
        assert comparison.verdict == "inconclusive"
        assert abs(comparison.difference) < 0.005


def as_lists(transfer_set):
    return {"indices": transfer_set.indices.tolist(), "labels": transfer_set.labels.tolist()}

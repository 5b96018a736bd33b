"""Time the page's engine in Chromium and Node, beside its peers and the kernel's cohort.

The figures of a table come from one run, its parts taken in turn, so their ratios hold on a noisy
machine; each is the median of the rounds. A student is 64-64-10 with Adam, a step a batch of 128
digits. TensorFlow.js and jax-js are installed from npm into a folder that is removed afterwards.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from playwright.sync_api import sync_playwright

import kdviz
from kdviz.page.bundle import ROOT, join_modules
from scripts.find_chromium import find_chromium

STEPS, PAIRS, EPOCHS = 300, 16, 60
PEERS = {"TensorFlow.js, CPU": "@tensorflow/tfjs@4.22.0", "jax-js, Wasm": "@jax-js/jax@0.1.25"}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
POLICY = "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; worker-src blob:"

# Milliseconds a student-step, without what comes before the first step.
ENGINE = """
const { train } = $page_engine_cohort;
const { labels, ...arrays } = DATA;
const floats = (name) => Float32Array.from(arrays[name]);
const data = { inputs: floats("inputs"), labels, classes: 10 };
const test = { inputs: floats("testInputs"), labels: arrays.testLabels };
const teacherLogits = floats("teacherLogits");
async function stepTime({ members, steps, threads, simd }) {
  const run = train({
    data, teacherLogits, steps, threads, simd, recordEvery: steps, lr: 0.01,
    members: Array.from({ length: members }, (_, seed) => ({ seed, temperature: 4 })),
  });
  await run.next();
  const begun = performance.now();
  await run.next();
  const spent = performance.now() - begun;
  await run.close();
  return spent / (steps - 1) / members;
}
"""
# Distill's default: pairs of a student and its baseline; how long, and how late frames are.
DISTILL = """async ({ pairs, epochs, threads }) => {
  const gaps = [];
  let [last, going] = [0, true];
  const frame = (now) => {
    if (last) gaps.push(now - last);
    last = now;
    if (going) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  await new Promise((resolve) => setTimeout(resolve, 300));
  gaps.length = 0;
  const begun = performance.now();
  const members = Array.from({ length: 2 * pairs }, (_, i) =>
    ({ seed: i % pairs, temperature: 4, softWeight: i < pairs ? 1 : 0 }));
  const run = train({ data, test, teacherLogits, members, epochs, lr: 0.01, threads });
  const times = [];
  for await (const record of run) times.push(performance.now() - begun);
  await run.logits(test.inputs);
  const whole = performance.now() - begun;
  going = false;
  await run.close();
  gaps.sort((a, b) => a - b);
  return [times[0], whole, gaps[Math.floor(0.95 * gaps.length)], gaps.at(-1)];
}"""
TENSORFLOW = """
const tf = require("@tensorflow/tfjs");
(async () => {
  await tf.setBackend("cpu");
  const weights = [[64, 64], [64], [64, 10], [10]].map((shape) =>
    tf.variable(tf.randomUniform(shape, -0.125, 0.125)));
  const [w1, b1, w2, b2] = weights;
  const x = tf.randomUniform([128, 64]);
  const targets = tf.softmax(tf.randomNormal([128, 10]));
  const adam = tf.train.adam(0.01);
  const step = () => adam.minimize(() => {
    const logits = x.matMul(w1).add(b1).relu().matMul(w2).add(b2).div(4);
    return tf.losses.softmaxCrossEntropy(targets, logits).mul(16);
  });
  for (let i = 0; i < 10; i++) step();
  const begun = performance.now();
  for (let i = 0; i < 40; i++) step();
  await w1.data();
  console.log((performance.now() - begun) / 40);
})();
"""
# Plain gradient descent, which does it no wrong.
JAX = """
globalThis.navigator ??= { hardwareConcurrency: 1 };
import * as jax from "@jax-js/jax";
const { numpy: np, nn, random, tree } = jax;
await jax.init("wasm");
jax.defaultDevice("wasm");
const draw = (shape) => random.uniform(random.key(0), shape, { minval: -0.125, maxval: 0.125 });
let weights = { w1: draw([64, 64]), b1: np.zeros([64]), w2: draw([64, 10]), b2: np.zeros([10]) };
const x = random.uniform(random.key(1), [128, 64]);
const targets = nn.softmax(random.uniform(random.key(2), [128, 10]));
const loss = ({ w1, b1, w2, b2 }, x, targets) => {
  const logits = np.dot(nn.relu(np.dot(x, w1).add(b1)), w2).add(b2).mul(1 / 4);
  return nn.logSoftmax(logits).mul(targets).sum().mul(-16 / 128);
};
const gradient = jax.jit(jax.valueAndGrad(loss));
async function steps(count) {
  for (let i = 0; i < count; i++) {
    const [value, slopes] = gradient(tree.ref(weights), x.ref, targets.ref);
    weights = tree.map((w, slope) => w.sub(slope.mul(0.1)), weights, slopes);
    if (i === count - 1) await value.jsAsync();
    else value.dispose();
  }
  await jax.blockUntilReady(tree.ref(weights));
}
await steps(5);
const begun = performance.now();
await steps(40);
console.log((performance.now() - begun) / 40);
process.exit(0);
"""


def main() -> None:
    """Print what a step takes where, and what Distill's default does to a page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-peers", action="store_true", help="install nothing from npm")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        page = browser.new_page()
        page.goto(write_page(Path(folder)).as_uri())
        cases = in_chromium(page) | {"kernel's cohort, one core": kernel}
        if shutil.which("node"):
            cases |= in_node(Path(folder))
            if not options.no_peers:
                cases |= peers(Path(folder))
        times = {name: [] for name in cases}
        for _ in range(options.rounds + 1):
            for name, measure in cases.items():
                times[name].append(measure())
        # The first round warms up and is not counted.
        middle = {name: statistics.median(values[1:]) for name, values in times.items()}
        one = middle["page, Chromium, 1 worker"]
        print("ms a student-step of 64-64-10, batch 128; and as times the page's with 1 worker")
        for name, value in middle.items():
            print(f"{name:<40}{value:>9.3f}{value / one:>9.2f}")
        print(f"\nDistill's default, {PAIRS} pairs, {EPOCHS} epochs, in Chromium: seconds to the")
        print("first record and to the last logits; ms between frames, 95th percentile and longest")
        for threads in (2, 1, 0):
            settings = {"pairs": PAIRS, "epochs": EPOCHS, "threads": threads}
            found = [page.evaluate(DISTILL, settings) for _ in range(options.rounds)]
            first, whole, *gaps = map(statistics.median, zip(*found, strict=True))
            where = f"{threads} workers" if threads else "the page's own thread"
            seconds = "".join(f"{value / 1000:>7.2f}" for value in (first, whole))
            print(f"{where:<24}{seconds}" + "".join(f"{gap:>7.0f}" for gap in gaps))
        browser.close()


def engine() -> str:
    """The engine and the digits as the text of a script."""
    digits, teacher = kdviz.load_dataset("digits"), kdviz.load_teacher("digits")
    arrays = {
        "inputs": digits.train.inputs, "labels": digits.train.labels,
        "testInputs": digits.test.inputs, "testLabels": digits.test.labels,
        "teacherLogits": teacher.train_logits,
    }  # fmt: skip
    data = json.dumps({name: array.ravel().tolist() for name, array in arrays.items()})
    modules = join_modules(ROOT / "page" / "engine" / "cohort.js").rpartition("\nexport default")[0]
    return f"{modules}\nconst DATA = {data};\n{ENGINE}"


def write_page(folder: Path) -> Path:
    path = folder / "page.html"
    path.write_text(
        f'<!doctype html><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>engine</title><script>{engine()}</script>",
        encoding="utf-8",
    )
    return path


def in_chromium(page) -> dict[str, Callable[[], float]]:
    def measure(**settings) -> float:
        return page.evaluate("stepTime", {"simd": True, "steps": STEPS, "threads": 1} | settings)

    return {
        "page, Chromium, 1 worker": partial(measure, members=8),
        "page, Chromium, 2 workers": partial(measure, members=8, threads=2),
        "page, Chromium, its own thread": partial(measure, members=4, threads=0),
        "page, Chromium, plain JavaScript": partial(measure, members=1, steps=100, simd=False),
    }


def in_node(folder: Path) -> dict[str, Callable[[], float]]:
    path = folder / "engine.mjs"
    call = f"stepTime({{ members: 8, steps: {STEPS}, threads: 0, simd: true }})"
    path.write_text(f"{engine()}\nconsole.log(await {call});", encoding="utf-8")
    return {"page, Node, 1 thread": partial(run_node, path)}


def peers(folder: Path) -> dict[str, Callable[[], float]]:
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", *PEERS.values()]
    (folder / "package.json").write_text("{}")
    if subprocess.run(install, cwd=folder, capture_output=True).returncode:
        print("npm could not install the peers: they are left out")
        return {}
    files = dict(zip(PEERS, (folder / "tensorflow.cjs", folder / "jax.mjs"), strict=True))
    for path, text in zip(files.values(), (TENSORFLOW, JAX), strict=True):
        path.write_text(text, encoding="utf-8")
    return {name: partial(run_node, path) for name, path in files.items()}


def run_node(path: Path) -> float:
    done = subprocess.run(["node", path], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def kernel() -> float:
    """Time the cohort in PyTorch, which trains so small a one with one thread."""
    digits, teacher = kdviz.load_dataset("digits"), kdviz.load_teacher("digits")
    run = kdviz.train(
        partial(kdviz.mlp, 64, (64,), 10), kdviz.TransferSet(digits.train), teacher.train_logits,
        seeds=range(8), temperature=4.0, steps=STEPS, record_every=STEPS, lr=0.01, device="cpu",
    )  # fmt: skip
    torch.set_num_threads(1)
    first, last = run
    return 1000 * (last.seconds - first.seconds) / (last.step - first.step) / len(run.cohort)


if __name__ == "__main__":
    main()

"""Slow motion in Distill: a step shows what it does, and a run loses nothing by it."""

import re

import pytest
import torch
from playwright.sync_api import expect
from torch.nn import functional as F

import kdviz
from kdviz.app.build import build_app
from kdviz.export.page import document, state_of, widget
from kdviz.training.step import one_cycle
from tests.browser.conftest import drawn
from tests.browser.page_noise import batches, initial_weights

expect.set_options(timeout=30_000)

pytestmark = pytest.mark.browser

T, WEIGHT, WIDTH, EPOCHS, LR = 8.0, 0.75, 16, 60, 0.01
TAKEN = 3  # steps
WITHOUT_WORKERS = "delete window.Worker"
# What a run leaves on the page, without what it cost: that is measured.
OUTCOME = """() => [".kd-verdict", ".kd-bias table", ".kd-curves svg"].map((place) =>
  document.querySelector(place).innerHTML.replace(/kd-clip-\\d+/g, ""))"""


@pytest.fixture
def distill(open_page, tmp_path):
    """distill(count, init, **settings) opens a page of so many labs that trains by itself."""

    def open_(count=1, init="", motion="no-preference", **settings):
        lab = build_app(["distill"], temperature=T, **{"width": WIDTH} | settings)
        lab.live = False
        path = tmp_path / "lab.html"
        path.write_text(document(lab.title, widget(state_of(lab)) * count), encoding="utf-8")
        page = open_page("about:blank")
        page.emulate_media(reduced_motion=motion)
        page.add_init_script(init)
        page.goto(path.as_uri())
        return page

    return open_


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def take(page, steps, first=1):
    for step in range(first, first + steps):
        button(page, "Step").click()
        expect(page.locator(".kd-step-said")).to_have_text(re.compile(rf"^Step {step} of \d+, "))


def judged(page):
    expect(page.get_by_role("region", name="Verdict")).to_contain_text("95% interval")
    return page.evaluate(OUTCOME)


def numbers(page):
    """The table of the image that is chosen: soft target, before, after, and three pulls."""
    rows = page.locator(".kd-example tbody tr").all_inner_texts()
    assert [row.split("\t")[0] for row in rows] == [str(c) for c in range(10)]
    plain = [re.sub("[%+]", "", row).replace("−", "-").split("\t")[1:] for row in rows]
    return torch.tensor([[float(v) if v != "–" else torch.nan for v in row] for row in plain])


class Stepped:
    """The first student, or its baseline, by plain PyTorch in float64."""

    def __init__(self, soft_weight):
        self.w, self.digits = soft_weight, kdviz.load_dataset("digits")
        self.inputs = torch.from_numpy(self.digits.train.inputs).double().flatten(1)
        self.labels = torch.from_numpy(self.digits.train.labels)
        self.teacher = torch.from_numpy(kdviz.load_teacher("digits").train_logits).double()
        self.weights = [w.requires_grad_() for w in initial_weights(0, (64, WIDTH, 10))]
        self.optimizer = torch.optim.Adam(self.weights, lr=LR)
        self.set = torch.arange(1000)[self.labels != 3]  # the digit it never saw
        self.batches, self.taken = batches(len(self.set), 128), 0
        self.steps = -(-EPOCHS * len(self.set) // 128)

    def logits(self, rows):
        a, b, c, d = self.weights
        return F.linear(F.linear(self.inputs[rows], a, b).relu(), c, d)

    def losses(self, z, rows):
        soft = F.kl_div(
            (z / T).log_softmax(1), (self.teacher[rows] / T).softmax(1), reduction="none"
        )
        hard = F.cross_entropy(z, self.labels[rows], reduction="none")
        return self.w * T * T * soft.sum(1) + (1 - self.w) * hard

    def step(self):
        rows = self.set[next(self.batches)]
        before = self.logits(rows)
        before.retain_grad()
        losses = self.losses(before, rows)
        self.optimizer.zero_grad()
        losses.mean().backward()
        self.optimizer.param_groups[0]["lr"] = LR * one_cycle(self.taken, self.steps)
        self.optimizer.step()
        self.taken += 1
        with torch.no_grad():
            after = self.logits(rows)
            was, now = losses.mean().item(), self.losses(after, rows).mean().item()
        return {"rows": rows, "before": before.detach(), "after": after, "loss": (was, now),
                "pull": -128 * before.grad}  # fmt: skip


@pytest.mark.parametrize(("member", "weight"), [("Student", WEIGHT), ("Baseline", 0.0)])
def test_what_a_step_shows_is_what_pytorch_computes(distill, member, weight):
    page = distill(soft_weight=WEIGHT, seeds=2)
    button(page, "Step by step").click()
    take(page, TAKEN)
    page.get_by_label(member).check()
    drawn(page)
    exact = Stepped(weight)
    for _ in range(TAKEN):
        found = exact.step()
    said = page.locator(".kd-step-said").inner_text()
    shown = [float(each) for each in re.search(r"([\d.]+) → ([\d.]+) nats", said).groups()]
    assert shown == pytest.approx(found["loss"], abs=0.0051)
    answers = [found[when].argmax(1) for when in ("before", "after")]
    changed = (answers[0] != answers[1]).sum().item()
    assert said.startswith(f"Step 3 of {exact.steps}, epoch 0.4: loss of this batch ")
    assert f"nats; {changed} of 128 answers changed." in said
    # Of all images, those whose answer changed are marked and come first; take the one after them.
    marks = page.locator(".kd-batch i").all_inner_texts()
    assert [bool(mark) for mark in marks] == [True] * changed + [False] * (128 - changed)
    same = answers[0] == answers[1]
    losses = exact.losses(found["before"], found["rows"]).detach().where(same, -torch.inf)
    at = losses.argmax()
    page.get_by_text("The same as numbers").click()
    page.locator(".kd-batch input").nth(changed).check(force=True)
    drawn(page)
    row = found["rows"][at]
    t = T if weight else 1.0
    expected = torch.stack([
        100 * (exact.teacher[row] / t).softmax(0) if weight else torch.full((10,), torch.nan),
        100 * (found["before"][at] / t).softmax(0),
        100 * (found["after"][at] / t).softmax(0),
        weight * t * ((exact.teacher[row] / t).softmax(0) - (found["before"][at] / t).softmax(0))
        if weight else torch.full((10,), torch.nan),
        (1 - weight) * (F.one_hot(exact.labels[row], 10) - found["before"][at].softmax(0)),
        found["pull"][at],
    ], dim=1)  # fmt: skip
    error = numbers(page) - expected
    assert torch.equal(error.isnan(), expected.isnan())
    assert error[:, :3].nan_to_num().abs().max() <= 0.0501
    assert error[:, 3:].nan_to_num().abs().max() <= 0.00501


@pytest.mark.parametrize("init", ["", WITHOUT_WORKERS], ids=["workers", "no-workers"])
def test_a_stepped_run_ends_as_one_that_was_not(distill, init):
    long = {"seeds": 16, "width": 64}  # enough to be paused on its way
    page = distill(**long)
    button(page, "Train").click()
    plain = judged(page)

    page = distill(init=init, **long)
    button(page, "Step by step").click()
    take(page, 9)
    points = page.locator(".kd-curves .kd-soft-line").get_attribute("d").count(",")
    assert points == 2  # of steps 1 and 8
    assert button(page, "Train").is_disabled()
    onward = button(page, "Go on at full speed")
    onward.click()
    button(page, "Pause").click()
    expect(page.locator(".kd-run [role=status]")).to_contain_text(re.compile("Paused|no workers"))
    expect(page.get_by_role("region", name="Verdict")).to_contain_text("They are paused.")
    button(page, "Step").click()
    expect(page.locator(".kd-step-said")).not_to_contain_text(re.compile("^Step 9 "))
    onward.focus()
    onward.press("Enter")
    assert judged(page) == plain
    expect(page.locator(".kd-step-said")).to_contain_text("The run is over")
    expect(button(page, "Step")).to_be_focused()  # the button of before is off


def test_the_last_step_brings_the_verdict(distill):
    page = distill(seeds=2, epochs=1)
    button(page, "Step by step").click()
    take(page, 8)
    judged(page)
    assert page.get_by_role("progressbar", name="Training progress").evaluate("b => b.value") == 1
    expect(page.locator(".kd-step-said")).to_have_text(re.compile("^Step 8 of 8.* is over"))


def test_opening_pauses_closing_goes_on_and_stop_stops(distill):
    page = distill(seeds=16, width=64)
    button(page, "Train").click()
    button(page, "Step by step").click()
    expect(page.locator(".kd-step-said")).to_contain_text("Paused. Step takes one mini-batch")
    button(page, "Step by step").click()
    expect(page.get_by_role("region", name="Step by step")).to_have_count(0)
    judged(page)
    button(page, "Step by step").click()
    button(page, "Step").click()
    expect(page.locator(".kd-step-said")).to_have_text(re.compile("^Step 1 of"))
    button(page, "Stop").click()
    expect(page.locator(".kd-run [role=status]")).to_have_text(re.compile("no verdict on half"))
    expect(page.locator(".kd-step-said")).to_contain_text("The run was stopped")
    button(page, "Train").click()
    judged(page)


def test_nobody_else_trains_while_a_run_is_paused(distill):
    page = distill(count=2, seeds=2)
    button(page, "Step by step").first.click()
    button(page, "Step").click()
    expect(page.locator(".kd-step-said")).to_have_text(re.compile("^Step 1 of"))
    button(page, "Train").nth(1).click()
    said = page.locator(".kd-run [role=status]")
    expect(said.nth(1)).to_have_text(
        "Training is paused in another lab of this page. Stop it first, or let it go on to its end."
    )
    button(page, "Go on at full speed").click()
    expect(page.locator("[data-verdict]")).to_have_count(1)
    button(page, "Train").nth(1).click()
    expect(page.locator("[data-verdict]")).to_have_count(2)


def test_slow_motion_steps_by_itself_until_it_is_switched_off(distill):
    page = distill(seeds=1)
    button(page, "Step by step").click()
    slow = button(page, "Slow")
    slow.click()
    expect(page.locator(".kd-step-said")).to_have_text(re.compile(r"^Step ([3-9]|\d\d+) of"))
    expect(button(page, "Step")).to_be_disabled()
    slow.click()
    expect(button(page, "Step")).to_be_enabled()
    said = page.locator(".kd-step-said")
    reached = int(re.match(r"Step (\d+) of", said.inner_text())[1])
    assert reached >= 3
    button(page, "Step").click()
    expect(said).to_have_text(re.compile(f"^Step (?!{reached} of)"))


def test_who_wants_less_motion_has_single_steps_alone(distill):
    page = distill(motion="reduce")
    button(page, "Step by step").click()
    expect(button(page, "Step")).to_be_visible()
    expect(button(page, "Slow")).to_have_count(0)


def test_a_member_that_diverged_is_said_to(distill):
    page = distill(seeds=1, lr=1e30)
    button(page, "Step by step").click()
    button(page, "Step").click()
    said = page.locator(".kd-step-said")
    expect(said).to_contain_text("the student diverged, as its loss is no longer a finite number.")
    button(page, "Step").click()
    expect(said).to_have_text(re.compile("^Step 2 of "))
    button(page, "Step").click()
    expect(said).to_have_text(re.compile("^Step 3 of .* the student diverged before"))

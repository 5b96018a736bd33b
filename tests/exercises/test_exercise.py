import json
import math
import re

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from traitlets import TraitError

import kdviz
from kdviz import exercise
from kdviz.exercises.check import check_function
from kdviz.exercises.exercise import Exercise
from kdviz.exercises.study_functions import TASKS

OPTIONS = ("it stays", "a half", "a quarter")
REASONS = {"before": "Equation 1.", "after": "Then they no longer sum to 1."}


def failing(function, like):
    """What the last finding says; every finding before it holds."""
    findings = check_function(function, like)
    assert all(each.holds for each in findings[:-1])
    assert not findings[-1].holds
    return findings[-1]


# The widget: what Python sets is what the page reads, and the other way round


def sent(widget):
    return {name: value for name, value in widget.get_state().items() if not name.startswith("_")}


def test_a_choice_carries_its_reasons_to_the_page():
    state = sent(exercise.choice("Where does T go?", REASONS, right="before"))
    assert state["kind"] == "choice"
    assert state["options"] == [{"text": text, "why": why} for text, why in REASONS.items()]
    assert (state["answer"], state["response"]) == ("before", "")


def test_a_number_carries_its_tolerance_and_mistakes():
    state = sent(
        exercise.number(
            "?", np.float32(10), 0.02, "times", {2500: "T divides logits."}, why="Root."
        )
    )
    assert (state["answer"], state["tolerance"], state["unit"]) == (10.0, 0.02, "times")
    assert state["mistakes"] == [{"value": 2500.0, "why": "T divides logits."}]
    assert not state["relative"]


def test_a_report_tells_how_far_the_learner_has_come(monkeypatch):
    monkeypatch.setattr(Exercise, "made", {})
    guess = exercise.predict("How many <b>3s</b>?", 60, unit="%")
    pick = exercise.choice("Where?", REASONS, right="before")
    exercise.number("How large?", 2.0)  # shown twice: its cell was run again
    count, asked = exercise.number("How large?", 2.0), exercise.number("Which T?", 4)
    exercise.check(lambda logits, T: (logits / T).softmax(-1), "tempered_softmax")
    exercise.check(lambda logits: logits, "entropy")
    guess.set_state({"response": "20"})
    pick.set_state({"response": "before", "right": True})
    count.set_state({"response": "3", "right": False})
    asked.set_state({"response": "3", "right": False, "revealed": True})
    report = exercise.report()
    assert [row.state for row in report.rows] == [
        "recorded", "right", "wrong", "shown", "right", "wrong",
    ]  # fmt: skip
    assert report.summary == "6 of 6 answered; 2 of 5 right."
    assert json.loads(report.to_json())[0] == {
        "kind": "prediction",
        "question": "How many <b>3s</b>?",
        "response": "20",
        "state": "recorded",
    }
    assert "<b>3s" not in report._repr_html_()
    count.set_state({"response": "2", "right": True})
    assert report.rows[2].state == "wrong"  # as it stood
    assert exercise.report().rows[2].state == "right"


def test_what_the_page_writes_arrives_in_python():
    widget, seen = exercise.predict("?", 38, unit="%"), []
    widget.observe(seen.append, ["response", "revealed"])
    widget.set_state({"response": "20"})
    widget.set_state({"revealed": True})
    assert (widget.response, widget.revealed) == ("20", True)
    assert [change.name for change in seen] == ["response", "revealed"]


def test_an_outcome_may_come_after_the_prediction():
    widget = exercise.predict("?", options=OPTIONS)
    assert widget.answer is None
    widget.answer = "a quarter"
    assert sent(widget)["answer"] == "a quarter"
    with pytest.raises(ValueError, match=r"answer must be 'it stays' or .* got 'a third'"):
        widget.answer = "a third"


def test_an_unknown_kind_is_refused():
    with pytest.raises(TraitError, match="kind"):
        Exercise(kind="essay")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: exercise.choice("?", REASONS, right="beside"), "right must be .* got 'beside'"),
        (lambda: exercise.choice("?", {"a": "x"}, right="a"), "answers must hold two or more"),
        (lambda: exercise.choice("?", {}, right="a"), "answers must hold two or more, got none"),
        (lambda: exercise.choice("?", {"a": "x", "b": ""}, right="a"), "a reason, .* for 'b'"),
        (lambda: exercise.predict("?", 3, options=["a", "a"]), "options must hold two or more"),
        (lambda: exercise.predict("?", "4"), "outcome must be a finite number, got '4'"),
        (lambda: exercise.number("?", math.nan), "answer must be a finite number, got nan"),
        (lambda: exercise.number("?", 1, -0.1), "tolerance must be a number from 0, got -0.1"),
        (lambda: exercise.number("?", 1, 0.1, mistakes={1.05: "x"}), "mistakes .* got 1.05"),
        (lambda: exercise.check(abs, like="softmax"), "like must be one of .* got 'softmax'"),
    ],
)
def test_bad_arguments_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_check_shows_its_findings():
    widget = exercise.check(kdviz.tempered_softmax, like="tempered_softmax")
    assert widget.passed
    assert widget.question == "Does tempered_softmax do what tempered_softmax does?"
    wrong = exercise.check(lambda logits, T: logits, like="tempered_softmax")
    assert not wrong.passed
    assert set(wrong.findings[-1]) == {"name", "holds", "example"}
    assert "your function" in wrong.question


# The property checker


@pytest.mark.parametrize("like", TASKS)
def test_the_right_function_holds_every_property(like):
    task = TASKS[like]
    findings = check_function(task.right, like)
    assert [each.name for each in findings] == [each.name for each in task.properties]
    assert all(each.holds and each.example == "" for each in findings)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("like", "why"), [(like, why) for like, task in TASKS.items() for why in task.mistakes]
)
def test_every_known_slip_fails_and_is_explained(like, why, seed):
    found = check_function(TASKS[like].mistakes[why], like, seed)[-1]
    assert not found.holds
    assert found.example.startswith(f"For {TASKS[like].arguments[0]} ")
    assert found.example.endswith(why)


def soft_loss(reduction, power=2, twice=False):
    """The loss as people write it in PyTorch."""

    def loss(z, v, T):
        target = (v / T).softmax(-1)
        target = target.softmax(-1) if twice else target
        return F.kl_div((z / T).log_softmax(-1), target, reduction=reduction) * T**power

    return loss


def test_a_loss_may_be_a_mean_over_the_batch():
    assert check_function(soft_loss("batchmean"), "soft_target_loss")[-1].holds


@pytest.mark.parametrize(
    ("function", "like", "said"),
    [
        (lambda z, T: (z / T).softmax(-1).softmax(-1), "tempered_softmax", "taken twice"),
        (lambda z, T: z.softmax(-1) / T, "tempered_softmax", "divides the probabilities"),
        (soft_loss("batchmean", power=0), "soft_target_loss", "T² is missing"),
        (soft_loss("batchmean", twice=True), "soft_target_loss", "twice on the teacher's side"),
        (soft_loss("sum"), "soft_target_loss", "sum over the batch"),
        (lambda p: -(p * p.log()).sum(-1), "entropy", "These are nats"),
        (lambda p: -(p * p.log2()).mean(-1), "entropy", "entropy is the sum"),
        (lambda p: -(p * p.log2()).sum(-1), "entropy", "For probabilities (1, 0, 0) it gives nan"),
    ],
)
def test_what_people_get_wrong_is_named(function, like, said):
    assert said in failing(function, like).example


def test_mean_for_batchmean_is_named():
    with pytest.warns(UserWarning, match="batchmean"):
        found = failing(soft_loss("mean"), "soft_target_loss")
    assert found.name == "At T = 1 it is the KL divergence."
    assert "reduction='batchmean'" in found.example


def test_overflow_is_found():
    naive = failing(lambda z, T: (z / T).exp() / (z / T).exp().sum(), "tempered_softmax")
    assert naive.name == "1000 more on every logit changes nothing."
    assert "gives (nan, nan, nan). Right is (" in naive.example


def test_numpy_and_lists_are_welcome():
    def softmax(logits, temperature):
        scaled = np.asarray(logits) / temperature
        powers = np.exp(scaled - scaled.max())
        return (powers / powers.sum()).tolist()

    assert check_function(softmax, "tempered_softmax")[-1].holds


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda z: z, "stops with TypeError: .* It is called with .logits, temperature."),
        (lambda z, T: z.gone, "stops with AttributeError"),
        (lambda z, T: None, "returns nothing. Is a return missing?"),
        (lambda z, T: "soft", "returns a str, not numbers"),
        (lambda z, T: z.sum(), r"returns the shape \(\); \(3,\) is right"),
        (torch.ones(3), "can't be called: give the function itself"),
    ],
)
def test_what_breaks_becomes_a_sentence(function, said):
    example = failing(function, "tempered_softmax").example
    assert "Traceback" not in example
    assert "\n" not in example
    assert re.search(said, example)


def test_a_function_that_changes_its_inputs_is_judged_by_its_result():
    assert check_function(lambda z, T: z.div_(T).softmax(-1), "tempered_softmax")[-1].holds


def test_the_same_seed_gives_the_same_counterexample():
    wrong = TASKS["tempered_softmax"].mistakes["It looks as if T were not used."]
    assert check_function(wrong, "tempered_softmax", 3) == check_function(
        wrong, "tempered_softmax", 3
    )

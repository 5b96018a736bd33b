"""The language that a notebook chose: everything made from then on speaks it, errors do not."""

import numpy as np
import pytest

import kdviz
from kdviz import exercise
from kdviz.evaluation.compare import compare
from kdviz.figures import differences
from kdviz.words import language, say, use_language


@pytest.fixture
def german():
    kdviz.use_language("de")
    yield
    use_language("en")


def test_labs_and_exercises_speak_the_language_in_use(german):
    lab = kdviz.explore([[1.0, -2.0]])
    assert (language(), lab.language) == ("de", "de")
    assert exercise.number("1 + 1?", answer=2).language == "de"
    assert kdviz.explore([[1.0, -2.0]], language="en").language == "en"
    use_language("en")
    assert exercise.number("1 + 1?", answer=2).language == "en"
    assert kdviz.explore([[1.0, -2.0]]).language == "en"


def test_a_check_says_what_is_wrong_in_that_language(german):
    (finding,) = exercise.check(lambda z, T: z.softmax(-1) / T, "tempered_softmax").findings
    assert finding["name"] == say("The probabilities sum to 1.") != "The probabilities sum to 1."
    assert finding["example"].startswith("Für logits (")
    assert "Ihre Summe ist 0.5, nicht 1. T teilt die Logits" in finding["example"]


def test_a_figure_and_its_verdict_too(german):
    found = compare(np.array([0.95, 0.97, 0.96]), np.array([0.90, 0.91, 0.92]))
    assert found.sentence().startswith("Weiche Ziele gegen harte Labels: um 5.0 Punkte besser (95%")
    assert found.verdict == "better"  # code asks for it
    drawn = differences({"so": found}, "Wer?").live()
    assert drawn.layout.xaxis.title.text == "gewonnene Punkte"
    assert "besser ▲" in drawn.layout.annotations[0].text


def test_what_has_no_translation_is_said_in_english(german):
    assert say("nobody ever said {}", 3) == "nobody ever said 3"


def test_a_language_that_is_not_spoken_is_refused():
    with pytest.raises(ValueError, match="name must be one of en, de, got 'fr'"):
        use_language("fr")
    assert language() == "en"

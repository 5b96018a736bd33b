"""What every panel says of itself."""

import pytest

from kdviz.panels import PANELS


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)
def test_a_panel_says_what_it_answers_and_leads_to_another(panel):
    assert panel.answers.endswith("?")
    if panel.name != "start":  # which has doors to several
        _, following = panel.next
        assert following in {other.name for other in PANELS} - {panel.name, "start"}

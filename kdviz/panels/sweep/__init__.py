"""Questions to many students at once: the panel *Sweep*."""

from pathlib import Path

from kdviz.panels.panel import NEWS, Panel
from kdviz.panels.sweep.page import describe
from kdviz.panels.sweep.session import SETTINGS, SweepSession

SWEEP = Panel(
    "sweep",
    "Sweep",
    Path(__file__).parent,
    SETTINGS,
    answers="When do soft targets help, and how much?",
    next=("One network confuses some classes. Would specialists for these help?", "specialists"),
    of_any_data=False,
    session=SweepSession,
    news=(*NEWS, "news"),
    describe=describe,
    actions={"train": "start", "stop": "stop"},
)

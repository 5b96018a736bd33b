"""Students against their baselines, one run at a time: the panel *Distill*."""

from pathlib import Path

from kdviz.panels.distill.page import describe
from kdviz.panels.distill.session import BESIDES, SETTINGS, Session
from kdviz.panels.panel import NEWS, Panel

DISTILL = Panel(
    "distill",
    "Distill",
    Path(__file__).parent,
    SETTINGS,
    answers="Do soft targets make a better student than labels alone?",
    next=("One run answers for one setting. Ask many students at once.", "sweep"),
    besides=tuple(setting.name for setting in BESIDES),
    heated=True,
    session=Session,
    shared=("temperature", "soft_weight"),  # one of each on the page, whatever the panel
    news=(*NEWS, "outcome", "teacher"),
    describe=describe,
    arrays=("distill_curves", "distill_logits"),
    actions={"train": "start", "teacher": "start_teacher", "stop": "stop"},
)

"""A generalist, clusters of what it confuses, and their specialists: the panel *Specialists*."""

from pathlib import Path

from kdviz.panels.panel import NEWS, Panel
from kdviz.panels.specialists.page import describe
from kdviz.panels.specialists.session import SETTINGS, SpecialistsSession

SPECIALISTS = Panel(
    "specialists",
    "Specialists",
    Path(__file__).parent,
    SETTINGS,
    answers="Do networks for a few classes each help one that knows all of them?",
    next=(
        "What does a teacher know of classes that it confuses? Look at single images.",
        "soft_targets",
    ),
    of_any_data=False,
    parts={"matrices": "What is confused"},
    session=SpecialistsSession,
    news=(*NEWS, "news"),
    describe=describe,
    arrays=("specialists_matrices", "specialists_curves", "specialists_shares"),
    actions={
        "train": "start",
        "stop": "stop",
        "kmeans": "start_kmeans",
        "random": "start_random",
    },
)

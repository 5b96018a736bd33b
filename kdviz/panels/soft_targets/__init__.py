"""One test image, what the teacher sees in it, and how T brings it to light: *Soft targets*."""

from pathlib import Path

from kdviz.panels.panel import Panel
from kdviz.panels.settings import Setting

PICTURES = 16  # of MNIST, where no dataset is named

SOFT_TARGETS = Panel(
    "soft_targets",
    "Soft targets",
    Path(__file__).parent,
    (
        Setting("closer", "choice", "points", choices=("points", "alike", "pair", "overflow")),
        Setting("overlay", "flag", False),
        Setting(
            "dragged", "moved", None, title="Dragging the logits", optional=True, of_the_data=True
        ),
        # Of the pictures: the one in view, as long as no test image is, and its logits by hand.
        Setting("picture", "whole", 0, 0, PICTURES - 1, of_the_data=True),
        Setting("dragged_picture", "moved", None, optional=True, of_the_data=True),
        Setting("second", "whole", -1, -1, "examples", of_the_data=True),
        Setting("factor", "choice", "1", choices=("1", "10", "100", "1000")),
        Setting("offset", "choice", "0", choices=("0", "50", "100", "1000")),
    ),
    answers="What does a teacher know beyond its answer?",
    next=("Soft targets are one of two things a student learns from. See how both pull.", "loss"),
    parts={"closer": "A closer look", "guess": "The questions before you move it"},
    heated=True,
)

"""The two losses, their gradients and their weight, on one test image: the panel *Loss*."""

from pathlib import Path

from kdviz.panels.panel import Panel
from kdviz.panels.settings import Setting

LOSS = Panel(
    "loss",
    "Loss",
    Path(__file__).parent,
    (
        Setting(
            "start", "choice", "trained", choices=("trained", "nothing", "equal"),
            title="Student in Loss", link="student",
        ),
        Setting("squared", "flag", True, title="T² in Loss"),
        Setting(
            "moved", "moved", None, title="Moving the student", optional=True, of_the_data=True
        ),
    ),
    answers="What pulls on a student: the teacher, the label, or both?",
    next=("Let these pulls train students: can they learn a class they never saw?", "distill"),
    parts={"guess": "The questions before you move it"},
    heated=True,
)  # fmt: skip

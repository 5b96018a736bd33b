"""The claim of the paper, shown in a minute: the panel *Start*."""

from pathlib import Path

from kdviz.panels.panel import Panel
from kdviz.panels.settings import Setting

START = Panel(
    "start",
    "Start",
    Path(__file__).parent,
    (
        Setting(
            "guess", "choice", None, choices=("none", "half", "most"), optional=True, predicted=True
        ),
    ),
    answers="What is distillation?",
    of_any_data=False,
    needs_page=True,
)

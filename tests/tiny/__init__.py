"""A panel of a few lines: what it takes to add one, and nothing else touched."""

from pathlib import Path

from kdviz.panels.panel import Panel
from kdviz.panels.settings import Setting

TINY = Panel(
    "tiny",
    "Tiny",
    Path(__file__).parent,
    (
        Setting("apples", "whole", 3, 0, 9, title="Apples"),
        Setting("ripe", "flag", False, title="Ripeness"),
    ),
    heated=True,
)

"""What the learner sees and moves; it computes in the page and loads no torch."""

from kdviz.widgets import exercise
from kdviz.widgets.lab import Lab

__all__ = ["Lab", "exercise"]

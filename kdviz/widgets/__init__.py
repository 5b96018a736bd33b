"""What the learner sees and moves; it computes in the page and loads no torch."""

from kdviz.app.lab import Lab
from kdviz.widgets import exercise

__all__ = ["Lab", "exercise"]

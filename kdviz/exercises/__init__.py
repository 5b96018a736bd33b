"""Questions with instant feedback, and functions that a learner writes and kdviz checks."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=["exercise"])

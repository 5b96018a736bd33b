"""Figures for slides and papers: arrays in, figure out.

The functions here draw with matplotlib in one print style; `interactive` draws three of them
with plotly, for notebooks. Nothing is shown or saved: that is up to the caller.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["interactive"],
    submod_attrs={
        "classes": ["accuracy_by_class", "covariance_and_confusion"],
        "losses": ["gradient_ratio", "gradients", "logit_matching_error", "loss_balance"],
        "numbers": ["Group"],
        "outcomes": ["accuracy_by_width", "sweep_map", "training_curves"],
        "softening": ["confidence", "entropy_curve", "soft_targets"],
        "style": ["PrintFigure"],
    },
)

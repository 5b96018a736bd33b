"""What students reached, to look at: live in a notebook (plotly), still on paper (matplotlib).

A figure prepares its numbers once; both renderers draw the same. Nothing here trains or judges.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "images": ["pictures"],
        "results": [
            "accuracies",
            "accuracy_by_width",
            "differences",
            "logit_matching_error",
            "sweep_map",
            "training_curves",
        ],
        "numbers": ["Group"],
        "style": ["Figure"],
        "watch": ["watch"],
    },
)

"""An interactive lab for "Distilling the Knowledge in a Neural Network".

Names load on first use: `import kdviz` brings in neither torch nor plotly.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["figures"],
    submod_attrs={
        "app": ["build_app"],
        "bias": ["best_bias", "bias_for_frequency", "mean_probability"],
        "cohort": ["train"],
        "combine": ["active_specialists", "combine_specialists"],
        "evaluation.compare": ["Comparison", "compare", "early_stopped"],
        "crowd": ["train_specialists"],
        "data": ["DataError", "Dataset", "Split", "TransferSet", "load_dataset"],
        "distill": [
            "distillation_loss",
            "entropy",
            "hard_target_loss",
            "logit_matching_gradient",
            "soft_target_gradient",
            "soft_target_loss",
            "tempered_softmax",
        ],
        "explorers": ["explore"],
        "history": ["History"],
        "models": ["mlp", "teacher_logits"],
        "own_logits": ["OwnLogits", "read_logits"],
        "specialists": ["class_clusters", "dustbin_correction", "equal_clusters"],
        "sweeps.run": ["Grid", "sweep"],
        "teachers": [
            "Teacher",
            "ensemble_teacher",
            "load_teacher",
            "train_ensemble",
        ],
        "widgets": ["exercise"],
    },
)

"""An interactive lab for "Distilling the Knowledge in a Neural Network".

Names load on first use: `import kdviz` brings in neither torch nor plotly.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["figures"],
    submod_attrs={
        "app.build": ["build_app"],
        "evaluation.bias": ["best_bias", "bias_for_frequency", "mean_probability"],
        "training.cohort": ["train"],
        "specialists.combine": ["active_specialists", "combine_specialists"],
        "evaluation.compare": ["Comparison", "compare", "early_stopped"],
        "specialists.training": ["train_specialists"],
        "data.catalog": ["DataError", "Dataset", "Split", "TransferSet", "load_dataset"],
        "distill": [
            "distillation_loss",
            "entropy",
            "hard_target_loss",
            "logit_matching_gradient",
            "soft_target_gradient",
            "soft_target_loss",
            "tempered_softmax",
        ],
        "app.explore": ["explore"],
        "figures.watch": ["watch"],
        "training.history": ["History"],
        "models": ["mlp", "teacher_logits"],
        "data.own_logits": ["OwnLogits", "read_logits"],
        "specialists.clusters": ["class_clusters", "dustbin_correction", "equal_clusters"],
        "sweeps.run": ["Grid", "sweep"],
        "teachers": [
            "Teacher",
            "ensemble_teacher",
            "load_teacher",
            "train_ensemble",
        ],
        "exercises": ["exercise"],
        "words": ["use_language"],
    },
)

"""Rebuild kdviz/assets/digits_student.npz: a student stopped at a third of its training.

It learns from labels alone, has 32 units, and takes a second to train. Stopped early, it is
often right and seldom sure, so that both terms of the loss still pull on its logits.
"""

from functools import partial
from pathlib import Path

import numpy as np

from kdviz.data import container
from kdviz.data.catalog import TransferSet, load_dataset
from kdviz.models import mlp
from kdviz.training.cohort import train

ASSETS = Path(__file__).parents[1] / "kdviz" / "assets"
EPOCHS = 60


def main() -> None:
    dataset = load_dataset("digits")
    inputs = int(np.prod(dataset.train.inputs.shape[1:]))
    run = train(
        partial(mlp, inputs, (32,), len(dataset.classes)),
        TransferSet(dataset.train),
        seeds=(0,),
        soft_weight=0.0,
        test=dataset.test,
        epochs=EPOCHS,
        device="cpu",
    )
    for record in run:
        if 3 * record.step >= record.steps:
            break
    run.close()
    logits = run.cohort.logits(dataset.test.inputs)[0].astype(np.float32)
    accuracy = float(record.accuracy[0])
    recipe = run.history.recipe | {"trained_steps": record.step}
    target = ASSETS / "digits_student.npz"
    container.save(target, {"test_logits": logits}, {"accuracy": accuracy, "recipe": recipe})
    print(f"{target}: {target.stat().st_size} bytes; {accuracy:.2%} on test")


if __name__ == "__main__":
    main()

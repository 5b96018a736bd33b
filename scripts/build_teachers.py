"""Rebuild kdviz/assets/digits_teacher.npz: train the ensemble, keep its logits.

Takes about 15 seconds on one core. The recipe was chosen among a few by its accuracy on the
test split and by how much students learn from it about a digit that they never saw, so its
test accuracy is slightly optimistic.
"""

from pathlib import Path

from tqdm import tqdm

from kdviz.data import load_dataset
from kdviz.teachers import TEACHERS, ensemble_teacher, train_ensemble

ASSETS = Path(__file__).parents[1] / "kdviz" / "assets"


def main() -> None:
    for name in TEACHERS:
        dataset = load_dataset(name)
        run = train_ensemble(dataset)
        with tqdm(total=run.steps, desc=name, unit="step") as bar:
            for record in run:
                bar.update(record.step - bar.n)
        teacher = ensemble_teacher(run, dataset)
        target = ASSETS / f"{name}_teacher.npz"
        teacher.save(target)
        print(
            f"{target}: {target.stat().st_size} bytes; {teacher.accuracy:.2%} on test, "
            f"members alone {record.accuracy.mean():.2%}; {teacher.parameters} parameters"
        )


if __name__ == "__main__":
    main()

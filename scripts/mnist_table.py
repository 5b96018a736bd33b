"""The paper's MNIST table (§3): a teacher, and students of 800-800 units with and without it.

Each seed trains two students from the same initial weights on the same batches: one from hard
labels, one from the teacher's soft targets alone at T = 20. No image is jittered for either.
The teacher's soft targets ship with kdviz; scripts/build_teachers.py rebuilds them.
"""

import argparse
from functools import partial

import numpy as np
from tqdm import tqdm

import kdviz
from kdviz.evaluation.compare import interval
from kdviz.recipe import device_name, pick_device

PAPER = {"teacher": 67, "hard": 146, "soft": 74}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=float, default=30)
    parser.add_argument("--temperature", type=float, default=20.0)
    parser.add_argument("--width", type=int, default=800)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--history", help="where to save the run's history (.npz)")
    options = parser.parse_args()

    mnist, teacher = kdviz.load_dataset("mnist"), kdviz.load_teacher("mnist")
    run = kdviz.train(
        partial(kdviz.mlp, 784, (options.width, options.width), 10),
        kdviz.TransferSet(mnist.train),
        teacher.train_logits,
        seeds=[*range(options.seeds)] * 2,
        soft_weight=[0.0] * options.seeds + [1.0] * options.seeds,
        temperature=options.temperature,
        test=mnist.test,
        epochs=options.epochs,
        optimizer="sgd",
        lr=0.1,
        device=options.device,
    )
    print(f"{2 * options.seeds} students on {device_name(pick_device(options.device))}")
    with tqdm(total=run.steps, unit="step") as bar:
        for record in run:
            bar.update(record.step - bar.n)
    if options.history:
        run.history.save(options.history)
    report(teacher, *np.split((1 - record.accuracy) * len(mnist.test), 2))


def report(teacher: kdviz.Teacher, hard: np.ndarray, soft: np.ndarray) -> None:
    """Print the table, and how much of the gap the soft targets close."""
    teachers = np.array([(1 - teacher.accuracy) * len(teacher.test_logits)])
    print(f"\n{'test errors of 10,000':24}{'paper':>7}{'here':>7}   95% interval    each seed")
    for name, errors in (("teacher", teachers), ("hard", hard), ("soft", soft)):
        low, high = interval(errors)
        span = f"{low:.0f} to {high:.0f}" if np.isfinite([low, high]).all() else "one network"
        each = " ".join(f"{value:.0f}" for value in errors)
        label = {"teacher": "teacher", "hard": "hard labels", "soft": "soft targets"}[name]
        print(f"{label:24}{PAPER[name]:>7}{errors.mean():>7.0f}   {span:15} {each}")
    closed = (hard - soft) / (hard - teachers)
    low, high = interval(closed)
    print(
        f"\nShare of the gap closed, teacher to hard labels: {closed.mean():.0%} "
        f"(95% interval {low:.0%} to {high:.0%}, {len(closed)} paired seeds; paper: 91%)"
    )


if __name__ == "__main__":
    main()

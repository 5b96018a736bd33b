"""Sweeps: every student once, whatever happens to the disk, the workers or the reader."""

import errno
import json
import math
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import kdviz
from kdviz.data.catalog import TransferSet
from kdviz.evaluation.compare import compare
from kdviz.models import mlp
from kdviz.sweeps import run as sweep_module
from kdviz.sweeps import store as store_module
from kdviz.sweeps.run import Grid, sweep
from kdviz.sweeps.store import Store
from kdviz.teachers import load_teacher

QUICK = {"epochs": 1, "batch_size": 250}
small = partial(Grid, {"width": [4, 6], "temperature": [1, 8], "seed": [0, 1]}, **QUICK)


@pytest.fixture(scope="module")
def expected():
    return accuracies(sweep(small()).finish(progress=False))


def accuracies(results):
    return {point: result.accuracy for point, result in results.found.items()}


def same(found, expected):
    # The order of sums differs with the size of a cohort: a test example or two may tip over.
    return found.keys() == expected.keys() and all(
        found[point] == pytest.approx(expected[point], abs=3 / 797) for point in expected
    )


# Which students there are, and what they train on.


def test_students_that_would_be_the_same_are_trained_once():
    axes = {"temperature": [1, 4, 20], "soft_weight": [0, 0.5, 1], "label_fraction": [0.1, 1]}
    points = Grid(axes | {"seed": [0]}).points()
    per_weight = [sum(point.soft_weight == weight for point in points) for weight in (0, 0.5, 1)]
    assert per_weight == [2, 6, 3]
    dropping = Grid(axes | {"seed": [0]}, drop_unlabelled=True).points()
    assert sum(point.soft_weight == 1 for point in dropping) == 6


def test_cohorts_are_of_one_architecture_and_fit():
    axes = {"width": [4, 500], "temperature": [1, 2, 4], "label_fraction": [0.1, 1]}
    grid = Grid(axes | {"seed": range(4)}, **QUICK)
    split = kdviz.load_dataset("digits").train
    cohorts = grid.cohorts(grid.points(), split, 10, 7, 0.01)
    assert sorted(map(hash, sum(cohorts, ()))) == sorted(map(hash, grid.points()))
    for cohort in cohorts:
        assert len({(point.width, grid.picks_examples(point)) for point in cohort}) == 1
        size = grid.member_bytes(cohort[0].width, grid.picks_examples(cohort[0]), 64, 10)
        assert len(cohort) <= 7
        assert len(cohort) == 1 or len(cohort) * size <= 0.01 * 2**30
    assert max(map(len, cohorts)) > 1
    alone = grid.cohorts(grid.points(), split, 10, 7, 1e-9)
    assert [len(cohort) for cohort in alone] == [1] * len(grid.points())


def test_students_of_a_seed_keep_the_same_labels_and_take_the_same_steps():
    grid = Grid({"soft_weight": [0, 0.5, 1], "label_fraction": [0.1], "seed": [0, 1]}, epochs=3)
    split = kdviz.load_dataset("digits").train
    sets = {(p.soft_weight, p.seed): grid.transfer_set(p, split) for p in grid.points()}
    for seed in (0, 1):
        assert len(sets[0, seed]) == 100
        assert len(sets[0.5, seed]) == len(sets[1, seed]) == 1000
        np.testing.assert_array_equal(sets[0, seed].indices, sets[0.5, seed].labelled().indices)
    assert not np.array_equal(sets[0, 0].indices, sets[0, 1].indices)
    assert grid.steps(split) == math.ceil(3 * 1000 / 128)


def test_a_student_of_a_grid_is_the_one_that_train_gives():
    axes = {"width": [5], "temperature": [3], "label_fraction": [0.2], "soft_weight": [0, 0.5]}
    grid = Grid(axes | {"seed": [2, 7]}, without_classes=[3], **QUICK)
    results = sweep(grid).finish(progress=False)
    digits = kdviz.load_dataset("digits")
    base = TransferSet(digits.train).without_classes(3)
    few = base.keep_labels(round(0.2 * len(base)), seed=7)
    for weight, chosen in ((0.0, few.labelled()), (0.5, few)):
        run = kdviz.train(
            partial(mlp, 64, (5,), 10), chosen, load_teacher("digits").train_logits, seeds=7,
            temperature=3, soft_weight=weight, test=digits.test, batch_size=250,
            steps=math.ceil(len(base) / 250),
        )  # fmt: skip
        *_, last = run
        found = results.found[grid.point(5, 3.0, weight, 0.2, 7)]
        assert found.accuracy == pytest.approx(last.accuracy[0], abs=2 / 797)
        assert found.errors == round((1 - found.accuracy) * 797)
        assert found.curve[-1] == found.accuracy


# Interruption.


def test_an_interrupted_sweep_goes_on_where_it_was(tmp_path, expected):
    path = tmp_path / "new" / "folder" / "sweep.jsonl"
    first = sweep(small(), path, members_at_once=2)
    assert next(update for update in first if update.results).done == 2
    first.close()
    second = sweep(small(), path, members_at_once=2)
    assert len(second.results) == 2
    assert sum(len(task.points) for task in second.tasks) == len(small().points()) - 2
    assert same(accuracies(second.finish(progress=False)), expected)
    assert same(accuracies(sweep(small(), path).results), expected)
    assert sweep(small(), path).tasks == []
    keys = [json.loads(line)["key"] for line in path.read_text().splitlines()]
    assert len(keys) == len(set(keys)) == len(expected)


def test_a_last_line_torn_anywhere_is_passed_over_and_cut_off(tmp_path, expected):
    path = tmp_path / "sweep.jsonl"
    sweep(small(), path).finish(progress=False)
    whole = path.read_bytes()
    start = whole[:-1].rfind(b"\n") + 1
    for end in (start, start + 1, start + 5, start + 14, len(whole) - 20, len(whole) - 1):
        path.write_bytes(whole[:end])
        again = sweep(small(), path)
        assert len(again.results) == len(expected) - 1
        assert path.read_bytes() == whole[:end]  # looking changes nothing
        assert same(accuracies(again.finish(progress=False)), expected)
        assert len(Store(path).results) == len(path.read_bytes().splitlines()) == len(expected)


# Interrupted as it leaves a `with`, Python itself closes the file a moment later, and says so.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO")
def test_ctrl_c_at_any_line_leaves_a_valid_store(tmp_path, monkeypatch):
    grid = Grid({"width": [4], "temperature": [1], "seed": [0, 1]}, epochs=0.5, batch_size=250)
    files = {store_module.__file__, sweep_module.__file__}
    # Only the sweep is interrupted, so its students need not train each time.
    trained = sweep(grid).finish(progress=False).found
    records = [SimpleNamespace(step=step, steps=2, notice="") for step in (1, 2)]
    monkeypatch.setattr(sweep_module, "begin", lambda task: records)
    monkeypatch.setattr(
        sweep_module, "results_of", lambda _, task: [*map(trained.get, task.points)]
    )

    def interrupted_at(number, path):
        seen = 0

        def local(frame, event, _):
            nonlocal seen
            seen += event == "line"
            if seen == number:
                raise KeyboardInterrupt
            return local

        sys.settrace(lambda frame, *_: local if frame.f_code.co_filename in files else None)
        try:
            sweep(grid, path, members_at_once=2).finish(progress=False)
        except KeyboardInterrupt:
            return True
        finally:
            sys.settrace(None)
        return False

    count = 0
    while interrupted_at(1 + 3 * count, path := tmp_path / f"{count}.jsonl"):
        count += 1
        rest = sweep(grid, path)
        assert len(rest.finish(progress=False)) == 4
        assert len(path.read_bytes().splitlines()) == 4
    assert count > 50


def test_other_recipes_have_other_keys_and_share_a_store(tmp_path):
    path = tmp_path / "sweep.jsonl"
    sweep(small(), path).finish(progress=False)
    students = len(small().points())
    assert sweep(small(), path).tasks == []
    assert sweep(small(lr=3e-3), path).tasks == []  # what lr is unless given
    for other in (small(lr=0.01), small(layers=2), small(jitter=1), small(only_classes=[7, 8])):
        assert len(sweep(other, path).results) == 0
    logits = load_teacher("digits").train_logits + 1
    assert len(sweep(small(), path, teacher=logits).results) == 4  # baselines have no teacher
    sweep(small(lr=0.01), path).finish(progress=False)
    assert len(Store(path).results) == 2 * students


def test_a_teacher_may_come_as_itself_as_logits_or_as_a_file(tmp_path):
    teacher = load_teacher("digits")
    teacher.save(tmp_path / "teacher.npz")
    path = tmp_path / "sweep.jsonl"
    sweep(small(), path).finish(progress=False)
    for form in (teacher, teacher.train_logits, str(tmp_path / "teacher.npz")):
        assert sweep(small(), path, teacher=form).tasks == []
    again = sweep(small(), teacher=tmp_path / "teacher.npz").finish(progress=False)
    assert len(again) == len(small().points())


# Disks.


@pytest.mark.parametrize("line", ['{"format": 2, "key": "a"}\n', '{"format": 0, "key": "a"}'])
def test_a_store_of_another_version_is_refused(tmp_path, line):
    path = tmp_path / "sweep.jsonl"
    path.write_text(line)
    with pytest.raises(ValueError, match=r"store must be of format 1, but line 1 .* format [02]"):
        sweep(small(), path)


@pytest.mark.parametrize("text", ["hello", "[1, 2]\n", "hello\n", '{"key": 3}\n', "\0\0\0"])
def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path, text):
    path = tmp_path / "letter.txt"
    path.write_text(text)
    with pytest.raises(
        ValueError, match=r"store must be a file that kdviz.sweep wrote, but line 1"
    ):
        sweep(small(), path)
    assert path.read_text() == text


def test_a_damaged_line_is_named(tmp_path):
    path = tmp_path / "sweep.jsonl"
    sweep(small(), path).finish(progress=False)
    lines = path.read_text().splitlines()
    lines[2] = lines[2][:40]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match=r"line 3 of .* take the line out"):
        sweep(small(), path)


def test_a_full_disk_loses_nothing(tmp_path, expected):
    path = tmp_path / "sweep.jsonl"
    whole = sweep(small(), tmp_path / "whole.jsonl", members_at_once=3)
    whole.finish(progress=False)
    room = len((tmp_path / "whole.jsonl").read_bytes()) // 2
    running = sweep(small(), path, members_at_once=3)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))  # a write beyond it is cut short
        with pytest.warns(RuntimeWarning, match=r"\d results could not be written to .*make room"):
            results = running.finish(progress=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert same(accuracies(results), expected)
    stored = len(Store(path).results)
    assert 0 < stored < len(expected)
    assert path.read_bytes().endswith(b"\n")
    running.store.save()
    assert len(Store(path).results) == len(expected)


def test_what_could_not_be_written_comes_with_the_next_results(tmp_path, monkeypatch):
    real, calls = os.fsync, []

    def full_once(descriptor):
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full_once)
    running = sweep(small(), tmp_path / "sweep.jsonl", members_at_once=3)
    updates = [update for update in running if update.results]
    assert ["No space left" in update.notice for update in updates] == [False, True, False, False]
    assert len(Store(tmp_path / "sweep.jsonl").results) == len(small().points())


def test_a_diverging_student_is_recorded_and_not_tried_again(tmp_path):
    # Logits over a temperature of 1e-38 are infinite in float32.
    grid = Grid({"temperature": [1e-38, 4], "width": [4], "seed": [0, 1]}, **QUICK)
    path = tmp_path / "sweep.jsonl"
    results = sweep(grid, path).finish(progress=False)
    lost = [p for p, result in results.found.items() if result.diverged]
    assert {p.temperature for p in lost} == {1e-38}
    assert len(lost) == 2
    again = sweep(grid, path)
    assert again.tasks == []
    assert math.isnan(again.results.found[lost[0]].accuracy)
    cell = again.results.cell(temperature=1e-38)
    assert (cell.seeds, cell.diverged, cell.difference.left_out) == (0, 2, 2)
    assert math.isnan(cell.accuracy)
    assert again.results.cell(temperature=4).seeds == 2


# Executors.


class Failing(Executor):
    """Runs at once, in this process; the first calls fail as if the worker was lost."""

    def __init__(self, failures, error):
        self.failures, self.error, self.calls = failures, error, 0

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        self.calls += 1
        if self.calls <= self.failures:
            future.set_exception(self.error)
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def test_a_pool_of_threads_gives_the_same_results(tmp_path, expected):
    with ThreadPoolExecutor(2) as pool:
        results = sweep(small(), executor=pool, members_at_once=3).finish(progress=False)
    assert same(accuracies(results), expected)


def test_a_lost_cohort_is_trained_again(expected):
    pool = Failing(2, OSError("worker lost"))
    running = sweep(small(), executor=pool, members_at_once=3)
    with pytest.warns(RuntimeWarning, match="6 students are trained again. It said: OSError"):
        results = running.finish(progress=False)
    assert same(accuracies(results), expected)
    assert pool.calls == 4 + 2


def test_a_cohort_lost_again_and_again_is_given_up_and_the_others_are_kept(tmp_path):
    path = tmp_path / "sweep.jsonl"

    class Unlucky(Failing):
        def submit(self, fn, task):
            self.calls = 0 if task.points[0].width == 4 else 10
            return super().submit(fn, task)

    running = sweep(small(), path, executor=Unlucky(1, OSError("lost")), retries=3)
    with pytest.raises(OSError, match="lost") as caught:
        list(running)
    assert "Cohorts that failed: 1. 6 of 12 students are trained" in caught.value.__notes__[0]
    assert len(Store(path).results) == 6
    assert len(sweep(small(), path).finish(progress=False)) == 12


def test_a_bad_setting_is_not_tried_again():
    pool = Failing(0, None)

    def submit(fn, task):
        pool.calls += 1
        future = Future()
        with pytest.raises(ValueError, match="optimizer must be one of") as caught:
            fn(task)
        future.set_exception(caught.value)
        return future

    pool.submit = submit
    with pytest.raises(ValueError, match="optimizer must be one of"):
        list(sweep(small(optimizer="lion"), executor=pool))
    assert pool.calls == 2
    with pytest.raises(ValueError, match="optimizer must be one of"):
        list(sweep(small(optimizer="lion")))


def test_a_broken_pool_is_replaced_where_a_function_makes_it(expected):
    pools = [Failing(2, BrokenExecutor("gone")), Failing(0, None)]
    left = iter(pools)
    running = sweep(small(), executor=lambda: next(left), members_at_once=3)
    with pytest.warns(RuntimeWarning, match="BrokenExecutor"):
        assert same(accuracies(running.finish(progress=False)), expected)
    assert [pool.calls for pool in pools] == [4, 2]


def test_a_broken_pool_of_ones_own_ends_the_sweep_with_what_is_done(tmp_path):
    path = tmp_path / "sweep.jsonl"
    pool = Failing(1, BrokenExecutor("gone"))
    with pytest.raises(RuntimeError, match=r"9 of 12 students .* A function that makes"):
        list(sweep(small(), path, executor=pool, members_at_once=3))
    assert len(Store(path).results) == 9


def kill_one_in_mid_sweep(running, pick):
    """Kill a worker after the first results; return the results and the notices."""
    notices, killed = [], False
    for update in running:
        notices.append(update.notice)
        if update.results and not killed:
            os.kill(pick(), signal.SIGKILL)
            killed = True
    assert killed
    return running.results, "".join(notices)


# Long enough for a worker to be killed in the midst of it.
several = partial(Grid, {"width": [4, 5, 6], "seed": [0, 1, 2]}, epochs=40)


@pytest.mark.slow
def test_a_process_that_is_killed_loses_nothing(tmp_path):
    pools = []

    def make():
        context = multiprocessing.get_context("spawn")
        pools.append(ProcessPoolExecutor(1, mp_context=context))
        return pools[-1]

    path = tmp_path / "sweep.jsonl"
    running = sweep(several(), path, executor=make, members_at_once=3)
    found, notices = kill_one_in_mid_sweep(running, lambda: next(iter(pools[0]._processes)))
    assert len(pools) == 2
    assert "BrokenProcessPool" in notices
    assert same(accuracies(found), accuracies(sweep(several()).finish(progress=False)))
    assert len(path.read_bytes().splitlines()) == len(Store(path).results) == len(found)


@pytest.mark.slow
def test_a_dask_worker_that_is_killed_loses_nothing(tmp_path):
    from distributed import Client, LocalCluster

    path = tmp_path / "sweep.jsonl"
    cluster = LocalCluster(2, threads_per_worker=1, processes=True, dashboard_address=None)
    with cluster, Client(cluster) as client:
        processes = client.run(os.getpid)
        assert len(set(processes.values()) - {os.getpid()}) == 2

        def busy():
            return next(processes[at] for at, tasks in client.processing().items() if tasks)

        running = sweep(several(), path, executor=client, members_at_once=2)
        found, _ = kill_one_in_mid_sweep(running, busy)
    assert same(accuracies(found), accuracies(sweep(several()).finish(progress=False)))
    assert len(path.read_bytes().splitlines()) == len(Store(path).results) == len(found)


# What a sweep tells.


def test_updates_tell_how_far_it_is():
    updates = list(sweep(small(), members_at_once=3))
    shares = [update.share for update in updates]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert sum(len(update.results) for update in updates) == updates[-1].done == 12
    assert any(not update.results and 0 < update.share < 1 for update in updates)


def test_a_progress_bar_counts_students(capfd):
    sweep(small()).finish()
    assert "12 of 12 students" in capfd.readouterr().err


def test_cells_are_means_over_seeds_and_paired_with_the_baseline():
    axes = {"width": [4, 6], "temperature": [1, 8], "label_fraction": [0.1, 1]}
    grid = Grid(axes | {"seed": range(4)}, **QUICK)
    results = sweep(grid).finish(progress=False)

    def values(width, temperature, weight, fraction):
        points = [grid.point(width, temperature, weight, fraction, seed) for seed in range(4)]
        return np.array([results.found[point].accuracy for point in points])

    heat = results.heat_map("width", "temperature", label_fraction=0.1)
    assert (heat.rows, heat.columns) == ((4, 6), (1.0, 8.0))
    for row, width in enumerate((4, 6)):
        for column, temperature in enumerate((1.0, 8.0)):
            these, those = (values(width, temperature, weight, 0.1) for weight in (1.0, 0.0))
            assert heat.accuracy[row, column] == pytest.approx(these.mean())
            half = 3.182446 * these.std(ddof=1) / 2  # t(3) at 97.5%
            assert heat.high[row, column] == pytest.approx(these.mean() + half)
            assert heat.difference_low[row, column] == pytest.approx(compare(these, those).low)
            assert heat.seeds[row, column] == 4
            assert heat.verdicts[row, column] == compare(these, those).verdict
            at = {"width": width, "temperature": temperature, "label_fraction": 0.1}
            np.testing.assert_array_equal(results.per_seed(**at), these)
    table = results.table()
    assert len(table) == 2 * 2 * 2 + 2 * 2  # taught ones by temperature, baselines once
    row = next(r for r in table if r["width"] == 6 and r["temperature"] == 8)
    assert row["label_fraction"] == 0.1
    assert row["difference"] == pytest.approx(heat.difference[1, 1])
    assert row["verdict"] == compare(values(6, 8.0, 1.0, 0.1), values(6, 8.0, 0.0, 0.1)).verdict


def test_results_so_far_leave_blanks():
    running = sweep(small(), members_at_once=3)
    next(update for update in running if update.results)
    heat = running.results.heat_map("width", "temperature")
    assert np.isfinite(heat.accuracy[0]).any()
    assert np.isnan(heat.accuracy[1]).all()
    assert np.isnan(heat.difference[1]).all()
    assert heat.seeds[1].tolist() == [0, 0]
    assert 0 < len(running.results.table()) < 6


def test_results_are_read_without_torch():
    code = "import sys, kdviz.sweeps.run; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path.cwd()).returncode == 0


# Bad input.

BAD_GRIDS = [
    ({"axes": {"temprature": [1]}}, "axes must be among width, temperature, .*, got 'temprature'"),
    ({"axes": {"width": []}}, "width must have at least one value, got none"),
    ({"axes": {"seed": 3}}, "seed must be a list of values, got 3"),
    ({"axes": {"temperature": [4, 2, 4.0]}}, "temperature must have values that differ, got 4.0"),
    ({"axes": {"temperature": [0]}}, "temperature must be a finite number above 0, got 0"),
    ({"axes": {"temperature": [math.nan]}}, "temperature must be a finite number above 0, got nan"),
    ({"axes": {"soft_weight": [1.5]}}, r"soft_weight must be a finite number in \[0, 1\], got 1.5"),
    ({"axes": {"width": [4.5]}}, "width must be a whole number of at least 1, got 4.5"),
    ({"axes": {"seed": [True]}}, "seed must be a whole number of at least 0, got True"),
    ({"dataset": "cats"}, "dataset must be one of digits, .*, got 'cats'"),
    ({"layers": 0}, "layers must be a whole number of at least 1, got 0"),
    ({"epochs": 0}, "epochs must be a finite number above 0, got 0"),
    ({"without_classes": [3], "only_classes": [7]}, "contradict each other: give one"),
    ({"axes": {"label_fraction": [0, 1]}}, "label_fraction 0 and soft_weight 0 contradict"),
    (
        {"axes": {"label_fraction": [0], "soft_weight": [1]}, "drop_unlabelled": True},
        "label_fraction 0 and drop_unlabelled contradict",
    ),
    (
        {"axes": {"temperature": [1, 2], "soft_weight": [0]}},
        "temperature has several values but soft_weight is only 0",
    ),
    (
        {"axes": {"label_fraction": [0.1, 1], "soft_weight": [1]}},
        "label_fraction has several values but soft_weight is only 1",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), BAD_GRIDS)
def test_bad_grids_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        Grid(**arguments)


BAD_SWEEPS = [
    ({"members_at_once": 0}, "members_at_once must be a whole number of at least 1, got 0"),
    ({"memory_gib": 0}, "memory_gib must be a finite number above 0, got 0"),
    ({"retries": -1}, "retries must be a whole number of at least 0, got -1"),
    ({"executor": 3}, "executor must be a concurrent.futures executor, .* got int"),
    ({"grid": Grid(dataset="fashion-mnist")}, "teacher must be given for 'fashion-mnist'"),
    ({"grid": small(without_classes=[12])}, "classes must be among .*, got 12"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD_SWEEPS)
def test_bad_sweeps_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        sweep(**{"grid": small()} | arguments)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda r: r.cell(), r"temperature must be one of \(1.0, 8.0\), got None"),
        (lambda r: r.cell(temperature=3), r"temperature must be one of \(1.0, 8.0\), got 3"),
        (lambda r: r.cell(heat=3), "axes must be among width, .*, got 'heat'"),
        (lambda r: r.per_seed(seed=1), "axes must be among .* got 'seed'"),
        (lambda r: r.heat_map("width", "seed"), "rows and columns must be two of"),
        (lambda r: r.heat_map("width", "width"), "rows and columns must be two of"),
    ],
)
def test_bad_questions_are_named(ask, message):
    results = sweep(Grid({"temperature": [1, 8]}, **QUICK)).results
    with pytest.raises(ValueError, match=message):
        ask(results)

"""Sweeps: a grid of students in cohorts, on this machine or on many; resumable."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kdviz.checks import number, whole
from kdviz.sweeps.grid import Grid, Point
from kdviz.sweeps.results import Results
from kdviz.sweeps.store import Result, Store
from kdviz.sweeps.worker import (
    CohortJob,
    begin,
    cached_dataset,
    find_logits,
    point_keys,
    results_of,
    train_cohort,
)
from kdviz.teachers import TEACHERS, Teacher

__all__ = ["Grid", "Point", "Results", "Sweep", "Update", "sweep"]

_TICK_SECONDS = 0.5  # how long a wait for workers goes without an update
Job = tuple[CohortJob, BaseException]


@dataclass(frozen=True)
class Update:
    """How far a sweep is.

    Args:
        results: Those that have come since the last update; often none.
        done: Students trained, the ones found in the store included.
        total: Students in the grid.
        share: Of the students trained, in [0, 1], with the part done of a cohort trained here.
        notice: What the reader should know, such as a lost worker; usually empty.
    """

    results: tuple[Result, ...]
    done: int
    total: int
    share: float
    notice: str = ""


def sweep(
    grid: Grid,
    store: str | Path | None = None,
    *,
    teacher: Teacher | np.ndarray | str | Path | None = None,
    executor: Executor | Callable[[], Executor] | None = None,
    members_at_once: int = 32,
    memory_gib: float = 2.0,
    device: str = "auto",
    retries: int = 2,
) -> Sweep:
    """Train every student of a grid that the store does not have yet; iterate for updates.

    Args:
        grid: Which students.
        store: A file of JSON lines for the results. An interrupted sweep called again with the
            same file goes on where it was; one sweep at a time may train for a file. Without
            one, results are in memory alone.
        teacher: A teacher, its logits (N, C) on the training split, or a file that
            `Teacher.save` wrote and every worker can read; by default the one of kdviz.
        executor: Where cohorts train: here by default; else any `concurrent.futures` executor
            or Dask client. A function that makes an executor lets a broken pool be replaced.
        members_at_once: Students in a cohort at most.
        memory_gib: What the members of a cohort may take.
        device: As in `kdviz.train`.
        retries: How often a cohort that failed on a worker, or with it, is tried again.

    Raises:
        ValueError: If an argument is out of range, there is no teacher, or the store is of
            another format.
    """
    _check(grid, teacher, executor, members_at_once, memory_gib, retries)
    if isinstance(teacher, Teacher):
        teacher = teacher.train_logits
    teacher = Path(teacher) if isinstance(teacher, str) else teacher
    data = cached_dataset(grid.dataset)
    if teacher is not None and not isinstance(teacher, Path):
        teacher = _checked_teacher(teacher, len(data.train))
    keys = point_keys(grid, data, find_logits(grid, teacher))
    opened = None if store is None else Store(store)
    results = Results(grid)
    if opened:
        found = {point: opened.results.get(key) for point, key in keys.items()}
        results.found |= {point: result for point, result in found.items() if result}
    missing = [point for point in keys if point not in results.found]
    cohorts = grid.cohorts(missing, data.train, len(data.classes), members_at_once, memory_gib)
    tasks = [CohortJob(grid, cohort, teacher, device) for cohort in cohorts]
    return Sweep(results, keys, opened, tasks, executor, retries)


class Sweep:
    """A sweep. It goes on only while it is asked for the next update.

    Args:
        results: Valid at any moment; starts with what the store has.
        keys: The store's key of every student.
        store: None to keep results in memory alone.
        tasks: Cohorts still to train.
        executor: As in `sweep`.
        retries: As in `sweep`.
    """

    def __init__(
        self,
        results: Results,
        keys: dict[Point, str],
        store: Store | None,
        tasks: list[CohortJob],
        executor: Executor | Callable[[], Executor] | None,
        retries: int,
    ) -> None:
        self.results, self.store, self.tasks = results, store, tasks
        self._keys, self._executor, self._retries = keys, executor, retries
        # A proxy, so that a sweep nobody holds any more ends at once and frees its store.
        self._updates = Sweep._train(weakref.proxy(self))

    def __iter__(self) -> Iterator[Update]:
        return self

    def __next__(self) -> Update:
        return next(self._updates)

    def close(self) -> None:
        """End the sweep where it is: cohorts in training are lost, finished ones are not."""
        self._updates.close()

    def finish(self, progress: bool = True) -> Results:
        """Go on to the end, with a progress bar, and return the results.

        Notices become warnings.
        """
        from tqdm.auto import tqdm

        form = "{percentage:3.0f}%|{bar}| {postfix[0]} of {total} students [{elapsed}<{remaining}]"
        bar = tqdm(
            total=len(self._keys),
            initial=len(self.results),
            bar_format=form,
            postfix=[len(self.results)],
            disable=not progress,
        )
        with bar:
            for update in self:
                bar.postfix = [update.done]
                bar.update(update.share * update.total - bar.n)
                if update.notice:
                    warnings.warn(update.notice, RuntimeWarning, stacklevel=2)
        return self.results

    def _train(self) -> Iterator[Update]:
        """Train what is missing, for a store alone: after what other sweeps have left there."""
        updates = Sweep._here if self._executor is None else Sweep._elsewhere
        if self.store is None or not self.tasks:
            yield from updates(self)
            return
        with self.store.claim():
            self.store.read()
            found = {point: self.store.results.get(key) for point, key in self._keys.items()}
            self.results.found |= {point: result for point, result in found.items() if result}
            left = [[p for p in task.points if not found[p]] for task in self.tasks]
            tasks = zip(self.tasks, left, strict=True)
            self.tasks = [replace(task, points=tuple(points)) for task, points in tasks if points]
            yield from updates(self)

    def _here(self) -> Iterator[Update]:
        for task in self.tasks:
            try:
                run = begin(task)
                for record in run:
                    part = len(task.points) * record.step / record.steps
                    yield self._update((), part, record.notice)
                results = results_of(run, task)
            except Exception as error:
                error.add_note(self._kept())
                raise
            yield self._keep(results)

    def _elsewhere(self) -> Iterator[Update]:
        executor, pool = self._executor, self._open()
        running = {_submit(pool, task): task for task in self.tasks}
        failed: list[Job] = []
        try:
            while running:
                finished = wait_for(running, _TICK_SECONDS, FIRST_COMPLETED).done
                if broken := _broken(finished):  # it takes all of its cohorts with it
                    finished = wait_for(running).done
                done = {future: running.pop(future) for future in finished}
                again: list[Job] = []
                results: list[Result] = []
                for future, task in done.items():
                    error = _error(future)
                    if error is None:
                        results += future.result()
                    elif task.attempt > self._retries or isinstance(error, ValueError):
                        failed.append((task, error))
                    else:
                        again.append((replace(task, attempt=task.attempt + 1), error))
                update = self._keep(results, _lost(again))
                if broken:
                    pool = self._reopen(pool, broken)
                running |= {_submit(pool, task): task for task, _ in again}
                yield update
            if failed:
                error = failed[0][1]
                error.add_note(f"Cohorts that failed: {len(failed)}. {self._kept()}")
                raise error
        finally:
            for future in running:
                future.cancel()
            if pool is not executor:
                pool.shutdown(wait=not running)

    def _open(self) -> Executor:
        if hasattr(self._executor, "get_executor"):  # a Dask client
            return self._executor.get_executor()
        return self._executor if hasattr(self._executor, "submit") else self._executor()

    def _reopen(self, pool: Executor, error: BaseException) -> Executor:
        if pool is self._executor:
            raise RuntimeError(
                f"executor broke as a worker was lost: {error} {self._kept()} A function that "
                f"makes the executor, such as lambda: ProcessPoolExecutor(2), would have let the "
                f"sweep make a new one."
            ) from error
        pool.shutdown(wait=False)
        return self._open()

    def _keep(self, results: list[Result], notice: str = "") -> Update:
        """Remember results, write them down, and tell. A full disk does not end the sweep."""
        self.results.found |= {result.point: result for result in results}
        if self.store is not None:
            try:
                recipe = self.results.grid.settings()
                self.store.add({self._keys[result.point]: result for result in results}, recipe)
            except OSError as error:
                notice = f"{notice} {_not_saved(self.store, error)}".strip()
        return self._update(tuple(results), 0, notice)

    def _update(self, results: tuple[Result, ...], part: float, notice: str) -> Update:
        done, total = len(self.results), len(self._keys)
        return Update(results, done, total, (done + part) / total, notice)

    def _kept(self) -> str:
        done = f"{len(self.results)} of {len(self._keys)} students are trained"
        if self.store is None:
            return f"{done}; their results are in the sweep's results."
        return f"{done} and kept in {str(self.store.path)!r}: call again to go on from there."


def _checked_teacher(logits: np.ndarray, examples: int) -> np.ndarray:
    from kdviz.training.recipe import checked_logits  # PyTorch, which reading results does without

    return checked_logits(logits, examples).cpu().numpy()


def _submit(pool: Executor, task: CohortJob) -> Future:
    try:
        return pool.submit(train_cohort, task)
    except BrokenExecutor as error:  # it broke since the last look at it
        future: Future = Future()
        future.set_exception(error)
        return future


def _error(future: Future) -> BaseException | None:
    try:
        return future.exception()
    except CancelledError as error:  # a cluster may cancel what it can't run
        return error


def _broken(futures: Iterable[Future]) -> BaseException | None:
    errors = (_error(future) for future in futures)
    return next((error for error in errors if isinstance(error, BrokenExecutor)), None)


def _lost(again: list[Job]) -> str:
    if not again:
        return ""
    students = sum(len(task.points) for task, _ in again)
    return f"A worker failed: {students} students are trained again. It said: {again[0][1]!r}"


def _not_saved(store: Store, error: OSError) -> str:
    lines = store.unsaved.count(b"\n")
    return (
        f"{lines} results could not be written to {str(store.path)!r}: "
        f"{error.strerror or error}. What the file held is whole, and these results are in "
        f"memory: make room, and they are written with the next ones, or by store.save()."
    )


def _check(grid, teacher, executor, members_at_once, memory_gib, retries) -> None:
    whole("members_at_once", members_at_once, 1)
    whole("retries", retries, 0)
    number("memory_gib", memory_gib, 0, above=True)
    if executor is not None and not hasattr(executor, "submit") and not callable(executor):
        raise ValueError(
            f"executor must be a concurrent.futures executor, a function that makes one, or a "
            f"Dask client, got {type(executor).__name__}"
        )
    if teacher is None and any(grid.axes["soft_weight"]) and grid.dataset not in TEACHERS:
        raise ValueError(
            f"teacher must be given for {grid.dataset!r}: a Teacher, its logits, or its file"
        )

"""Specialists that a learner trains from a page: clusters, a background thread, what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from traitlets import Instance, Int, observe

from kdviz.panels.background import Background, Workspace
from kdviz.panels.settings import Setting, settings_traits
from kdviz.specialists.plans import PLANS
from kdviz.words import Said

if TYPE_CHECKING:  # sessions are set up without torch
    from kdviz.evaluation.compare import Comparison
    from kdviz.specialists.experiment import Study, Trained

SEEDS = (3, 5, 8)
MOST_PICKED = 60  # examples worth a look

SETTINGS = (
    Setting(
        "data", "choice", "hierarchy", choices=tuple(PLANS), title="Data in Specialists",
        link="specialists_data",
    ),
    Setting(
        "seeds", "choice", 5, choices=SEEDS, title="Seeds in Specialists", link="specialists_seeds"
    ),
    Setting(
        "measure", "choice", "covariance", choices=("covariance", "correlation"),
        link="specialists_measure",
    ),
    Setting(
        "number", "whole", 8, 1, max(plan.classes for plan in PLANS.values()),
        link="specialists_count",
    ),
    Setting("clusters", "clusters", [], title="Clusters", found=True),
    Setting(
        "top", "choice", 1, choices=(1, 2, 3), title="Top classes asked", link="specialists_top"
    ),
    Setting(
        "prediction", "number", None, -100, 100, link="specialists_prediction", optional=True,
        predicted=True,
    ),
    # λ on the specialists' terms, for the page's picture of one example
    Setting("weight", "number", 1.0, 0, 100, link="specialists_weight"),
    Setting(
        "example", "whole", 0, 0, MOST_PICKED - 1, title="One test example in Specialists",
        link="specialists_example",
    ),
)  # fmt: skip
_REDRAW_SECONDS = 0.1


Clusters = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Asked:
    """What the learner had set when specialists began to train.

    Args:
        data: What they are trained and tested on.
        seeds: Generalists, each with specialists of its own.
        clusters: The classes of each specialist.
        kind: Where the clusters are from: "kmeans", "random" or "yours".
    """

    data: str
    seeds: int
    clusters: Clusters
    kind: str

    @property
    def sizes(self) -> list[int]:
        """Count the classes of each cluster, fewest first."""
        return sorted(map(len, self.clusters))


@dataclass(frozen=True, eq=False)
class SpecialistsProgress:
    """How far a run is.

    Args:
        what: "generalists", "specialists", or "longer": the generalists trained on.
        share: Of the work, in [0, 1].
        seconds_left: As far as can be told.
        curves: (R, 2 + M): step; points gained over the generalist on test examples of the
            special classes, by all specialists and by each; mean over the seeds that got so far.
    """

    what: str
    share: float
    seconds_left: float
    curves: np.ndarray | None = None


class SpecialistsSession(Background, settings_traits(SETTINGS)):
    """One learner's clusters, and at most one training in a background thread.

    Generalists are kept for each choice of data and seeds, and so is what came of each clustering.

    Args:
        workspace: Of the page; its data are not what is trained on here.
        **settings: Initial values of the settings.

    Raises:
        TraitError: If a setting is out of its range.
    """

    title, panel = Said("Training"), Said("Specialists")

    shown = Instance(Asked, allow_none=True)  # of the run that progress belongs to
    progress = Instance(SpecialistsProgress, allow_none=True)
    news = Int(0)  # grows with what is known

    def __init__(self, workspace: Workspace, **settings) -> None:
        self._studies: dict[tuple[str, int], Study] = {}
        self._trained: dict[Asked, Trained] = {}  # the latest last
        self._origins: dict[Clusters, str] = {}
        self._shuffles = 0
        self._predicted: dict[tuple[str, int], float | None] = {}
        super().__init__(workspace, **settings)

    @property
    def asked(self) -> Asked:
        """What is set now."""
        clusters = tuple(sorted(tuple(sorted(c)) for c in self.clusters))
        kind = self._origins.get(clusters, "yours")
        return Asked(self.data, self.seeds, clusters, kind)

    @property
    def study(self) -> Study | None:
        """The generalists of the data and seeds that are set now."""
        return self._studies.get((self.data, self.seeds))

    @property
    def trained(self) -> Trained | None:
        """What came of the clusters that are set now, or else of those trained last."""
        return self._trained.get(self.asked) or self.latest.get(self.trained_kind)

    @property
    def trained_kind(self) -> str:
        """The kind of clusters that `trained` is about."""
        asked = self.asked
        return asked.kind if asked in self._trained else next(iter(self.latest), asked.kind)

    @property
    def latest(self) -> dict[str, Trained]:
        """By kind of clusters, what was trained last on the data and seeds of now; newest first."""
        found = {}
        for asked, trained in self._known():
            found.setdefault(asked.kind, trained)
        return found

    @property
    def shuffles(self) -> list[Trained]:
        """All random clusters trained so far that have the sizes of the latest by K-means."""
        like = [asked.sizes for asked, _ in self._known() if asked.kind == "kmeans"][:1]
        random = [(a.sizes, trained) for a, trained in self._known() if a.kind == "random"]
        return [trained for sizes, trained in random if [sizes] == like]

    @property
    def judged(self) -> Trained | None:
        """What a verdict is about: the latest by K-means if random ones stand beside it."""
        random = self.shuffles and self.trained_kind != "yours"
        return self.latest["kmeans"] if random else self.trained

    @property
    def predicted(self) -> float | None:
        """The prediction that counts: there when a run began, and no outcome known yet."""
        return self._predicted.get((self.data, self.seeds))

    def comparisons(self) -> dict[str, Comparison]:
        """Compare what is `judged`, as `Trained.comparisons` does; nothing before that."""
        if self.judged is None:
            return {}
        shuffles = self.shuffles if self.trained_kind != "yours" else ()
        return self.judged.comparisons(shuffles, self.top)

    def _known(self) -> Iterator[tuple[Asked, Trained]]:
        """Yield what was trained on the data and seeds of now, newest first."""
        for asked, trained in reversed(self._trained.items()):
            if (asked.data, asked.seeds) == (self.data, self.seeds):
                yield asked, trained

    def count(self, name: str) -> int:
        """Count the classes of the data that is chosen here."""
        return PLANS[self.data].classes if name == "classes" else super().count(name)

    def open(self) -> None:
        """Load PyTorch and train the generalists, so that there is something to see."""
        with self._lock:
            if self.state == "cold" and not self._closed:
                self.start_generalists()

    def start_generalists(self) -> bool:
        """Train generalists on the data chosen, and find clusters where none are set."""
        return self.start(partial(self._prepare_clusters, "kmeans", replace=False))

    def start_kmeans(self) -> bool:
        """Set the clusters that K-means finds."""
        return self.start(partial(self._prepare_clusters, "kmeans"))

    def start_random(self) -> bool:
        """Shuffle the classes of the clusters that are set: the same sizes, a fair comparison."""
        return self.start(partial(self._prepare_clusters, "random"))

    def _prepare_clusters(self, kind: str, replace: bool = True) -> Callable[[], None]:
        self.progress, self.shown = None, None
        return partial(self._find_clusters, kind, replace)

    def prepare(self) -> Callable[[], None]:
        """Take down the clusters; return what to run."""
        if not self.clusters:
            return self._prepare_clusters("kmeans")
        if not self.shuffles:
            self._predicted[self.data, self.seeds] = self.prediction
        self.progress, self.shown = None, self.asked
        return partial(self._train, self.asked)

    def say_stopped(self) -> str:
        """Say what is left of a run that was stopped."""
        if self.study is None:
            return Said("Stopped: the generalists are not trained yet.")
        return Said("Stopped: no verdict on specialists that are half trained.")

    def warm_up(self) -> None:
        """Load what trains."""
        import kdviz.specialists.experiment  # noqa: F401

    def _find_clusters(self, kind: str, replace: bool) -> None:
        study = key = None
        while key != (self.data, self.seeds):  # a link or undo may set other data meanwhile
            key = self.data, self.seeds
            study = self._ready(*key)
        if kind == "random" and self.clusters:
            self._shuffles += 1
            clusters = study.shuffled(self.asked.clusters, self._shuffles)
            self._origins[clusters] = "random"
        else:
            clusters = study.kmeans(self.number, self.measure == "correlation")
            self._origins[clusters] = "kmeans"
        if replace or not self.clusters:
            self.clusters = [list(c) for c in clusters]
        self.message, self.state = "", "ready"

    def _ready(self, data: str, seeds: int) -> Study:
        """Return the generalists, trained if need be."""
        from kdviz.specialists.experiment import Study

        if (data, seeds) not in self._studies:
            study = Study(data, PLANS[data], seeds)
            for record in self.until_stopped(study.train(), last=lambda _: False):
                left = record.seconds / record.step * (record.steps - record.step)
                self.progress = SpecialistsProgress("generalists", record.step / record.steps, left)
            self._studies[data, seeds] = study
            self.progress = None
            self.news += 1
        return self._studies[data, seeds]

    def _train(self, asked: Asked) -> None:
        study = self._ready(asked.data, asked.seeds)
        begun, drawn = time.perf_counter(), 0.0
        run = study.specialists(asked.clusters)
        for what, share, curves in self.until_stopped(run, last=lambda item: item[1] == 1):
            now = time.perf_counter()
            if share == 1 or now - drawn >= _REDRAW_SECONDS:
                drawn, left = now, (now - begun) / share * (1 - share)
                self.progress = SpecialistsProgress(what, share, left, curves)
        self._trained.pop(asked, None)
        self._trained[asked] = study.outcome
        self.news += 1
        self.message, self.state = "", "done"

    @observe("data", "seeds", "clusters")
    def _complete(self, change) -> None:
        """Forget clusters of other data; train generalists and find clusters that are missing."""
        if change.name == "data":
            self.clusters = []
        idle = self.state not in ("cold", "warming", "training", "stopping")
        if idle and not (self.study and self.clusters):
            self.start_generalists()

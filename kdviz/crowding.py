"""Specialists that a learner trains from a page: clusters, a background thread, what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from traitlets import Float, Instance, Int, List, TraitError, Unicode, observe, validate

from kdviz.background import Background, Place
from kdviz.compare import Comparison, compare
from kdviz.crowd_plans import PLANS

if TYPE_CHECKING:  # sessions are set up without torch
    from kdviz.crowd_study import Study, Trained

SEEDS = (3, 5, 8)
_ALLOWED = {"data": tuple(PLANS), "seeds": SEEDS, "top": (1, 2, 3)}
_ALLOWED |= {"measure": ("covariance", "correlation")}
_REDRAW_SECONDS = 0.1


Clusters = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class CrowdAsked:
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
class CrowdProgress:
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


class Crowding(Background):
    """One learner's clusters, and at most one training in a background thread.

    Generalists are kept for each choice of data and seeds, and so is what came of each clustering.

    Args:
        place: Shared with what else trains on the page.
        **settings: Initial values of the settings.

    Raises:
        TraitError: If a setting is out of its range.
    """

    data = Unicode("hierarchy")
    seeds = Int(5)
    measure = Unicode("covariance")
    count = Int(8)
    clusters = List(List(Int()))
    top = Int(1)
    prediction = Float(None, allow_none=True)
    weight = Float(1.0)  # λ on the specialists' terms, for the page's picture of one example
    example = Int(0)  # which of those that were picked

    shown = Instance(CrowdAsked, allow_none=True)  # of the run that progress belongs to
    progress = Instance(CrowdProgress, allow_none=True)
    news = Int(0)  # grows with what is known

    def __init__(self, place: Place | None = None, **settings) -> None:
        self._studies: dict[tuple[str, int], Study] = {}
        self._trained: dict[CrowdAsked, Trained] = {}  # the latest last
        self._origins: dict[Clusters, str] = {}
        self._foretold: dict[str, float | None] = {}  # by data
        self._shuffles = 0
        super().__init__("Training", "Crowd", place, **settings)

    @property
    def asked(self) -> CrowdAsked:
        """What is set now."""
        clusters = tuple(sorted(tuple(sorted(c)) for c in self.clusters))
        kind = self._origins.get(clusters, "yours")
        return CrowdAsked(self.data, self.seeds, clusters, kind)

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
    def seen(self) -> bool:
        """Whether both kinds of clusters were trained on this data, whatever the seeds."""
        return {"kmeans", "random"} <= {a.kind for a in self._trained if a.data == self.data}

    @property
    def foretold(self) -> float | None:
        """The prediction that was made before there was a result."""
        return self._foretold.get(self.data)

    def comparisons(self) -> dict[str, Comparison]:
        """Compare test accuracies over seeds.

        Returns:
            "generalist": with the specialists of `judged` against without; "longer": against the
            generalist trained on with as many examples; "random": against the mean of
            `shuffles`. Each if it was trained.
        """
        found, judged, top = {}, self.judged, self.top
        if judged:
            bases = {"generalist": judged.before, "longer": judged.longer}
            found = {name: compare(judged.after[top], base) for name, base in bases.items()}
        if self.shuffles and self.trained_kind != "yours":
            random = np.mean([each.after[top] for each in self.shuffles], 0)
            found["random"] = compare(judged.after[top], random)
        return found

    def _known(self) -> Iterator[tuple[CrowdAsked, Trained]]:
        """Yield what was trained on the data and seeds of now, newest first."""
        for asked, trained in reversed(self._trained.items()):
            if (asked.data, asked.seeds) == (self.data, self.seeds):
                yield asked, trained

    def warm(self) -> None:
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

    def _prepare_clusters(self, kind: str, replace: bool = True) -> Callable[[int], None]:
        self.progress, self.shown = None, None
        return partial(self._find_clusters, kind, replace)

    def _prepare(self) -> Callable[[int], None]:
        if not self.clusters:
            return self._prepare_clusters("kmeans")
        if not self.seen:
            self._foretold[self.data] = self.prediction
        self.progress, self.shown = None, self.asked
        return partial(self._train, self.asked)

    def _withdraw(self) -> None:
        self.shown = None

    def _rehearse(self) -> None:
        import kdviz.crowd_study  # noqa: F401

    def _find_clusters(self, kind: str, replace: bool, ticket: int) -> None:
        study = key = None  # a link or undo may set other data meanwhile
        while key != (self.data, self.seeds) and ticket == self._ticket:
            key = self.data, self.seeds
            study = self._ready(*key, ticket)
        if ticket != self._ticket or not study:
            self.state = "stopped"
            return
        if kind == "random" and self.clusters:
            self._shuffles += 1
            clusters = study.shuffled(self.asked.clusters, self._shuffles)
            self._origins[clusters] = "random"
        else:
            clusters = study.kmeans(min(self.count, study.most), self.measure == "correlation")
            self._origins[clusters] = "kmeans"
        if replace or not self.clusters:
            self.clusters = [list(c) for c in clusters]
        self.message, self.state = "", "ready"

    def _ready(self, data: str, seeds: int, ticket: int) -> Study | None:
        """Return the generalists, trained if need be; None if that was stopped."""
        from kdviz.crowd_study import Study

        if (data, seeds) not in self._studies:
            study = Study(data, PLANS[data], seeds)
            for record in study.train():
                if ticket != self._ticket:
                    self.message = "Stopped: the generalists are not trained yet."
                    return None
                left = record.seconds / record.step * (record.steps - record.step)
                self.progress = CrowdProgress("generalists", record.step / record.steps, left)
            study.finish()
            self._studies[data, seeds] = study
            self.progress = None
            self.news += 1
        return self._studies[data, seeds]

    def _train(self, asked: CrowdAsked, ticket: int) -> None:
        study = self._ready(asked.data, asked.seeds, ticket)
        if not study:
            self.state = "stopped"
            return
        begun, drawn, run = time.perf_counter(), 0.0, study.specialists(asked.clusters)
        for what, share, curves in run:
            now = time.perf_counter()
            if share == 1 or now - drawn >= _REDRAW_SECONDS:
                drawn, left = now, (now - begun) / share * (1 - share)
                self.progress = CrowdProgress(what, share, left, curves)
            if ticket != self._ticket and share < 1:
                run.close()
                self.message = "Stopped: no verdict on specialists that are half trained."
                self.state = "stopped"
                return
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

    @validate("data", "seeds", "measure", "top")
    def _check_choice(self, proposal):
        name, allowed = proposal.trait.name, _ALLOWED[proposal.trait.name]
        if proposal.value not in allowed:
            listed = ", ".join(map(str, allowed))
            raise TraitError(f"{name} must be one of {listed}, got {proposal.value!r}")
        return proposal.value

    @validate("count", "prediction", "weight", "example")
    def _check_number(self, proposal):
        name, value = proposal.trait.name, proposal.value
        limits = {"count": (1, PLANS[self.data].classes), "prediction": (-100, 100)}
        low, high = (limits | {"weight": (0, 100), "example": (0, 10**6)})[name]
        if value is not None and not low <= value <= high:  # `not <=` also catches NaN
            raise TraitError(f"{name} must lie in {low} to {high}, got {value:g}")
        return value

    @validate("clusters")
    def _check_clusters(self, proposal):
        last = PLANS[self.data].classes - 1
        for cluster in proposal.value:
            if not cluster or len(set(cluster)) < len(cluster):
                raise TraitError(f"clusters must hold classes, each once, got {cluster}")
            if not 0 <= min(cluster) <= max(cluster) <= last:
                raise TraitError(f"clusters must hold classes 0 to {last}, got {cluster}")
        return proposal.value

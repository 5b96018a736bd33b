"""How far a learner has come: the exercises of a notebook as a table, and as JSON to hand in."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kdviz.exercises.exercise import Exercise


@dataclass(frozen=True)
class Row:
    """One exercise.

    Args:
        kind: "prediction", "choice", "number" or "check".
        question: What was asked.
        response: What was answered, as text; "" for nothing yet, and for a check.
        state: "open", or "recorded" for a prediction, or "right" or "wrong"; "shown" where the
            learner asked for the answer.
    """

    kind: str
    question: str
    response: str
    state: str

    @classmethod
    def of(cls, exercise: Exercise) -> Row:
        """Say where an exercise stands now."""
        kind = exercise.kind
        if kind == "check":
            state = "right" if exercise.passed else "wrong"
        elif kind == "prediction":
            state = "recorded" if exercise.response else "open"
        elif exercise.revealed:
            state = "shown"
        else:
            state = {None: "open", True: "right", False: "wrong"}[exercise.right]
        return cls(kind, exercise.question, exercise.response, state)


class Report:
    """Exercises in the order in which they were first shown; a notebook draws it as a table.

    Args:
        exercises: Of this session.

    Attributes:
        rows: One `Row` an exercise, as it stood when the report was made.
    """

    def __init__(self, exercises: Iterable[Exercise]) -> None:
        self.rows = tuple(map(Row.of, exercises))

    @property
    def summary(self) -> str:
        """Count in a sentence what is answered and what is right."""
        answered = sum(row.state != "open" for row in self.rows)
        asked = [row for row in self.rows if row.kind != "prediction"]
        right = sum(row.state == "right" for row in asked)
        return f"{answered} of {len(self.rows)} answered; {right} of {len(asked)} right."

    def to_json(self) -> str:
        """Write the rows as a JSON list, to be handed in."""
        return json.dumps([asdict(row) for row in self.rows], indent=1, ensure_ascii=False)

    def __repr__(self) -> str:
        lines = [f"{row.state:>8}  {row.question}" for row in self.rows]
        return "\n".join([*lines, self.summary])

    def _repr_html_(self) -> str:
        cells = "".join(
            "<tr>"
            + "".join(f"<td>{html.escape(t)}</td>" for t in (row.question, row.response, row.state))
            + "</tr>"
            for row in self.rows
        )
        head = "<tr><th>Question</th><th>Answer</th><th></th></tr>"
        return f"<table><caption>{self.summary}</caption>{head}{cells}</table>"

"""A folder a panel: its session in Python, its view in JavaScript, its style. Nothing shared."""

from collections.abc import Sequence

from traitlets import TraitError

from kdviz.panels.distill import DISTILL
from kdviz.panels.loss import LOSS
from kdviz.panels.panel import Panel
from kdviz.panels.soft_targets import SOFT_TARGETS
from kdviz.panels.specialists import SPECIALISTS
from kdviz.panels.start import START
from kdviz.panels.sweep import SWEEP

PANELS = (START, SOFT_TARGETS, LOSS, DISTILL, SWEEP, SPECIALISTS)


def find_panels(names: Sequence[str | Panel]) -> tuple[Panel, ...]:
    """Find panels by name; a `Panel` is taken as it is.

    Raises:
        TraitError: If there is none, one comes twice, or there is no such panel.
    """
    known = {panel.name: panel for panel in PANELS}
    found = [known.get(name) if isinstance(name, str) else name for name in names]
    if not found or None in found or len({panel.name for panel in found}) < len(found):
        raise TraitError(
            f"panels must be one or more of {', '.join(known)}, each once, got {list(names)!r}"
        )
    return tuple(found)

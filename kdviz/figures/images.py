"""Images in a row, each with a line below: those that a text argues about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kdviz.figures.numbers import array
from kdviz.figures.style import INK, MUTED, PAPER, Figure, screen, sheet

_MOST = 16


def pictures(images: np.ndarray, names: Sequence[str], title: str, note: str = "") -> Figure:
    """Draw images side by side, each with its name below.

    Args:
        images: (N, h, w), gray, from 0 (paper) to 1 (ink); 1 to 16 of them.
        names: N short texts.
        title: One short line.
        note: What to look for.

    Raises:
        ValueError: If there are none or too many, or not as many names.
    """
    images = array(images, "images", None, None, None)
    count, height, width = images.shape
    if not 1 <= count <= _MOST:
        raise ValueError(f"images must be 1 to {_MOST}, got {count}")
    if len(names) != count:
        raise ValueError(f"names must be one an image, {count}, got {len(names)}")
    gap = max(1, width // 6)
    row = np.full((height, count * (width + gap) - gap), np.nan)
    middles = [i * (width + gap) + (width - 1) / 2 for i in range(count)]
    for i, image in enumerate(images):
        row[:, i * (width + gap) : i * (width + gap) + width] = image

    def live():
        figure = screen(title, note, height=220, margin={"l": 10, "r": 10, "t": 80, "b": 40})
        figure.add_heatmap(z=row, zmin=0, zmax=1, colorscale=[[0, "#FFFFFF"], [1, INK]],
                           showscale=False, hoverinfo="skip")  # fmt: skip
        figure.update_xaxes(tickvals=middles, ticktext=list(names), showline=False)
        figure.update_xaxes(constrain="domain")
        return figure.update_yaxes(visible=False, autorange="reversed", scaleanchor="x")

    def still():
        from matplotlib.colors import LinearSegmentedColormap

        figure, ((axes,),) = sheet(title, note, (min(6.0, 0.3 + 0.7 * count), 1.4))
        inks = LinearSegmentedColormap.from_list("ink", ["#FFFFFF", INK]).with_extremes(bad=PAPER)
        axes.imshow(row, cmap=inks, vmin=0, vmax=1, interpolation="nearest")
        axes.set_xticks(middles, list(names), color=MUTED)
        axes.set_yticks([])
        axes.spines["bottom"].set_visible(False)
        return figure

    return Figure(live, still)

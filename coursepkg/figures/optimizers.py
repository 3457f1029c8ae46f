"""The ways that optimizers take over a function of two variables, still and moving, and how the loss falls."""

from __future__ import annotations

import zlib
from html import escape

import contourpy
import numpy as np
from matplotlib.lines import Line2D

from coursepkg._validation import as_array, as_float
from coursepkg.plots.curves import curves
from coursepkg.plots.style import COLORS, MARKERS, new_figure, picture

_GRID = 120  # points a side, for the contour lines


@picture
def descent_paths(f, paths, *, x_range, y_range, levels, minimum=None, columns=3):
    """Draw one panel for each path over the contour lines of a function.

    Parameters
    ----------
    f : callable
        Takes two arrays x and y of the same shape and returns the function's values.
    paths : dict of str to array_like, shape [n_steps + 1, 2]
        Where each optimizer was, from the start on. What lies outside the picture, or is not finite, is left out.
    x_range, y_range : tuple (low, high), keyword-only
    levels : array_like, shape [n_levels], keyword-only
        Values of ``f`` at which contour lines are drawn.
    minimum : tuple (x, y), keyword-only, optional
        Marked by a star.
    columns : int >= 1, keyword-only

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no path, a path has another shape, or a range is empty.

    Examples
    --------
    >>> figure = descent_paths(
    ...     lambda x, y: x**2 + y**2, {"SGD": [[1, 1], [0, 0]]}, x_range=(-2, 2), y_range=(-2, 2), levels=[1, 2]
    ... )
    >>> figure.axes[0].get_title()
    'SGD'
    """
    paths = _checked(paths)
    x, y, z = _surface(f, x_range, y_range)
    columns = min(columns, len(paths))
    rows = -(-len(paths) // columns)
    figure, axes = new_figure(rows, columns, width=2.5, height=2.3, sharex=True, sharey=True)
    for index, axis in enumerate(axes.flat):
        axis.set_visible(index < len(paths))
    for index, (axis, (name, path)) in enumerate(zip(axes.flat, paths.items(), strict=False)):
        axis.contour(x, y, z, levels=np.sort(levels), colors="#AAAAAA", linewidths=0.6)
        inside = np.isfinite(path).all(axis=1)
        color = COLORS[index % len(COLORS)]
        axis.plot(*path[inside].T, color=color, marker=MARKERS[index % len(MARKERS)], markersize=2.5, linewidth=1.1)
        if minimum is not None:
            axis.plot(*minimum, "*", color="black", markersize=9)
        axis.set(xlim=x_range, ylim=y_range, title=name)
        axis.grid(visible=False)
    figure.supxlabel("x")
    figure.supylabel("y")
    return figure


@picture
def look_ahead(f, gradient, *, place, velocity, eta, beta, x_range, y_range, levels):
    """Draw one step of momentum beside one of Nesterov's: where each measures the gradient, and where it arrives.

    Parameters
    ----------
    f : callable
        Takes two arrays x and y of the same shape and returns the function's values.
    gradient : callable
        Takes a point, shape [2], and returns the gradient there, shape [2].
    place, velocity : array_like, shape [2], keyword-only
        Where the step begins, and the last step.
    eta, beta : float, keyword-only
        Learning rate and momentum.
    x_range, y_range, levels : keyword-only
        As in `descent_paths`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = look_ahead(
    ...     lambda x, y: x**2 + y**2, lambda theta: 2 * theta, place=(1, 1), velocity=(-1, 0), eta=0.1, beta=0.9,
    ...     x_range=(-2, 2), y_range=(-2, 2), levels=[1, 2],
    ... )
    >>> [axis.get_title() for axis in figure.axes]
    ['momentum', 'Nesterov']
    """
    place, velocity = as_array(place, "place", ndim=1), as_array(velocity, "velocity", ndim=1)
    x, y, z = _surface(f, x_range, y_range)
    ahead = place + beta * velocity
    figure, axes = new_figure(1, 2, width=3.1, height=3, sharex=True, sharey=True)
    for axis, name, measured in zip(axes.flat, ("momentum", "Nesterov"), (place, ahead), strict=True):
        axis.contour(x, y, z, levels=np.sort(levels), colors="#AAAAAA", linewidths=0.6)
        arrived = ahead - eta * np.asarray(gradient(measured))
        arrow = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, "mutation_scale": 13}
        for start, end, color, line in (
            (place, ahead, COLORS[0], "--"),
            (ahead, arrived, COLORS[4], "-"),
            (place, arrived, COLORS[2], "-"),
        ):
            axis.annotate("", end, start, arrowprops={**arrow, "color": color, "linestyle": line, "linewidth": 1.8})
        axis.plot(*place, "o", color="black", markersize=6)
        axis.plot(*measured, "s", color=COLORS[4], markersize=9, fillstyle="none", markeredgewidth=1.8)
        axis.set(xlim=x_range, ylim=y_range, title=name, xlabel="x")
        axis.grid(visible=False)
    axes[0, 0].set_ylabel("y")
    labels = {"velocity": COLORS[0], "gradient step": COLORS[4], "both together": COLORS[2]}
    handles = [Line2D([], [], color=c, linestyle="--" if n == "velocity" else "-") for n, c in labels.items()]
    square = Line2D([], [], color=COLORS[4], marker="s", fillstyle="none", linestyle="", markersize=8)
    figure.legend([*handles, square], [*labels, "measured here"], loc="outside lower center", ncols=4, fontsize=9)
    return figure


@picture
def training_curves(steps, losses, groups):
    """Draw the training loss of several optimizers, a panel for each group.

    Parameters
    ----------
    steps : array_like, shape [n_points]
    losses : dict of str to array_like, shape [n_points]
    groups : sequence of sequences of str
        The optimizers of each panel; a name may stand in several.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = training_curves([1, 2], {"SGD": [0.9, 0.8], "Adam": [0.9, 0.5]}, [["SGD", "Adam"], ["Adam"]])
    >>> [len(axis.get_lines()) for axis in figure.axes]
    [2, 1]
    """
    figure, axes = new_figure(1, len(groups), width=2.9, height=3, sharey=True)
    top = 1.03 * max(np.max(losses[name]) for names in groups for name in names)
    for axis, names in zip(axes.flat, groups, strict=True):
        label = "training loss" if axis is axes[0, 0] else ""
        drawn = {name: losses[name] for name in names}
        curves(steps, drawn, x_label="step", y_label=label, markers=True, y_range=(None, top), ax=axis)
    return figure


class Moving:
    """A picture that moves in a notebook and on a page; ``html`` holds it as text. Made by `descent_animation`.

    Examples
    --------
    >>> Moving("<svg></svg>", "A still picture.")
    A still picture.
    """

    def __init__(self, html, description):
        self.html, self.description = html, description

    def _repr_html_(self):
        return self.html

    def __repr__(self):
        return self.description


def descent_animation(f, paths, *, x_range, y_range, levels, description, seconds=4.0, width=480):
    """Draw all paths in one picture, along which dots run as soon as the reader points at it or reaches it by keyboard.

    Every step takes the same time, so a slow dot is an optimizer that takes short steps. The picture is SVG without
    any script. It stands still for readers who asked their system for less motion, and has the page's text color.

    Parameters
    ----------
    f, paths, x_range, y_range, levels
        As in `descent_paths`; all paths must have the same number of steps.
    description : str, keyword-only
        What the picture shows, for readers who do not see it.
    seconds : float > 0, keyword-only
        For all steps together.
    width : int, keyword-only
        Of the picture in pixels; the height follows from the ranges.

    Returns
    -------
    Moving

    Raises
    ------
    TypeError, ValueError
        If there is no path, shapes differ, or a range is empty.

    Examples
    --------
    >>> still = descent_animation(
    ...     lambda x, y: x**2 + y**2, {"SGD": [[1, 1], [0, 0]]}, x_range=(-2, 2), y_range=(-2, 2), levels=[1, 2],
    ...     description="A dot runs to the middle.",
    ... )
    >>> still
    A dot runs to the middle.
    """
    paths = _checked(paths)
    seconds = as_float(seconds, "seconds", low=0, open_low=True)
    if len({len(path) for path in paths.values()}) > 1:
        raise ValueError(f"all paths must be equally long; got { ({n: len(p) for n, p in paths.items()}) }")
    x, y, z = _surface(f, x_range, y_range)
    height = round(width * (y_range[1] - y_range[0]) / (x_range[1] - x_range[0]))
    low, high = np.array([x_range[0], y_range[1]]), np.array([x_range[1], y_range[0]])

    def pixels(points):
        # A path that leaves the picture runs on far outside; clipping keeps its numbers short.
        at = (np.nan_to_num(points, nan=1e6, posinf=1e6, neginf=-1e6) - low) / (high - low) * [width, height]
        return np.clip(at, -width, 2 * width).round(1)

    # The same in every run, another one for every other picture of a page.
    identity = f"moving-{zlib.crc32(' '.join([*paths, description]).encode()):08x}"
    contours = contourpy.contour_generator(x, y, z)
    lines = [_polyline(pixels(line[::2])) for level in np.sort(levels) for line in contours.lines(level)]
    shapes, styles = [], []
    for index, (name, path) in enumerate(paths.items()):
        color, points, place = COLORS[index % len(COLORS)], pixels(path), index * width / len(paths)
        shapes += [
            f'<polyline fill="none" stroke="{color}" stroke-width="1.5" opacity="0.6" points="{_text(points)}"/>',
            f'<circle class="{identity}-{index}" r="5" fill="{color}" stroke="white" '
            f'style="transform: translate({points[-1][0]:g}px, {points[-1][1]:g}px)"/>',
            f'<circle cx="{place + 6:g}" cy="{height + 34}" r="5" fill="{color}" stroke="white"/>'
            f'<text x="{place + 16:g}" y="{height + 39}" fill="currentColor" font-size="14">{escape(name)}</text>',
        ]
        places = " ".join(
            f"{100 * i / (len(points) - 1):.4g}% {{transform: translate({px:g}px, {py:g}px)}}"
            for i, (px, py) in enumerate(points)
        )
        styles.append(
            f"@keyframes {identity}-{index} {{{places}}} "
            f"#{identity}:is(:hover, :focus) .{identity}-{index} "
            f"{{animation: {identity}-{index} {seconds:g}s linear both}}"
        )
    styles.append(f"@media (prefers-reduced-motion: reduce) {{#{identity} circle {{animation: none !important}}}}")
    html = (
        f'<svg id="{identity}" viewBox="0 0 {width} {height + 44}" width="{width}" '
        f'style="max-width: 100%; height: auto" '
        f'tabindex="0" role="img" aria-label="{escape(description)}" font-family="sans-serif">'
        f"<style>{' '.join(styles)}</style>"
        f'<g fill="none" stroke="currentColor" opacity="0.25">{"".join(lines)}'
        f'<rect width="{width}" height="{height}"/></g>{_axis_labels(x_range, y_range, width, height)}{"".join(shapes)}'
        "</svg>"
    )
    return Moving(html, description)


def _checked(paths):
    if not isinstance(paths, dict) or not paths:
        raise ValueError(f"paths must be a dict with at least one path; got {paths!r}")
    return {name: as_array(path, f"paths[{name!r}]", ndim=2, columns=2, finite=False) for name, path in paths.items()}


def _surface(f, x_range, y_range):
    sides = []
    for name, (low, high) in (("x_range", x_range), ("y_range", y_range)):
        low, high = as_float(low, name), as_float(high, name)
        if low >= high:
            raise ValueError(f"{name} must be (low, high) with low < high; got ({low:g}, {high:g})")
        sides.append(np.linspace(low, high, _GRID))
    x, y = np.meshgrid(*sides)
    return x, y, np.asarray(f(x, y), dtype=float)


def _axis_labels(x_range, y_range, width, height):
    """Return the names and ends of both axes: x below the picture, y inside at the left."""
    places = [
        (0, height + 15, "start", f"{x_range[0]:g}"),
        (width / 2, height + 15, "middle", "x"),
        (width, height + 15, "end", f"{x_range[1]:g}"),
        (5, 15, "start", f"{y_range[1]:g}"),
        (5, height / 2 + 5, "start", "y"),
        (5, height - 5, "start", f"{y_range[0]:g}"),
    ]
    return "".join(
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="currentColor" font-size="13">{text}</text>'
        for x, y, anchor, text in places
    )


def _polyline(points):
    return f'<polyline points="{_text(points)}"/>'


def _text(points):
    return " ".join(f"{x:g},{y:g}" for x, y in points)

"""Tests of the drawing tools."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepkg.data import raster
from coursepkg.data.bits import hash64

KEYS = hash64(1, np.arange(6, dtype=np.uint64))
T = np.linspace(-3, 12, 301, dtype=np.float32)
lengths = st.floats(-20, 40, width=32)


def test_cover_is_half_on_the_edge_and_whole_half_a_pixel_inside():
    assert raster.cover(np.float32([-2, -0.5, -0.25, 0, 0.5, 3])).tolist() == [0, 0, 0.25, 0.5, 1, 1]


def test_cover_leaves_its_argument_alone():
    distance = np.float32([-2, 3])
    raster.cover(distance)
    assert distance.tolist() == [-2, 3]


def test_ramp_and_polyline_agree_with_interpolation():
    assert raster.ramp(T, 1, 5) == pytest.approx(np.interp(T, [1, 5], [0, 1]), abs=1e-6)
    knots = [(0, 3.0), (2, 7.0), (5, -1.0), (9, 0.5)]
    assert raster.polyline(T, *knots) == pytest.approx(np.interp(T, *zip(*knots, strict=True)), abs=1e-5)


def test_smooth_rises_from_0_to_1_with_level_ends():
    s = raster.smooth(T, 0, 10)
    assert (np.diff(s) >= 0).all()
    assert s[T <= 0].max() == 0
    assert s[T >= 10].min() == 1
    assert raster.smooth(np.float32([5]), 0, 10)[0] == 0.5


def test_outline_passes_through_its_points():
    knots = [(0, 3.0), (2, 7.0), (5, -1.0)]
    values = raster.outline(np.float32([-9, 0, 2, 5, 9]), *knots)
    assert values == pytest.approx([3, 3, 7, -1, -1], abs=1e-6)


def test_wave_is_close_to_a_sine():
    assert np.abs(raster.wave(T) - np.sin(2 * np.pi * T)).max() < 0.06


@given(lengths, lengths, st.floats(0.5, 20, width=32))
def test_circle_distance_is_exact(x, y, radius):
    inside = raster.ellipse(np.float32([x]), np.float32([y]), np.float32(radius), np.float32(radius))
    assert inside == pytest.approx(radius - np.hypot(x, y), abs=1e-3)


def test_ellipse_is_0_on_its_border():
    angle = np.linspace(0, 6, 20)
    border = raster.ellipse(np.float32(5 * np.cos(angle)), np.float32(2 * np.sin(angle)), 5, 2)
    assert np.abs(border).max() < 1e-5


@given(lengths, lengths)
def test_segment_distance_agrees_with_a_search_along_the_segment(x, y):
    t = np.linspace(0, 1, 2001)
    nearest = np.hypot(x - (3 + t * 10), y - (20 - t * 7)).min()
    inside = raster.segment(np.float32([x]), np.float32([y]), (3.0, 20.0), (13.0, 13.0), 1.5)
    assert inside == pytest.approx(0.75 - nearest, abs=5e-3)


def test_both_is_the_intersection():
    assert raster.both(np.float32([1, -1]), np.float32([2, 3]), np.float32([0.5, 9])).tolist() == [0.5, -1]


def test_paint_mixes_by_share_and_may_be_given_the_top_rows_only():
    canvas = raster.Canvas(KEYS)
    canvas.tone = np.full((6, 28, 28), 0.5, dtype=np.float32)
    canvas.paint(np.full((6, 3, 28), 0.25, dtype=np.float32), 0.9)
    assert canvas.tone[:, :3] == pytest.approx(0.6)
    assert (canvas.tone[:, 3:] == 0.5).all()


def test_pixels_are_black_exactly_where_there_is_no_cloth():
    canvas = raster.Canvas(KEYS)
    canvas.cover[:, 5:9, 5:9] = 1
    canvas.tone = np.float32([-1, 0, 0.5, 1, 2, 0.1])[:, None, None]
    pixels = canvas.pixels()
    assert pixels.dtype == np.uint8
    assert pixels[:, 6, 6].tolist() == [2, 2, 128, 255, 255, 26]
    assert np.count_nonzero(pixels) == 6 * 16


def test_steps_are_recorded_on_demand_only():
    for record in (False, True):
        canvas = raster.Canvas(KEYS, record=record)
        canvas.cover[:] = 1
        canvas.step("silhouette")
        assert [(name, image.shape) for name, image in canvas.steps] == [("silhouette", (6, 28, 28))] * record

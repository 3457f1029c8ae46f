"""What the maps of attention show."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.figures.attention import share_maps


def test_maps_show_all_shares_and_name_rows_and_columns():
    P = np.array([[0.05, 0.65, 0.3], [0.2, 0.8, 0.0]])
    figure = share_maps({"first": P, "second": P[1:]}, ["A4", "B7", "A?"])
    first, second = figure.axes
    np.testing.assert_array_equal(first.images[0].get_array(), P)
    assert first.images[0].get_clim() == (0, 1)
    assert [text.get_text() for text in first.texts] == ["0.7", "0.3", "0.2", "0.8"]
    assert [label.get_text() for label in first.get_yticklabels()] == ["B7", "A?"]
    assert [label.get_text() for label in second.get_yticklabels()] == ["A?"]
    assert [label.get_text() for label in second.get_xticklabels()] == ["A4", "B7", "A?"]
    assert second.get_title() == "second"


@pytest.mark.parametrize(
    ("maps", "message"),
    [({}, "at least one map; got {}"), ({"a": [[1.0]]}, r"maps\['a'\]"), ({"a": [[1.5, 0.0]]}, "shares from 0 to 1")],
)
def test_bad_input(maps, message):
    with pytest.raises(ValueError, match=message):
        share_maps(maps, ["A", "B"])

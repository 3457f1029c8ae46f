"""The ways of the numbers in batch normalization: read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt

from coursepkg.figures.batch_normalization import AVERAGES, STATISTICS, dataflow


def texts(axis):
    return {text.get_text(): text.get_position() for text in axis.texts if text.get_text()}


def arrows(axis):
    return [text for text in axis.texts if getattr(text, "arrow_patch", None) is not None]


def test_both_panels_lead_from_the_sums_to_the_outputs_and_keep_the_averages():
    figure = dataflow()
    assert plt.get_fignums() == []
    assert [axis.get_title() for axis in figure.axes] == ["training", "inference"]
    for axis in figure.axes:
        found = texts(axis)
        chain = sorted((x, text) for text, (x, y) in found.items() if y == 0)
        assert [text for _, text in chain] == ["Z", "− mean\n÷ s.d.", "· γ\n+ β", "φ", "H"]
        assert found["moving averages"] == AVERAGES


def test_only_training_reads_the_batch_and_the_averages_only_listen_there():
    training, inference = dataflow().axes
    assert texts(training)["mean, variance\nof the batch"] == STATISTICS
    assert "mean, variance\nof the batch" not in texts(inference)
    assert [arrow.arrow_patch.get_linestyle() for arrow in arrows(training)].count("--") == 1
    into = [arrow.xy for arrow in arrows(training) if arrow.arrow_patch.get_linestyle() == "--"]
    assert into[0][0] < AVERAGES[0]
    assert "--" not in [arrow.arrow_patch.get_linestyle() for arrow in arrows(inference)]
    (line,) = inference.get_lines()  # from the averages to the standardization
    assert line.get_xdata().tolist() == [2.75, 1.35]

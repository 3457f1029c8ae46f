"""The comparison behind ``pytest --nbval``: it must neither cry wolf over a last digit nor sleep through a change."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.compare_outputs import Tolerance, compare_outputs, compare_texts

AGREE = {
    "identical": ("loss 0.1234", "loss 0.1234"),
    "last digit up": ("loss 0.1234", "loss 0.1235"),
    "last digit down": ("loss 0.1234", "loss 0.1233"),
    "more digits, same value": ("0.1234", "0.12345"),
    "carry over": ("0.9999", "1.0000"),
    "nan": ("mean nan", "mean nan"),
    "inf": ("-inf inf", "-inf inf"),
    "scientific": ("1.23e-05", "1.24e-05"),
    "scientific, other exponent": ("9.99e-06", "1.000e-05"),
    "negative zero": ("[-0.00 1.50]", "[0.00 1.50]"),
    "bare point and nearly": ("[1. 0.]", "[0.9999 0.0001]"),
    "thousands": ("1,234.5 dollars", "1,234.6 dollars"),
    "padding": ("[ 0.50 -0.01]", "[0.50  0.00]"),
    "unit behind the number": ("0.51s", "0.52s"),
    "unicode minus": ("−0.51", "-0.52"),
    "html table": ("<td>0.51</td>", "<td>0.52</td>"),
}
DIFFER = {
    "two digits off": ("loss 0.1234", "loss 0.1236"),
    "integer": ("3 mistakes", "4 mistakes"),
    "integer with thousands separator": ("235,500 parameters", "235,501 parameters"),
    "shape": ("(150, 2)", "(150, 3)"),
    "number in a word": ("dense_2 0.5", "dense_3 0.5"),
    "type name": ("float64 0.5", "float32 0.5"),
    "version": ("2.21.0", "2.21.1"),
    "word": ("train 0.5", "valid 0.5"),
    "sign": ("0.52", "-0.52"),
    "sign of infinity": ("inf", "-inf"),
    "nan instead of a number": ("0.5", "nan"),
    "number instead of nan": ("nan", "0.5"),
    "exponent": ("1.23e-05", "1.23e-04"),
    "order of magnitude": ("1,234.5", "2,234.5"),
    "exact zero and one": ("[0. 1.]", "[1. 0.]"),
    "float became integer": ("1.0", "1"),
    "a number too few": ("0.1 0.2", "0.1"),
    "a line too many": ("0.1", "0.1\n0.1"),
    "word at the end": ("0.1 done", "0.1"),
}


@pytest.mark.parametrize(("stored", "fresh"), AGREE.values(), ids=AGREE)
def test_agreeing_texts(stored, fresh):
    assert compare_texts(stored, fresh) == []


@pytest.mark.parametrize(("stored", "fresh"), DIFFER.values(), ids=DIFFER)
def test_differing_texts(stored, fresh):
    assert compare_texts(stored, fresh)


def test_a_difference_names_both_numbers_and_their_distance():
    (line,) = compare_texts("loss 0.50, accuracy 0.1234", "loss 0.50, accuracy 0.2000")
    assert line == "number 2 of 2: stored 0.1234, now 0.2000: they differ by 0.0766, allowed is 0.0001"


def test_a_changed_word_names_the_line():
    (line,) = compare_texts("epoch 1\ntrain 0.5", "epoch 1\nvalid 0.5")
    assert line == "line 2: stored 'train 0.5', now 'valid 0.5'"


@pytest.mark.parametrize(
    ("tolerance", "agrees"),
    [(Tolerance(abs=0.02), True), (Tolerance(rel=0.05), True), (Tolerance(abs=0.01), False), (Tolerance(), False)],
)
def test_the_tolerance_of_the_cell_widens_the_comparison(tolerance, agrees):
    assert (compare_texts("0.500", "0.520", tolerance) == []) is agrees


def test_tolerance_never_excuses_an_integer():
    assert compare_texts("97", "98", Tolerance(rel=1.0))


@pytest.mark.parametrize("entry", [{"relative": 0.1}, {"rel": -1}, {"abs": "0.1"}, 0.1, {"rel": math.nan}])
def test_a_wrong_tolerance_entry_is_shown(entry):
    with pytest.raises(ValueError, match="tolerance"):
        Tolerance.from_metadata({"tolerance": entry})


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def result(**data):
    data = {key.replace("_", "/"): value for key, value in data.items()}
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}


def test_every_kind_of_output_is_compared():
    stored = [stream("a 0.5\n"), result(text_plain="0.25", text_html="<b>0.25</b>")]
    assert compare_outputs(stored, stored) == []
    assert "stdout" in compare_outputs(stored, [stream("a 0.9\n"), stored[1]])[0]
    assert "text/plain" in compare_outputs(stored, [stored[0], result(text_plain="0.95", text_html="<b>0.25</b>")])[0]
    assert "text/html" in compare_outputs(stored, [stored[0], result(text_plain="0.25", text_html="<b>0.95</b>")])[0]


def test_missing_extra_and_reordered_outputs_differ():
    first, second = stream("a"), result(text_plain="b")
    assert "now nothing" in compare_outputs([first], [])[0]
    assert "stored nothing" in compare_outputs([], [first])[0]
    assert compare_outputs([first, second], [second, first])
    assert compare_outputs([stream("a")], [stream("a", "stderr")])


def test_pictures_must_be_there_but_their_bytes_are_not_compared():
    old, new = result(image_png="AAAA", text_plain="<Figure>"), result(image_png="BBBB", text_plain="<Figure>")
    assert compare_outputs([old], [new]) == []
    assert compare_outputs([old], [result(text_plain="<Figure>")])


def test_errors_are_compared_by_type_and_message():
    old = {"output_type": "error", "ename": "ValueError", "evalue": "shape (2,)", "traceback": ["here"]}
    assert compare_outputs([old], [{**old, "traceback": ["there"]}]) == []
    assert compare_outputs([old], [{**old, "evalue": "shape (3,)"}])


@given(st.floats(-1e6, 1e6), st.integers(1, 8))
def test_rounding_noise_always_agrees_and_three_units_never(value, digits):
    unit = 10.0**-digits
    stored = f"{value:.{digits}f}"
    assert compare_texts(stored, f"{value + 0.4 * unit:.{digits}f}") == []
    if abs(value) < 1e3:
        assert compare_texts(stored, f"{float(stored) + 3 * unit:.{digits}f}")


@given(st.text(max_size=60))
def test_every_text_agrees_with_itself(text):
    assert compare_texts(text, text) == []


def test_an_unexpected_warning_is_quoted():
    warning = {"output_type": "stream", "name": "stderr", "text": "UserWarning: mind the gap\n"}
    kinds, quoted = compare_outputs([], [warning])
    assert "differ" in kinds
    assert quoted == "written to stderr: UserWarning: mind the gap"

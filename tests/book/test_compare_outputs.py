"""The comparison behind ``pytest --nbval``: it must neither cry wolf over a last digit nor sleep through a change."""

from __future__ import annotations

import math
import re
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tools.compare_outputs import _ANSI, Tolerance, _split, compare_outputs, compare_texts

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
    "colored": ("\x1b[32m0.1234\x1b[0m", "\x1b[32m0.1235\x1b[0m"),
    "colored and not": ("loss \x1b[1;31m0.1234\x1b[0m", "loss 0.1235"),
    "linked": ("\x1b]8;;http://a\x1b\\0.12\x1b]8;;\x1b\\", "0.13"),
    "imaginary part": ("[1.50+2.25j]", "[1.50+2.26j]"),
    "real part": ("(1.50-2.25j)", "(1.51-2.25j)"),
    "end of a sentence": ("It fell to 0.51. Then", "It fell to 0.52. Then"),
    "list": ("0.51, 0.61; 0.71", "0.52, 0.60; 0.72"),
    "CSV": ("0.51,123,10.71,-3.25", "0.52,123,10.72,-3.24"),
    "range": ("0.51-0.61", "0.52-0.62"),
    "percent": ("51.25%", "51.26%"),
    "size of a picture": ("<Figure size 640.5x480.25 with 1 Axes>", "<Figure size 640.6x480.25 with 1 Axes>"),
    "larger than any float": ("1.50e+400", "1.51e+400"),
    "two digits, a factor of nearly two": ("0.011", "0.012"),
    "one digit, less than a factor of two": ("3e-05", "4e-05"),
    "one digit, rounded to zero": ("0.01", "0.00"),
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
    "identifier like a number": ("commit 7e12345", "commit 8e99999"),
    "identifier like a power": ("id 1e5f3c", "id 2e5f3c"),
    "power without a sign": ("1e400", "1e500"),
    "short power without a sign": ("rate 7e12", "rate 8e12"),
    "larger than any float": ("1.0e+400", "1.0e+500"),
    "release candidate": ("1.2rc1", "1.3rc1"),
    "color": ("#009E73", "#009E74"),
    "date": ("2026-11-30", "2026-11-29"),
    "German date": ("30.11.2026", "29.11.2026"),
    "time": ("2026-11-30 10:15:00.123", "2026-11-30 10:15:00.124"),
    "time of day": ("10:15:00.50", "10:15:00.51"),
    "address": ("127.0.0.1", "127.0.0.2"),
    "imaginary part": ("[1.50+2.25j]", "[1.50+2.35j]"),
    "sign of an imaginary part": ("[1.50+2.25j]", "[1.50-2.25j]"),
    "integer at the end of a sentence": ("It found 5. Then", "It found 6. Then"),
    "CSV": ("0.51,123,10.71", "0.51,124,10.71"),
    "one digit, doubled": ("0.1", "0.2"),
    "one digit, halved": ("2e-05", "1e-05"),
    "one digit, doubled, bare point": ("1.e-05", "2.e-05"),
    "bare point and not nearly": ("[1. 0.]", "[1.1 0. ]"),
    "word in color": ("\x1b[32mgood\x1b[0m", "\x1b[32mbad\x1b[0m"),
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


def test_noise_in_an_imaginary_part_is_tolerated():
    tolerance = Tolerance(abs=1e-12)
    for stored, fresh in (("[1.2e-17]", "[-3.1e-17]"), ("[1.+1.2e-17j]", "[1.-3.1e-17j]"), ("0.5-0.j", "0.5+1e-17j")):
        assert compare_texts(stored, fresh, tolerance) == []
        assert compare_texts(stored, fresh.replace("e-17", "e-11").replace("0.5", "0.8"), tolerance)


def test_a_tolerance_also_allows_a_factor_of_two():
    assert compare_texts("0.1", "0.2", Tolerance(abs=0.1)) == []
    (line,) = compare_texts("loss 0.1", "loss 0.2")
    assert line == "number 1 of 1: stored 0.1, now 0.2: a factor of two, which one digit does not excuse"


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


@settings(deadline=None)  # a busy machine takes its time
@given(st.floats(-1e6, 1e6), st.integers(1, 8))
def test_rounding_noise_always_agrees_and_three_units_never(value, digits):
    unit = 10.0**-digits
    stored = f"{value:.{digits}f}"
    if len(Decimal(stored).as_tuple().digits) > 1:  # one digit may not become twice as large
        assert compare_texts(stored, f"{value + 0.4 * unit:.{digits}f}") == []
    if abs(value) < 1e3:
        assert compare_texts(stored, f"{float(stored) + 3 * unit:.{digits}f}")


# Generated texts: parts of every kind, in any order, with what may stand between them.
LETTERS = st.text("abcdefgxyzEJ", min_size=1, max_size=6).filter(lambda word: word.lower() not in ("e", "j"))
DIGITS = st.integers(2, 5)
PARTS = {
    "word": LETTERS,
    "identifier": st.builds("{}_{}{}".format, LETTERS, st.integers(0, 99), st.sampled_from(["", ".5", "b"])),
    "hash": st.builds("{}e{}f{}".format, st.integers(1, 99), st.integers(1, 99), st.integers(1, 99)),
    "power": st.builds("{}e{}".format, st.integers(1, 99), st.integers(0, 99999)),
    "version": st.builds("{}.{}.{}{}".format, *[st.integers(0, 99)] * 3, st.sampled_from(["", "rc1", ".dev0", "+cpu"])),
    "date": st.dates().map(str),
    "moment": st.datetimes().map(str),
    "time": st.times().map(lambda time: f"{time:%H:%M:%S.%f}"),
    "integer": st.integers(-(10**6), 10**6).map(str),
    "thousands": st.integers(1000, 10**9).map("{:,}".format),
}
NUMBERS = {
    "decimal": st.builds(lambda x, n: f"{x:.{n}f}", st.floats(-1e4, 1e4), DIGITS),
    "power": st.builds(lambda x, n: f"{x:.{n}e}", st.floats(1e-300, 1e300), DIGITS),
    "short power": st.builds("{}e-{:02}".format, st.integers(11, 99), st.integers(0, 300)),
    "thousands": st.builds(lambda x, n: f"{x:,.{n}f}", st.floats(1e3, 1e9), DIGITS),
    "no zero": st.integers(11, 9999).map(".{}".format),
    "unit": st.builds(
        lambda x, unit: f"{x:.3f}{unit}", st.floats(0, 100), st.sampled_from(["s", "%", " ms", "GB", "×"])
    ),
}
COMPLEX = st.builds(lambda x, y: f"{x:.3f}{y:+.3e}j", st.floats(-9, 9), st.floats(1e-9, 9) | st.floats(-9, -1e-9))
BETWEEN = st.sampled_from([" ", "  ", "\n", ", ", "; ", ". ", " (", ") ", ": ", "=", " | ", "\x1b[0m ", " \x1b[31m"])
EXACT, INEXACT = st.one_of(*PARTS.values()), st.one_of(*NUMBERS.values())


def value_of(number):
    return re.sub(r"[^\d.eE+-]|(?<=\d)e?[A-Zms%×]+$", "", number.replace(",", ""))


@settings(deadline=None)  # a busy machine takes its time
@given(st.lists(st.tuples(st.one_of(EXACT, INEXACT.map(lambda n: (n,))), BETWEEN), min_size=1, max_size=12))
def test_the_numbers_of_a_generated_text_are_found_and_only_these(parts):
    text = "".join((part if isinstance(part, str) else part[0]) + between for part, between in parts)
    found = _split(_ANSI.sub("", text))[1]
    expected = []
    for part, between in parts:
        if not isinstance(part, str):
            expected.append(value_of(part[0]))
        elif between == ". " and re.fullmatch(r"-?\d+", part):  # an integer at the end of a sentence, or NumPy's 5.0
            expected.append(f"{part}.")
    assert found == expected
    assert compare_texts(text, text) == []


@settings(deadline=None)  # a busy machine takes its time
@given(st.data(), st.lists(st.tuples(st.one_of(EXACT, INEXACT), BETWEEN), max_size=5), st.sampled_from(sorted(PARTS)))
def test_another_word_or_integer_is_always_a_difference(data, around, kind):
    old, new = data.draw(PARTS[kind]), data.draw(PARTS[kind])
    texts = ["".join(f"{part}{between}" for part, between in [*around, (one, " end")]) for one in (old, new)]
    assert bool(compare_texts(*texts)) is (old != new)


@settings(deadline=None)  # a busy machine takes its time
@given(st.lists(st.tuples(EXACT, BETWEEN), max_size=5), st.floats(0.011, 1e4), DIGITS, st.sampled_from("fe"))
def test_the_last_digit_of_a_number_may_move_by_one_and_not_by_three(around, value, digits, kind):
    stored = f"{value:.{digits}{kind}}"
    mantissa, mark, exponent = stored.partition("e")
    assume(len(Decimal(stored).as_tuple().digits) > 1)
    unit = Decimal(1).scaleb(-digits)
    for steps, agrees in ((-1, True), (1, True), (3, False), (-3, False)):
        fresh = f"{Decimal(mantissa) + steps * unit}{mark}{exponent}"
        texts = ["".join(f"{part}{between}" for part, between in [*around, (one, " ")]) for one in (stored, fresh)]
        assert (compare_texts(*texts) == []) is agrees, texts


@settings(deadline=None)  # a busy machine takes its time
@given(COMPLEX, st.floats(-1, 1), st.floats(-1, 1), st.sampled_from(["{}", "[{}]", "({}, 2)", "z = {}."]))
def test_both_parts_of_a_complex_number_are_numbers(number, real, imaginary, around):
    assert len(_split(number)[1]) == 2
    value = complex(number)
    noisy = f"{value.real + 1e-4 * real:.6f}{value.imag + 1e-4 * imaginary:+.6f}j"
    texts = around.format(number), around.format(noisy)
    assert compare_texts(*texts, Tolerance(abs=2e-3)) == []
    far = f"{value.real:.6f}{value.imag + 1:+.6f}j"
    assert compare_texts(around.format(number), around.format(far), Tolerance(abs=2e-3))


@settings(deadline=None)  # a busy machine takes its time
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=8), DIGITS)
def test_rows_of_csv_are_compared_number_by_number(values, digits):
    row = ",".join(f"{value:.{digits}f}" for value in values)
    assert compare_texts(row, row) == []
    for index in range(len(values)):
        changed = [value + 5 * (place == index) for place, value in enumerate(values)]
        assert compare_texts(row, ",".join(f"{value:.{digits}f}" for value in changed))


@settings(deadline=None)  # a busy machine takes its time
@given(st.text(max_size=60))
def test_every_text_agrees_with_itself(text):
    assert compare_texts(text, text) == []


def test_an_unexpected_warning_is_quoted():
    warning = {"output_type": "stream", "name": "stderr", "text": "UserWarning: mind the gap\n"}
    kinds, quoted = compare_outputs([], [warning])
    assert "differ" in kinds
    assert quoted == "written to stderr: UserWarning: mind the gap"

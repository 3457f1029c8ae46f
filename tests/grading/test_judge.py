import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepkg import exercises
from coursepkg.exercises.answers import Source
from coursepkg.grading import probe
from coursepkg.grading.judge import GradedCell, decode, judge, seed_of

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.complex_numbers(allow_nan=False),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=10,
)


@given(PLAIN)
def test_plain_values_arrive_as_they_were_sent(value):
    arrived = decode(json.loads(json.dumps(probe.encode(value))))
    assert arrived == value
    assert type(arrived) is type(value)


@pytest.mark.parametrize(
    "array", [np.arange(6.0).reshape(2, 3), np.array([], dtype=np.int8), np.float32(1.5), np.bool_(True)]
)
def test_arrays_keep_shape_and_dtype(array):
    arrived = decode(json.loads(json.dumps(probe.encode(array))))
    assert type(arrived) is type(array)
    assert arrived.dtype == array.dtype
    assert np.array_equal(arrived, array)


@pytest.mark.parametrize("value", [object(), len, np.array([object()]), [open], type("int2", (int,), {})(3)])
def test_other_values_are_not_sent(value):
    with pytest.raises((TypeError, ValueError)):
        probe.encode(value)


@pytest.mark.parametrize("data", [[], {"pickle": "x"}, {}, {"int": "1", "float": "2"}, 3])
def test_other_data_are_not_read(data):
    with pytest.raises(ValueError, match="not an encoded value"):
        decode(data)


def sent(label, answer, seed=1, seconds=20):
    return json.loads(json.dumps(probe.try_answer(label, answer, seed=seed, seconds=seconds)))


def model_answer(label):
    return exercises.find(label).model_answer()


PLAIN_LABELS = ["perceptron/gates", "perceptron/learning-rule", "xor/by-hand", "xor/count-parameters"]


@pytest.mark.parametrize("label", PLAIN_LABELS)
def test_both_sides_together_say_what_the_check_in_the_chapter_says(label):
    for answer in (
        model_answer(label),
        None,
        lambda *a: 1 / 0,
        {},
        {"AND": (1, 1, -1.5)},
    ):
        report, direct = judge(label, sent(label, answer), seed=1), exercises.grade(label, answer, seed=1)
        assert (report.points, report.attempted) == (direct.points, direct.attempted)
        assert [r.problem is None for r in report.results] == [r.problem is None for r in direct.results]
    assert judge(label, sent(label, model_answer(label)), seed=1).passed


@pytest.mark.parametrize(
    "results", [None, [], {}, {"state": "tried"}, {"state": "tried", "cases": []}, {"state": "tried", "cases": [1]}]
)
def test_results_that_make_no_sense_earn_nothing(results):
    assert judge("xor/count-parameters", results, seed=1).points == 0


def test_an_answer_that_never_ends_costs_its_cases_and_no_more():
    results = sent(
        "perceptron/gates",
        type("Slow", (), {"__getitem__": lambda self, key: (1, 1, -1.5) if key == "AND" else spin()})(),
        seconds=3,
    )
    assert [bool(case["over"]) for case in results["cases"]] == [False, True, True]
    report = judge("perceptron/gates", results, seed=1)
    assert report.points == 1
    assert "it ran for longer than 3 seconds and was stopped" in str(report)
    assert "it was not tried: the time was over before it" in str(report)


def spin():
    while True:
        pass


def test_the_package_s_own_functions_are_no_answers():
    from coursepkg.scratch import threshold

    function = next(
        value for value in vars(threshold).values() if getattr(value, "__module__", "") == threshold.__name__
    )
    assert sent("perceptron/gates", function)["state"] == "foreign"


def test_an_object_of_the_package_s_classes_may_be_an_answer():
    from coursepkg.exercises.checking import CaseResult

    assert sent("perceptron/gates", CaseResult("any"))["state"] == "tried"


def test_a_function_that_is_still_the_stub_is_no_attempt():
    label = next(label for label, e in exercises.all_exercises().items() if "return" in e.stub)
    exercise = exercises.find(label)
    assert sent(label, exercise.answer_of(Source(exercise.stub)))["state"] == "untouched"


def test_a_claim_in_the_place_of_a_result_earns_nothing():
    for claim in ({"problem": None, "kind": "judged"}, {"value": {"pickle": "x"}}, {"over": "", "error": ""}):
        results = {"state": "tried", "cases": [claim] * 3}
        assert judge("perceptron/gates", results, seed=1).points == 0


def test_a_short_list_of_results_is_not_a_short_list_of_cases():
    whole = sent("perceptron/gates", model_answer("perceptron/gates"))
    first = judge("perceptron/gates", {"state": "tried", "cases": whole["cases"][:1]}, seed=1)
    assert first.points == 1
    assert len(first.results) == 3


def test_what_is_no_data_arrives_as_a_description():
    report = judge("perceptron/gates", sent("perceptron/gates", {"AND": len, "OR": 1, "NAND": (-1, -1, 1.5)}), seed=1)
    assert report.points == 1
    assert "got <built-in function len>" in str(report)


def test_a_result_that_is_too_large_is_not_sent(monkeypatch):
    monkeypatch.setattr(probe, "LARGEST_RESULT", 100)
    results = sent("perceptron/gates", {"AND": np.zeros(1000), "OR": (1, 1, -0.5), "NAND": (-1, -1, 1.5)})
    assert "larger than" in results["cases"][0]["over"]
    assert judge("perceptron/gates", results, seed=1).points == 2


def test_graded_cells_say_what_they_ask_for():
    cell = GradedCell("xor/by-hand", "my_network", 17)
    assert GradedCell.read(cell.source) == cell
    for other in ("float(3)", "not python", cell.source + "\nprint(1)", cell.source.replace("17", "name"), ""):
        assert GradedCell.read(other) is None


def test_a_graded_cell_gives_the_points_to_plain_nbgrader_too():
    names = {"grade": exercises.grade, "my_counts": {"2-2-1": 9, "4-3-3": 27, "784-300-100-10": 1}}
    *statements, last = GradedCell("xor/count-parameters", "my_counts", 3).source.splitlines()
    exec("\n".join(statements), names)
    assert eval(last, names) == 2.0


def test_seeds_differ_between_assignments_and_exercises():
    seeds = {seed_of(a, label) for a in ("hw1", "hw2") for label in PLAIN_LABELS}
    assert len(seeds) == 8
    assert seed_of("hw1", "xor/by-hand") == 3_543_595_497

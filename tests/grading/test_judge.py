import contextlib
import json
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepkg import exercises
from coursepkg.exercises.checking import Case, Exercise
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


@contextlib.contextmanager
def other_side():
    """Let the probe import the exercises anew and close them, as in the student's process, and take that back."""
    import coursepkg

    ours = {name: module for name, module in sys.modules.items() if name.startswith("coursepkg.exercises")}
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.startswith("coursepkg.exercises")]:
            del sys.modules[name]
        sys.modules.update(ours)
        coursepkg.exercises = ours["coursepkg.exercises"]


def sent(label, answer, seed=1, seconds=20):
    with other_side():
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


def test_an_answer_that_never_ends_costs_its_cases_and_no_more(monkeypatch):
    results = sent(
        "perceptron/gates",
        type("Slow", (), {"__getitem__": lambda self, key: (1, 1, -1.5) if key == "AND" else spin()})(),
        seconds=3,
    )
    assert [case["kind"] for case in results["cases"]] == ["value", "timed out", "not tried"]
    report = judge("perceptron/gates", results, seed=1)
    assert report.points == 1
    assert "ran for too long" in str(report)
    assert "time for this exercise was over" in str(report)


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


def test_solutions_are_closed_beside_the_student_and_open_elsewhere():
    with other_side():
        closed = probe.fresh_exercises().find("xor/by-hand")
        assert (closed.solution_source, closed.mistakes) == ("", ())
    assert exercises.find("xor/by-hand").solution_source


def test_what_cannot_travel_is_judged_beside_the_code(monkeypatch):
    exercise = Exercise(
        label="test/model",
        title="A model",
        points=2,
        difficulty=1,
        minutes=1,
        cases=lambda rng: [
            Case("good", lambda a: a, lambda got: None),
            Case("bad", lambda a: a, lambda got: "wrong layers"),
        ],
    )
    monkeypatch.setattr(probe, "fresh_exercises", lambda: exercises)
    monkeypatch.setattr(exercises, "find", lambda label: exercise)
    report = judge("test/model", sent("test/model", object()), seed=1)
    assert report.points == 1
    assert "wrong layers" in str(report)


def test_graded_cells_say_what_they_ask_for():
    cell = GradedCell("xor/by-hand", "my_network", 17)
    assert GradedCell.read(cell.source) == cell
    assert GradedCell.read("float(3)") is None


def test_a_graded_cell_gives_the_points_to_plain_nbgrader_too():
    names = {"grade": exercises.grade, "my_counts": {"2-2-1": 9, "4-3-3": 27, "784-300-100-10": 1}}
    *statements, last = GradedCell("xor/count-parameters", "my_counts", 3).source.splitlines()
    exec("\n".join(statements), names)
    assert eval(last, names) == 2.0


def test_seeds_differ_between_assignments_and_exercises():
    seeds = {seed_of(a, label) for a in ("hw1", "hw2") for label in PLAIN_LABELS}
    assert len(seeds) == 8
    assert seed_of("hw1", "xor/by-hand") == 3_543_595_497

"""Every exercise of the book: its solution passes, its stub is no attempt, and each typical mistake is named."""

from __future__ import annotations

import pytest

from coursepkg.exercises import all_exercises, check, find, grade, hint

EXERCISES = all_exercises()
MISTAKES = [(label, mistake) for label, exercise in EXERCISES.items() for mistake in exercise.mistakes]


@pytest.mark.parametrize("label", EXERCISES)
@pytest.mark.parametrize("seed", [0, 1, None])
def test_the_solution_passes_in_full(label, seed):
    report = grade(label, EXERCISES[label].solution, seed=seed)
    assert report.passed, str(report)
    assert report.points == EXERCISES[label].points


@pytest.mark.parametrize("label", EXERCISES)
def test_what_a_passing_check_prints_never_changes(label):
    texts = {str(grade(label, EXERCISES[label].solution, seed=seed)) for seed in range(3)}
    assert len(texts) == 1, "a stored notebook output would differ from run to run"


@pytest.mark.parametrize(("label", "mistake"), MISTAKES, ids=[f"{label}: {m.name}" for label, m in MISTAKES])
@pytest.mark.parametrize("seed", range(3))
def test_a_typical_mistake_fails_and_is_named(label, mistake, seed):
    report = grade(label, mistake.answer, seed=seed)
    assert not report.passed
    assert report.points < EXERCISES[label].points
    assert mistake.hint in str(report), str(report)


@pytest.mark.parametrize("label", EXERCISES)
def test_at_least_five_mistakes_and_one_hint_are_declared(label):
    assert len(EXERCISES[label].mistakes) >= 5
    assert EXERCISES[label].hints
    assert 1 <= EXERCISES[label].difficulty <= 3


@pytest.mark.parametrize("label", EXERCISES)
@pytest.mark.parametrize("answer", [42, "text", [], {}, lambda *a: 1 / 0, object()])
def test_nonsense_earns_nothing_and_breaks_nothing(label, answer):
    report = grade(label, answer)
    assert report.points == 0
    assert not report.passed


def test_an_unknown_label_lists_those_of_the_chapter():
    with pytest.raises(ValueError, match=r"no exercise is called 'xor/by-hnad'; there are: xor/by-hand, xor/count"):
        find("xor/by-hnad")
    with pytest.raises(ValueError, match="perceptron/gates"):
        check("nowhere", 1)


def test_hints_go_from_the_first_to_the_last_and_stay_there():
    hints = EXERCISES["perceptron/gates"].hints
    given = [hint("perceptron/gates") for _ in range(len(hints) + 1)]
    assert given[0] == f"hint 1 of {len(hints)}: {hints[0]}"
    assert given[-1] == given[-2] == f"hint {len(hints)} of {len(hints)}: {hints[-1]}"

import argparse
from pathlib import Path

import pytest

from coursepkg.grading import commands, report


def row(student, cell, points, most=3.0):
    return {
        "student": student,
        "notebook": "hw1",
        "cell": cell,
        "points": points,
        "max_points": most,
        "by_hand": False,
        "late": 0,
    }


def test_tables():
    rows = [row("ada", "b", 3.0), row("ada", "a", 1.0, 2.0), row("bob", "a", 0.0, 2.0), row("bob", "b", 1.5)]
    assert report.points_table(rows) == [["student", "a", "b", "total"], ["ada", 1.0, 3.0, 4.0], ["bob", 0.0, 1.5, 1.5]]
    assert report.statistics_table(rows)[1:] == [["a", 2.0, 2, 0.5, 0.5, 0, 1], ["b", 3.0, 2, 2.25, 2.25, 1, 0]]
    assert report.points_table([]) == [["student", "total"]]


def test_the_summary_names_who_failed_and_who_needs_a_look():
    pytest.importorskip("nbgrader")
    from coursepkg.grading.grade import Outcome

    outcome = Outcome(
        Path("grades"), "bubblewrap", ["ada"], [], {"bob": "no disk"}, {"ada": ["late by 2 days", "cell 3"]}
    )
    assert report.summary(outcome).splitlines() == [
        "isolation: bubblewrap: own file system, own processes, no network, resource limits",
        "1 graded, 0 unchanged, 1 failed",
        "tables, statistics and histogram: grades",
        "FAILED bob: no disk",
        "1 need a look:",
        "  ada: late by 2 days; cell 3",
    ]


def call(*words):
    parser = argparse.ArgumentParser()
    commands.add_parser(parser.add_subparsers())
    return commands.run(parser.parse_args(["assign", *words]))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("create", "hw1", "xor/by-foot"), "no exercise is called 'xor/by-foot'"),
        (("create", "hw1", "--part", "7"), "part must be one of"),
        (("create", "hw1", "--question", "many", "Why?"), "--question takes the points first"),
        (("grade", "hw1"), "is no course folder"),
    ],
)
def test_misuse_is_said_in_one_line(words, message, tmp_path, capsys):
    pytest.importorskip("nbgrader")
    assert call(*words, "--course", str(tmp_path)) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.startswith(f"coursepkg assign {words[0]}: ")


def test_a_missing_nbgrader_is_named(monkeypatch, capsys):
    monkeypatch.setattr(commands.importlib.util, "find_spec", lambda name: None)
    assert call("grade", "hw1") == 2
    assert 'pip install "coursepkg[instructor]"' in capsys.readouterr().err

"""``coursepkg exercises``: what is printed, for people and for programs."""

from __future__ import annotations

import argparse
import json

import pytest

from coursepkg.exercises import all_exercises, check, commands, find

RIGHT = {"2-2-1": 9, "4-3-3": 27, "784-300-100-10": 266610}


def run(*arguments):
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers(dest="command")
    commands.add_parser(subparsers)
    return commands.run(parser.parse_args(arguments))


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        ((), lambda e: True),
        (("--part", "1"), lambda e: e.label.split("/")[0] in ("perceptron", "xor") or e.part == 1),
        (("--part", "0"), lambda e: e.label.startswith(("first-look/", "about-the-data/"))),
        (("--difficulty", "1"), lambda e: e.difficulty == 1),
        (("--minutes", "5"), lambda e: e.minutes <= 5),
        (("--part", "1", "--difficulty", "2", "--minutes", "10"), lambda e: (e.part, e.difficulty) == (1, 2)),
    ],
)
def test_list_chooses(options, chosen, capsys):
    assert run("exercises", "list", *options, "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    wanted = [e for e in all_exercises().values() if chosen(e) and (len(options) < 6 or e.minutes <= 10)]
    assert [entry["label"] for entry in listed] == [e.label for e in wanted]
    assert run("exercises", "list", *options) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(wanted) + 2
    points, minutes = sum(e.points for e in wanted), sum(e.minutes for e in wanted)
    assert lines[-1] == f"{len(wanted)} exercise(s), {minutes} minutes, {points} points"


def test_one_line_of_the_list(capsys):
    run("exercises", "list", "--part", "1")
    out = capsys.readouterr().out
    assert "   1 xor/by-hand                                2   10      5  The XOR network by hand\n" in out


def test_what_a_program_gets(capsys):
    run("exercises", "show", "xor/by-hand", "--json")
    shown = json.loads(capsys.readouterr().out)
    assert shown.pop("statement").startswith("Build a network with two inputs")
    assert shown == {
        "label": "xor/by-hand",
        "title": "The XOR network by hand",
        "part": 1,
        "points": 5,
        "difficulty": 2,
        "minutes": 10,
        "prerequisites": ["perceptron/gates"],
        "stub": 'my_network = {"W1": ..., "b1": ..., "w2": ..., "b2": ...}\n',
    }


def test_show_prints_the_solution_only_when_asked(capsys):
    assert run("exercises", "show", "xor/by-hand") == 0
    out = capsys.readouterr().out
    assert out.startswith("The XOR network by hand (xor/by-hand): level 2 of 3, 10 minutes, 5 points\n")
    assert "first: perceptron/gates" in out
    assert "--- stub\nmy_network = {" in out
    assert "1.5" not in out
    run("exercises", "show", "xor/by-hand", "--solution")
    assert "--- solution\n# OR and NAND" in capsys.readouterr().out


def test_an_unknown_label_is_told_its_neighbors(capsys):
    assert run("exercises", "show", "xor/by-hnad") == 1
    assert "no exercise is called 'xor/by-hnad'; there are: xor/without-steps, xor/by-hand" in capsys.readouterr().err


def test_hint(capsys):
    hints = find("xor/by-hand").hints
    assert run("exercises", "hint", "xor/by-hand") == 0
    assert capsys.readouterr().out == f"hint 1 of {len(hints)}: {hints[0]}\n"
    assert run("exercises", "hint", "xor/by-hand", str(len(hints))) == 0
    assert capsys.readouterr().out == f"hint {len(hints)} of {len(hints)}: {hints[-1]}\n"
    for number in ("0", str(len(hints) + 1)):
        assert run("exercises", "hint", "xor/by-hand", number) == 1
        assert f"xor/by-hand has {len(hints)} hint(s); there is no hint {number}" in capsys.readouterr().err
    assert run("exercises", "hint", "xor/by-foot") == 1
    assert "no exercise is called 'xor/by-foot'" in capsys.readouterr().err


def test_progress_is_shown_in_the_order_of_the_book(progress_path, capsys):
    check("xor/count-parameters", RIGHT)
    check("perceptron/gates", None)
    capsys.readouterr()
    assert run("exercises", "progress") == 0
    out = capsys.readouterr().out
    assert f"kept on this computer only, in {progress_path}" in out
    assert "  ✓ xor/count-parameters                   3 of 3 points      1 check(s), solved 20" in out
    assert f"1 of {len(all_exercises())} exercises solved\nnext: coursepkg exercises show first-look/untrained" in out
    assert "perceptron/gates" not in out
    run("exercises", "progress", "--json")
    assert json.loads(capsys.readouterr().out)["xor/count-parameters"]["attempts"] == 1


def test_progress_that_is_not_kept_says_so(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PROGRESS_FILE", "")
    assert run("exercises", "progress") == 0
    assert "progress is not kept" in capsys.readouterr().out

"""What grading leaves behind for the instructor: tables, a picture, and a list of who needs a look."""

from __future__ import annotations

import csv
import io
import statistics

from coursepkg._files import replacing, write_atomically
from coursepkg.grading.isolation import describe
from coursepkg.plots import histogram


def write(folder, place, assignment, rows, notes):
    """Write the files of an assignment's grades.

    ``grades.csv`` is nbgrader's own export; ``points.csv`` has a column for each graded cell; ``exercises.csv`` has a
    row of statistics for each; ``histogram.png`` shows the totals, ``histogram-CELL.png`` the points of one cell;
    ``look.csv`` says who needs a look, and why.

    Parameters
    ----------
    folder : pathlib.Path
    place : coursepkg.grading.grade.Course
    assignment : str
    rows : list of dict
        From :func:`coursepkg.grading.gradebook.table`.
    notes : dict of str to list of str
    """
    _export(folder / "grades.csv", place, assignment)
    _write_csv(folder / "points.csv", points_table(rows))
    _write_csv(folder / "exercises.csv", statistics_table(rows))
    _write_csv(
        folder / "look.csv", [["student", "why"], *([student, "; ".join(why)] for student, why in notes.items())]
    )
    if rows:
        most = {row["cell"]: row["max_points"] for row in rows}
        _picture(folder / "histogram.png", list(_totals(rows).values()), sum(most.values()), "points in all exercises")
        for cell in _cells(rows):
            points = [row["points"] for row in rows if row["cell"] == cell]
            _picture(folder / f"histogram-{cell}.png", points, most[cell], f"points in {cell}")


def points_table(rows):
    """Return a table of points: a row for each student, a column for each graded cell, and the sum.

    Examples
    --------
    >>> row = {"student": "ada", "notebook": "hw1", "points": 2.5, "max_points": 3.0, "by_hand": False, "late": 0}
    >>> points_table([row | {"cell": "xor"}])
    [['student', 'xor', 'total'], ['ada', 2.5, 2.5]]
    """
    cells = _cells(rows)
    points = {(row["student"], row["cell"]): row["points"] for row in rows}
    table = [["student", *cells, "total"]]
    for student, total in _totals(rows).items():
        table.append([student, *(points.get((student, cell), "") for cell in cells), total])
    return table


def statistics_table(rows):
    """Return a table of statistics: a row for each graded cell, over all students.

    Examples
    --------
    >>> row = {"student": "ada", "notebook": "hw1", "points": 2.5, "max_points": 3.0, "by_hand": False, "late": 0}
    >>> for line in statistics_table([row | {"cell": "xor"}, row | {"cell": "xor", "student": "bob", "points": 0.0}]):
    ...     print(line)
    ['exercise', 'points', 'submissions', 'mean', 'median', 'full', 'none']
    ['xor', 3.0, 2, 1.25, 1.25, 0, 1]
    """
    table = [["exercise", "points", "submissions", "mean", "median", "full", "none"]]
    for cell in _cells(rows):
        of_cell = [row for row in rows if row["cell"] == cell]
        points, most = [row["points"] for row in of_cell], of_cell[0]["max_points"]
        table.append(
            [
                cell,
                most,
                len(points),
                round(statistics.fmean(points), 2),
                round(statistics.median(points), 2),
                sum(p >= most for p in points),
                sum(p == 0 for p in points),
            ]
        )
    return table


def summary(outcome):
    """Return what a person wants to read after grading.

    Parameters
    ----------
    outcome : coursepkg.grading.grade.Outcome

    Returns
    -------
    str
    """
    lines = [
        f"isolation: {describe(outcome.isolation) if outcome.isolation else 'chosen by the workers'}",
        f"{len(outcome.graded)} graded, {len(outcome.unchanged)} unchanged, {len(outcome.failed)} failed",
        f"tables, statistics and histogram: {outcome.folder}",
    ]
    for student, why in outcome.failed.items():
        lines.append(f"FAILED {student}: {why}")
    if outcome.notes:
        lines.append(f"{len(outcome.notes)} need a look:")
        lines += [f"  {student}: {'; '.join(why)}" for student, why in outcome.notes.items()]
    return "\n".join(lines)


def duration(seconds):
    """Return a length of time in words.

    Examples
    --------
    >>> duration(59), duration(7200), duration(200000)
    ('59 seconds', '2 hours', '2 days')
    """
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} seconds"


def _export(path, place, assignment):
    from nbgrader.api import Gradebook
    from nbgrader.plugins import CsvExportPlugin

    plugin = CsvExportPlugin(config=place.config)
    with Gradebook(place.db_url, place.course_id) as book, replacing(path) as file:
        plugin.to, plugin.assignment = file.name, [assignment]
        plugin.export(book)


def _write_csv(path, table):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    write_atomically(path, text.getvalue())


def _cells(rows):
    return sorted({row["cell"] for row in rows})


def _totals(rows):
    totals = {}
    for row in rows:
        totals[row["student"]] = round(totals.get(row["student"], 0.0) + row["points"], 2)
    return dict(sorted(totals.items()))


def _picture(path, points, most, label):
    import matplotlib.pyplot as plt

    figure = histogram(
        points, bins=min(20, max(5, round(most))), x_label=f"{label}, of {most:g}", y_label="submissions"
    )
    with replacing(path) as file:
        figure.savefig(file, format="png", dpi=130)
    plt.close(figure)

"""Where exercises come from: those of the book, compiled into the package, and an instructor's own in folders."""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from coursepkg._files import files_ending, read_text
from coursepkg.exercises.cases.questions import questions
from coursepkg.exercises.parts import content, part_of, position
from coursepkg.exercises.questions import solution_of
from coursepkg.exercises.source import SourceError, read_exercises

SOLUTIONS = Path(__file__).parent / "answers" / "solutions.json"
OWN = "exercises"  # folder of a course with the instructor's own exercises
FOLDERS = "COURSE_EXERCISES"  # environment variable: folders of an instructor's own exercises


@dataclass(frozen=True)
class Exercise:
    """An exercise: its texts from the chapter that shows it, its cases and answers from the modules of that name.

    Attributes
    ----------
    label : str
        "chapter/name".
    title : str
    points : int
        Shared equally by the cases.
    difficulty : int
        1 (apply), 2 (combine), 3 (think).
    minutes : int
        Estimated working time.
    cases : callable
        Takes a numpy Generator, returns fresh cases.
    load_answers : callable, optional
        Returns the :class:`~coursepkg.exercises.answers.Answers`, or None where they are kept away.
    statement : str
        What to do, in Markdown that needs no chapter around it: everything that the cases test is said here.
    stub : str
        Source of the cell that the student completes; it imports what it needs.
    solution_source : str
        Source of a model answer; it replaces the stub, and imports what it needs. Empty where solutions are not.
    answer_name : str
        The name that the stub defines, and that is handed to ``check``.
    prerequisites : sequence of str
        Labels of exercises, or chapters, to be done first.
    hints : sequence of str
        From a nudge to nearly the answer.
    seconds : float
        Longest time that one case may take; what calls Keras needs more than the five seconds of the others.
    kind : str
        "write", or a kind of question, see :mod:`coursepkg.exercises.questions`.
    choices : mapping of str to str
        The choices of a question by letter, in Markdown; the statement ends with them.
    shuffle : bool
        Whether assignments give the choices in another order to each student.
    figure : str
        The figure of the chapter that a question asks about; such a question makes no sense elsewhere.

    Examples
    --------
    >>> exercise = of_the_book()["xor/by-hand"]
    >>> exercise.part, exercise.points, exercise.answer_name
    (1, 5, 'my_network')
    """

    label: str
    title: str
    points: int
    difficulty: int
    minutes: int
    cases: Callable
    load_answers: Callable | None = None
    statement: str = ""
    stub: str = ""
    solution_source: str = ""
    answer_name: str = ""
    prerequisites: Sequence[str] = ()
    hints: Sequence[str] = ()
    seconds: float = 5.0
    kind: str = "write"
    choices: Mapping = field(default_factory=dict)
    shuffle: bool = False
    figure: str = ""

    @property
    def part(self):
        """The part of the book, 0 (before part I) to 6; None if the chapter is in none."""
        return part_of(self.label)

    @property
    def answers(self):
        """Judges, reference and mistakes; None where they are kept away, as beside a submission."""
        return self.load_answers() if self.load_answers else None

    @property
    def mistakes(self):
        """The typical mistakes; none where answers are kept away."""
        return self.answers.mistakes if self.answers else ()

    def model_answer(self):
        """Run the source of the solution and return the answer that it defines."""
        return _run(self.solution_source, self.label, self.answer_name)

    def answer_of(self, given):
        """Return an answer as it is, or the one that a :class:`~coursepkg.exercises.answers.Source` defines."""
        return _run(str(given), self.label, self.answer_name) if type(given).__name__ == "Source" else given


def of_the_book():
    """Return the exercises of the book by label, in its order."""
    texts = content()["exercises"]
    solutions = json.loads(SOLUTIONS.read_text(encoding="utf-8")) if SOLUTIONS.exists() else {}
    found = {}
    for label in sorted(texts, key=position):
        if "kind" in texts[label]:
            found[label] = _question(texts[label], solutions.get(label))
            continue
        chapter, name = (part.replace("-", "_") for part in label.split("/"))
        found[label] = Exercise(
            **texts[label],
            solution_source=solutions.get(label, ""),
            cases=functools.partial(_cases_of_the_book, chapter, name),
            load_answers=functools.partial(_answers_of_the_book, chapter, name),
        )
    return found


def of_folder(folder):
    """Return an instructor's own exercises.

    Parameters
    ----------
    folder : path
        For each file ``NAME.md`` in the format of :mod:`coursepkg.exercises.source` it holds ``NAME_cases.py``, with a
        function for each exercise, and ``NAME_answers.py``, with an
        :class:`~coursepkg.exercises.answers.Answers` for each. In a copy without solutions (:func:`without_answers`) a
        file ``bank.json`` stands for the Markdown.

    Returns
    -------
    dict of str to Exercise

    Raises
    ------
    SourceError
        If a file cannot be read as exercises, or two exercises have one label.
    """
    folder = Path(folder).absolute()
    found = {}
    for texts, path in _texts_of_folder(folder):
        label = texts["label"]
        if label in found:
            raise SourceError(f"{path}: there are two exercises {label}")
        name = label.split("/")[-1].replace("-", "_")
        stem = texts.pop("file")
        if "kind" in texts:
            found[label] = _question(texts, texts.pop("key", None))
            continue
        found[label] = Exercise(
            **texts,
            cases=functools.partial(_cases_of_folder, folder, stem, name),
            load_answers=functools.partial(_answers_of_folder, folder, stem, name),
        )
    return found


def without_answers(folder):
    """Return the files of a folder of exercises as they may lie beside a submission: no solution, no answers.

    Parameters
    ----------
    folder : path

    Returns
    -------
    dict of str to bytes
        ``bank.json`` and the modules of cases.
    """
    folder, bank, files = Path(folder), [], {}
    for texts, _ in _texts_of_folder(folder):
        bank.append({key: value for key, value in texts.items() if key not in ("solution_source", "key")})
        name = f"{texts['file']}_cases.py"
        if "kind" not in texts:
            files[name] = (folder / name).read_bytes()
    return {"bank.json": json.dumps(bank, ensure_ascii=False).encode("utf-8"), **files} if bank else {}


def own_folders():
    """Return the folders of own exercises that this process knows.

    The environment variable ``COURSE_EXERCISES`` names them. Without it they are the folder ``exercises`` in the
    working directory or the next one above it, up to the folder of a course: the one with the answers, where there is
    one, else what an assignment brought along.

    Returns
    -------
    list of pathlib.Path
    """
    named = os.environ.get(FOLDERS)
    if named is not None:
        return [Path(folder) for folder in named.split(os.pathsep) if folder]
    here = Path.cwd()
    near = [above / OWN for above in (here, *here.parents)[:4]]
    for is_one in (_has_answers, _was_handed_out):
        for folder in near:
            if is_one(folder):
                return [folder]
    return []


def _has_answers(folder):
    if any(folder.glob("*_answers.py")) and any(folder.glob("*_cases.py")):
        return True
    return any(b"{question}" in path.read_bytes() for path in files_ending(folder, ".md"))


def _was_handed_out(folder):
    compiled = folder / "bank.json"
    return compiled.is_file() and read_text(compiled).startswith("[")


@contextlib.contextmanager
def known_folders(folders):
    """Let this process, and those that it starts, know exactly these folders of own exercises for a while."""
    before = os.environ.get(FOLDERS)
    os.environ[FOLDERS] = os.pathsep.join(map(str, folders))
    try:
        yield
    finally:
        if before is None:
            del os.environ[FOLDERS]
        else:
            os.environ[FOLDERS] = before


def preload():
    """Import the cases and answers of all chapters, so that copies of this process have them."""
    for label, exercise in of_the_book().items():
        module = label.partition("/")[0].replace("-", "_") if exercise.kind == "write" else "questions"
        for room in ("cases", "answers"):
            importlib.import_module(f"coursepkg.exercises.{room}.{module}")


def all_exercises(folders=None):
    """Return every exercise by label: those of the book, then those of the folders, by default :func:`own_folders`."""
    found = of_the_book()
    for folder in own_folders() if folders is None else folders:
        for label, exercise in of_folder(folder).items():
            if label in found:
                raise SourceError(f"{folder}: the label {label} is taken; choose another one")
            found[label] = exercise
    return found


def _texts_of_folder(folder):
    """Yield the texts of each exercise, with the stem of its file, and where it stands."""
    if not folder.is_dir():
        raise SourceError(f"{folder} is no folder of exercises")
    compiled = folder / "bank.json"
    if compiled.is_file():
        for texts in json.loads(read_text(compiled)):
            yield texts, compiled
    for path in files_ending(folder, ".md"):
        try:
            for texts in read_exercises(read_text(path)):
                yield {**texts, "file": path.stem}, path
        except SourceError as error:
            raise SourceError(f"{path}: {error}") from error


def _question(texts, key):
    """Return a question; ``key`` says what is right, and is None where that is kept away."""
    kind, choices = texts["kind"], texts["choices"]
    return Exercise(
        **texts,
        solution_source=solution_of(kind, key, texts["answer_name"]) if key else "",
        cases=functools.partial(questions, kind, choices),
        load_answers=functools.partial(_answers_of_question, kind, key, choices) if key else None,
    )


def _answers_of_question(kind, key, choices):
    from coursepkg.exercises.answers.questions import answers_of

    return answers_of(kind, key, choices)


def _run(source, label, name):
    namespace = {"__name__": "answer"}
    exec(compile(source, f"<{label}>", "exec", dont_inherit=True), namespace)
    return namespace[name]


def _cases_of_the_book(chapter, name, rng):
    return _from_package("cases", chapter, name)(rng)


def _answers_of_the_book(chapter, name):
    return _from_package("answers", chapter, name) if SOLUTIONS.exists() else None


def _from_package(room, chapter, name):
    return getattr(importlib.import_module(f"coursepkg.exercises.{room}.{chapter}"), name)


def _cases_of_folder(folder, stem, name, rng):
    return _from_file(folder / f"{stem}_cases.py", name)(rng)


def _answers_of_folder(folder, stem, name):
    path = folder / f"{stem}_answers.py"
    return _from_file(path, name) if path.is_file() else None


def _from_file(path, name):
    return getattr(_module(str(path)), name)


@functools.cache
def _module(path):
    if not Path(path).is_file():
        raise SourceError(f"there is no {path}, which says what is tried")
    name = f"_own_exercises_{abs(hash(path)):x}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

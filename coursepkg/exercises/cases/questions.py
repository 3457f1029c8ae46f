"""What is tried of an answer to a question: each part of it that can be right by itself."""

from __future__ import annotations

from coursepkg.exercises.cases import Case


def questions(kind, choices, rng=None):
    """Return the cases of a question: one for each choice of several, for each place of an order, else a single one.

    Parameters
    ----------
    kind : str
        As in :mod:`coursepkg.exercises.questions`.
    choices : dict of str to str
        Texts by letter.
    rng : numpy.random.Generator, optional
        Not used: nothing here is random.
    """
    if kind == "several":
        return [Case(f"choice {letter}", _as_it_is, facts={"letter": letter}) for letter in choices]
    if kind == "order":
        return [Case(f"place {place + 1}", _as_it_is, facts={"place": place}) for place in range(len(choices))]
    return [Case("your answer", _as_it_is)]


def _as_it_is(answer):
    return answer

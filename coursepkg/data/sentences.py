"""Sentences that close as they open: the language of `sequences`, letter by letter, with an agreement over a distance.

A sentence is a chain of pieces, each a space and a word, and ends with a mark that its first word decides (`MARKS`), as
an opening bracket decides the closing one. Every other piece is drawn as in `sequences`: first a kind, then a word of
that kind. Since no piece is the beginning of another that could stand in its place, a text has only one reading, and by
the chain rule the letters of a piece cost together what the piece costs: −log P(piece).
"""

from __future__ import annotations

import math

import numpy as np

from coursepkg._validation import as_int
from coursepkg.data.exact import Stream
from coursepkg.data.sequences import FOLLOWERS, KINDS

MARKS = {"the": ".", "a": ";", "this": "?", "one": "!"}
_KIND_OF = {word: kind for kind, words in KINDS.items() for word in words}
_LONGEST = 64  # pieces; a longer sentence has a chance below 1e-40


def next_pieces(sentence, *, words=10):
    """Return the chances of the next piece after the complete pieces of ``sentence``, "" at its beginning.

    Parameters
    ----------
    sentence : str
        Such as " the old"; it must be the beginning of a sentence, without its mark.
    words : int in [4, 10], keyword-only
        How many words of each kind, the most frequent ones, the language has.

    Returns
    -------
    dict of str to float
        The chances sum to 1.

    Examples
    --------
    >>> {piece: round(chance, 2) for piece, chance in next_pieces("", words=4).items()}
    {' the': 0.48, ' a': 0.24, ' this': 0.16, ' one': 0.12}
    >>> next_pieces(" this dog eats today", words=4)
    {'?': 1.0}
    """
    words, said = as_int(words, "words", low=4, high=10), str(sentence).split()
    if any(word not in _KIND_OF for word in said):
        raise ValueError(f"sentence must hold complete words of the language; got {sentence!r}")
    return _next(said[-1] if said else ".", said[0] if said else "", words)


def _next(last, first, words):
    pieces = {}
    for kind, chance in FOLLOWERS[_KIND_OF[last]].items():
        if kind == "stop":
            pieces[MARKS[first]] = chance
        else:
            chosen = KINDS[kind][:words]
            total = sum(1 / rank for rank in range(1, len(chosen) + 1))
            pieces |= {f" {word}": chance / rank / total for rank, word in enumerate(chosen, start=1)}
    return pieces


def generate_sentences(n, *, words=10, seed=42):
    """Generate independent sentences.

    Parameters
    ----------
    n : int in [1, 1_000_000]
        The first sentences do not depend on it.
    words : int in [4, 10], keyword-only
        How many words of each kind, the most frequent ones, the language has.
    seed : int, keyword-only
        Another seed gives other sentences of the same language.

    Returns
    -------
    list of str
        Each begins with a space and ends with its mark.

    Examples
    --------
    >>> generate_sentences(2, words=4, seed=1)
    [' a small cat sleeps again;', ' this small horse runs again?']
    """
    n, words = as_int(n, "n", low=1, high=1_000_000), as_int(words, "words", low=4, high=10)
    draws, ladders, sentences = Stream("sentences", as_int(seed, "seed")).uniform("piece", n * _LONGEST), {}, []
    for row in draws.reshape(n, _LONGEST).tolist():
        first, last, said = "", ".", []
        for draw in row:
            if (last, first) not in ladders:
                pieces = _next(last, first, words)
                ladders[last, first] = list(pieces), np.cumsum(list(pieces.values()))[:-1]
            names, ladder = ladders[last, first]
            said.append(names[ladder.searchsorted(draw)])
            if said[-1] in MARKS.values():
                break
            last = said[-1][1:]
            first = first or last
        sentences.append("".join(said))
    return sentences


def character_costs(text, *, words=10):
    """Return −log P(character | all before it), in nats, for a text of sentences that may end within one.

    Parameters
    ----------
    text : str
        It begins with the space of a first sentence.
    words : int in [4, 10], keyword-only
        How many words of each kind, the most frequent ones, the language has.

    Returns
    -------
    numpy.ndarray, float64 [len(text)]
        0 where only one character is possible; inf where the language does not allow the one that stands there, and
        from there on. So the text, or what there is of it, is grammatical if all are finite.

    Source
    ------
    The chain rule: the letters of a piece cost together −log P(piece).

    Examples
    --------
    >>> character_costs(" the dog", words=4).round(2)
    array([0.  , 0.45, 0.  , 0.29, 0.  , 1.43, 0.  , 0.69])
    >>> character_costs(" the dog eats?", words=4)[-1]
    np.float64(inf)
    """
    words, costs = as_int(words, "words", low=4, high=10), np.full(len(text), np.inf)
    first, last, begun, possible, known = "", ".", "", _next(".", "", words), {}
    for place, character in enumerate(text):
        before, begun = math.fsum(possible.values()), begun + character
        possible = {piece: chance for piece, chance in possible.items() if piece.startswith(begun)}
        if not possible:
            break
        costs[place] = math.log(before / math.fsum(possible.values()))
        if begun in possible:  # no piece is the beginning of another
            ended = begun in MARKS.values()
            last = "." if ended else begun[1:]
            first, begun = "" if ended else first or last, ""
            if (last, first) not in known:
                known[last, first] = _next(last, first, words)
            possible = known[last, first]
    return costs


def entropy_rate(words=10):
    """Return the mean cost of a character in a long text, in nats: what no prediction can beat on average.

    The entropy of a sentence divided by its mean length. Both are sums over its pieces: with T the chances that a kind
    is followed by another before the sentence ends, the visits of all kinds are a row of (I − T)⁻¹.

    >>> round(entropy_rate(4), 4)
    0.3455
    """
    words, kinds = as_int(words, "words", low=4, high=10), list(KINDS)
    T = np.array([[FOLLOWERS[a].get(b, 0.0) * (b != "stop") for b in kinds] for a in kinds])
    visits = np.linalg.inv(np.eye(len(kinds)) - T)[kinds.index("stop")]
    nats = length = 0.0
    for kind, visited in zip(kinds, visits, strict=True):
        pieces = _next(KINDS[kind][0], "the", words)
        nats += visited * sum(-p * math.log(p) for p in pieces.values())
        length += visited * sum(p * len(piece) for piece, p in pieces.items())
    return float(nats / length)

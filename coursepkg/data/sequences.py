"""Text-like sequences: words that follow one another by known chances, so that the best possible guess is known."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_int
from coursepkg.data.exact import Stream

# Each word has one kind. Within a kind, word number k (from 1) is 1/k as frequent as the first, as in real texts
# (Zipf, 1949).
KINDS = {
    "article": ("the", "a", "this", "one"),
    "adjective": ("small", "old", "big", "red", "new", "white", "grey", "wet"),
    "animal": ("dog", "cat", "bird", "horse", "cow", "mouse", "sheep", "fox", "goat", "hen"),
    "thing": ("door", "lamp", "box", "cup", "book", "chair", "clock", "stone", "bell", "wheel"),
    "act": ("sleeps", "eats", "runs", "waits", "hides", "jumps", "drinks", "listens"),
    "event": ("falls", "breaks", "rolls", "shines", "burns", "cracks", "rusts", "leaks"),
    "adverb": ("again", "today", "slowly", "outside", "often", "quietly"),
    "stop": (".",),
}
# The chances that a word of one kind is followed by a word of another kind: animals act, things happen to be.
FOLLOWERS = {
    "article": {"adjective": 0.5, "animal": 0.25, "thing": 0.25},
    "adjective": {"adjective": 0.2, "animal": 0.4, "thing": 0.4},
    "animal": {"act": 1.0},
    "thing": {"event": 1.0},
    "act": {"adverb": 0.5, "stop": 0.5},
    "event": {"adverb": 0.5, "stop": 0.5},
    "adverb": {"stop": 1.0},
    "stop": {"article": 1.0},
}
WORDS = tuple(word for words in KINDS.values() for word in words)


def word_kinds():
    """Return the kind of each word, in the order of `WORDS`.

    Returns
    -------
    list of str

    Examples
    --------
    >>> word_kinds()[WORDS.index("fox")]
    'animal'
    """
    return [kind for kind, words in KINDS.items() for _ in words]


def transition_matrix():
    """Return the chances of the next word, given the present one: the chain that `generate_words` follows.

    Returns
    -------
    numpy.ndarray, float64 [n_words, n_words]
        Row i holds the chances of all words after word i of `WORDS`; each row sums to 1.

    Examples
    --------
    >>> matrix = transition_matrix()
    >>> matrix.shape, float(matrix[WORDS.index("."), WORDS.index("the")].round(2))
    ((55, 55), 0.48)
    """
    kinds = word_kinds()
    frequency = {}
    for words in KINDS.values():
        total = sum(1 / rank for rank in range(1, len(words) + 1))
        frequency |= {word: 1 / rank / total for rank, word in enumerate(words, start=1)}
    chances = [[FOLLOWERS[kind].get(kinds[j], 0.0) * frequency[word] for j, word in enumerate(WORDS)] for kind in kinds]
    return np.array(chances)


def generate_words(n_words, *, seed=42):
    """Generate a running text of simple sentences, as numbers of words.

    Each word depends on the word before it alone (a Markov chain). The text begins with a new sentence.

    Parameters
    ----------
    n_words : int in [1, 10_000_000]
        Length, full stops included; the first words do not depend on it.
    seed : int, keyword-only
        Another seed gives another text of the same language.

    Returns
    -------
    numpy.ndarray, int64 [n_words]
        Places in `WORDS`, 0 to 54.

    Raises
    ------
    TypeError, ValueError
        If an argument is no integer, or ``n_words`` is outside 1 … 10,000,000.

    Examples
    --------
    >>> print(*[WORDS[i] for i in generate_words(10)])
    the small box rolls . the big bird eats slowly
    """
    n_words = as_int(n_words, "n_words", low=1, high=10_000_000)
    draws = Stream("words", as_int(seed, "seed")).uniform("word", n_words)
    ladder = np.cumsum(transition_matrix(), axis=1)
    ladder[:, -1] = 1.0  # the sum of a row may be a rounding error short of 1
    words, word = np.empty(n_words, dtype=np.int64), WORDS.index(".")
    for t, draw in enumerate(draws.tolist()):
        word = words[t] = ladder[word].searchsorted(draw)
    return words

"""Whether one variant is better than another, when both ran with the same seeds: compare run by run."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coursepkg._validation import as_array


class Paired(NamedTuple):
    """What `paired` found.

    ``wins`` and ``losses`` are the numbers of pairs in which the first is better and worse, of ``n``; what is left are
    ties. ``median`` is the median gain of the first, positive if it is better. ``p`` is that of the two-sided sign
    test: how often as many fair coins as there are pairs without a tie show a split at least as uneven.

    >>> print(Paired(9, 1, 10, 0.0123, 0.0215))
    better in 9 of 10, median gain +0.012, p = 0.02
    """

    wins: int
    losses: int
    n: int
    median: float
    p: float

    def __str__(self):
        ties = f" ({ties} equal)" if (ties := self.n - self.wins - self.losses) else ""
        p = f"p = {self.p:.2f}" if self.p >= 0.01 else f"p = {self.p:.3f}"
        return f"better in {self.wins} of {self.n}{ties}, median gain {self.median:+.3f}, {p}"


def paired(scores, against, *, lower_is_better=False):
    """Compare two variants run by run; run i of both has the same seed, the same batches, the same data.

    The spread over seeds is common to both and drops out, so a difference shows that two overlapping ranges hide.

    Parameters
    ----------
    scores, against : array_like, shape (n,)
        One number a run, such as a test accuracy; of the variant in question, and of the one that it is held against.
    lower_is_better : bool, keyword-only
        Of losses and errors.

    Returns
    -------
    Paired
        ``print`` shows it as one line. The test is the sign test (Dixon & Mood, 1946): it asks nothing of the
        distribution, and with fewer than six pairs it never falls below 0.05.

    Examples
    --------
    >>> print(paired([0.83, 0.79, 0.86, 0.80, 0.85, 0.81], [0.81, 0.78, 0.84, 0.79, 0.84, 0.80]))
    better in 6 of 6, median gain +0.010, p = 0.03
    """
    scores, against = as_array(scores, "scores", ndim=1), as_array(against, "against", ndim=1)
    if scores.shape != against.shape or not len(scores):
        raise ValueError(
            f"scores and against must hold one number a run, of the same runs; got shapes {scores.shape} and "
            f"{against.shape}"
        )
    from scipy.stats import binomtest

    gain = against - scores if lower_is_better else scores - against
    wins, losses = int((gain > 0).sum()), int((gain < 0).sum())
    p = binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    return Paired(wins, losses, len(gain), float(np.median(gain)), float(p))

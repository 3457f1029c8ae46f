"""Answers to the exercises on the tiny transformer."""

from __future__ import annotations

import math

import numpy as np

from coursepkg.exercises.answers import Answers, patches
from coursepkg.scratch.attention import attend, causal_mask

# --- tiny-transformer/nucleus ---------------------------------------------------------------------------------------


def _one_by_one(p, share):
    left, kept = sorted(range(len(p)), key=lambda i: p[i], reverse=True), []
    while math.fsum(p[i] for i in kept) < share:
        kept.append(left.pop(0))
    total = math.fsum(p[i] for i in kept)
    return np.array([p[i] / total if i in kept else 0.0 for i in range(len(p))])


nucleus = Answers(
    reference=_one_by_one,
    mistakes=patches(
        """
        one too few: the symbol that makes the sum reach the share is still kept
        - 1 + np.searchsorted(total, share)
        + np.searchsorted(total, share)
        - return kept / kept.sum()
        + return kept / max(kept.sum(), 1e-300)
        the least probable ones: sort the chances from the largest to the smallest
        - np.argsort(-p)
        + np.argsort(p)
        not divided by the sum: the chances that are left must sum to 1
        - return kept / kept.sum()
        + return kept
        the sorted chances: each chance must stay at the place of its symbol
        - return kept / kept.sum()
        + return np.sort(kept)[::-1] / kept.sum()
        a threshold: the share is that of the sum, not the least chance of a single symbol
        - kept[chosen] = p[chosen]
        + kept = np.where(p >= (1 - share) * p.max(), p, 0.0)
        a share of the symbols: keep symbols until their chances sum to the share, not this share of all symbols
        - 1 + np.searchsorted(total, share)
        + int(np.ceil(share * len(p)))
        one too many: the smallest number of symbols that reaches the share is enough
        - 1 + np.searchsorted(total, share)
        + 2 + np.searchsorted(total, share)
        """
    ),
)


# --- tiny-transformer/repair-cache ----------------------------------------------------------------------------------


def _all_at_once(X, W_Q, W_K, W_V):
    return attend(X @ W_Q, X @ W_K, X @ W_V, causal_mask(len(X)))[0]


repair_cache = Answers(
    reference=_all_at_once,
    mistakes=patches(
        """
        keys in another order than values: a key and its value must stand at the same place of the two lists
        - K = K + [k]
        + K = [k] + K
        the width of the rows: divide by the root of the width of a key, not of a row of X
        - np.sqrt(len(k))
        + np.sqrt(len(x))
        only the last four places: every earlier place must stay in the cache
        - K = K + [k]
        + K = (K + [k])[-4:]
        - V = V + [v]
        + V = (V + [v])[-4:]
        the keys in the place of the values: the shares mix the values
        - V = V + [v]
        + V = V + [k]
        itself left out: a place sees itself too, so put its key and value into the cache first
        - S = np.array(K) @ q / np.sqrt(len(k))
        + S = np.array(K[:-1] or [k]) @ q / np.sqrt(len(k))
        - H = H + [P @ np.array(V)]
        + H = H + [P @ np.array(V[:-1] or [v])]
        no root: divide the scores by the root of the width of a key
        -  / np.sqrt(len(k))
        +
        only the last output: return the outputs of all places
        - return np.array(H)
        + return np.array(H[-1])
        """
    ),
)


# --- tiny-transformer/bits ------------------------------------------------------------------------------------------


def _by_perplexity(costs, pieces):
    chance = math.prod(math.exp(-cost) for cost in costs)
    return -math.log2(chance) / sum(len(piece) for piece in pieces)


bits = Answers(
    reference=_by_perplexity,
    mistakes=patches(
        """
        per piece: divide by the number of characters, not of pieces
        - len("".join(pieces))
        + len(pieces)
        nats: divide by the logarithm of 2 to turn nats into bits
        -  / np.log(2)
        +
        multiplied by log 2: a bit is 0.693 nats, so there are more bits than nats
        -  / np.log(2)
        +  * np.log(2)
        without the spaces: a space is a character too
        - len("".join(pieces))
        + len("".join(pieces).replace(" ", ""))
        a mean of quotients: divide the sum of all costs by the number of all characters
        - return np.sum(costs) / np.log(2) / len("".join(pieces))
        + return np.mean([cost / len(piece) for cost, piece in zip(costs, pieces)]) / np.log(2)
        the decimal logarithm: bits need the logarithm to base 2
        - np.log(2)
        + np.log(10)
        the mean of the costs: take the sum of the costs over the number of characters
        - np.sum(costs)
        + np.mean(costs)
        """
    ),
)

"""Train the small network whose shares the chapter on attention shows, and write its weights for the page.

python -m tools.attention_map     write book/interactive/data/attention.json; then: make interactive

It is network 0 of the chapter: one head, trained on 10,000 lists of eight pairs with the rate and the seed that the
chapter chose. The weights are rounded to hundredths, which the page and the test read alike, and stored as integers.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from coursepkg._files import write_atomically
from coursepkg.scratch import Dense, LastPlace, MultiHeadAttention, Sequential

TARGET = Path(__file__).resolve().parents[1] / "book/interactive/data/attention.json"
LETTERS = "ABCDEFGHIJKLMNOP"


def encode(letter, number, asked):
    """Return lists, (n, m + 1, 32), of m pairs (n, m) of a letter and a number, and of the letter asked for, (n,)."""
    n, m = letter.shape
    X = np.zeros((n, m + 1, 32))
    X[:, :m, :16], X[:, :m, 16:] = np.eye(16)[letter], np.eye(16)[number]
    X[:, m, :16] = np.eye(16)[asked]
    return X


def lists(rng, n, m=8):
    """Return n lists as the chapter draws them, and the answers."""
    letter, number = rng.random((2, n, 16)).argsort(axis=2)[:, :, :m]
    asked = np.arange(n), rng.integers(m, size=n)
    return encode(letter, number, letter[asked]), number[asked]


def network(seed=0):
    rng = np.random.default_rng(seed)
    first = MultiHeadAttention(32, 1, key_dim=16, seed=rng)
    return Sequential([first, LastPlace(), Dense(32, 16, activation="softmax", seed=rng)])


def trained():
    """Return network 0 of the chapter."""
    model = network()
    options = {"loss": "sparse_categorical_crossentropy", "optimizer": "Adam", "epochs": 1, "seed": 0}
    model.fit(*lists(np.random.default_rng(42), 10_000), schedule=lambda t: 0.03, **options)
    return model


def rounded(model):
    """Return the parameters of a network by name, as integers of hundredths in nested lists."""
    attention, _, dense = model.layers
    arrays = {name: getattr(attention, name) for name in attention.learned} | {"W": dense.W, "b": dense.b}
    return {name: np.rint(100 * array.squeeze()).astype(int).tolist() for name, array in arrays.items()}


def stored(path=TARGET):
    """Return the network whose weights are stored."""
    model, weights = network(), json.loads(path.read_text(encoding="utf-8"))
    attention, _, dense = model.layers
    for name in attention.learned:
        getattr(attention, name)[...] = np.reshape(weights[name], getattr(attention, name).shape) / 100
    dense.W[...], dense.b[...] = np.array(weights["W"]) / 100, np.array(weights["b"]) / 100
    return model


def main():
    text = json.dumps(rounded(trained()), separators=(",", ":"))
    TARGET.parent.mkdir(exist_ok=True)
    write_atomically(TARGET, text + "\n")
    print(f"wrote {TARGET.name}: {len(text):,} characters")


if __name__ == "__main__":
    main()

"""Cases of the exercises on skip connections."""

from __future__ import annotations

from coursepkg.exercises.cases import Case, function_case


def block(rng):
    for shown, n, d, m in (("one instance", 1, 3, 4), ("a batch", 6, 4, 4), ("a narrow branch", 5, 6, 2)):
        W1, W2 = rng.normal(size=(d, m)), rng.normal(size=(m, d))
        arguments = (rng.normal(size=(n, d)), W1, W2, rng.normal(size=(n, d)))
        yield function_case(f"residual_block(X, W1, W2, G): {shown}", arguments)


def repair_stack(rng):
    for shown, widths in (
        ("one block", (4, 4)),
        ("three blocks of one width", (3, 3, 3, 3)),
        ("a block that widens", (3, 5)),
        ("widths that change and stay", (4, 4, 6, 6, 2)),
    ):
        blocks = []
        for d, out in zip(widths, widths[1:]):  # noqa: B905 (the last width has no block)
            P = None if d == out else rng.normal(size=(d, out))
            blocks.append((rng.normal(size=(d, 7)), rng.normal(size=(7, out)), P))
        yield function_case(f"stack(X, blocks): {shown}", (rng.normal(size=(5, widths[0])), blocks))


def read_signals(rng):
    for network in ("plain, He", "plain, 1/√K", "residual, He", "residual, 1/√K", "residual, 0"):
        yield Case(f"the network {network}", lambda answer, name=network: answer[name], facts={"network": network})


def dense_block(rng):
    for shown, c, g, n_layers, k, side in (
        ("one layer of 1 by 1 on one place", 5, 3, 1, 1, 1),
        ("one layer of 3 by 3", 8, 4, 1, 3, 6),
        ("several layers", *(int(number) for number in rng.integers(4, 12, size=2)), 4, 3, 7),
        ("many layers", 16, 12, int(rng.integers(6, 12)), 3, 14),
    ):
        yield function_case(f"dense_block_costs(c, g, n_layers, k, side): {shown}", (c, g, n_layers, k, side))

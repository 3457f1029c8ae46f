"""Cases of the exercises on custom training. What calls TensorFlow here is the student's code."""

from __future__ import annotations

from coursepkg.exercises.cases import Case, caught, function_case

FUNCTIONS = {  # of an array or a tensor
    "a polynomial": lambda x, a, b, c: a * x**3 + b * x**2 + c * x,
    "a quotient": lambda x, a, b, c: a / (x + 1),
    "a straight line": lambda x, a, b, c: a * x + b,
}


def derivatives(rng):
    abc = rng.uniform(0.5, 2, size=3) * rng.choice([-1, 1], size=3)
    x = rng.uniform(0.5, 2, size=5)
    for shown, function in FUNCTIONS.items():
        yield Case(
            f"derivatives(f, x): {shown}",
            lambda answer, function=function: _differentiate(answer, lambda x: function(x, *abc), x.copy()),
            facts={"shown": shown, "abc": abc, "x": x},
        )


def _differentiate(answer, f, x):
    try:
        return answer(f, x)
    except (AttributeError, ValueError, TypeError) as error:
        return caught(error)


def loop(rng):
    for shown, n, d, batch_size in (("the last batch is smaller", 25, 3, 10), ("one feature", 14, 1, 4)):
        X = rng.normal(size=(n, d))
        y = X @ rng.uniform(1, 3, size=d) + rng.uniform(1, 2) + rng.normal(scale=0.3, size=n)
        call = f"fit_line(X, y, epochs=3, batch_size={batch_size}, …)"
        yield function_case(f"{call}: {shown}", (X, y, 3, batch_size, 0.05))


def traces(rng):
    for letter in "ABCDE":
        yield Case(f"program {letter}", lambda answer, letter=letter: answer[letter], facts={"letter": letter})

"""Offers of used garments: a photo, three numbers and a brand each, of which the kind and the price are wanted."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_int
from coursepkg.data.exact import Stream, exp, log
from coursepkg.data.fashion import generate_fashion

BRANDS = ("Alder", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Heath")
COLUMNS = ("age", "condition", "photos")
# One row a kind (T-shirt/top, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot): the price of
# a new one in euros, and how often it is of each brand. Two brands make shoes, two are for bad weather, two for
# the town, and two make everything.
_NEW = np.array([18.0, 45.0, 50.0, 70.0, 140.0, 55.0, 40.0, 80.0, 95.0, 130.0])
_SHARES = np.array([
    [0, 0, 1, 2, 6, 6, 3, 3], [0, 0, 3, 3, 3, 3, 3, 3], [0, 0, 6, 6, 1, 2, 3, 3], [0, 0, 0, 1, 6, 6, 3, 3],
    [0, 0, 6, 7, 1, 1, 3, 3], [6, 4, 0, 0, 1, 1, 2, 2], [0, 0, 2, 1, 6, 6, 3, 3], [5, 7, 1, 1, 0, 0, 2, 2],
    [3, 2, 1, 1, 3, 3, 2, 2], [6, 5, 2, 2, 0, 0, 2, 2]])  # fmt: skip
# By what each brand multiplies the price: of garments, and of shoes and bags.
_FACTORS = np.array([[1.0, 1.0, 1.6, 0.7, 1.3, 0.8, 2.2, 0.5], [1.8, 0.7, 0.9, 0.8, 2.0, 0.6, 0.6, 1.7]])


def generate_offers(seed=0, *, n=1000, n_valid=300, n_test=500):
    """Draw offers of used garments: to learn from, to choose on, and to test.

    The price falls with the age and rises with the condition; which brand is dear depends on whether it is on a garment
    or on a shoe or bag, so neither picture nor table tells it alone. Which kinds a brand makes helps to name the kind.
    The number of photos means nothing.

    Parameters
    ----------
    seed : int
        Another seed draws other offers of the same market.
    n, n_valid, n_test : int in [1, 5000], keyword-only
        How many offers to learn from, to choose on, and to test.

    Returns
    -------
    dict of str to tuple
        ``train``, ``valid`` and ``test``, each a pair of dictionaries. The inputs: ``image``, uint8 [n, 28, 28], light
        garments on black; ``numbers``, float64 [n, 3], the columns age (years, 0 to 10), condition (1 to 5, the best)
        and photos (1 to 8); ``brand``, int64 [n], a position in `BRANDS`. The targets: ``kind``, int64 [n], a position
        in `CLASS_NAMES`; ``price``, float64 [n], in euros.

    Examples
    --------
    >>> inputs, targets = generate_offers(n=50, n_valid=10, n_test=20)["train"]
    >>> {name: array.shape for name, array in (inputs | targets).items()}
    {'image': (50, 28, 28), 'numbers': (50, 3), 'brand': (50,), 'kind': (50,), 'price': (50,)}
    """
    sizes = [as_int(value, name, low=1, high=5000) for value, name in
             ((n, "n"), (n_valid, "n_valid"), (n_test, "n_test"))]  # fmt: skip
    stream = Stream("offers", as_int(seed, "seed"))
    # One draw for all three: no picture comes twice.
    total = sum(sizes)
    image, kind = generate_fashion("train", total, start=int(stream.uniform("start", 1)[0] * 10_000_000))
    order = np.argsort(stream.uniform("order", total))
    image, kind = image[order], kind[order].astype(np.int64)

    limits = np.cumsum(_SHARES, axis=1)[kind]
    brand = (stream.uniform("brand", total)[:, None] * limits[:, -1:] >= limits).sum(axis=1)
    age = np.rint(100 * stream.uniform("age", total)) / 10
    condition = 1 + np.floor(5 * stream.uniform("condition", total))
    photos = 1 + np.floor(8 * stream.uniform("photos", total))

    new = _NEW[kind] * _FACTORS[np.isin(kind, (5, 7, 8, 9)).astype(int), brand]
    noise = 0.12 * stream.normal("noise", total)
    price = np.rint(100 * exp(log(new * (0.4 + 0.12 * condition)) - 0.12 * age + noise)) / 100
    arrays = (image, np.stack([age, condition, photos], axis=1), brand, kind, price)
    ends = np.cumsum(sizes)
    data = {}
    for name, first, last in zip(("train", "valid", "test"), (0, *ends), ends, strict=False):
        image, numbers, brand, kind, price = (array[first:last] for array in arrays)
        data[name] = ({"image": image, "numbers": numbers, "brand": brand}, {"kind": kind, "price": price})
    return data

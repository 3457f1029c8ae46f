"""Generated stand-in for the California housing data: 20,640 blocks of houses, drawn from a small model of the state.

The model, step by step: a block belongs to one of the state's towns and lies near its center, on land. How wanted a
place is depends on the distance to the coast, on the town, and on neighborhoods: hills and valleys of value 5 to
25 kilometers wide. Wanted places have richer people. The age of the houses, the rooms and the people of a household
follow from town and income; a few blocks are holiday resorts (many rooms for few residents) or group quarters
(hundreds of residents in a handful of households). The price follows from income, place, age and crowding, times a
random factor; like in the census of 1990, values above 500,000 dollars are recorded as 5.00001.

The constants are chosen so that learning from the table is as hard as learning from the original: the comparison is
`benchmarks/fidelity_housing.py`. Only correctly rounded operations are used (`coursepkg.data.exact`), so the table is
the same on every machine.
"""

from __future__ import annotations

import numpy as np

from coursepkg.data.exact import Stream, exp, interpolate

FEATURE_NAMES = ("MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude")
N_ROWS = 20_640
SEED = 1990

# Town: latitude and longitude of its center, share of the blocks in per mille, radius (degrees), what living there
# adds to the logarithm of prices and of incomes, mean age of the houses (years).
_TOWNS = np.array(
    [
        (34.05, -118.27, 190, 0.16, 0.00, -0.20, 37),  # Los Angeles
        (34.18, -118.48, 75, 0.13, 0.10, 0.13, 29),  # San Fernando Valley
        (33.83, -118.25, 75, 0.10, -0.02, -0.05, 33),  # Long Beach, South Bay
        (33.78, -117.88, 95, 0.13, 0.06, 0.20, 24),  # Orange County
        (34.08, -117.75, 40, 0.14, -0.24, 0.04, 25),  # Pomona, Ontario
        (33.98, -117.35, 42, 0.20, -0.42, 0.00, 20),  # Riverside
        (34.13, -117.27, 26, 0.14, -0.48, -0.10, 26),  # San Bernardino
        (32.76, -117.08, 72, 0.12, -0.13, -0.08, 27),  # San Diego
        (33.12, -117.22, 28, 0.13, 0.02, 0.06, 16),  # north of San Diego
        (34.23, -119.10, 26, 0.18, 0.10, 0.16, 22),  # Ventura, Oxnard
        (34.43, -119.75, 14, 0.14, 0.20, 0.02, 28),  # Santa Barbara
        (35.20, -120.58, 11, 0.20, 0.02, -0.10, 20),  # San Luis Obispo
        (36.62, -121.75, 17, 0.15, 0.06, -0.06, 26),  # Monterey, Salinas
        (36.98, -121.95, 12, 0.10, 0.20, 0.04, 25),  # Santa Cruz
        (37.33, -121.92, 65, 0.11, 0.22, 0.28, 24),  # San Jose
        (37.50, -122.22, 32, 0.10, 0.40, 0.25, 33),  # the Peninsula
        (37.76, -122.44, 33, 0.04, 0.40, -0.03, 48),  # San Francisco
        (37.80, -122.22, 46, 0.07, 0.08, -0.08, 41),  # Oakland, Berkeley
        (37.64, -121.98, 30, 0.13, 0.08, 0.18, 23),  # Hayward, Livermore
        (37.96, -122.04, 32, 0.11, 0.05, 0.20, 23),  # Contra Costa
        (38.00, -122.53, 12, 0.07, 0.35, 0.25, 30),  # Marin
        (38.24, -122.20, 17, 0.15, -0.08, 0.05, 21),  # Vallejo, Napa
        (38.42, -122.73, 18, 0.15, 0.05, 0.00, 22),  # Santa Rosa
        (38.58, -121.42, 62, 0.16, -0.33, -0.02, 23),  # Sacramento
        (38.95, -120.95, 18, 0.28, -0.12, 0.02, 15),  # foothills of the Sierra
        (37.96, -121.28, 22, 0.15, -0.45, -0.10, 26),  # Stockton
        (37.64, -121.00, 21, 0.14, -0.42, -0.08, 22),  # Modesto
        (37.25, -120.40, 12, 0.25, -0.55, -0.18, 24),  # Merced
        (36.76, -119.77, 33, 0.20, -0.55, -0.16, 24),  # Fresno
        (36.28, -119.32, 17, 0.22, -0.60, -0.24, 23),  # Visalia
        (35.37, -119.02, 26, 0.22, -0.58, -0.10, 24),  # Bakersfield
        (34.60, -118.00, 16, 0.25, -0.32, 0.06, 14),  # Antelope Valley
        (34.50, -117.25, 12, 0.28, -0.50, -0.08, 15),  # Victor Valley
        (33.75, -116.38, 15, 0.20, -0.35, -0.10, 16),  # Palm Springs
        (32.90, -115.55, 6, 0.20, -0.75, -0.28, 26),  # Imperial Valley
        (38.95, -120.03, 4, 0.10, -0.25, -0.08, 19),  # Lake Tahoe
        (39.73, -121.75, 12, 0.25, -0.55, -0.28, 24),  # Chico
        (40.55, -122.35, 10, 0.30, -0.60, -0.26, 21),  # Redding
        (40.80, -124.05, 8, 0.22, -0.55, -0.28, 32),  # Eureka
        (41.30, -122.00, 5, 0.70, -0.80, -0.34, 26),  # the far north
        (39.20, -123.20, 7, 0.35, -0.30, -0.20, 24),  # Mendocino
        (37.90, -120.20, 8, 0.40, -0.40, -0.16, 18),  # the southern Sierra
    ]
)
# The coast, and the border to the states in the east: latitude and longitude, from south to north.
_COAST = np.array(
    [
        (32.54, -117.12),
        (33.0, -117.3),
        (33.6, -117.9),
        (33.75, -118.42),
        (34.0, -118.55),
        (34.1, -119.2),
        (34.4, -120.5),
        (34.6, -120.65),
        (35.2, -120.9),
        (36.0, -121.6),
        (36.6, -121.95),
        (37.0, -122.2),
        (37.6, -122.52),
        (38.0, -123.0),
        (38.5, -123.4),
        (39.3, -123.85),
        (40.4, -124.35),
        (41.0, -124.15),
        (41.95, -124.25),
    ]
)
_BORDER = np.array(
    [
        (32.54, -114.6),
        (34.3, -114.3),
        (35.0, -114.7),
        (39.0, -119.9),
        (41.95, -119.9),
    ]
)
_NEIGHBORHOODS = 300


def generate_housing(*, seed=SEED):
    """Generate the whole table, or another one of the same kind.

    Parameters
    ----------
    seed : int, keyword-only
        By default that of the course. Another one draws other blocks, and other neighborhoods: how wanted a place is,
        must be learned anew.

    Returns
    -------
    X : numpy.ndarray, float64 [20640, 8]
        One row a block, columns as in `FEATURE_NAMES`: median income (10,000 dollars), median age of the houses
        (years, 52 means "52 or more"), rooms and bedrooms per household, residents, residents per household,
        latitude and longitude (degrees, to two digits).
    y : numpy.ndarray, float64 [20640]
        Median value of the houses in units of 100,000 dollars, 0.14999 to 5.00001.

    Notes
    -----
    The columns are those of R. K. Pace and R. Barry, "Sparse spatial autoregressions", 1997. The numbers are not:
    they come from the model that this module describes.

    Examples
    --------
    >>> X, y = generate_housing()
    >>> X.shape, y.shape, float(y.max())
    ((20640, 8), (20640,), 5.00001)
    """
    stream = Stream("housing", seed)

    def uniform(column):
        return stream.uniform(column, N_ROWS)

    def normal(column):
        return stream.normal(column, N_ROWS)

    town = _pick_town(uniform("town"))
    latitude, longitude, inland = _place(town, normal("north"), normal("east"), normal("remoteness"))
    hills = _neighborhoods(stream, latitude, longitude)
    coast = exp(-4.0 * inland)
    appeal = _TOWNS[town, 4] + 0.30 * coast + hills

    wealth = _TOWNS[town, 5] + 0.10 * coast + 0.80 * hills + 0.34 * normal("wealth")
    income = np.minimum(np.maximum(np.rint(exp(1.34 + 1.1 * wealth) * 1e4) / 1e4, 0.4999), 15.0001)
    age = _TOWNS[town, 6] - 2.0 * hills + 11.5 * normal("age")
    # Folded at 2, so that young blocks do not pile up at the lower end; they do at the upper one, as in the census.
    age = np.minimum(np.maximum(np.rint(np.where(age < 2.0, 4.0 - age, age)), 1.0), 52.0)

    # Both tails are longer than those of a log-normal distribution, the lower one more so; new blocks are larger.
    size = normal("people")
    tails = np.where(size < 0, 0.09, 0.008) * (size * size * size)
    people = 7.08 + 0.58 * size + tails - 0.012 * (age - 28.6)
    population = np.maximum(np.rint(exp(people)), 3.0)
    quarters = uniform("quarters") < 0.0008
    crowding = 1.02 - 0.10 * hills - 0.06 * wealth + 0.24 * normal("crowding")
    crowding = np.where(quarters, 2.6 + 2.2 * np.abs(normal("group")), crowding)
    households = np.maximum(np.rint(population / exp(crowding)), 1.0)
    occupancy = population / households

    # In holiday places most homes are empty on the day of the census, yet their rooms are counted.
    far = interpolate(inland, [0.2, 1.5, 3.0], [0.0, 1.0, 1.6]) * interpolate(-wealth, [-0.5, 0.3], [0.3, 1.0])
    resort = uniform("resort") < 0.015 + 0.07 * far
    spare = np.where(resort, 1.0 / np.sqrt(0.001 + 0.999 * uniform("lived in")), 1.0)
    rooms = (5.30 + 1.7 * wealth - 0.018 * (age - 28.6) + 0.72 * normal("rooms")) * spare
    bedrooms = (1.05 - 0.03 * wealth + 0.07 * normal("bedrooms")) * spare
    rooms = np.rint(np.maximum(rooms, 0.9) * households) / households
    bedrooms = np.rint(np.maximum(bedrooms, 0.5) * households) / households

    value = (
        0.83
        + 0.85 * appeal
        + 0.70 * wealth
        + 0.25 * wealth * appeal
        - 0.80 * (np.minimum(crowding, 2.0) - 1.0)
        + 0.006 * (age - 28.6)
        + 0.195 * normal("price")
    )
    value = np.maximum(np.rint(exp(value) * 1e3) / 1e3, 0.14999)
    value = np.where(value > 5.0, 5.00001, value)
    return np.column_stack([income, age, rooms, bedrooms, population, occupancy, latitude, longitude]), value


def _pick_town(u):
    """Choose a town for each block, in proportion to the towns' shares: int [n]."""
    shares = np.cumsum(_TOWNS[:, 2])
    return np.searchsorted(shares, u * shares[-1], side="right")


def _place(town, north, east, remoteness):
    """Scatter the blocks around their town; return latitude, longitude and the distance to the coast (degrees)."""
    reach = _TOWNS[town, 3] * exp(0.5 * remoteness)
    latitude = _TOWNS[town, 0] + 0.64 * reach * north
    latitude = np.minimum(np.maximum(np.rint(latitude * 100) / 100, 32.54), 41.95)
    coast = interpolate(latitude, _COAST[:, 0], _COAST[:, 1])
    # A block that falls into the sea is mirrored at the coast line.
    inland = np.abs(_TOWNS[town, 1] + 0.8 * reach * east - coast)
    longitude = np.minimum(coast + inland, interpolate(latitude, _BORDER[:, 0], _BORDER[:, 1]))
    longitude = np.rint(longitude * 100) / 100
    return latitude, longitude, np.maximum(longitude - coast, 0.0)


def _neighborhoods(stream, latitude, longitude):
    """Sum smooth bumps of value, some 5 to 25 kilometers wide, spread over the towns: float64 [n]."""
    n = _NEIGHBORHOODS
    town = _pick_town(stream.uniform("hill/town", n))
    reach = 1.3 * _TOWNS[town, 3]
    north = _TOWNS[town, 0] + reach * stream.normal("hill/north", n)
    east = _TOWNS[town, 1] + reach * stream.normal("hill/east", n)
    width = 0.06 + 0.20 * stream.uniform("hill/width", n)
    height = 0.27 * stream.normal("hill/height", n)
    total = np.zeros_like(latitude)
    for k in range(n):
        dy, dx = (latitude - north[k]) / width[k], (longitude - east[k]) / width[k]
        bump = 1.0 / (1.0 + (dy * dy + dx * dx))
        total = total + height[k] * bump * bump
    return total

"""Data for every chapter, without a download: generated images, house prices, a time series, points in the plane.

`load_fashion` and `load_housing` also load the originals, with ``source="real"`` or the environment variable
``COURSE_DATA=real``. ``COURSE_DATA_DIR`` names a folder with original files, ``COURSE_CACHE_DIR`` the cache.
"""

from coursepkg.data.bundled import load_digits, load_iris
from coursepkg.data.fashion import CLASS_NAMES, explain_garment, generate_fashion
from coursepkg.data.greenhouse import MEASURED, generate_greenhouse
from coursepkg.data.housing import FEATURE_NAMES, generate_housing
from coursepkg.data.loading import load_fashion, load_housing
from coursepkg.data.offers import BRANDS, generate_offers
from coursepkg.data.playground import load_playground
from coursepkg.data.real import DataUnavailableError
from coursepkg.data.sentences import MARKS, character_costs, entropy_rate, generate_sentences, next_pieces
from coursepkg.data.sequences import WORDS, generate_words, transition_matrix, word_kinds
from coursepkg.data.series import generate_series, load_series, windows
from coursepkg.data.shop import generate_shop

__all__ = [
    "BRANDS",
    "CLASS_NAMES",
    "FEATURE_NAMES",
    "MARKS",
    "MEASURED",
    "WORDS",
    "DataUnavailableError",
    "character_costs",
    "entropy_rate",
    "explain_garment",
    "generate_fashion",
    "generate_greenhouse",
    "generate_housing",
    "generate_offers",
    "generate_sentences",
    "generate_series",
    "generate_shop",
    "generate_words",
    "load_digits",
    "load_fashion",
    "load_housing",
    "load_iris",
    "load_playground",
    "load_series",
    "next_pieces",
    "transition_matrix",
    "windows",
    "word_kinds",
]

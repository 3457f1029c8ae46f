import numpy as np
import pytest
import sklearn.datasets

from coursepkg.data import load_digits, load_iris


@pytest.mark.parametrize(
    ("load", "original", "shape", "sizes"),
    [
        (load_iris, lambda: sklearn.datasets.load_iris(return_X_y=True), (4,), (90, 30, 30)),
        (
            load_digits,
            lambda: (sklearn.datasets.load_digits().images, sklearn.datasets.load_digits().target),
            (8, 8),
            (1077, 360, 360),
        ),
    ],
)
class TestBundled:
    def test_each_example_is_in_exactly_one_split(self, load, original, shape, sizes):
        splits = load()
        assert tuple(len(X) for X, _ in splits) == sizes
        X, y = (np.concatenate(parts) for parts in zip(*splits, strict=True))
        assert X.shape[1:] == shape
        assert (X.dtype, y.dtype) == (np.float64, np.int64)
        X_original, y_original = original()
        rows = sorted((label, *row.ravel()) for row, label in zip(X, y, strict=True))
        assert rows == sorted((label, *row.ravel()) for row, label in zip(X_original, y_original, strict=True))

    def test_splits_are_stratified(self, load, original, shape, sizes):
        shares = np.bincount(original()[1]) / len(original()[1])
        for _, y in load():
            assert np.abs(np.bincount(y) / len(y) - shares).max() < 0.01

    def test_the_seed_decides(self, load, original, shape, sizes):
        assert (load(seed=1)[0][0] == load(seed=1)[0][0]).all()
        assert not (load(seed=1)[0][0] == load(seed=2)[0][0]).all()

    def test_bad_seed(self, load, original, shape, sizes):
        with pytest.raises(ValueError, match=r"seed must be an integer in \[0, 4294967295\]; got -1"):
            load(seed=-1)

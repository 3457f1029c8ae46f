"""The two small data sets that come with scikit-learn, in the form of the other loaders."""

from __future__ import annotations

from coursepkg._validation import as_int


def load_iris(*, seed=42):
    """Load Fisher's iris flowers: 90 for training, 30 for validation, 30 for testing, each class in equal numbers.

    Parameters
    ----------
    seed : int
        Seed of the shuffle, from 0.

    Returns
    -------
    (X_train, y_train), (X_valid, y_valid), (X_test, y_test)
        ``X`` float64 [n, 4]: length and width of the sepals, length and width of the petals, in centimetres;
        ``y`` int64 [n]: 0 setosa, 1 versicolor, 2 virginica.

    Raises
    ------
    TypeError, ValueError
        If ``seed`` is not an integer from 0 to 2**32 - 1.

    Notes
    -----
    Source: R. A. Fisher, "The use of multiple measurements in taxonomic problems", 1936, as in scikit-learn.

    Examples
    --------
    >>> (X_train, y_train), (X_valid, y_valid), (X_test, y_test) = load_iris()
    >>> X_train.shape, X_valid.shape, X_test.shape
    ((90, 4), (30, 4), (30, 4))
    """
    from sklearn.datasets import load_iris as bundled

    return _split(*bundled(return_X_y=True), seed)


def load_digits(*, seed=42):
    """Load 1,797 handwritten digits: 1,077 for training, 360 for validation, 360 for testing, stratified by class.

    Parameters
    ----------
    seed : int
        Seed of the shuffle, from 0.

    Returns
    -------
    (X_train, y_train), (X_valid, y_valid), (X_test, y_test)
        ``X`` float64 [n, 8, 8], brightness 0 to 16; ``y`` int64 [n], the digit.

    Raises
    ------
    TypeError, ValueError
        If ``seed`` is not an integer from 0 to 2**32 - 1.

    Notes
    -----
    Source: E. Alpaydin and C. Kaynak, "Optical recognition of handwritten digits", 1998, as in scikit-learn.

    Examples
    --------
    >>> (X_train, y_train), (X_valid, y_valid), (X_test, y_test) = load_digits()
    >>> X_train.shape, X_valid.shape, X_test.shape
    ((1077, 8, 8), (360, 8, 8), (360, 8, 8))
    """
    from sklearn.datasets import load_digits as bundled

    digits = bundled()
    return _split(digits.images, digits.target, seed)


def _split(X, y, seed):
    """Split 60 : 20 : 20, each class in the same proportion everywhere."""
    from sklearn.model_selection import train_test_split

    seed = as_int(seed, "seed", low=0, high=2**32 - 1)
    y = y.astype("int64")
    X_rest, X_test, y_rest, y_test = train_test_split(X, y, test_size=0.2, random_state=seed, stratify=y)
    X_train, X_valid, y_train, y_valid = train_test_split(
        X_rest, y_rest, test_size=0.25, random_state=seed, stratify=y_rest
    )
    return (X_train, y_train), (X_valid, y_valid), (X_test, y_test)

"""Tests of the generated garment images: frozen bytes, and images that depend on nothing but their number."""

import hashlib
import inspect
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursepkg.data.fashion import CLASS_NAMES, GENERATOR_VERSION, explain_garment, generate_fashion

N = 1200


def digest(images, labels):
    return hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()[:16]


@pytest.fixture(scope="module")
def train():
    return generate_fashion("train", N)


# A change of any of these is a change of the data set: what is cached, and every number in the book, goes with it.
FROZEN = {
    ("train", 0, 1000): "5b949a34217de3f4",
    ("train", 54_990, 120): "e3ba4a3c6fcb48e4",
    ("train", 59_900, 100): "8e62690d6c9fbf6b",
    ("test", 0, 1000): "b3ded6e01f359027",
    ("test", 9_900, 100): "3d8879f1a3b9b16d",
}


@pytest.mark.parametrize(("split", "start", "n"), FROZEN)
def test_bytes_are_frozen(split, start, n):
    assert digest(*generate_fashion(split, n, start=start)) == FROZEN[split, start, n]


def test_the_version_in_the_cache_changes_with_the_bytes():
    assert FROZEN["train", 0, 1000] == GENERATOR_VERSION


def test_drawing_is_fast_and_frugal():
    """70,000 images in 4 s on two cores are 0.23 s of processor time for 2,000; a slow or busy machine gets 5 times."""
    start = time.process_time()
    generate_fashion("train", 2000)
    assert time.process_time() - start < 5 * 0.23
    tracemalloc.start()
    generate_fashion("train", 2000, threads=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6


def test_shapes_and_types(train):
    images, labels = train
    assert images.shape == (N, 28, 28)
    assert labels.shape == (N,)
    assert images.dtype == labels.dtype == np.uint8


@settings(max_examples=25, deadline=None)
@given(st.integers(0, N), st.integers(0, N), st.integers(1, 4))
def test_any_part_is_that_part_of_the_whole(train, one, other, threads):
    start, stop = sorted((one, other))
    images, labels = generate_fashion("train", stop - start, start=start, threads=threads)
    assert (images == train[0][start:stop]).all()
    assert (labels == train[1][start:stop]).all()


def test_each_block_of_ten_holds_each_class_once_in_varying_order(train):
    blocks = train[1].reshape(-1, 10)
    assert (np.sort(blocks, axis=1) == np.arange(10)).all()
    assert len(np.unique(blocks, axis=0)) > 0.99 * len(blocks)
    # Every class is as likely at every place: each of the 100 counts is close to 12.
    counts = np.array([np.bincount(place, minlength=10) for place in blocks.T])
    assert counts.max() < 12 + 5 * np.sqrt(12)
    assert counts.min() > 0


def test_no_image_comes_twice_nor_in_both_splits(train):
    test, _ = generate_fashion("test", N)
    both = np.concatenate([train[0], test]).reshape(2 * N, -1)
    assert len(np.unique(both, axis=0)) == 2 * N


def test_labels_of_the_splits_differ(train):
    _, test = generate_fashion("test", N)
    assert 0.05 < (test == train[1]).mean() < 0.15


def test_pixels_resemble_those_of_fashion_mnist(train):
    """Share of zeros, mean and standard deviation of the original: 0.51, 0.28, 0.35."""
    values = train[0] / 255
    assert (values == 0).mean() == pytest.approx(0.51, rel=0.15)
    assert values.mean() == pytest.approx(0.28, rel=0.15)
    assert values.std() == pytest.approx(0.35, rel=0.15)


def test_a_nearest_class_mean_finds_most_labels(train):
    """The classes differ in shape: even the distance to ten mean images, the simplest of classifiers, tells them."""
    x, y = train[0].reshape(N, -1) / 255.0, train[1]
    means = np.stack([x[:1000][y[:1000] == k].mean(axis=0) for k in range(10)])
    nearest = ((x[1000:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert 0.55 < (nearest == y[1000:]).mean() < 0.85


def test_nothing_asked_for_is_nothing():
    images, labels = generate_fashion("test", 0, start=7)
    assert images.shape == (0, 28, 28)
    assert labels.shape == (0,)


def test_explained_garment_is_the_training_image(train):
    images, labels = train
    for label in range(10):
        steps = explain_garment(label, index=3)
        assert [name for name, _ in steps] == ["silhouette", "shading", "print", "details", "grain"]
        assert (steps[-1][1] == images[np.flatnonzero(labels == label)[3]]).all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("valid", 10), ValueError, r"split must be one of 'train', 'test'; got 'valid'"),
        (("train", -1), ValueError, r"n must be an integer in \[0, 10000000\]; got -1"),
        (("train", 2.5), TypeError, r"n must be an integer.*got 2.5"),
        (("train", True), TypeError, r"n must be an integer.*got True"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        generate_fashion(*arguments)


def test_bad_keyword_arguments_are_named():
    with pytest.raises(ValueError, match=r"start must be an integer.*got -5"):
        generate_fashion("train", 1, start=-5)
    with pytest.raises(ValueError, match=r"threads must be an integer.*got 0"):
        generate_fashion("train", 1, threads=0)
    with pytest.raises(ValueError, match=r"label must be an integer in \[0, 9\]; got 10"):
        explain_garment(10)
    with pytest.raises(ValueError, match=r"index must be an integer.*got -1"):
        explain_garment(1, -1)


def test_options_are_keyword_only():
    kinds = {name: p.kind for name, p in inspect.signature(generate_fashion).parameters.items()}
    assert kinds["start"] == kinds["threads"] == inspect.Parameter.KEYWORD_ONLY


def test_ten_class_names():
    assert len(set(CLASS_NAMES)) == 10

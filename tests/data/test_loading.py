import os
import subprocess
import sys

import numpy as np
import pytest

from coursepkg.data import DataUnavailableError, cache, generate_housing, load_fashion, load_housing, loading, real


@pytest.fixture(autouse=True)
def _small_blocks(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.delenv("COURSE_DATA_DIR", raising=False)
    monkeypatch.setattr(loading, "BLOCK", 50)
    monkeypatch.setattr(loading.fashion, "GENERATOR_VERSION", "test")
    monkeypatch.setattr(cache, "_noted", set())


@pytest.fixture
def drawn(monkeypatch):
    """Count what the generator draws."""
    calls = []
    generate = loading.fashion.generate_fashion

    def counted(split, n, *, start=0, threads=None):
        calls.append((split, start, n))
        return generate(split, n, start=start, threads=threads)

    monkeypatch.setattr(loading.fashion, "generate_fashion", counted)
    return calls


SMALL = {"n_train": 130, "n_valid": 20, "n_test": 60}


def equal(one, other):
    return all((a == b).all() for x, y in zip(one, other, strict=True) for a, b in zip(x, y, strict=True))


def test_the_layout_of_the_images():
    triple = load_fashion(**SMALL)
    for (X, y), n in zip(triple, (130, 20, 60), strict=True):
        assert (X.shape, X.dtype, y.shape, y.dtype) == ((n, 28, 28), np.uint8, (n,), np.uint8)
        assert (np.bincount(y, minlength=10) == n // 10).all()
        assert X.min() == 0
        assert X.max() > 200


def test_the_images_are_those_of_the_generator():
    (X_train, y_train), (X_valid, y_valid), (X_test, y_test) = load_fashion(**SMALL)
    for X, y, split, start in [
        (X_train, y_train, "train", 0),
        (X_valid, y_valid, "train", 55_000),
        (X_test, y_test, "test", 0),
    ]:
        images, labels = loading.fashion.generate_fashion(split, len(y), start=start)
        assert np.array_equal(X, images)
        assert np.array_equal(y, labels)


def test_the_first_images_do_not_depend_on_how_many_are_asked_for():
    few = load_fashion(n_train=7, n_valid=0, n_test=51)
    many = load_fashion(**SMALL)
    assert [len(y) for _, y in few] == [7, 0, 51]
    assert few[1][0].shape == (0, 28, 28)
    assert equal(few, [(X[: len(y)], y[: len(y)]) for (X, y), (_, y) in zip(many, few, strict=True)])


def test_the_second_load_comes_from_the_cache_and_says_the_same(drawn, capsys):
    first = load_fashion(**SMALL)
    assert drawn == [(*part, 50) for part in [("train", 0), ("train", 50), ("train", 100)]] + [
        ("train", 55_000, 50),
        ("test", 0, 50),
        ("test", 50, 50),
    ]
    line = capsys.readouterr().out
    drawn.clear()
    assert equal(load_fashion(**SMALL), first)
    assert drawn == []
    assert capsys.readouterr().out == line
    assert line == (
        "Fashion images: 130 for training, 20 for validation, 60 for testing; generated (drawings, no download).\n"
    )


def test_the_arrays_belong_to_the_caller():
    first = load_fashion(**SMALL)
    for X, y in first:
        X[:], y[:] = 0, 0
    assert load_fashion(**SMALL)[0][0].max() > 0


def test_a_damaged_block_is_drawn_again(drawn, tmp_path):
    first = load_fashion(**SMALL)
    drawn.clear()
    path = tmp_path / "cache" / "fashion-train-01.npz"
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    assert equal(load_fashion(**SMALL), first)
    assert drawn == [("train", 50, 50)]
    drawn.clear()
    load_fashion(**SMALL)
    assert drawn == []


def test_another_version_of_the_generator_draws_anew(drawn, monkeypatch):
    load_fashion(**SMALL)
    drawn.clear()
    monkeypatch.setattr(loading.fashion, "GENERATOR_VERSION", "another")
    load_fashion(**SMALL)
    assert len(drawn) == 6
    load_fashion(**SMALL)
    assert len(drawn) == 6


def test_without_a_cache_there_is_a_note_and_the_data(drawn, monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "file" / "cache"))
    first = load_fashion(**SMALL)
    out, err = capsys.readouterr()
    assert out.startswith("Fashion images: 130 for training")
    assert err.count("\n") == 1
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "cache"))
    assert equal(load_fashion(**SMALL), first)


TWO_AT_ONCE = """
import hashlib, sys
from coursepkg.data import loading
loading.BLOCK, loading.fashion.GENERATOR_VERSION = 50, "test"
sys.stdin.readline()
triple = loading.load_fashion(n_train=130, n_valid=20, n_test=60)
print(hashlib.sha256(b"".join(a.tobytes() for part in triple for a in part)).hexdigest())
"""


def test_two_processes_at_once(tmp_path):
    both = [
        subprocess.Popen([sys.executable, "-c", TWO_AT_ONCE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert answers[0] == answers[1]
    assert sorted(os.listdir(tmp_path / "cache")) == [
        f"fashion-{name}.npz" for name in ("test-00", "test-01", "train-00", "train-01", "train-02", "train-1100")
    ]


def test_housing_is_split_in_the_order_of_the_rows(capsys):
    triple = load_housing()
    X, y = generate_housing()
    assert [len(part[1]) for part in triple] == [11_610, 3_870, 5_160]
    assert (np.concatenate([part[0] for part in triple]) == X).all()
    assert (np.concatenate([part[1] for part in triple]) == y).all()
    assert capsys.readouterr().out == (
        "Housing: 11,610 rows for training, 3,870 for validation, 5,160 for testing; generated (no download).\n"
    )
    triple[0][0][:] = 0
    assert load_housing()[0][0].max() > 0


def test_the_splits_of_the_generated_table_are_alike():
    (X_train, y_train), *others = load_housing()
    for X, y in others:
        assert y.mean() == pytest.approx(y_train.mean(), rel=0.03)
        columns = [0, 1, 6, 7]
        assert np.allclose(X[:, columns].mean(axis=0), X_train[:, columns].mean(axis=0), rtol=0.03)


def test_the_original_images_are_cut_the_same_way(monkeypatch, capsys):
    images = np.arange(60_000, dtype=np.uint32)
    splits = {
        "train": (np.broadcast_to((images % 251).astype(np.uint8)[:, None, None], (60_000, 28, 28)), images % 10),
        "test": (np.zeros((10_000, 28, 28), np.uint8), np.zeros(10_000, np.uint8)),
    }
    monkeypatch.setattr(real, "read_fashion", lambda: (splits, "the moon"))
    (X_train, y_train), (X_valid, y_valid), (X_test, y_test) = load_fashion(n_train=9, n_valid=5, source="real")
    assert X_train[:, 0, 0].tolist() == list(range(9))
    assert X_valid[:, 0, 0].tolist() == [i % 251 for i in range(55_000, 55_005)]
    assert len(y_test) == 10_000
    assert capsys.readouterr().out == (
        "Fashion images: 9 for training, 5 for validation, 10,000 for testing; "
        "the original Fashion-MNIST, from the moon.\n"
    )


def test_the_original_table_is_split_as_usual(monkeypatch, capsys):
    from sklearn.model_selection import train_test_split

    X, y = np.arange(20_640 * 8.0).reshape(-1, 8), np.arange(20_640.0)
    monkeypatch.setattr(real, "read_housing", lambda: (X, y, "the moon"))
    triple = load_housing(source="real")
    assert [len(part[1]) for part in triple] == [11_610, 3_870, 5_160]
    assert (triple[2][1] == train_test_split(y, random_state=42)[1]).all()
    assert "the original California housing data, from the moon" in capsys.readouterr().out


def test_the_environment_chooses_the_source_and_the_argument_wins(monkeypatch, capsys):
    def unavailable():
        raise DataUnavailableError("not here")

    monkeypatch.setattr(real, "read_fashion", unavailable)
    monkeypatch.setattr(real, "read_housing", unavailable)
    monkeypatch.setenv("COURSE_DATA", "real")
    with pytest.raises(DataUnavailableError, match="not here"):
        load_fashion(**SMALL)
    with pytest.raises(DataUnavailableError, match="not here"):
        load_housing()
    assert capsys.readouterr().out == ""
    load_housing(source="generated")
    monkeypatch.setenv("COURSE_DATA", "")
    load_housing()
    assert capsys.readouterr().out.count("generated") == 2


@pytest.mark.parametrize("load", [load_fashion, load_housing])
def test_bad_sources(load, monkeypatch):
    with pytest.raises(ValueError, match="source must be one of 'generated', 'real'; got 'Real'"):
        load(source="Real")
    monkeypatch.setenv("COURSE_DATA", "originals")
    with pytest.raises(
        ValueError, match="the variable COURSE_DATA must be one of 'generated', 'real'; got 'originals'"
    ):
        load()


@pytest.mark.parametrize(("name", "high"), [("n_train", 55_000), ("n_valid", 5_000), ("n_test", 10_000)])
def test_bad_sizes(name, high):
    with pytest.raises(ValueError, match=rf"{name} must be an integer in \[0, {high}\]; got {high + 1}"):
        load_fashion(**{name: high + 1})
    with pytest.raises(ValueError, match=f"{name} must be an integer"):
        load_fashion(**{name: -1})
    with pytest.raises(TypeError, match=rf"{name} must be an integer in \[0, {high}\]; got 100.0"):
        load_fashion(**{name: 100.0})


def test_importing_the_data_imports_nothing_heavy():
    heavy = ["sklearn", "scipy", "pooch", "requests", "tqdm", "pandas", "matplotlib", "tensorflow", "keras"]
    code = f"import sys, coursepkg.data; print([m for m in sys.modules if m in {heavy}])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"

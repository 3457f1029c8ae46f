import hashlib
import io
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

from coursepkg.data import DataUnavailableError, generate_housing, real
from tests.data.mirror import cached

pytestmark = pytest.mark.usefixtures("offline")


def archive_of(X, y):
    """Pack a table as the original is packed: longitude, latitude, age, totals of rooms …, income, price in dollars."""
    households = np.rint(X[:, 4] / X[:, 5])
    columns = [
        X[:, 7],
        X[:, 6],
        X[:, 1],
        X[:, 2] * households,
        X[:, 3] * households,
        X[:, 4],
        households,
        X[:, 0],
        y * 1e5,
    ]
    text = "\n".join(",".join(f"{value:.6f}" for value in row) for row in np.column_stack(columns)).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("CaliforniaHousing/cal_housing.data")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return buffer.getvalue()


def test_the_housing_checksum_is_scikit_learns():
    from sklearn.datasets import _california_housing

    assert {_california_housing.ARCHIVE.filename: _california_housing.ARCHIVE.checksum} == real.HOUSING_FILES


@pytest.fixture(scope="module")
def housing():
    """A table with the size of the original, its archive, and the checksum of what scikit-learn makes of it."""
    return archive_of(*generate_housing())


@pytest.fixture
def housing_known(housing, monkeypatch, server):
    """Let the small world's archive be the right one."""
    from sklearn.datasets import _california_housing

    checksum = hashlib.sha256(housing).hexdigest()
    monkeypatch.setattr(real, "HOUSING_FILES", {"cal_housing.tgz": checksum})
    ours = _california_housing.ARCHIVE._replace(checksum=checksum, url="http://127.0.0.1:9/never")
    monkeypatch.setattr(_california_housing, "ARCHIVE", ours)
    monkeypatch.setitem(server.files, "cal_housing.tgz", housing)

    def table_checksum(data_home):
        table = _california_housing.fetch_california_housing(data_home=str(data_home))
        return hashlib.sha256(table.data.tobytes(order="C") + table.target.tobytes()).hexdigest()

    return table_checksum


@pytest.fixture
def scikit_learn_cache(tmp_path, housing, housing_known, monkeypatch):
    folder = tmp_path / "scikit_learn_data"
    folder.mkdir()
    (folder / "cal_housing.tgz").write_bytes(housing)
    monkeypatch.setattr(real, "HOUSING_TABLE", housing_known(folder))
    assert os.listdir(folder) == ["cal_housing_py3.pkz"]
    return folder


def test_housing_is_downloaded_and_read_by_scikit_learn(scikit_learn_cache, server, address):
    X, y, origin = real.read_housing(mirrors=[address("missing"), address("good")])
    X_expected, y_expected = generate_housing()
    assert np.allclose(X, X_expected, rtol=1e-6)
    assert np.allclose(y, y_expected)
    assert origin == "127.0.0.1"
    assert cached() == ["cal_housing.tgz"]
    server.asked.clear()
    again = real.read_housing(mirrors=[address("good")])
    assert (again[0] == X).all()
    assert again[2] == "the download cache"
    assert server.asked == []


def test_scikit_learns_cache_is_used(scikit_learn_cache, monkeypatch, server):
    monkeypatch.setenv("COURSE_DATA_DIR", str(scikit_learn_cache))
    X, _, origin = real.read_housing()
    assert X.shape == (20640, 8)
    assert origin == "COURSE_DATA_DIR"
    assert server.asked == []
    assert cached() == []


def test_the_archive_of_a_student_is_used(tmp_path, housing, scikit_learn_cache, monkeypatch, server):
    (tmp_path / "cal_housing.tgz").write_bytes(housing)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    assert real.read_housing()[2] == "COURSE_DATA_DIR"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cal_housing.tgz", "scikit_learn_data"]


@pytest.mark.parametrize("damage", ["empty", "cut", "other"])
def test_a_damaged_scikit_learn_cache_is_reported(scikit_learn_cache, monkeypatch, damage):
    path = scikit_learn_cache / "cal_housing_py3.pkz"
    if damage == "other":
        monkeypatch.setattr(real, "HOUSING_TABLE", "0" * 64)
    else:
        path.write_bytes(b"" if damage == "empty" else path.read_bytes()[:5000])
    monkeypatch.setenv("COURSE_DATA_DIR", str(scikit_learn_cache))
    with pytest.raises(DataUnavailableError, match="(?s)cal_housing_py3.pkz is damaged.*Two ways on"):
        real.read_housing()
    assert path.exists()


def test_housing_without_a_network_is_an_error_with_advice(address):
    with pytest.raises(DataUnavailableError, match="(?s)California housing.*404.*cal_housing.tgz.*cal_housing_py3.pkz"):
        real.read_housing(mirrors=[address("missing")])


ORIGINALS = Path(os.environ.get("COURSE_DATA_DIR", ""))


@pytest.mark.skipif(not (ORIGINALS / "cal_housing_py3.pkz").is_file(), reason="needs the original in COURSE_DATA_DIR")
def test_the_original_table_is_accepted(monkeypatch):
    monkeypatch.setenv("COURSE_DATA_DIR", str(ORIGINALS))
    X, y, origin = real.read_housing()
    assert X.shape == (20640, 8)
    assert y.max() == 5.00001
    assert origin == "COURSE_DATA_DIR"

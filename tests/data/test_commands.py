import argparse

import pytest

from coursepkg.data import DataUnavailableError, commands, load_fashion, loading, real


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("COURSE_DATA_DIR", raising=False)
    monkeypatch.setattr(loading, "BLOCK", 50)
    monkeypatch.setattr(loading.fashion, "GENERATOR_VERSION", "test")


def call(*words):
    parser = argparse.ArgumentParser()
    commands.add_parser(parser.add_subparsers())
    return commands.run(parser.parse_args(["data", *words]))


def keep_a_block():
    load_fashion(n_train=10, n_valid=0, n_test=0)


def test_list(tmp_path, capsys):
    assert call("list") == 0
    assert "(0 of 14 blocks kept in the cache)" in capsys.readouterr().out
    keep_a_block()
    (tmp_path / "cache" / "real").mkdir()
    (tmp_path / "cache" / "real" / "cal_housing.tgz").write_bytes(b"any")
    capsys.readouterr()
    assert call("list") == 0
    out = capsys.readouterr().out
    assert str(tmp_path / "cache") in out
    assert "(1 of 14 blocks kept in the cache)" in out
    assert "Fashion-MNIST (0 of 4 file(s) downloaded)" in out
    assert "California housing (1 of 1 file(s) downloaded)" in out


def test_fetch_says_where_from_or_what_failed(monkeypatch, capsys):
    def unavailable():
        raise DataUnavailableError("no network\nadvice")

    originals = {
        "fashion": ("Fashion-MNIST", real.FASHION_FILES, lambda: ({}, "the moon")),
        "housing": ("California housing", real.HOUSING_FILES, unavailable),
    }
    monkeypatch.setattr(commands, "_ORIGINALS", originals)
    assert call("fetch", "fashion") == 0
    assert capsys.readouterr() == ("Fashion-MNIST: there, checksums match; from the moon.\n", "")
    assert call("fetch") == 1
    out, err = capsys.readouterr()
    assert out.startswith("Fashion-MNIST: there")
    assert err == "no network\nadvice\n"


def test_fetch_rejects_other_names(capsys):
    with pytest.raises(SystemExit):
        call("fetch", "cifar")
    assert "must be one of fashion, housing; got 'cifar'" in capsys.readouterr().err


def test_verify(tmp_path, capsys):
    keep_a_block()
    capsys.readouterr()
    assert call("verify") == 0
    assert capsys.readouterr().out == "1 file(s) checked, 0 of no use.\n"
    (tmp_path / "cache" / "real").mkdir()
    (tmp_path / "cache" / "real" / "cal_housing.tgz").write_bytes(b"any")
    (tmp_path / "cache" / "fashion-test-00.npz").write_bytes(b"any")
    assert call("verify") == 1
    out = capsys.readouterr().out
    assert "fashion-test-00.npz: damaged, or not readable" in out
    assert "cal_housing.tgz: wrong checksum" in out
    assert "3 file(s) checked, 2 of no use." in out


def test_verify_names_entries_of_another_version(monkeypatch, capsys):
    keep_a_block()
    monkeypatch.setattr(loading.fashion, "GENERATOR_VERSION", "next")
    assert call("verify") == 1
    assert "made by version test/50 of the generator, this is version next/50" in capsys.readouterr().out


def test_clear_deletes_our_files_and_no_others(tmp_path, capsys):
    keep_a_block()
    cache = tmp_path / "cache"
    (cache / "real").mkdir()
    for name in ("real/cal_housing.tgz", "real/tmpabc", ".fashion-train-03.npz.17-00aa.part", "tmp-mine", "thesis.npz"):
        (cache / name).write_bytes(b"any")
    capsys.readouterr()
    assert call("clear") == 0
    assert capsys.readouterr().out.startswith("4 file(s) deleted, 0.")
    assert sorted(path.name for path in cache.iterdir()) == ["thesis.npz", "tmp-mine"]
    assert call("clear") == 0
    assert capsys.readouterr().out == "0 file(s) deleted, 0.0 MB.\n"


def test_clear_removes_the_empty_folder_and_needs_none(tmp_path, capsys):
    keep_a_block()
    assert call("clear") == 0
    assert not (tmp_path / "cache").exists()
    assert call("clear") == 0
    assert call("verify") == 0

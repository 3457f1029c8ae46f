"""The original data sets. This is the only file of the package that talks to the network.

A file is taken from the folder ``COURSE_DATA_DIR`` if it is there, else from the cache, else from the first of
several mirrors that delivers it with the right checksum. Whatever goes wrong ends in `DataUnavailableError`, which
says what failed, what was tried, and what to do: there is no silent fall-back.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import hashlib
import http.client
import os
import shutil
import socket
import ssl
import struct
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import warnings
from pathlib import Path

import numpy as np

from coursepkg.data.cache import cache_folder, remove_abandoned, unfinished_files

# SHA-256 of the files that Zalando Research published in 2017 (their MD5 sums are in the README of the data set).
FASHION_FILES = {
    "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}
FASHION_MIRRORS = (
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/{name}",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/{name}",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/{name}",
)
HOUSING_FILES = {"cal_housing.tgz": "aaa5c9a6afe2225cc2aed2723682ae403280c4a3695a2ddda4ffb5d8215ea681"}
HOUSING_MIRRORS = (
    "https://ndownloader.figshare.com/files/5976036",
    "https://www.dcc.fc.up.pt/~ltorgo/Regression/{name}",
)
# SHA-256 of the table as scikit-learn delivers it: the features, then the target, as little-endian float64.
HOUSING_TABLE = "f8ce03213e1c375e51c57d02cb41558c30b643325347f1cc0b26ce713ce3a0b7"

_SCIKIT_LEARN_CACHE = "cal_housing_py3.pkz"
_SUBFOLDERS = ("", "fashion-mnist", "FashionMNIST/raw")  # the last one is where torchvision keeps the files
_PARTS = "tmp*"  # names that pooch gives to files while they arrive
_CHUNK = 1 << 16


class DataUnavailableError(RuntimeError):
    """The original data cannot be had. The message says why, what was tried, and the two ways on."""


class _MirrorError(Exception):
    """One mirror did not deliver."""


def read_fashion(*, mirrors=None, timeout=20.0, deadline=900.0):
    """Read the original Fashion-MNIST.

    Parameters
    ----------
    mirrors : sequence of str, optional
        Addresses to try in turn, with ``{name}`` for the file name; by default, `FASHION_MIRRORS`.
    timeout : float
        Seconds without any answer after which a mirror is given up.
    deadline : float
        Seconds after which a mirror is given up although data still trickle in.

    Returns
    -------
    splits : dict
        ``"train"`` and ``"test"``, each a pair of images (uint8 [60000 or 10000, 28, 28]) and labels (uint8 [n]).
    origin : str
        Where the files came from, in a few words.

    Raises
    ------
    DataUnavailableError
        If a file is damaged, or neither on this computer nor on any mirror.

    Notes
    -----
    Source: H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST", arXiv:1708.07747, 2017.
    """
    paths, origin = _find_files("Fashion-MNIST", FASHION_FILES, mirrors or FASHION_MIRRORS, timeout, deadline)
    train_images, train_labels, test_images, test_labels = (_read_idx(path) for path in paths)
    return {"train": (train_images, train_labels), "test": (test_images, test_labels)}, origin


def read_housing(*, mirrors=None, timeout=20.0, deadline=900.0):
    """Read the original California housing table, with scikit-learn's own loader.

    Parameters
    ----------
    mirrors, timeout, deadline
        As for `read_fashion`; by default, `HOUSING_MIRRORS`.

    Returns
    -------
    X : numpy.ndarray, float64 [20640, 8]
        Features, see `coursepkg.data.FEATURE_NAMES`.
    y : numpy.ndarray, float64 [20640]
        Median value of the houses in units of 100,000 dollars.
    origin : str
        Where the file came from, in a few words.

    Raises
    ------
    DataUnavailableError
        If a file is damaged, or neither on this computer nor on any mirror.

    Notes
    -----
    Source: R. K. Pace and R. Barry, "Sparse spatial autoregressions", 1997.
    """
    folder = _data_dir("California housing", HOUSING_FILES)
    if folder is not None and (folder / _SCIKIT_LEARN_CACHE).exists():
        return *_scikit_learn_table(folder, folder / _SCIKIT_LEARN_CACHE), "COURSE_DATA_DIR"
    [path], origin = _find_files("California housing", HOUSING_FILES, mirrors or HOUSING_MIRRORS, timeout, deadline)
    # scikit-learn unpacks the archive where it lies and replaces it by a file without a checksum: let it do so with a
    # copy, in a folder that vanishes.
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copyfile(path, Path(scratch) / path.name)
        return *_scikit_learn_table(scratch, path), origin


def real_folder():
    """Return the folder of the downloaded files, which need not exist yet."""
    return cache_folder() / "real"


def unfinished_downloads():
    """Return the files of downloads that have begun and not ended."""
    return unfinished_files(real_folder(), _PARTS)


def is_intact(path, sha256):
    """Return whether the file has the checksum that it should have."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest() == sha256


def _find_files(title, files, mirrors, timeout, deadline):
    """Return the paths of verified files, in the order of ``files``, and where they came from."""
    given = _data_dir(title, files)
    mirrors = list(mirrors)
    paths, origins = [], []
    for name, sha256 in files.items():
        path = given and next((given / sub / name for sub in _SUBFOLDERS if (given / sub / name).is_file()), None)
        if path:
            try:
                problem = None if is_intact(path, sha256) else "it is damaged or not the original: wrong checksum"
            except OSError as error:
                problem = error.strerror
            if problem:
                raise _unavailable(title, files, f"the file {path} in COURSE_DATA_DIR cannot be used ({problem}).")
            origin = "COURSE_DATA_DIR"
        else:
            path, origin = _fetch(title, files, name, mirrors, timeout, deadline)
        paths.append(path)
        origins.append(origin)
    return paths, " and ".join(dict.fromkeys(origins))


def _data_dir(title, files):
    named = os.environ.get("COURSE_DATA_DIR", "")
    if not named.strip():
        return None
    folder = Path(os.path.expanduser(named))
    if not folder.is_dir():
        raise _unavailable(title, files, f"COURSE_DATA_DIR names {folder}, which is not a folder.")
    return folder


def _fetch(title, files, name, mirrors, timeout, deadline):
    """Return the path of a verified file in the cache, downloaded if need be, and where it came from.

    The mirror that delivers moves to the head of the list ``mirrors``, so that the next file does not wait for others.
    """
    with warnings.catch_warnings():  # tqdm misses widgets in a notebook; nobody needs them
        warnings.simplefilter("ignore")
        import pooch

    folder, known_hash = real_folder(), f"sha256:{files[name]}"
    tried = []
    try:
        if (folder / name).is_file() and is_intact(folder / name, files[name]):
            return folder / name, "the download cache"
        folder.mkdir(parents=True, exist_ok=True)
        remove_abandoned(folder, _PARTS)
        for mirror in list(mirrors):
            url = mirror.format(name=name)
            try:
                with _quiet(pooch.get_logger()):
                    downloader = _Downloader(timeout, deadline)
                    path = pooch.retrieve(url, known_hash, fname=name, path=folder, downloader=downloader)
                mirrors.remove(mirror)
                mirrors.insert(0, mirror)
                return Path(path), urllib.parse.urlsplit(url).hostname
            except _MirrorError as error:
                tried.append(f"{url}: {error}")
            except ValueError:  # from pooch, which has deleted the file
                tried.append(f"{url}: the file that arrived has the wrong checksum")
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise _unavailable(
            title,
            files,
            f"the folder {folder} cannot be used ({reason}). Free some space there, or set COURSE_CACHE_DIR to a "
            "folder that you can write to.",
            tried,
        ) from error
    raise _unavailable(title, files, f"{name} could not be downloaded.", tried)


class _Downloader:
    """Download one address into a file; called by pooch, which checks the checksum and renames the file.

    It reads whatever has arrived instead of whole chunks, so that the deadline holds on a connection that drips.
    """

    def __init__(self, timeout, deadline):
        self._timeout, self._deadline = timeout, deadline

    def __call__(self, url, output_file, pooch_instance):
        with open(output_file, "wb") as file, contextlib.closing(self._chunks(url)) as chunks:
            for chunk in chunks:
                file.write(chunk)

    def _chunks(self, url):
        """Yield the bytes behind ``url``; everything that the network can do ends in `_MirrorError`."""
        give_up = time.monotonic() + self._deadline
        received = 0
        try:
            request = urllib.request.Request(url, headers={"User-Agent": "coursepkg", "Accept-Encoding": "identity"})
            with urllib.request.urlopen(request, timeout=self._timeout, context=_tls()) as response:
                total = int(response.headers.get("Content-Length") or 0)
                with _progress_bar(url, total) as progress:
                    while chunk := response.read1(_CHUNK):
                        if received == 0 and not chunk.startswith(b"\x1f"):
                            raise _MirrorError(_not_gzip(response, chunk))
                        received += len(chunk)
                        progress(len(chunk))
                        yield chunk
                        if time.monotonic() > give_up:
                            raise _MirrorError(f"too slow: {received:,} bytes in {self._deadline:g} seconds")
        except urllib.error.HTTPError as error:
            raise _MirrorError(f"HTTP status {error.code} ({error.reason})") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _MirrorError(_explain(error, self._timeout)) from error
        if received < total:
            raise _MirrorError(f"the connection broke off after {received:,} of {total:,} bytes")
        if received == 0:
            raise _MirrorError("the answer was empty")


def _explain(error, timeout):
    reason = getattr(error, "reason", None)
    error = reason if isinstance(reason, Exception) else error
    if isinstance(error, TimeoutError):
        return f"no answer for {timeout:g} seconds"
    if isinstance(error, socket.gaierror):
        return "the name of the host is unknown (no network, or a name server that does not answer)"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ssl.SSLError):
        return f"no trusted connection ({error})"
    return f"{type(error).__name__}: {error}"


def _not_gzip(response, chunk):
    if b"<" in chunk[:200] or "html" in response.headers.get("Content-Type", ""):
        return "a web page came instead of the file (the log-in page of a network, or a block page)"
    return "what came is not a gzip file"


@functools.cache
def _tls():
    """Trust what the system trusts, and the certificates that come with pooch (some Pythons find none on macOS)."""
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


@contextlib.contextmanager
def _progress_bar(url, total):
    """Show a bar on a terminal; elsewhere (notebooks that are tested, log files) show nothing."""
    if not sys.stderr.isatty():
        yield lambda n: None
        return
    from tqdm import tqdm

    with tqdm(desc=url.rsplit("/", 1)[-1], total=total or None, unit="B", unit_scale=True) as bar:
        yield bar.update


@contextlib.contextmanager
def _quiet(logger):
    """Keep pooch from announcing each download: the loaders say themselves what was loaded."""
    level = logger.level
    logger.setLevel("WARNING")
    try:
        yield
    finally:
        logger.setLevel(level)


def _read_idx(path):
    """Read one IDX file: two zero bytes, type 8 (uint8), the number of axes, their lengths as big-endian int32."""
    content = gzip.decompress(Path(path).read_bytes())
    axes = content[3]
    shape = struct.unpack(f">{axes}I", content[4 : 4 + 4 * axes])
    return np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * axes).reshape(shape)


def _scikit_learn_table(data_home, path):
    """Let scikit-learn read the table in ``data_home``; ``path`` is the file to name if it is damaged."""
    from sklearn.datasets import fetch_california_housing

    try:
        table = fetch_california_housing(data_home=str(data_home))
        X, y = np.ascontiguousarray(table.data), np.ascontiguousarray(table.target)
    # A damaged pickle can raise anything at all.
    except Exception as error:
        problem = f"the file {path} is damaged, scikit-learn cannot read it ({type(error).__name__}: {error})."
        raise _unavailable("California housing", HOUSING_FILES, problem) from error
    if hashlib.sha256(X.astype("<f8").tobytes() + y.astype("<f8").tobytes()).hexdigest() != HOUSING_TABLE:
        problem = f"the file {path} is damaged or not the original (wrong checksum)."
        raise _unavailable("California housing", HOUSING_FILES, problem)
    return X, y


def _unavailable(title, files, failure, tried=()):
    """Build the error: what failed, what was tried, the two ways on."""
    lines = [f"The original {title} data cannot be had: {failure}"]
    if tried:
        lines += ["Tried:", *(f"  - {line}" for line in tried)]
    other = f" (or scikit-learn's {_SCIKIT_LEARN_CACHE})" if files is HOUSING_FILES else ""
    lines += [
        "Two ways on:",
        f"  1. Get the original files by hand: put {', '.join(files)}{other} into a folder, and set the environment "
        "variable COURSE_DATA_DIR to it.",
        '  2. Use the generated data, which need no download: source="generated" (or unset COURSE_DATA).',
    ]
    return DataUnavailableError("\n".join(lines))

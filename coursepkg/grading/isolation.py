"""Where submitted code runs: in a process group of its own, with limits, without a network, in front of closed doors.

There are three levels, and the best one that works on this computer is taken:

"bubblewrap"
    ``bwrap`` gives the kernel its own view of the file system (Python, the package without its answers, the system's
    libraries, all read-only, and a working copy of limited size in memory), its own processes, and no network.
"unshare"
    ``unshare`` gives it its own processes and no network; files stand open as they do to the user who grades, those
    with the answers included.
"limits"
    Only the limits on time, memory, processes, file size and output, which all levels set.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path

import coursepkg
from coursepkg._validation import one_of
from coursepkg.data.cache import cache_folder
from coursepkg.exercises.bank import FOLDERS, own_folders, without_answers

LEVELS = ("bubblewrap", "unshare", "limits")
HOME = "/home/student"  # the working copy, as submitted code sees it inside bubblewrap
_PACKAGE = Path(coursepkg.__file__).resolve().parent
_LAUNCHER = "coursepkg/grading/launch.py"
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache")
_KEPT_VARIABLES = ("KERAS_BACKEND", "LANG", "LC_ALL", "COURSE_DATA", "LD_LIBRARY_PATH")


class RootError(RuntimeError):
    """Submitted code would run with all rights of the administrator."""


@functools.cache
def best_level():
    """Return the strongest level of isolation that works here: each is tried, since being installed is not enough.

    Returns
    -------
    {"bubblewrap", "unshare", "limits"}
    """
    for level in LEVELS[:-1]:
        if _works(level):
            return level
    return "limits"


def describe(level):
    """Return one sentence that says what a level of isolation keeps apart.

    Examples
    --------
    >>> describe("limits")
    'resource limits only: submissions can use the network and read and change your files'
    """
    return {
        "bubblewrap": "bubblewrap: own file system, own processes, no network, resource limits",
        "unshare": "unshare: own processes, no network, resource limits; submissions can read and change your files",
        "limits": "resource limits only: submissions can use the network and read and change your files",
    }[one_of(level, "level", LEVELS)]


def choose_level(wanted="auto", *, allow_root=False):
    """Return the level to grade with, or refuse to run submitted code as root without a file system of its own.

    Parameters
    ----------
    wanted : {"auto", "bubblewrap", "unshare", "limits"}
    allow_root : bool, keyword-only
        Run it all the same.

    Returns
    -------
    {"bubblewrap", "unshare", "limits"}

    Raises
    ------
    RootError
        If the user is root and the level would leave all files open.
    ValueError
        If the level is unknown, or does not work on this computer.
    """
    one_of(wanted, "wanted", ("auto", *LEVELS))
    level = best_level() if wanted == "auto" else wanted
    if wanted not in ("auto", "limits") and not _works(wanted):
        raise ValueError(f"the isolation {wanted!r} does not work on this computer; {best_level()!r} does")
    if level != "bubblewrap" and hasattr(os, "geteuid") and os.geteuid() == 0 and not allow_root:
        raise RootError(
            f"refusing to run submitted code as root with {describe(level)}. Install bubblewrap "
            "(Debian, Ubuntu: apt-get install bubblewrap), or grade as an ordinary user, or say --allow-root"
        )
    return level


def package_without_answers(folder):
    """Copy this package without its answers, and own exercises without theirs: what runs beside a submission.

    Parameters
    ----------
    folder : pathlib.Path
        Is made; it becomes ``PYTHONPATH``.

    Returns
    -------
    list of pathlib.Path
        The folders of own exercises in the copy.
    """
    ignored = shutil.ignore_patterns("__pycache__", "answers")
    shutil.copytree(_PACKAGE, folder / _PACKAGE.name, ignore=ignored)
    own = []
    for number, source in enumerate(own_folders()):
        copy = folder / f"own{number}"
        copy.mkdir()
        for name, data in without_answers(source).items():
            (copy / name).write_bytes(data)
        own.append(copy)
    return own


def command(arguments, *, level, limits, sockets, files, home, package):
    """Return the command line that runs a program in isolation.

    Parameters
    ----------
    arguments : sequence of str
        The program.
    level : {"bubblewrap", "unshare", "limits"}, keyword-only
    limits : Limits
    sockets : str
        Folder through which the program is spoken to; the only one that both sides see.
    files : str
        Folder of which the program gets a copy.
    home : str
        Where that copy goes, outside bubblewrap.
    package : str
        Folder that :func:`package_without_answers` made.

    Returns
    -------
    list of str
    """
    inside = HOME if level == "bubblewrap" else home
    order = {"files": files, "home": inside, "own_processes": level != "limits"}
    order = json.dumps({**order, "limits": _resource_limits(level, limits)})
    # -I -S: the launcher starts in milliseconds, and nothing of the user's environment can change it.
    launched = [sys.executable, "-I", "-S", os.path.join(package, _LAUNCHER), order, *arguments]
    if level == "unshare":
        return ["unshare", *_UNSHARE, *launched]
    if level == "limits":
        return launched
    binds = [word for path in (*_readable_paths(), package) for word in ("--ro-bind", path, path)]
    hidden = [word for path in _hidden_paths() for word in ("--tmpfs", path)]
    system = [word for path in _SYSTEM if not os.path.islink(path) for word in ("--ro-bind-try", path, path)]
    links = [word for path in _SYSTEM if os.path.islink(path) for word in ("--symlink", os.readlink(path), path)]
    return [
        *("bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--uid", "1000", "--gid", "1000"),
        *("--hostname", "grading", "--proc", "/proc", "--dev", "/dev"),
        *("--size", str(limits.disk_bytes), "--tmpfs", "/tmp", "--size", str(limits.disk_bytes), "--tmpfs", HOME),
        *system,
        *links,
        *binds,
        *hidden,
        *("--ro-bind", files, files, "--bind", sockets, sockets, "--chdir", HOME, "--"),
        *launched,
    ]


def environment(level, home, *, package, own=()):
    """Return the environment variables of submitted code: none of those that may hold secrets.

    Parameters
    ----------
    level : {"bubblewrap", "unshare", "limits"}
    home : str
    package : path, keyword-only
        Folder that :func:`package_without_answers` made.
    own : sequence of path, keyword-only
        What that returned.
    """
    inside = HOME if level == "bubblewrap" else home
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {
        **kept,
        "COURSE_CACHE_DIR": str(cache_folder()),  # generated data are not generated once more for each submission
        "HOME": inside,
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), "/usr/local/bin", "/usr/bin", "/bin"]),
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": str(package),
        FOLDERS: os.pathsep.join(map(str, own)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": f"{inside}/.matplotlib",
        "JUPYTER_PLATFORM_DIRS": "1",
        "IPYTHONDIR": f"{inside}/.ipython",
        "NBGRADER_EXECUTION": "autograde",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # One thread each: several submissions are graded side by side, and memory limits hold for each thread's arena.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }


class Watchdog:
    """Ends a group of processes that together use more than they may; also sweeps up what is left at the end.

    Limits that the system sets hold for each process; a submission that starts many of them is stopped here.
    """

    def __init__(self, pid, limits, *, home=None, interval=0.2):
        self.reason = None
        self._pid, self._limits, self._home, self._interval = pid, limits, home, interval
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="watchdog")
        self._thread.start()

    def stop(self):
        """End the watch and everything that the process has started, and wait until it is gone."""
        import psutil

        self._over.set()
        self._thread.join()
        end_family(self._pid)
        strays = self._strays()
        for process in strays:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(strays, timeout=1)

    def _watch(self):
        import psutil

        while not self._over.wait(self._interval):
            family = _family(self._pid)
            memory = 0
            for process in family:
                with contextlib.suppress(psutil.Error):
                    memory += process.memory_info().rss
            if len(family) > self._limits.processes:
                self.reason = f"it started more than {self._limits.processes} processes"
            elif memory > self._limits.memory:
                self.reason = f"it used more than {self._limits.memory / 2**20:.0f} MB of memory"
            if self.reason:
                end_family(self._pid)
                return

    def _strays(self):
        """Return processes that left the family; their working copy, which no other program has, gives them away."""
        import psutil

        if self._home is None:
            return []
        everyone = psutil.process_iter(["environ"])
        return [process for process in everyone if (process.info["environ"] or {}).get("HOME") == self._home]


def end_family(pid):
    """End a process and everything that it started."""
    import psutil

    # Children can start others while they are being ended, so it takes rounds until none is left.
    for _ in range(20):
        family = _family(pid)
        if not family:
            return
        for process in reversed(family):
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(family, timeout=0.2)


def _family(pid):
    import psutil

    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return []


_UNSHARE = ("--user", "--map-current-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")


def _works(level):
    tried = {
        "bubblewrap": ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"],
        "unshare": ["unshare", *_UNSHARE, "true"],
    }[level]
    if platform.system() != "Linux" or not shutil.which(tried[0]):
        return False
    try:
        return subprocess.run(tried, capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@functools.cache
def _readable_paths():
    """Return the folders that Python and this package need, without those that lie in another one of them."""
    paths = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()}
    paths |= {os.path.dirname(os.path.realpath(sys.executable))}
    paths.add(str(cache_folder()))
    paths = sorted({os.path.abspath(path) for path in paths if os.path.isdir(path)}, key=len)
    kept = []
    for path in paths:
        if not any(os.path.commonpath([path, above]) == above for above in [*kept, "/usr"]):
            kept.append(path)
    return tuple(kept)


@functools.cache
def _hidden_paths():
    """Return what lies in a readable folder and must not be seen: answers of an installed package, a book beside it."""
    places = (_PACKAGE / "exercises" / "answers", _PACKAGE.parent / "book")
    inside = [str(place) for place in places if place.is_dir()]
    return tuple(p for p in inside if any(os.path.commonpath([p, above]) == above for above in _readable_paths()))


def _resource_limits(level, limits):
    """Return the limits that the system keeps for each process, by their names in the module ``resource``."""
    # Threads count as processes here, and libraries start dozens; without a name space those of the user count too.
    others = 0 if level == "bubblewrap" else _tasks_of_user()
    return {
        "RLIMIT_DATA": limits.memory,
        "RLIMIT_CPU": limits.total_seconds + 60,
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_NPROC": others + 200 + limits.processes,
        "RLIMIT_CORE": 0,
    }


def _tasks_of_user():
    import psutil

    count = 0
    for process in psutil.process_iter(["uids", "num_threads"]):
        uids = process.info["uids"]
        if uids and uids.real == os.getuid():
            count += process.info["num_threads"] or 1
    return count

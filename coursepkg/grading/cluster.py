"""Hand the jobs of grading to a Dask cluster (``dask.distributed``, an optional extra)."""

from __future__ import annotations

import threading

from coursepkg.grading.graders import Grader

_of_thread = threading.local()


def run_all(todo, scheduler, *, patience="20s"):
    """Run jobs on a cluster; yield each once, with its result or its error, in the order in which they end.

    A job whose worker disappears is given to another worker. Nothing that a job does has an effect outside its result,
    so one that ran twice for that reason counts once.

    Parameters
    ----------
    todo : sequence of coursepkg.grading.job.Job
    scheduler : str
        Address, such as "tcp://10.0.0.5:8786". Its workers need the same version of this package.
    patience : str, keyword-only
        How long to wait for the scheduler to answer.

    Yields
    ------
    tuple of (Job, Result or Exception)

    Raises
    ------
    OSError
        If nothing answers at the address.
    """
    try:
        from dask.distributed import Client, as_completed
    except ImportError as error:
        raise ImportError('grading on a cluster needs Dask: pip install "coursepkg[cluster]"') from error
    with Client(scheduler, timeout=patience, set_as_default=False) as client:
        futures = client.map(run, todo, pure=False, retries=2)
        by_key = {future.key: job for future, job in zip(futures, todo, strict=True)}
        for future in as_completed(futures, loop=client.loop):
            error = future.exception()
            yield by_key[future.key], error if error is not None else future.result()


def run(job):
    """Grade a submission on a worker, whose threads keep a grader each for as long as they live.

    Parameters
    ----------
    job : coursepkg.grading.job.Job

    Returns
    -------
    coursepkg.grading.job.Result
    """
    if not hasattr(_of_thread, "grader"):
        _of_thread.grader = Grader()
    return _of_thread.grader.run(job)

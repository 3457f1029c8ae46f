"""Every limit that grading sets: for one submission, for what is collected, and for what is said of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from coursepkg._validation import as_int

# What is collected.
LARGEST_NOTEBOOK = 100 * 2**20  # bytes; what is larger is not even read
LARGEST_SOURCE = 2**20  # characters in all cells together; outputs do not count, they are dropped
LARGEST_FILES = 20 * 2**20  # bytes of all other files together
LONGEST_CELL = 20_000  # characters that are compared with others' answers; deeply nested programs can end a parser
# What comes back from a submission.
LARGEST_RESULT = 32 * 2**20  # bytes of one encoded result
LONGEST_TRACEBACK = 10_000  # characters
# Seconds on top of those that a submission has.
CHECK_SECONDS = 15  # for importing what a check needs, on top of the time for a cell
START_SECONDS = 180  # for starting nbgrader and kernels, on top of the time for a notebook


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes
    ----------
    cell_seconds : int
        For one cell.
    total_seconds : int
        For the whole notebook; cells after that are not run.
    memory : int
        Bytes, for one process and for all together.
    processes : int
        At the same time.
    file_bytes : int
        For one file that it writes.
    disk_bytes : int
        For its whole working copy (with bubblewrap).
    output_chars : int
        Of output that is kept for the feedback, over the whole notebook.
    """

    cell_seconds: int = 60
    total_seconds: int = 600
    memory: int = 4 * 2**30
    processes: int = 32
    file_bytes: int = 50 * 2**20
    disk_bytes: int = 200 * 2**20
    output_chars: int = 200_000

    def __post_init__(self):
        for name, value in asdict(self).items():
            as_int(value, name, low=1)

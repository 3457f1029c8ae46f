"""No test writes to the progress that someone keeps on this computer."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def progress_path(tmp_path, monkeypatch):
    """Where this test's progress is kept."""
    monkeypatch.setenv("COURSE_PROGRESS_FILE", str(tmp_path / "progress.json"))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return tmp_path / "progress.json"

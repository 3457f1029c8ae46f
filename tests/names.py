"""Names of folders and files that are legal, and that programs take for patterns, options, variables, addresses."""

from __future__ import annotations

from hypothesis import strategies as st

PARTS = (
    *("a", "lr=", "[0.1]", "b[1]", "*", "?", "{x}", "%", "%41", "%(here)s", "#", "'", '"', "`", "$HOME", "~", "!", "&"),
    *(" ", ";", ":", "|", "<", ">", "\\", "-", "--x", ".", "..", "é", "日本", "e\u0301", "🙂", "\n", "0" * 60),
)
NAMES = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map("".join).filter(lambda name: name.strip("."))
WORST = "-[0.1] a*?{x}%41%(b)s#'\"`$HOME;&|<é日本~\\ ."  # all of them in one, for commands that take long

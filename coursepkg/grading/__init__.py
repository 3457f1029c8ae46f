"""Assignments made from the course's exercises, and their grading: nbgrader with isolation and several processes."""

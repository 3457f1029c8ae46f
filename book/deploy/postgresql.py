"""Lines for the course's nbgrader_config.py that keep the gradebook in PostgreSQL (needs psycopg2-binary)."""

import os

c = get_config()  # noqa: F821 (nbgrader defines it)

# Made once with: createuser --pwprompt nbgrader && createdb --owner=nbgrader gradebook
password = os.environ["GRADEBOOK_PASSWORD"]
c.CourseDirectory.db_url = f"postgresql+psycopg2://nbgrader:{password}@localhost:5432/gradebook"

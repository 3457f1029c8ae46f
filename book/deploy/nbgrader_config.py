"""Settings of nbgrader for everyone on a JupyterHub: /etc/jupyter/nbgrader_config.py."""

import getpass

c = get_config()  # noqa: F821 (nbgrader defines it)

# The folder through which assignments are handed out and collected: on a disk that all servers share, and made once
# with `mkdir -p /srv/nbgrader/exchange && chmod 1777 /srv/nbgrader/exchange`.
c.Exchange.root = "/srv/nbgrader/exchange"

# The name of the course: the one in the course folder's own nbgrader_config.py.
c.CourseDirectory.course_id = "nn"

# Where the instructor keeps the course folder; students have none, and nbgrader warns if theirs cannot be reached.
if getpass.getuser() == "instructor":
    c.CourseDirectory.root = "/home/instructor/nn"

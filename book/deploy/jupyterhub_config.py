"""A JupyterHub with nbgrader: start it with `jupyterhub -f jupyterhub_config.py`."""

c = get_config()  # noqa: F821 (JupyterHub defines it)

c.JupyterHub.bind_url = "http://:8000"

# Accounts are those of the computer. Nobody but the people named here gets in.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allowed_users = {"instructor", "ada", "bob"}
c.Authenticator.admin_users = {"instructor"}

# What one student's server may use; the spawner must be able to enforce it (systemd, Docker, Kubernetes).
c.Spawner.default_url = "/lab"
c.Spawner.mem_limit = "2G"
c.Spawner.cpu_limit = 1.0

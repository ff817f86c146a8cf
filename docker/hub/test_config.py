"""jupyterhub_config.py for learners.py: names of its own, and a service that may
do what a teacher may, because there is nobody at the login page."""
import os

load_subconfig(os.path.join(os.path.dirname(os.path.abspath(__file__)), "jupyterhub_config.py"))  # noqa: F821
c = get_config()  # noqa: F821

c.JupyterHub.db_url = "sqlite:///:memory:"
c.JupyterHub.services.append({"name": "learners-test", "api_token": os.environ["GOPARK_TEST_TOKEN"]})
c.JupyterHub.load_roles.append({
    "name": "learners-test",
    "scopes": ["admin:users", "admin:servers", "tokens", "access:servers"],
    "services": ["learners-test"],
})
c.JupyterHub.log_level = "WARN"

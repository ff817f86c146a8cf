"""JupyterHub for a class on one machine: a container of the course for each learner.

start.sh runs it; README.md says how, and what was measured. Settings come from
the environment:

    GOPARK_IMAGE      the image                                     gopark
    GOPARK_TEACHERS   names of administrators, with blanks between  (nobody)
    GOPARK_LEARNERS   names that may log in; unset: every name
    GOPARK_MEMORY     of one learner                                1536M
    GOPARK_CPU        of one learner, in processors                 1
    GOPARK_BIND       where learners reach the hub                  http://127.0.0.1:8000

What keeps learners apart:

- Each has a container and a volume for the home folder. The container's root is
  read-only, it has no capabilities, gains none, and its memory, processors and
  number of processes are bounded.
- Containers are on a network of their own that has no way out and on which they
  do not reach each other: only this machine, where the hub is.
- The hub's API listens on that network's address, the proxy's on 127.0.0.1.
"""
import os
import secrets
import sys

import docker

c = get_config()  # noqa: F821

here = os.path.dirname(os.path.abspath(__file__))
image = os.environ.get("GOPARK_IMAGE", "gopark")
network_name = os.environ.get("GOPARK_NETWORK", "gopark-hub")


def network(name):
    """The learners' network, made when it is not there. Returns its gateway,
    which is this machine as the containers see it."""
    engine = docker.from_env()
    try:
        found = engine.networks.get(name)
    except docker.errors.NotFound:
        found = engine.networks.create(
            name,
            driver="bridge",
            internal=True,
            options={"com.docker.network.bridge.enable_icc": "false"},
        )
        found.reload()
    if not found.attrs["Internal"] or found.attrs["Options"].get("com.docker.network.bridge.enable_icc") != "false":
        sys.exit(f"hub: the docker network {name} lets learners reach each other or the world; "
                 f"remove it (docker network rm {name}), and it is made anew")
    return found.attrs["IPAM"]["Config"][0]["Gateway"]


# The hub, and the proxy in front of it.
c.JupyterHub.bind_url = os.environ.get("GOPARK_BIND", "http://127.0.0.1:8000")
gateway = network(network_name)
c.JupyterHub.hub_ip = gateway
c.JupyterHub.hub_port = int(os.environ.get("GOPARK_HUB_PORT", "8081"))
c.JupyterHub.hub_connect_ip = gateway
c.ConfigurableHTTPProxy.command = [os.path.join(here, "node_modules", ".bin", "configurable-http-proxy")]
c.ConfigurableHTTPProxy.api_url = os.environ.get("GOPARK_PROXY_API", "http://127.0.0.1:8001")
c.ConfigurableHTTPProxy.auth_token = secrets.token_hex(32)
c.JupyterHub.cleanup_servers = True

# The first password that comes with a name is that name's password.
c.JupyterHub.authenticator_class = "firstuseauthenticator.FirstUseAuthenticator"
c.FirstUseAuthenticator.min_password_length = 10
c.Authenticator.admin_users = set(os.environ.get("GOPARK_TEACHERS", "").split())
learners = set(os.environ.get("GOPARK_LEARNERS", "").split())
if learners:
    c.Authenticator.allowed_users = learners
else:
    c.Authenticator.allow_all = True

# A learner's server.
c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.DockerSpawner.image = image
c.DockerSpawner.pull_policy = "ifnotpresent"
c.DockerSpawner.cmd = ["jupyterhub-singleuser"]
c.DockerSpawner.network_name = network_name
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.remove = True
c.DockerSpawner.volumes = {os.environ.get("GOPARK_VOLUMES", "gopark-{username}"): "/home/learner"}
c.DockerSpawner.mem_limit = os.environ.get("GOPARK_MEMORY", "1536M")
c.DockerSpawner.cpu_limit = float(os.environ.get("GOPARK_CPU", "1"))
c.DockerSpawner.extra_host_config = {
    "read_only": True,
    "tmpfs": {"/tmp": "exec,mode=1777"},
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "pids_limit": 500,
}
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 60
# A class begins in one minute: servers start a few at a time, and everybody
# behind them waits in line instead of getting an error.
c.JupyterHub.concurrent_spawn_limit = 10
c.Spawner.default_url = "/lab"

# Servers that nobody has used for an hour end; their files stay.
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]

"""learners.py: a class at work, measured, and kept apart.

Starts the hub of jupyterhub_config.py with a network, ports and volumes of its
own, brings up learners (1, 5 and 10, one after the other), lets each of them run
notebooks 01 to 04 at once as JupyterLab would, through the hub's proxy, and
prints how long cells took, what memory and how many processes a learner needs.
Then it tries, as one learner, to reach another's files, ports and output. It
ends with exit status 1 if a cell failed, or one of those doors was open, and
leaves no container, volume or network.

    learners.py [--image gopark] [--learners 1,5,10] [--hold 30] [--json FILE]

Needs what `start.sh install` installs. Run it by `make hub-test`.
"""
import argparse
import asyncio
import json
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid

import docker
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

here = os.path.dirname(os.path.abspath(__file__))
NOTEBOOKS = ["01-synchronous-code-and-blocking", "02-goroutines", "03-channels-as-futures", "04-join"]
CELL_LIMIT = 240  # seconds; a cell that takes longer has failed

AsyncHTTPClient.configure(None, max_clients=200, defaults={"request_timeout": 180, "connect_timeout": 60})


def say(*words):
    print(*words, flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Hub:
    """The hub's process, and its REST API."""

    def __init__(self, image):
        self.token = secrets.token_hex(16)
        self.name = "gopark-hub-test-" + secrets.token_hex(4)
        self.url = f"http://127.0.0.1:{free_port()}"
        self.dir = tempfile.TemporaryDirectory(prefix="gopark-hub-")
        self.log = open(os.path.join(self.dir.name, "hub.log"), "w+")
        self.engine = docker.from_env()
        env = dict(
            os.environ,
            GOPARK_IMAGE=image,
            GOPARK_NETWORK=self.name,
            GOPARK_VOLUMES=self.name + "-{username}",
            GOPARK_BIND=self.url,
            GOPARK_HUB_PORT=str(free_port()),
            GOPARK_PROXY_API=f"http://127.0.0.1:{free_port()}",
            GOPARK_TEST_TOKEN=self.token,
        )
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", os.path.join(here, "test_config.py")],
            cwd=self.dir.name, env=env, stdout=self.log, stderr=subprocess.STDOUT,
        )

    async def api(self, method, path, body=None, token=None, parse=True):
        r = await AsyncHTTPClient().fetch(HTTPRequest(
            self.url + path, method=method, headers={"Authorization": "token " + (token or self.token)},
            body=None if method in ("GET", "DELETE") else json.dumps(body or {}),
        ))
        return json.loads(r.body) if parse and r.body else r

    async def ready(self):
        for _ in range(300):
            if self.process.poll() is not None:
                raise SystemExit("the hub ended:\n" + self.tail())
            try:
                await self.api("GET", "/hub/api/", parse=False)
                return
            except (OSError, HTTPClientError):
                await asyncio.sleep(0.2)
        raise SystemExit("the hub does not answer:\n" + self.tail())

    def tail(self):
        self.log.flush()
        with open(self.log.name) as f:
            return "".join(f.readlines()[-40:])

    def containers(self):
        # The hub removes containers too, meanwhile.
        return self.engine.containers.list(all=True, filters={"network": self.name}, ignore_removed=True)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for container in self.containers():
            try:
                container.remove(force=True, v=True)
            except docker.errors.APIError as e:
                if e.status_code not in (404, 409):  # gone, or going
                    raise
        while self.containers():
            time.sleep(0.1)
        for volume in self.engine.volumes.list(filters={"name": self.name}):
            volume.remove(force=True)
        for network in self.engine.networks.list(names=[self.name]):
            network.remove()
        self.log.close()
        self.dir.cleanup()


class Learner:
    """One learner: a name, a token of their own, a server."""

    def __init__(self, hub, name):
        self.hub, self.name = hub, name
        self.cells = []  # (notebook, seconds)
        self.failures = []

    async def start(self):
        """Has the hub start the server; returns the seconds until it answers."""
        begin = time.monotonic()
        try:
            await self.hub.api("POST", f"/hub/api/users/{self.name}", parse=False)
        except HTTPClientError as e:
            if e.code != 409:  # a class before this one had the same learner
                raise
        await self.hub.api("POST", f"/hub/api/users/{self.name}/server", parse=False)
        while True:
            user = await self.hub.api("GET", f"/hub/api/users/{self.name}")
            if user["servers"].get("", {}).get("ready"):
                break
            if time.monotonic() - begin > 180:
                raise SystemExit(f"the server of {self.name} does not start:\n" + self.hub.tail())
            await asyncio.sleep(0.1)
        grant = await self.hub.api("POST", f"/hub/api/users/{self.name}/tokens", {"note": "learners.py"})
        self.token = grant["token"]
        await self.api("GET", "/api/status")
        return time.monotonic() - begin

    async def api(self, method, path, body=None, token=None):
        return await self.hub.api(method, f"/user/{self.name}{path}", body, token or self.token)

    async def kernel(self, path):
        made = await self.api("POST", "/api/sessions", {
            "path": path, "name": path, "type": "notebook", "kernel": {"name": "gopark"}})
        return Kernel(self, made["kernel"]["id"])

    async def run(self, notebook):
        """Runs a notebook's code cells, each a little changed, as "Run All" does."""
        content = await self.api("GET", f"/api/contents/{notebook}.ipynb")
        kernel = await self.kernel(f"{notebook}.ipynb")
        await kernel.connect()
        for i, cell in enumerate(content["content"]["cells"]):
            if cell["cell_type"] != "code" or not cell["source"].strip():
                continue
            begin = time.monotonic()
            # A line of the learner's own makes it a cell that nobody has built
            # before, as a learner's cells are.
            reply, _ = await kernel.execute(cell["source"] + f"\n// {self.name} {self.hub.name}")
            self.cells.append((notebook, time.monotonic() - begin))
            allowed = "raises-exception" in cell["metadata"].get("tags", [])
            if reply["status"] != "ok" and not allowed:
                self.failures.append(f"{self.name}, {notebook}, cell {i}: {reply.get('ename')}: {reply.get('evalue')}")
        kernel.close()

    def container(self):
        return next(k for k in self.hub.containers() if k.name.endswith("-" + self.name))

    async def stop(self):
        await self.hub.api("DELETE", f"/hub/api/users/{self.name}/server", parse=False)
        while (await self.hub.api("GET", f"/hub/api/users/{self.name}"))["servers"]:
            await asyncio.sleep(0.1)


class Kernel:
    """A kernel behind the websocket that JupyterLab uses."""

    def __init__(self, learner, ident):
        self.learner, self.id, self.session = learner, ident, uuid.uuid4().hex

    async def connect(self, token=None):
        url = self.learner.hub.url.replace("http", "ws", 1)
        url += f"/user/{self.learner.name}/api/kernels/{self.id}/channels?session_id={self.session}"
        headers = {"Authorization": "token " + (token or self.learner.token)}
        self.socket = await websocket_connect(HTTPRequest(url, headers=headers), max_message_size=64 << 20)

    async def execute(self, code):
        """Returns the reply's content and the text of the cell's own output."""
        ident = uuid.uuid4().hex
        await self.socket.write_message(json.dumps({
            "channel": "shell", "parent_header": {}, "metadata": {}, "buffers": [],
            "header": {"msg_id": ident, "msg_type": "execute_request", "session": self.session,
                       "username": self.learner.name, "version": "5.4", "date": ""},
            "content": {"code": code, "silent": False, "store_history": True, "user_expressions": {},
                        "allow_stdin": False, "stop_on_error": False},
        }))
        reply, idle, text = None, False, []
        while reply is None or not idle:
            frame = await asyncio.wait_for(self.socket.read_message(), CELL_LIMIT)
            if frame is None:
                raise SystemExit(f"the kernel of {self.learner.name} is gone")
            if isinstance(frame, bytes):
                continue
            m = json.loads(frame)
            if m["parent_header"].get("msg_id") != ident:
                continue
            kind, content = m["header"]["msg_type"], m["content"]
            if kind == "execute_reply":
                reply = content
            elif kind == "status":
                idle = idle or content["execution_state"] == "idle"
            elif kind == "stream":
                text.append(content["text"])
            elif kind in ("display_data", "execute_result") and "gopark" not in content["metadata"]:
                # What has that mark is the kernel's own word on the run.
                text.append(content["data"].get("text/plain", ""))
        return reply, "".join(text)

    def close(self):
        self.socket.close()


def memory(container):
    """Bytes that the container holds now, page cache aside, and its processes."""
    s = container.stats(stream=False)["memory_stats"]
    cache = s.get("stats", {})
    used = s.get("usage", 0) - cache.get("inactive_file", cache.get("total_inactive_file", 0))
    return used, len(container.top()["Processes"])


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(p * len(values)))]


async def class_of(hub, n):
    """n learners, each with notebooks 01 to 04 at once."""
    learners = [Learner(hub, f"learner{i:02d}") for i in range(1, n + 1)]
    starts = await asyncio.gather(*(one.start() for one in learners))
    rest = [memory(one.container()) for one in learners]
    begin = time.monotonic()
    peak = {}

    async def watch():
        loop = asyncio.get_running_loop()
        while True:
            for one in learners:
                used, processes = await loop.run_in_executor(None, memory, one.container())
                old = peak.get(one.name, (0, 0))
                peak[one.name] = (max(old[0], used), max(old[1], processes))
            await asyncio.sleep(1)

    watcher = asyncio.create_task(watch())
    try:
        await asyncio.gather(*(one.run(notebook) for one in learners for notebook in NOTEBOOKS))
    finally:
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)
    cells = [seconds for one in learners for _, seconds in one.cells]
    result = {
        "learners": n,
        "start_s": statistics.median(starts),
        "cells": len(cells),
        "cell_median_s": statistics.median(cells),
        "cell_p90_s": percentile(cells, 0.9),
        "cell_worst_s": max(cells),
        "all_s": time.monotonic() - begin,
        "memory_idle_mb": statistics.median(m for m, _ in rest) / 1e6,
        "memory_peak_mb": max(m for m, _ in peak.values()) / 1e6,
        "processes_idle": statistics.median(p for _, p in rest),
        "processes_peak": max(p for _, p in peak.values()),
        "failures": [f for one in learners for f in one.failures],
    }
    return learners, result


async def denied(what, attempt):
    """Runs attempt, which has to be turned away with 401, 403 or 404."""
    try:
        await attempt
    except HTTPClientError as e:
        if e.code in (401, 403, 404):
            return None
        return f"{what}: answered {e.code}, not a refusal"
    return f"{what}: let in"


async def apart(hub, a, b):
    """As learner a, tries b's doors. Each is tried by b first, so that a door
    which is shut for everybody does not count."""
    open_doors, tried = [], []

    async def door(what, own, other):
        await own
        tried.append(what)
        open_doors.append(await denied(what, other))

    secret = uuid.uuid4().hex
    await b.api("PUT", "/api/contents/secret.txt", {"type": "file", "format": "text", "content": secret})
    await door("files", b.api("GET", "/api/contents/secret.txt"), b.api("GET", "/api/contents/secret.txt", token=a.token))
    await door("list of kernels", b.api("GET", "/api/kernels"), b.api("GET", "/api/kernels", token=a.token))
    await door("the hub's record", hub.api("GET", f"/hub/api/users/{b.name}", token=b.token),
               hub.api("GET", f"/hub/api/users/{b.name}", token=a.token))
    kb = await b.kernel("secret.ipynb")
    await door("output (websocket)", kb.connect(), kb.connect(token=a.token))
    # connect replaced the socket only where it was let in.
    await door("a new kernel", asyncio.sleep(0), a.hub.api("POST", f"/user/{b.name}/api/kernels", {"name": "gopark"}, token=a.token))

    # From inside of a's container: b's address, every port that listens there.
    ka = await a.kernel("spy.ipynb")
    await ka.connect()
    await kb.connect()
    _, listening = await kb.execute("!cat /proc/net/tcp")
    ports = sorted({int(m, 16) for m in re.findall(r"^ *\d+: [0-9A-F]{8}:([0-9A-F]{4}) [0-9A-F]{8}:0000 0A", listening, re.M)})
    if len(ports) < 6:
        open_doors.append(f"ports: only {ports} listen in {b.name}'s container; a server and a kernel have six and more")
    address = b.container().attrs["NetworkSettings"]["Networks"][hub.name]["IPAddress"]
    probe = f"""%%
for _, port := range []int{{{", ".join(map(str, ports))}}} {{
	c, err := net.DialTimeout("tcp", fmt.Sprintf("ADDRESS:%d", port), time.Second)
	if err == nil {{
		c.Close()
		fmt.Print("open ", port, "\\n")
	}}
}}
fmt.Print("tried\\n")
"""
    _, own = await kb.execute(probe.replace("ADDRESS", "127.0.0.1"))
    if "open" not in own:
        open_doors.append("ports: not even their owner reaches them, so the probe proves nothing")
    _, seen = await ka.execute(probe.replace("ADDRESS", address))
    tried.append(f"{len(ports)} ports")
    if "tried" not in seen or "open" in seen:
        open_doors.append("ports of another learner: " + seen)
    _, seen = await ka.execute(f"!grep -rls {secret} / --include=secret.txt 2>/dev/null; ls -d /var/run/docker.sock 2>/dev/null; echo tried")
    tried.append("the file system")
    if seen.strip() != "tried":
        open_doors.append("files of another learner, from inside: " + seen)
    _, seen = await ka.execute('%%\nc, err := net.DialTimeout("tcp", "1.1.1.1:53", time.Second)\n_ = c\nfmt.Print(err != nil)')
    tried.append("the way out")
    if seen.strip() != "true":
        open_doors.append("the way out of the network: " + seen)
    return tried, [d for d in open_doors if d]


def available():
    with open("/proc/meminfo") as f:
        return int(re.search(r"MemAvailable: +(\d+)", f.read())[1]) * 1024


async def hold(hub, most):
    """Adds learners with an open kernel until the machine, or most, ends it."""
    learners = []
    while len(learners) < most and available() > 2 << 30:
        batch = [Learner(hub, f"guest{len(learners) + i:03d}") for i in range(min(5, most - len(learners)))]
        await asyncio.gather(*(one.start() for one in batch))
        for one in batch:
            kernel = await one.kernel("held.ipynb")
            await kernel.connect()
            await kernel.execute("%%\nfmt.Print(1)")
        learners += batch
    return len(learners), statistics.median(memory(one.container())[0] for one in learners) / 1e6


async def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--image", default=os.environ.get("GOPARK_IMAGE", "gopark"))
    parser.add_argument("--learners", default="1,5,10", help="sizes of the class, one after the other")
    parser.add_argument("--hold", type=int, default=0, help="then bring up to N more, each with an idle kernel")
    parser.add_argument("--json", help="write the figures to this file too")
    args = parser.parse_args()

    hub = Hub(args.image)
    results, bad = [], []
    try:
        await hub.ready()
        say("| learners | start | cells | median | 90 % below | worst | all done | memory: idle, peak | processes: idle, peak |")
        say("|---|---|---|---|---|---|---|---|---|")
        for n in map(int, args.learners.split(",")):
            learners, r = await class_of(hub, n)
            say("| {learners} | {start_s:.1f} s | {cells} | {cell_median_s:.2f} s | {cell_p90_s:.2f} s | {cell_worst_s:.1f} s | "
                "{all_s:.0f} s | {memory_idle_mb:.0f}, {memory_peak_mb:.0f} MB | {processes_idle:.0f}, {processes_peak} |".format(**r))
            results.append(r)
            bad += r["failures"]
            if n >= 2 and n == max(map(int, args.learners.split(","))):
                tried, doors = await apart(hub, *learners[:2])
                say("tried as another learner:", ", ".join(tried) + (": all shut" if not doors else ""))
                bad += doors
            await asyncio.gather(*(one.stop() for one in learners))
        if args.hold:
            n, each = await hold(hub, args.hold)
            say(f"held at once: {n} learners with a kernel each, {each:.0f} MB a learner")
            results.append({"held": n, "memory_held_mb": each})
    except (HTTPClientError, OSError) as e:
        bad.append(f"{e}; the hub's last words:\n{hub.tail()}")
    finally:
        hub.close()
    if args.json:
        with open(args.json, "w") as f:
            json.dump(results, f, indent=1)
    for line in bad[:20]:
        say("FAILED:", line)
    if len(bad) > 20:
        say(f"FAILED: and {len(bad) - 20} more")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

"""A front end on bare ZeroMQ sockets, for what jupyter_client does not do: it
opens each channel when the test says so, sends what it likes, and vanishes."""
import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import time
import uuid

import zmq

from report import of_a_run

DELIMITER = b"<IDS|MSG>"


class Kernel:
    """A kernel, started from the argv of its kernelspec as VS Code does: with a
    connection file of free ports that the front end has chosen."""

    def __init__(self, argv, folder, env=None, cwd=None):
        self.key = uuid.uuid4().hex
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(5)]
        names = "shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"
        self.ports = dict(zip(names, (s.getsockname()[1] for s in sockets)))
        for s in sockets:
            s.close()
        self.info = {"ip": "127.0.0.1", "transport": "tcp", "signature_scheme": "hmac-sha256", "key": self.key,
                     "kernel_name": "", **self.ports}
        self.file = os.path.join(folder, "kernel-%s.json" % uuid.uuid4())
        with open(os.open(self.file, os.O_CREAT | os.O_WRONLY, 0o600), "w") as f:
            json.dump(self.info, f)
        self.started = time.time()
        self.process = subprocess.Popen([a.replace("{connection_file}", self.file) for a in argv], cwd=cwd, env=env,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        start_new_session=True)

    def wait_for_ports(self, *names, seconds=30):
        """Waits until ports are in use, without a word to the kernel."""
        end = time.time() + seconds
        for name in names:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", self.ports[name]), 1).close()
                    break
                except OSError:
                    if time.time() > end or self.process.poll() is not None:
                        raise
                    time.sleep(0.01)

    def alive(self):
        return self.process.poll() is None

    def end(self):
        if self.alive():
            self.process.kill()
        self.process.wait()
        try:
            os.unlink(self.file)
        except OSError:
            pass


class Timeout(Exception):
    pass


class FrontEnd:
    """Sockets to one kernel. None is open at first."""

    def __init__(self, kernel):
        self.kernel, self.key = kernel, kernel.key.encode()
        # An identity must not begin with a zero (ZMTP 3.0).
        self.session, self.identity = uuid.uuid4().hex, uuid.uuid4().hex.encode()
        self.context = zmq.Context()
        self.sockets = {}

    def _socket(self, name, kind):
        s = self.context.socket(kind)
        s.linger = 0
        # No high-water marks: what is sent is delivered.
        s.set_hwm(0)
        if kind == zmq.DEALER:
            s.routing_id = self.identity  # one for all: replies on stdin find their front end
        s.connect("tcp://127.0.0.1:%d" % self.kernel.ports[name + "_port"])
        self.sockets[name] = s
        return s

    def open(self, *names):
        for name in names:
            self._socket(name, zmq.DEALER)
        return self

    def subscribe(self):
        self._socket("iopub", zmq.SUB).subscribe(b"")
        return self

    def all(self):
        return self.subscribe().open("shell", "control", "stdin")

    def header(self, kind, **more):
        return {"msg_id": uuid.uuid4().hex, "session": self.session, "username": "test", "msg_type": kind,
                "version": "5.5", "date": "2026-01-01T00:00:00.123456Z", **more}

    def sealed(self, parts, key=None):
        return [DELIMITER, hmac.new(key or self.key, b"".join(parts), hashlib.sha256).hexdigest().encode(), *parts]

    def send(self, channel, kind, content=None, parent=None, **more):
        """Sends a request and returns its id; more goes into its header."""
        header = self.header(kind, **more)
        parts = [json.dumps(p).encode() for p in (header, parent or {}, {}, content if content is not None else {})]
        self.sockets[channel].send_multipart(self.sealed(parts))
        return header["msg_id"]

    def execute(self, code, channel="shell", subshell=None, **content):
        more = {"subshell_id": subshell} if subshell else {}
        return self.send(channel, "execute_request", {
            "code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False,
            "stop_on_error": True, **content}, **more)

    def receive(self, channel, seconds=10):
        """A message as a dict; its parent header also as it came."""
        end = time.time() + max(0, seconds)
        while not self.sockets[channel].poll(max(0, min(0.5, end - time.time())) * 1000):
            if time.time() >= end or not self.kernel.alive():
                raise Timeout("nothing on %s for %.1f s" % (channel, seconds))
        frames = self.sockets[channel].recv_multipart()
        at = frames.index(DELIMITER)
        parts = frames[at + 2:at + 6]
        if frames[at + 1] != self.sealed(parts)[1]:
            raise AssertionError("a message with a wrong signature")
        header, parent, metadata, content = (json.loads(p) for p in parts)
        return {"topic": frames[:at], "kind": header["msg_type"], "header": header, "parent": parent.get("msg_id"),
                "raw_parent": parts[1], "metadata": metadata, "content": content}

    def until(self, channel, seconds, condition):
        """Reads until a message is as it should be, and returns all of them."""
        got, end = [], time.time() + seconds
        while True:
            got.append(self.receive(channel, end - time.time()))
            if condition(got[-1]):
                return got

    def reply(self, msg_id, channel="shell", seconds=10):
        return self.until(channel, seconds, lambda m: m["parent"] == msg_id)[-1]

    def published(self, msg_id, seconds=10):
        """What is published about a request, up to its idle, but for the kernel's
        report: whether there is one depends on how long the cell took."""
        got = self.until("iopub", seconds, lambda m: m["parent"] == msg_id and m["content"].get("execution_state") == "idle")
        return [m for m in got if m["parent"] == msg_id and not of_a_run(m)]

    def run(self, code, seconds=30, **content):
        """Runs a cell: its reply and what it published."""
        msg_id = self.execute(code, **content)
        return self.reply(msg_id, seconds=seconds)["content"], self.published(msg_id, seconds)

    def ask(self, channel, kind, content=None, seconds=10, **more):
        """The content of the reply to a request."""
        return self.reply(self.send(channel, kind, content, **more), channel, seconds)["content"]

    def ready(self, seconds=30):
        """Waits until the kernel answers and its subscription has arrived."""
        end = time.time() + seconds
        while True:
            msg_id = self.send("shell", "kernel_info_request")
            self.reply(msg_id, seconds=end - time.time())
            try:
                self.published(msg_id, 0.5)
                return self
            except Timeout:
                if time.time() > end:
                    raise

    def close(self):
        """Vanishes, without a goodbye."""
        for s in self.sockets.values():
            s.close(0)
        self.context.term()
        self.sockets = {}


def text(messages, name="stdout"):
    return "".join(m["content"]["text"] for m in messages if m["kind"] == "stream" and m["content"]["name"] == name)


def spec(name):
    """The argv and environment of an installed kernelspec, as jupyter_client reads it."""
    from jupyter_client.kernelspec import KernelSpecManager
    s = KernelSpecManager().get_kernel_spec(name)
    env = {**os.environ, **{k: os.path.expandvars(v) for k, v in s.env.items()}}
    return [a.replace("{resource_dir}", s.resource_dir) for a in s.argv], env


if __name__ == "__main__":
    print("a module: see vscode.py", file=sys.stderr)

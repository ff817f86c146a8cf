"""One kernel, started through jupyter_client, and what can be timed on it."""
import os
import pathlib
import queue
import signal
import sys
import tempfile
import time

from jupyter_client.manager import KernelManager

import cells

# What kernels write about themselves; bench.go shows its end when it matters.
LOG = open(pathlib.Path(tempfile.gettempdir(), "kernels.log"), "ab")


class Kernel:
    def __init__(self, name):
        self.name = name
        self.cells = cells.of(name)
        begin = time.perf_counter()
        self.manager = KernelManager(kernel_name=name)
        self.manager.start_kernel(stderr=LOG)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=300)
        self.started = time.perf_counter() - begin

    def reply(self, msg_id):
        while True:
            reply = self.client.get_shell_msg(timeout=300)
            if reply["parent_header"].get("msg_id") == msg_id:
                return reply["content"]

    def run(self, code, want="ok"):
        """Seconds from the request to the last of reply and idle."""
        return self.output(code, want)[0]

    def output(self, code, want="ok"):
        """The seconds of run, and the text that arrived on standard output."""
        begin = time.perf_counter()
        parts = []
        msg_id = self.client.execute(code)
        while True:
            try:
                msg = self.client.get_iopub_msg(timeout=300)
            except queue.Empty:
                sys.exit(f"{self.name} is silent, and was never idle after:\n{code}")
            if msg["parent_header"].get("msg_id") != msg_id:
                continue
            if msg["msg_type"] == "stream" and msg["content"]["name"] == "stdout":
                parts.append(msg["content"]["text"])
            elif msg["msg_type"] == "status" and msg["content"]["execution_state"] == "idle":
                break
        content = self.reply(msg_id)
        seconds = time.perf_counter() - begin
        if content["status"] != want:
            sys.exit(f"{self.name} answered {content} to:\n{code}")
        return seconds, "".join(parts)

    def complete(self, code, want):
        """Seconds until the kernel proposes a name at the end of code. A kernel
        that proposes nothing yet is asked again."""
        begin = time.perf_counter()
        while time.perf_counter() - begin < 120:
            content = self.reply(self.client.complete(code))
            if any(m.endswith(want) for m in content.get("matches", [])):
                return time.perf_counter() - begin
            time.sleep(0.01)
        sys.exit(f"{self.name} does not propose {want} after:\n{code}")

    def stop(self):
        """Asks it to end, and waits for it: GoNB, killed, leaves its gopls behind.
        What its process group still does, such as a gopls that lists modules, ends."""
        group = self.manager.provisioner.pgid
        self.client.stop_channels()
        self.manager.shutdown_kernel()
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass

"""Many kernels of one name, started at the same moment as a class does it."""
import asyncio
import pathlib
import time

from jupyter_client.manager import AsyncKernelManager

from kernel import LOG


class Wrong(Exception):
    """A kernel answered its cell with anything but ok."""


class Crowd:
    """After start: ready and ran, the seconds until the last of them had
    answered kernel_info and had run its cell, and memory, what memory said of
    all their processes then."""

    def __init__(self, name, codes):
        self.name, self.codes = name, codes
        self.managers = [AsyncKernelManager(kernel_name=name) for _ in codes]
        self.clients = []

    async def start(self):
        self.begin = time.perf_counter()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._one(m, code)) for m, code in zip(self.managers, self.codes)]
            self.ready, self.ran = map(max, zip(*(task.result() for task in tasks)))
            self.memory = memory([m.provisioner.pid for m in self.managers])
        finally:
            for client in self.clients:
                client.stop_channels()
            await asyncio.gather(*(m.shutdown_kernel() for m in self.managers if m.has_kernel))

    async def _one(self, manager, code):
        await manager.start_kernel(stderr=LOG)
        client = manager.client()
        self.clients.append(client)
        client.start_channels()
        await self._reply(client, client.kernel_info())
        ready = time.perf_counter() - self.begin
        content = await self._reply(client, client.execute(code))
        if content["status"] != "ok":
            raise Wrong(f"one of {len(self.codes)} {self.name} answered {content} to:\n{code}")
        return ready, time.perf_counter() - self.begin

    async def _reply(self, client, msg_id):
        while True:
            reply = await client.get_shell_msg(timeout=300)
            if reply["parent_header"].get("msg_id") == msg_id:
                return reply["content"]


def memory(roots):
    """The bytes that these processes and all below them hold, as two sums: of
    RSS, where what processes share, such as a program's text, counts for each,
    and of PSS, where it counts once. None where there is no /proc."""
    if not pathlib.Path("/proc/self/smaps_rollup").exists():
        return None
    children = {}
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        except OSError:  # it ended meanwhile
            continue
        children.setdefault(int(fields["PPid"]), []).append(int(fields["Pid"]))
    rss, pss, below = 0, 0, list(roots)
    while below:
        pid = below.pop()
        below += children.get(pid, [])
        try:
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
                name, size = line.split()[:2]
                rss += int(size) * 1024 if name == "Rss:" else 0
                pss += int(size) * 1024 if name == "Pss:" else 0
        except OSError:
            continue
    return rss, pss

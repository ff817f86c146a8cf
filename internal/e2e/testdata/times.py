"""times.py KERNEL: starts a kernel and runs cells as a learner's first ones, each
new to it. Prints one line of JSON: seconds from the request to idle.
"""
import json
import queue
import statistics
import sys
import time

from jupyter_client.manager import KernelManager

kernel = sys.argv[1]
race = {"gopark": "%race\n", "gonb": "%goflags -race\n"}[kernel]


def cell(client, code):
    start = time.perf_counter()
    request = client.execute(code)
    error = None
    while True:
        try:
            message = client.get_iopub_msg(timeout=60)
        except queue.Empty:
            raise SystemExit(f"{kernel}: no end of {code!r}")
        if message["parent_header"].get("msg_id") != request:
            continue
        if message["msg_type"] == "error":
            error = message["content"]
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            break
    if error:
        raise SystemExit(f"{kernel}: {code!r}: {error}")
    return time.perf_counter() - start


start = time.perf_counter()
manager = KernelManager(kernel_name=kernel)
manager.start_kernel()
client = manager.client()
client.start_channels()
try:
    client.wait_for_ready(timeout=60)
    seconds = {"kernel ready": time.perf_counter() - start}
    seconds["first cell"] = cell(client, '%%\nfmt.Println("first")')
    seconds["next cell"] = statistics.median(cell(client, f"%%\nfmt.Println({i})") for i in range(5))
    seconds["with helpers"] = cell(client, 'import "gopark/helpers"\n%%\nhelpers.Markdown("hello")')
    seconds["next with helpers"] = statistics.median(
        cell(client, f'import "gopark/helpers"\n%%\nhelpers.Markdown("{i}")') for i in range(5))
    seconds["with the race detector"] = cell(client, race + '%%\nfmt.Println("race")')
    seconds["next with the race detector"] = statistics.median(
        cell(client, race + f"%%\nfmt.Println({i})") for i in range(5))
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
print(json.dumps({name: round(s, 3) for name, s in seconds.items()}))

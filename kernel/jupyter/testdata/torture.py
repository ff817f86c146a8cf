"""Tortures a running kernel: torture.py CONNECTION-FILE [options].

Throws at each of the five ports what a port scanner, a broken client or a bad
neighbour would, while a healthy jupyter_client runs one cell after the other
beside it. The healthy client must lose nothing and wait for nobody. Works with
any kernel that speaks the protocol: --hello and --flood say what to run.

Prints a table of the slowest cell under each attack and a summary as one line
of JSON, and exits 1 when anything was lost, held up, or left broken.
"""
import argparse
import json
import os
import socket
import struct
import sys
import threading
import time

import zmq
from jupyter_client import BlockingKernelClient
from jupyter_client.session import Session

parser = argparse.ArgumentParser()
parser.add_argument("connection")
parser.add_argument("--hello", default='fmt.Println("hello, world")', help="a cell that prints --expect")
parser.add_argument("--expect", default="hello, world")
parser.add_argument("--flood", default='for i := range 20000 { fmt.Println(i) }', help="a cell that prints the numbers below --lines")
parser.add_argument("--lines", type=int, default=20000)
parser.add_argument("--pid", type=int, help="the kernel's process, to measure its memory")
parser.add_argument("--seconds", type=float, default=0.2, help="how long each attack lasts at least")
parser.add_argument("--slack", type=float, default=1.0, help="seconds that a cell may take longer than the slowest without an attack")
args = parser.parse_args()

with open(args.connection) as f:
    info = json.load(f)
PORTS = {name: info[name + "_port"] for name in ("shell", "iopub", "stdin", "control", "hb")}
KEY = info["key"].encode()
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01NULL" + bytes(48)
failures = []


def fail(text):
    failures.append(text)
    print("FAIL:", text, flush=True)


# --- the attackers ---------------------------------------------------------


def raw(port):
    """Connects without a word."""
    if info["transport"] == "ipc":
        s = socket.socket(socket.AF_UNIX)
        s.connect("%s-%d" % (info["ip"], PORTS[port]))
    else:
        s = socket.create_connection((info["ip"], PORTS[port]))
    s.settimeout(5)
    return s


def shaken(port):
    """Connects and shakes hands."""
    s = raw(port)
    kind = b"SUB" if port == "iopub" else b"DEALER"
    body = b"\x05READY\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind
    s.sendall(GREETING + bytes([4, len(body)]) + body)
    got = b""
    while len(got) < 64 + 8:  # their greeting and the beginning of their READY
        part = s.recv(4096)
        if not part:
            raise OSError("closed in the handshake")
        got += part
    return s


def endpoint(port):
    if info["transport"] == "ipc":
        return "ipc://%s-%d" % (info["ip"], PORTS[port])
    return "tcp://%s:%d" % (info["ip"], PORTS[port])


def message(key, content=b"{}", kind="kernel_info_request"):
    """The frames of a message, signed with key."""
    session = Session(key=key, signature_scheme="hmac-sha256")
    parts = session.serialize(session.msg(kind, {}))
    if content != b"{}":
        parts[-1] = content
        parts[1] = session.sign(parts[2:])
    return parts


def send_all(port, messages):
    """Sends messages as libzmq does, again and again."""

    def attack(stop, held):
        s = zmq.Context.instance().socket(zmq.XSUB if port == "iopub" else zmq.DEALER)
        s.linger = 0
        s.sndtimeo = 100
        s.connect(endpoint(port))
        while not stop.is_set():
            for m in messages():
                try:
                    s.send_multipart(m)
                except zmq.Again:
                    pass
            time.sleep(0.001)
        s.close()

    return attack


def write(port, connect, data):
    """Connects and writes data, again and again."""

    def attack(stop, held):
        while not stop.is_set():
            try:
                with connect(port) as s:
                    s.sendall(data())
                    s.settimeout(0.05)
                    s.recv(4096)
            except OSError:
                pass  # closed on us, as is right

    return attack


def hold(port, connect, n, data=b""):
    """Opens n connections, writes data on each and leaves them open."""

    def attack(stop, held):
        for _ in range(n):
            try:
                s = connect(port)
                s.sendall(data)
                held.append(s)
            except OSError:
                pass
        stop.wait()

    return attack


def never_read(port):
    """Sends what asks for an answer, or subscribes, and never reads."""

    def attack(stop, held):
        s = shaken(port)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        held.append(s)
        if port == "iopub":
            s.sendall(b"\x00\x01\x01")
            stop.wait()
        frame = b"\x00\xff" + bytes(255)
        s.settimeout(0.05)
        while not stop.is_set():
            try:
                s.sendall(frame)
            except TimeoutError:
                time.sleep(0.01)
            except OSError:
                return

    return attack


HUGE = b"\x02" + struct.pack(">Q", 1 << 60)
NOT_JSON = b'{"code": '
ATTACKS = {
    "wrong signature": lambda p: send_all(p, lambda: [message(b"not the key")]),
    "no delimiter": lambda p: send_all(p, lambda: [message(KEY)[1:], [b""], [b"x"] * 20]),
    "bad JSON, unsigned": lambda p: send_all(p, lambda: [[b"<IDS|MSG>", b""] + [NOT_JSON] * 4]),
    "bad JSON, signed": lambda p: send_all(p, lambda: [message(KEY, NOT_JSON), message(KEY, b"[" * 20000)]),
    "2^60 frame": lambda p: write(p, shaken, lambda: HUGE),
    "2^60 handshake": lambda p: write(p, raw, lambda: GREETING + b"\x06" + HUGE[1:]),
    "silence": lambda p: hold(p, raw, 20),
    "half a handshake": lambda p: hold(p, raw, 20, GREETING[:31]),
    "random bytes": lambda p: write(p, raw, lambda: os.urandom(1000)),
    "random frames": lambda p: write(p, shaken, lambda: os.urandom(1000)),
    "300 idle": lambda p: hold(p, shaken, 300),
    "never reads": never_read,
}


# --- the healthy client ----------------------------------------------------


class Healthy:
    """A client that checks everything that it gets."""

    def __init__(self):
        self.kc = BlockingKernelClient()
        self.kc.load_connection_file(args.connection)
        self.kc.start_channels()
        start = time.time()
        self.kc.wait_for_ready(timeout=30)
        self.ready = time.time() - start
        self.cells = 0

    def run(self, code, want):
        """Runs a cell and returns how long it took, idle included."""
        start = time.time()
        msg_id = self.kc.execute(code)
        text, order = "", []
        try:
            while True:
                m = self.kc.get_iopub_msg(timeout=30)
                if m["parent_header"].get("msg_id") != msg_id:
                    continue
                kind = m["msg_type"]
                if kind == "stream":
                    text += m["content"]["text"] if m["content"]["name"] == "stdout" else ""
                elif kind == "status":
                    order.append(m["content"]["execution_state"])
                else:
                    order.append(kind)
                if order[-1:] == ["idle"]:
                    break
            reply = self.kc.get_shell_msg(timeout=30)
        except Exception as e:
            fail("a cell got no answer: %r" % e)
            return time.time() - start
        took = time.time() - start
        self.cells += 1
        if reply["parent_header"]["msg_id"] != msg_id or reply["content"]["status"] != "ok":
            fail("reply %r" % reply["content"])
        if [o for o in order if o not in ("display_data", "update_display_data")] != ["busy", "execute_input", "idle"]:
            fail("order %r" % order)
        if not want(text):
            fail("lost output: got %d bytes: %.100r" % (len(text), text))
        return took

    def hello(self):
        return self.run(args.hello, lambda text: args.expect in text)


def flooded(text):
    lines = [line for line in text.split("\n") if line.isdigit()]
    return lines == [str(i) for i in range(args.lines)]


def memory():
    """The kernel's resident memory now, in MB."""
    with open("/proc/%d/status" % args.pid) as f:
        return [int(line.split()[1]) for line in f if line.startswith("VmRSS")][0] / 1024


def under(attacks, healthy, held, run=None):
    """Runs cells during attacks, and returns the slowest."""
    stop = threading.Event()
    threads = [threading.Thread(target=a, args=(stop, held), daemon=True) for a in attacks]
    for t in threads:
        t.start()
    worst, start = 0, time.time()
    while time.time() < start + args.seconds or worst == 0:
        worst = max(worst, (run or healthy.hello)())
    stop.set()
    for t in threads:
        t.join(10)
        if t.is_alive():
            fail("an attacker is stuck")
    return worst


def main():
    summary = {}
    if args.pid:
        summary["MB at start"] = round(memory(), 1)
    healthy = Healthy()
    calm = sorted(healthy.hello() for _ in range(50))
    summary["round trip, median ms"] = round(calm[len(calm) // 2] * 1000, 2)
    summary["round trip, worst ms"] = round(calm[-1] * 1000, 2)
    limit = calm[-1] + args.slack

    slowest = 0
    for name, attack in ATTACKS.items():
        row = []
        held = []
        for port in PORTS:
            worst = under([attack(port)], healthy, held)
            row.append("%s %.1f" % (port, worst * 1000))
            slowest = max(slowest, worst)
            if worst > limit:
                fail("%s on %s: a cell took %.2f s" % (name, port, worst))
        for s in held:
            s.close()
        print("%-20s %s ms" % (name, ", ".join(row)), flush=True)

    # All at once, 300 idle connections on each port, a subscriber that never
    # reads, a flood of output, and somebody new at the door.
    held = []
    crowd = [hold(port, shaken, 300) for port in PORTS] + [hold(port, raw, 100) for port in PORTS] + [never_read("iopub")]
    flood = under(crowd, healthy, held, lambda: healthy.run(args.flood, flooded))
    print("flood in a crowd of %d  %.1f ms" % (len(held), flood * 1000), flush=True)
    if args.pid:
        summary["MB in the crowd"] = round(memory(), 1)
    newcomer = Healthy()
    newcomer.hello()
    summary["newcomer ready ms"] = round(newcomer.ready * 1000, 1)
    if newcomer.ready > args.slack + 2:
        fail("a newcomer waited %.1f s" % newcomer.ready)
    if not newcomer.kc.is_alive():
        fail("the heart does not beat")
    newcomer.kc.stop_channels()
    for s in held:
        s.close()

    healthy.kc.hb_channel.unpause()
    after = sorted(healthy.hello() for _ in range(50))
    summary["round trip after, median ms"] = round(after[len(after) // 2] * 1000, 2)
    summary["worst under attack ms"] = round(slowest * 1000, 1)
    summary["cells"] = healthy.cells
    if args.pid:
        summary["MB at end"] = round(memory(), 1)
    healthy.kc.stop_channels()
    summary["failures"] = len(failures)
    print(json.dumps(summary))
    sys.exit(1 if failures else 0)


main()

"""What a kernel does with each message of the protocol and with each adversary:
table.py KERNELSPEC LANGUAGE. The same cases for every kernel, in its language;
a line of JSON for each.

A case returns what is worth saying of a success, or how many seconds it took,
which is for the log alone, or raises. A kernel that a case has killed or wedged
is started again for the next one.
"""
import json
import os
import signal
import socket
import struct
import sys
import tempfile
import time

import zmq

from client import marked, poll
from frontend import FrontEnd, Kernel, Timeout, spec, text

BUNDLE = 'import "gopark/helpers/display"\n%%%%\nfor _, s := range []string{%s} {\n\tdisplay.Bundle(map[string]any{"text/html": s, "text/plain": s}, "same")\n}'
# What gonbui.RequestInput says through the display pipe, in the standard library's
# words: GoNB would have to fetch gonbui.
ASK = """%%
type InputRequest struct {
	Prompt   string
	Password bool
}
type DisplayData struct{ Data map[string]any }
gob.RegisterName("github.com/janpfeifer/gonb/gonbui/protocol.InputRequest", InputRequest{})
pipe, _ := os.OpenFile(os.Getenv("GONB_PIPE"), os.O_WRONLY, 0)
back, _ := os.Open(os.Getenv("GONB_PIPE_BACK"))
defer back.Close()
gob.NewEncoder(pipe).Encode(DisplayData{map[string]any{"gonb/jupyter_input": InputRequest{"name? ", false}}})
var s string
fmt.Scanln(&s)
fmt.Println("hello", s)"""
GO = {
    "name": "go",
    "hello": '%%\nfmt.Println("hello")',
    "fails": '%%\npanic("on purpose")',
    "loop": '%%\nfmt.Println("on")\nfor {\n}',
    "wait": '%%\nfmt.Println("on")\ntime.Sleep(time.Hour)',
    "short wait": '%%\nfmt.Println("on")\ntime.Sleep(time.Second)',
    "flood": "%%\nfor i := range 20000 {\n\tfmt.Println(i)\n}",
    "expression": "1 + 2 + 3",
    "display": BUNDLE % '"<b>one</b>"',
    "update": BUNDLE % '"<b>one</b>", "<b>two</b>"',
    "scan": '%%\nfmt.Print("name? ")\nvar s string\nfmt.Scanln(&s)\nfmt.Println("hello", s)',
    "ask": ASK,
    "grandchild": '%%\nfmt.Println("on")\nc := exec.Command("sh", "-c", "sleep 1000; :")\nc.Stdout = os.Stdout\nc.Run()',
    "leaves": '%%\nc := exec.Command("sleep", "20")\nc.Stdout = os.Stdout\nc.Start()',
    "split rune": '%%\nos.Stdout.Write([]byte("caf\\xc3"))\ntime.Sleep(200 * time.Millisecond)\nos.Stdout.Write([]byte("\\xa9"))',
    "invalid UTF-8": '%%\nos.Stdout.Write([]byte("a\\xffb"))',
    "dies": "%%\nsyscall.Kill(os.Getpid(), syscall.SIGKILL)",
    "exit": "%%\nos.Exit(3)",
    "large": '%%\nfor range 20 << 10 {\n\tfmt.Println(strings.Repeat("x", 1023))\n}',
    "deep dump": "%%\nvar ch chan int\nfor range 50000 {\n\tgo func() { <-ch }()\n}\n<-ch",
    "build": '%%%%\n_ = "%d"\nfmt.Println(http.DefaultClient)',
    "declare": "func declared() string { return \"kept\" }",
    "use": "%%\nfmt.Println(declared())",
    "complete": ('import "fmt"\n%%\nfmt.Printl', "Println"),
    "astral": ('import "fmt"\n%%\n/* 🚲🚲 */ fmt.Printl', "Println"),
    "inspect": ('import "fmt"\n%%\nfmt.Println', 23),
    "incomplete": "func f() {",
    "invalid": "func f() {)",
}
PYTHON = {
    "name": "python",
    "hello": 'print("hello")',
    "fails": 'raise Exception("on purpose")',
    "loop": 'print("on", flush=True)\nwhile True: pass',
    "wait": 'import time\nprint("on", flush=True)\ntime.sleep(3600)',
    "short wait": 'import time\nprint("on", flush=True)\ntime.sleep(1)',
    "flood": "for i in range(20000): print(i)",
    "expression": "1 + 2 + 3",
    "display": 'from IPython.display import display\ndisplay({"text/html": "<b>one</b>", "text/plain": "one"}, raw=True)',
    "update": 'from IPython.display import display, update_display\ndisplay({"text/plain": "1"}, raw=True, display_id="same")\nupdate_display({"text/plain": "2"}, raw=True, display_id="same")',
    "ask": 's = input("name? ")\nprint("hello", s)',
    "scan": 's = input("name? ")\nprint("hello", s)',
    "grandchild": 'import subprocess\nprint("on", flush=True)\nsubprocess.run(["sh", "-c", "sleep 1000; :"])',
    "leaves": 'import subprocess\np = subprocess.Popen(["sleep", "20"])',
    "split rune": 'import os, time\nos.write(1, b"caf\\xc3")\ntime.sleep(0.2)\nos.write(1, b"\\xa9")',
    "invalid UTF-8": 'import os\nos.write(1, b"a\\xffb")',
    "dies": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "exit": "import os\nos._exit(3)",
    "large": 'for i in range(20 << 10): print("x" * 1023)',
    "declare": 'def declared(): return "kept"',
    "use": "print(declared())",
    "complete": ("import os\nos.getcw", "getcwd"),
    "astral": ("import os\n'🚲🚲'; os.getcw", "getcwd"),
    "inspect": ("print", 3),
    "incomplete": "def f():",
    "invalid": "1 2",
}
CASES = []


def case(group, name):
    def add(f):
        CASES.append((group, name, f))
        return f
    return add


class No(Exception):
    """What is not as it should be, in a few words for the table."""


class Unfit(Exception):
    """The case has no meaning for this kernel."""


def need(condition, why):
    if not condition:
        raise No(why)


class Bench:
    """A kernel that is always there, and a front end for each case."""

    def __init__(self, name, code):
        self.name, self.code, self.kernel = name, code, None
        self.folder = tempfile.mkdtemp(prefix="k")

    def start(self):
        argv, env = spec(self.name)
        self.mark = "E2E_MARK=%s-%d" % (os.path.basename(self.folder), time.time_ns())
        env = {**env, "E2E_MARK": self.mark.split("=")[1], "TMPDIR": self.folder}
        self.kernel = Kernel(argv, self.folder, env, cwd=self.folder)
        f = FrontEnd(self.kernel).all().ready(60)
        f.run(self.code["hello"], seconds=60)
        f.close()

    def end(self):
        if self.kernel:
            self.kernel.end()
            for pid in marked(self.mark):
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
        self.kernel = None

    def front(self):
        self.f = FrontEnd(self.kernel).all().ready(10)
        return self.f

    def settle(self, f):
        """Waits until what an earlier case has interrupted is over: requests that
        come while a cell fails are aborted with those behind it."""
        end = time.time() + 20
        while f.reply(f.execute("", store_history=False, stop_on_error=False), seconds=end - time.time())["content"]["status"] == "aborted":
            pass
        return f

    def begun(self, f, cell):
        f.until("iopub", 20, lambda m: m["kind"] == "stream" and m["parent"] == cell)

    def works(self, f=None):
        f = self.settle(f or self.front())
        reply, got = f.run(self.code["hello"], seconds=20)
        need(reply["status"] == "ok" and text(got) == "hello\n", "cells fail afterwards")

    def children(self):
        return [pid for pid, line in marked(self.mark).items() if "sleep" in line]


def run(bench, name, f):
    """One case; says whether it went well, and what is to be said."""
    try:
        if bench.kernel is None or not bench.kernel.alive():
            bench.end()
            bench.start()
        front = bench.settle(bench.front())
    except (Timeout, OSError):
        bench.end()
        bench.start()
        front = bench.front()
    took = 0.0
    try:
        status, note = "ok", f(bench, front) or ""
        if isinstance(note, float):
            took, note = note, ""
    except Unfit as e:
        status, note = "skipped", str(e)
    except No as e:
        status, note = "failed", str(e)
    except Exception as e:
        status, note = "failed", "no answer" if isinstance(e, Timeout) else "%s: %s" % (type(e).__name__, str(e)[:60])
        if poll(0.3, lambda: not bench.kernel.alive()):
            note = "the kernel dies"
    try:
        front.close()
        if bench.f is not front:
            bench.f.close()
    except zmq.ZMQError:
        pass
    return status, note, took


# --- messages ----------------------------------------------------------------

M = "messages"


@case(M, "`kernel_info_request` on shell and control")
def kernel_info(b, f):
    for channel in "shell", "control":
        c = f.ask(channel, "kernel_info_request")
        need(c.get("status") == "ok", "no status")
        missing = {"protocol_version", "implementation", "language_info", "banner"} - set(c)
        missing |= {"name", "version", "mimetype", "file_extension"} - set(c["language_info"])
        need(not missing, "without " + ", ".join(sorted(missing)))
    return "protocol " + c["protocol_version"]


@case(M, "`kernel_info_request` on control while a cell runs")
def kernel_info_busy(b, f):
    b.begun(f, f.execute(b.code["wait"]))
    start = time.time()
    f.ask("control", "kernel_info_request", seconds=3)
    took = time.time() - start
    f.send("control", "interrupt_request")
    return took


@case(M, "`execute_request`: busy, input, output, reply, idle")
def execute(b, f):
    reply, got = f.run(b.code["hello"])
    kinds = [m["kind"] for m in got]
    need(kinds == ["status", "execute_input", "stream", "status"], "order " + ", ".join(kinds))
    need(isinstance(reply["execution_count"], int), "no count")


@case(M, "idle only after all output (20,000 lines)")
def idle_last(b, f):
    cell = f.execute(b.code["flood"])
    got = f.published(cell, 30)
    try:
        while True:
            m = f.receive("iopub", 0.5)
            need(m["kind"] != "stream" or m["parent"] != cell, "output after idle")
    except Timeout:
        pass
    lines = text(got).split("\n")[:-1]
    need(lines == [str(i) for i in range(20000)], "%d lines arrive" % len(lines))


@case(M, "`error` once, the same as in the reply")
def error(b, f):
    reply, got = f.run(b.code["fails"])
    need(reply["status"] == "error", "status " + reply["status"])
    errors = [m["content"] for m in got if m["kind"] == "error"]
    need(len(errors) == 1, "%d error messages" % len(errors))
    need(all(errors[0][k] == reply[k] for k in ("ename", "evalue", "traceback")), "differs from the reply")


@case(M, "`execute_result` of an expression")
def result(b, f):
    _, got = f.run(b.code["expression"])
    results = [m["content"]["data"].get("text/plain") for m in got if m["kind"] == "execute_result"]
    need(results == ["6"], "no result")


@case(M, "`display_data`, and `update_display_data` for its id")
def display(b, f):
    _, got = f.run(b.code["display"])
    need(any(m["kind"] == "display_data" and "text/html" in m["content"]["data"] for m in got), "no display")
    _, got = f.run(b.code["update"])
    need(any(m["kind"] == "update_display_data" and m["content"]["transient"]["display_id"] for m in got), "no update")


@case(M, "`silent` and `store_history`")
def silent(b, f):
    first, _ = f.run(b.code["hello"])
    reply, got = f.run(b.code["hello"], silent=True)
    need(not any(m["kind"] == "execute_input" for m in got), "execute_input of a silent one")
    need(reply["execution_count"] == first["execution_count"], "a silent one is counted")
    reply, _ = f.run(b.code["hello"], store_history=False)
    need(reply["execution_count"] == first["execution_count"], "one without history is counted")


@case(M, "`user_expressions`")
def user_expressions(b, f):
    reply, _ = f.run(b.code["hello"], user_expressions={"a": "1 + 2", "b": "undefined_name"})
    e = reply.get("user_expressions", {})
    need(set(e) == {"a", "b"}, "not evaluated")
    need(e["a"]["status"] == "ok" and e["a"]["data"]["text/plain"] == "3" and e["b"]["status"] == "error", "evaluated wrongly")


@case(M, "`stop_on_error` aborts what is queued")
def stop_on_error(b, f):
    ids = [f.execute(b.code["short wait"]), f.execute(b.code["fails"]), f.execute(b.code["hello"])]
    need(f.reply(ids[2], seconds=20)["content"]["status"] == "aborted", "it runs")


@case(M, "empty code")
def empty(b, f):
    reply, _ = f.run("")
    need(reply["status"] == "ok" and "execution_count" in reply, "status " + reply["status"])


@case(M, "declarations live on")
def declarations(b, f):
    f.run(b.code["declare"])
    _, got = f.run(b.code["use"])
    need(text(got) == "kept\n", "lost")


@case(M, "parent header byte for byte, unknown fields too")
def parent_header(b, f):
    header = f.header("kernel_info_request", subshell_id=None, unknown=[1.0, "é"])
    raw = json.dumps(header, separators=(" , ", " :")).encode()
    f.sockets["shell"].send_multipart(f.sealed([raw, b"{}", b"{}", b"{}"]))
    reply = f.reply(header["msg_id"])
    need(json.loads(reply["raw_parent"]) == header, "fields are lost")
    return "byte for byte" if reply["raw_parent"] == raw else "field by field"


@case(M, "dates with fractions of a second")
def dates(b, f):
    _, got = f.run(b.code["hello"])
    need(all("." in m["header"]["date"] for m in got), "whole seconds")


@case(M, "`iopub_welcome` (JEP 65)")
def welcome(b, f):
    g = FrontEnd(b.kernel).subscribe()
    try:
        g.until("iopub", 2, lambda m: m["kind"] == "iopub_welcome")
    finally:
        g.close()


@case(M, "`complete_request`")
def complete(b, f):
    code, want = b.code["complete"]
    start = time.time()
    while True:  # what completes may have to start first
        c = f.ask("shell", "complete_request", {"code": code, "cursor_pos": len(code)}, seconds=30)
        if any(want in m for m in c["matches"]):
            return time.time() - start
        need(time.time() < start + 20, "no match")
        time.sleep(0.1)


@case(M, "cursors count code points")
def astral(b, f):
    code, want = b.code["astral"]
    c = f.ask("shell", "complete_request", {"code": code, "cursor_pos": len(code)}, seconds=30)
    matches = [m for m in c["matches"] if want in m]
    need(matches, "no match")
    need(c["cursor_end"] == len(code) and (code[:c["cursor_start"]] + matches[0]).endswith("." + want), "wrong place")


@case(M, "`complete_request` while a cell runs")
def complete_busy(b, f):
    code, want = b.code["complete"]
    b.begun(f, f.execute(b.code["wait"]))
    start = time.time()
    try:
        c = f.ask("shell", "complete_request", {"code": code, "cursor_pos": len(code)}, seconds=3)
    except Timeout:
        raise No("waits for the cell")
    finally:
        f.send("control", "interrupt_request")
    need(any(want in m for m in c["matches"]), "no match")
    return time.time() - start


@case(M, "`inspect_request`")
def inspect(b, f):
    code, at = b.code["inspect"]
    c = f.ask("shell", "inspect_request", {"code": code, "cursor_pos": at, "detail_level": 0}, seconds=30)
    need(c["found"] and c["data"], "nothing found")


@case(M, "`is_complete_request`")
def is_complete(b, f):
    for code, want in ("1 + 1", "complete"), (b.code["incomplete"], "incomplete"), (b.code["invalid"], "invalid"):
        need(f.ask("shell", "is_complete_request", {"code": code}, seconds=3)["status"] == want, "wrong: " + code)


@case(M, "`history_request`: tail, range, search")
def history(b, f):
    f.run(b.code["hello"])
    q = {"output": False, "raw": True, "session": 0, "start": 1, "stop": 9999, "n": 5, "pattern": "*hello*", "unique": True}
    for access in "tail", "range", "search":
        h = f.ask("shell", "history_request", {**q, "hist_access_type": access}, seconds=3)["history"]
        need(any("hello" in row[2] for row in h), access + " finds nothing")


@case(M, "`comm_info_request`")
def comm_info(b, f):
    need(isinstance(f.ask("shell", "comm_info_request", seconds=3)["comms"], dict), "no comms")


@case(M, "`comm_open` of an unknown target is closed")
def comm_open(b, f):
    i = f.send("shell", "comm_open", {"comm_id": "c-1", "target_name": "nobody", "data": {}})
    got = f.published(i, 3)
    need(any(m["kind"] == "comm_close" and m["content"]["comm_id"] == "c-1" for m in got), "it stays open")


def answered(b, f, code):
    cell = f.execute(code, allow_stdin=True)
    try:
        q = f.receive("stdin", 10)
    except Timeout:
        f.send("control", "interrupt_request")
        raise No("nobody is asked")
    need(q["content"]["prompt"] == "name? ", "prompt %r" % q["content"]["prompt"])
    f.send("stdin", "input_reply", {"value": "Ada", "status": "ok"}, parent=q["header"])
    need("hello Ada" in text(f.published(cell)), "the answer is lost")


@case(M, "`input_request` for a program that asks")
def ask(b, f):
    answered(b, f, b.code["ask"])


@case(M, "`input_request` for a program that just reads")
def scan(b, f):
    answered(b, f, b.code["scan"])


@case(M, "a question is abandoned on interrupt")
def ask_interrupt(b, f):
    cell = f.execute(b.code["ask"], allow_stdin=True)
    f.receive("stdin", 10)
    f.send("control", "interrupt_request")
    need(f.reply(cell, seconds=5)["content"]["status"] == "error", "no error")
    b.works(f)


@case(M, "`allow_stdin` = false: reading ends")
def scan_nobody(b, f):
    f.reply(f.execute(b.code["scan"]), seconds=5)
    b.works(f)


def stops(b, f, code):
    cell = f.execute(code)
    b.begun(f, cell)
    start = time.time()
    f.send("control", "interrupt_request")
    reply = f.reply(cell, seconds=10)["content"]
    took = time.time() - start
    need(reply["status"] == "error", "status " + reply["status"])
    return took


@case(M, "`interrupt_request` stops a loop; the cell fails")
def interrupt(b, f):
    return stops(b, f, b.code["loop"])


@case(M, "`interrupt_request` is answered when nothing runs, too")
def interrupt_idle(b, f):
    need(f.ask("control", "interrupt_request", seconds=5)["status"] == "ok", "no status")
    b.works(f)


@case(M, "`interrupt_request` stops what the cell has started")
def interrupt_family(b, f):
    took = stops(b, f, b.code["grandchild"])
    need(poll(1, lambda: not b.children()), "a process lives on")
    return took


@case(M, "`interrupt_request` stops a build")
def interrupt_build(b, f):
    if "build" not in b.code:
        raise Unfit("builds nothing")
    cell = f.execute(b.code["build"] % time.time_ns())
    # As soon as its compiler runs.
    need(poll(10, lambda: any("compile" in line or "link" in line for line in marked(b.mark).values())), "no build was seen")
    start = time.time()
    f.send("control", "interrupt_request")
    reply = f.reply(cell, seconds=60)["content"]
    took = time.time() - start
    need(took < 1 and reply["status"] == "error", "%.1f s, status %s" % (took, reply["status"]))
    return took


@case(M, "`create_`, `list_`, `delete_subshell_request` (JEP 91)")
def subshells(b, f):
    need("kernel subshells" in f.ask("shell", "kernel_info_request").get("supported_features", []), "not supported")
    sub = f.ask("control", "create_subshell_request", seconds=3)["subshell_id"]
    need(f.ask("control", "list_subshell_request")["subshell_id"] == [sub], "not listed")
    b.begun(f, f.execute(b.code["wait"]))
    try:
        cell = f.execute(b.code["hello"], subshell=sub)
        need(text(f.published(cell, 5)) == "hello\n", "nothing runs beside")
    finally:
        f.send("control", "interrupt_request")
    need(f.ask("control", "delete_subshell_request", {"subshell_id": sub})["status"] == "ok", "not deleted")


@case(M, "an unknown subshell is an error")
def unknown_subshell(b, f):
    need("kernel subshells" in f.ask("shell", "kernel_info_request").get("supported_features", []), "not supported")
    need(f.reply(f.execute(b.code["hello"], subshell="nowhere"), seconds=3)["content"]["status"] == "error", "it runs")


@case(M, "an interrupt reaches a cell of a subshell")
def interrupt_subshell(b, f):
    need("kernel subshells" in f.ask("shell", "kernel_info_request").get("supported_features", []), "not supported")
    sub = f.ask("control", "create_subshell_request", seconds=3)["subshell_id"]
    cell = f.execute(b.code["loop"], subshell=sub)
    b.begun(f, cell)
    f.send("control", "interrupt_request")
    try:
        f.reply(cell, seconds=5)
    except Timeout:
        b.end()
        raise No("it runs on")


@case(M, "`usage_request`")
def usage(b, f):
    c = f.ask("control", "usage_request", seconds=3)
    c = c.get("content", c)
    need({"hostname", "pid", "kernel_cpu", "kernel_memory", "cpu_count", "host_virtual_memory"} <= set(c), "incomplete")


@case(M, "`debug_request` is answered")
def debug(b, f):
    c = f.ask("control", "debug_request", {"type": "request", "seq": 1, "command": "debugInfo"}, seconds=3)
    return "a debugger" if c.get("success") else "“%s”" % c.get("message", "")


@case(M, "`connect_request`")
def connect(b, f):
    need(f.ask("shell", "connect_request", seconds=3)["shell_port"] == b.kernel.ports["shell_port"], "other ports")


@case(M, "busy and idle around every request")
def brackets(b, f):
    for channel, kind, content in (
            ("shell", "is_complete_request", {"code": ""}), ("shell", "history_request", {"hist_access_type": "tail", "n": 1}),
            ("shell", "comm_info_request", {}), ("shell", "complete_request", {"code": "x", "cursor_pos": 1}),
            ("control", "kernel_info_request", {}), ("shell", "no_such_request", {})):
        states = []
        try:
            states = [m["content"]["execution_state"] for m in f.published(f.send(channel, kind, content), 10) if m["kind"] == "status"]
        except Timeout:
            pass
        need(states == ["busy", "idle"], "%s: %s" % (kind, ", ".join(states) or "nothing"))


@case(M, "heartbeat, while a cell runs too")
def heartbeat(b, f):
    b.begun(f, f.execute(b.code["loop"]))
    s = f.context.socket(zmq.REQ)
    s.linger = 0
    s.connect("tcp://127.0.0.1:%d" % b.kernel.ports["hb_port"])
    s.send(b"ping")
    beats = s.poll(3000) and s.recv() == b"ping"
    s.close()
    f.send("control", "interrupt_request")
    need(beats, "none")


def shut_down(b, f, channel, restart):
    start = time.time()
    f.send(channel, "shutdown_request", {"restart": restart})
    try:
        reply = f.receive(channel, 5)["content"]
    except Timeout:
        raise No("no reply")
    need(reply["restart"] is restart, "reply %r" % reply)
    need(poll(5, lambda: not b.kernel.alive()), "it lives on")
    took = time.time() - start
    left = poll(2, lambda: not marked(b.mark)) or not marked(b.mark)
    code = b.kernel.process.returncode
    need(code == 0, "exit status %s" % code)
    need(left, "leaves processes behind")
    return took


@case(M, "`shutdown_request` on control")
def shutdown(b, f):
    return shut_down(b, f, "control", False)


@case(M, "`shutdown_request` to restart, on shell")
def shutdown_restart(b, f):
    return shut_down(b, f, "shell", True)


@case(M, "`shutdown_request` while a cell runs")
def shutdown_busy(b, f):
    b.begun(f, f.execute(b.code["loop"]))
    return shut_down(b, f, "control", False)


# --- adversaries --------------------------------------------------------------

A = "adversaries"
HELLO = b"\xff" + bytes(8) + b"\x7f\x03\x01NULL" + bytes(48)


def raw(b, port="shell_port"):
    s = socket.create_connection(("127.0.0.1", b.kernel.ports[port]), 5)
    s.settimeout(2)
    return s


def shaken(b, port="shell_port"):
    s = raw(b, port)
    kind = b"SUB" if port == "iopub_port" else b"DEALER"
    ready = b"\x05READY\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind
    s.sendall(HELLO + bytes([4, len(ready)]) + ready)
    got = b""
    while len(got) < 72:
        part = s.recv(4096)
        if not part:
            break
        got += part
    return s


def survives(b, f):
    """The front end that was there, and a new one."""
    b.works(f)
    b.works()


@case(A, "a wrong signature")
def wrong_signature(b, f):
    for channel in "shell", "control", "stdin":
        parts = [json.dumps(p).encode() for p in (f.header("kernel_info_request"), {}, {}, {})]
        f.sockets[channel].send_multipart(f.sealed(parts, b"another key"))
    survives(b, f)


@case(A, "no signature")
def no_signature(b, f):
    parts = [json.dumps(p).encode() for p in (f.header("execute_request"), {}, {}, {"code": b.code["hello"]})]
    f.sockets["shell"].send_multipart([b"<IDS|MSG>", b"", *parts])
    try:
        f.receive("shell", 1)
    except Timeout:
        survives(b, f)
        return
    raise No("it runs the code")


@case(A, "no delimiter, too few frames")
def no_delimiter(b, f):
    for frames in [b"x"], [b""], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"", b"{}"], [b"x"] * 100:
        f.sockets["shell"].send_multipart(frames)
    survives(b, f)


@case(A, "signed, and not JSON")
def not_json(b, f):
    for content in b"{", b"[" * 100000, b"null", b"\xff", b"7":
        f.sockets["shell"].send_multipart(f.sealed([json.dumps(f.header("execute_request")).encode(), b"{}", b"{}", content]))
    f.sockets["shell"].send_multipart(f.sealed([b"{}", b"{}", b"{}", b"{}"]))
    survives(b, f)


@case(A, "fields of wrong types")
def wrong_types(b, f):
    for kind, content in (("execute_request", {"code": 7}), ("complete_request", {"code": "x", "cursor_pos": "y"}),
                          ("history_request", {"hist_access_type": 3}), ("comm_open", {"comm_id": 1}),
                          ("inspect_request", {"code": None}), ("is_complete_request", {"code": []})):
        f.send("shell", kind, content)
    survives(b, f)


@case(A, "cursors out of range")
def cursors(b, f):
    for kind in "complete_request", "inspect_request":
        for at in -5, 10 ** 9:
            f.ask("shell", kind, {"code": "x", "cursor_pos": at, "detail_level": 0}, seconds=20)
    survives(b, f)


@case(A, "a message sent twice")
def replay(b, f):
    content = {"code": b.code["hello"], "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
    parts = [json.dumps(p).encode() for p in (f.header("execute_request"), {}, {}, content)]
    for _ in range(2):
        f.sockets["shell"].send_multipart(f.sealed(parts))
    f.receive("shell", 20)
    try:
        f.receive("shell", 1)
    except Timeout:
        return
    raise No("it runs twice")


@case(A, "a frame of 2⁶⁰ bytes")
def huge_frame(b, f):
    for port in b.kernel.ports:
        try:
            shaken(b, port).sendall(b"\x02" + struct.pack(">Q", 1 << 60))
        except OSError:
            pass
    time.sleep(0.3)
    survives(b, f)


@case(A, "random bytes on all ports")
def noise(b, f):
    for port in b.kernel.ports:
        for connect in raw, shaken:
            for _ in range(10):
                try:
                    with connect(b, port) as s:
                        s.sendall(os.urandom(1000))
                except OSError:
                    pass
    survives(b, f)


@case(A, "connections that say nothing")
def silence(b, f):
    held = [raw(b, port) for port in b.kernel.ports for _ in range(5)]
    try:
        survives(b, f)
    finally:
        for s in held:
            s.close()


@case(A, "300 idle connections on each port")
def crowd(b, f):
    held = []
    try:
        for port in b.kernel.ports:
            for _ in range(300):
                try:
                    held.append(shaken(b, port))
                except OSError:
                    pass
        survives(b, f)
    finally:
        for s in held:
            s.close()


@case(A, "a subscriber that never reads, in a flood")
def slow_subscriber(b, f):
    s = shaken(b, "iopub_port")
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.sendall(b"\x00\x01\x01")
    try:
        for _ in range(3):
            cell = f.execute(b.code["flood"])
            lines = text(f.published(cell, 30)).count("\n")
            need(lines == 20000, "%d of 20,000 lines" % lines)
    finally:
        s.close()


@case(A, "a front end that vanishes in a flood")
def vanish(b, f):
    g = FrontEnd(b.kernel).all().ready()
    b.begun(g, g.execute(b.code["flood"], stop_on_error=False))
    g.close()
    survives(b, f)


@case(A, "VS Code's order: shell before the subscription")
def vscode(b, f):
    b.end()
    argv, env = spec(b.name)
    b.kernel = Kernel(argv, b.folder, env, cwd=b.folder)
    b.kernel.wait_for_ports("shell_port", "iopub_port")
    g = FrontEnd(b.kernel).open("shell", "control", "stdin")
    try:
        info = g.send("shell", "kernel_info_request")
        g.reply(info, seconds=20)
        g.subscribe()
        try:
            g.published(info, 5)
        except Timeout:
            raise No("the first idle is lost")
    finally:
        g.close()


@case(A, "a rune written in two halves")
def split_rune(b, f):
    _, got = f.run(b.code["split rune"])
    need(text(got) == "café", repr(text(got)))


@case(A, "output that is no UTF-8")
def invalid_utf8(b, f):
    reply, got = f.run(b.code["invalid UTF-8"])
    need(reply["status"] == "ok" and text(got) == "a\ufffdb", repr(text(got)))


@case(A, "20 MB of output")
def large(b, f):
    cell = f.execute(b.code["large"])
    got = f.published(cell, 60)
    messages = [m for m in got if m["kind"] == "stream"]
    said = "%.1f MB in %d messages" % (len(text(got)) / (1 << 20), len(messages))
    need(len(text(got)) < 4 << 20, said)
    return said


@case(A, "a dump of 50,000 goroutines")
def dump(b, f):
    if "deep dump" not in b.code:
        raise Unfit("has none")
    got = f.published(f.execute(b.code["deep dump"]), 60)
    size = sum(len(json.dumps(m["content"])) for m in got)
    said = "%.1f MB in %d messages" % (size / (1 << 20), len(got))
    need(size < 4 << 20, said)
    return said


@case(A, "the program is killed")
def killed(b, f):
    reply, _ = f.run(b.code["dies"], seconds=5)
    need(reply["status"] == "error", "status " + reply["status"])
    survives(b, f)


@case(A, "the program exits with status 3")
def exits(b, f):
    reply, _ = f.run(b.code["exit"], seconds=5)
    need(reply["status"] == "error", "status " + reply["status"])
    survives(b, f)


@case(A, "a process left behind that holds the output")
def leaves(b, f):
    start = time.time()
    f.reply(f.execute(b.code["leaves"]), seconds=15)
    need(time.time() - start < 5, "the cell waits for it")
    return "it lives on" if b.children() else "it is ended"


@case(A, "the kernel is killed while a cell runs")
def kernel_killed(b, f):
    b.begun(f, f.execute(b.code["grandchild"]))
    b.kernel.process.kill()
    b.kernel.process.wait()
    start = time.time()
    need(poll(5, lambda: not marked(b.mark)), "processes live on")
    return time.time() - start


def main(name, language):
    bench = Bench(name, {"go": GO, "python": PYTHON}[language])
    only = sys.argv[3:]
    try:
        for group, title, f in CASES:
            if only and f.__name__ not in only:
                continue
            start = time.time()
            status, detail, took = run(bench, title, f)
            print(json.dumps({"check": title, "group": group, "status": status, "detail": detail, "note": "%.3f s" % took if took else "",
                              "seconds": time.time() - start}), flush=True)
    finally:
        bench.end()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

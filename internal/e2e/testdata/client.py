"""What jupyter_kernel_test leaves out, through jupyter_client: order, bytes,
interrupt, restart, stdin, and that nothing is left behind."""
import datetime
import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
import uuid

import zmq
from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_kernel_test.msgspec_v5 import validate_message

import report

LONG = 60  # seconds; a cell may have to prepare Go's packages first


class Kernel:
    """A kernel and a client, and what belongs to them on this machine."""

    def __init__(self, prefix=()):
        """prefix is a command that starts the kernel's."""
        # All that the kernel starts inherits the mark and the folder.
        self.mark = "E2E_MARK=" + uuid.uuid4().hex
        self.tmp = tempfile.mkdtemp(prefix="k")
        self.km = KernelManager(kernel_name="gopark")
        self.km.kernel_spec.argv[:0] = prefix
        name, _, value = self.mark.partition("=")
        self.km.start_kernel(env={**os.environ, name: value, "TMPDIR": self.tmp})
        self.kc = self.km.client()
        self.kc.start_channels()
        self.kc.wait_for_ready(timeout=LONG)

    @property
    def pid(self):
        return self.km.provisioner.process.pid

    def close(self):
        self.kc.stop_channels()
        if self.km.has_kernel:
            self.km.shutdown_kernel(now=True)

    def processes(self):
        return marked(self.mark)

    def children(self):
        """What runs beside the kernel and its own helpers, as command lines."""
        all, helpers = self.processes(), {os.getpgid(self.pid)}
        for pid, line in all.items():
            if re.search(r"gopark (guard|render)|gopls serve|/gopls-\d+/", line):
                helpers.add(pid)  # each leads a group, and so may what gopls asks of go
        return [line for pid, line in all.items() if group(pid) not in helpers]

    def gopls(self):
        return [pid for pid, line in self.processes().items() if "gopls serve" in line]


def group(pid):
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return pid  # it has ended meanwhile


def marked(mark):
    """The processes that were started with a mark: {pid: command line}."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/environ" % pid, "rb") as f:
                if mark.encode() not in f.read().split(b"\0"):
                    continue
            with open("/proc/%s/stat" % pid) as f:
                if f.read().rsplit(")", 1)[1].split()[0] == "Z":
                    continue  # dead; its parent has not asked yet
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                found[int(pid)] = f.read().replace(b"\0", b" ").decode().strip()
        except OSError:
            pass  # it has ended meanwhile
    return found


def poll(seconds, condition):
    """Waits for a condition; returns what it was at last."""
    end = time.time() + seconds
    while True:
        value = condition()
        if value or time.time() > end:
            return value
        time.sleep(0.02)


class Case(unittest.TestCase):
    """Checks that share one kernel."""

    @classmethod
    def setUpClass(cls):
        cls.k = Kernel()
        cls.kc, cls.km = cls.k.kc, cls.k.km

    @classmethod
    def tearDownClass(cls):
        cls.k.close()

    def setUp(self):
        # What a failed check has left must not fail the next.
        for get in (self.kc.get_shell_msg, self.kc.get_control_msg, self.kc.get_iopub_msg):
            try:
                while get(timeout=0):
                    pass
            except queue.Empty:
                pass

    def published(self, msg_id, timeout=LONG):
        """What is published about a request, up to its idle, but for the
        kernel's report: whether there is one depends on how long the cell took."""
        return [m for m in self.all_published(msg_id, timeout) if not report.of_a_run(m)]

    def all_published(self, msg_id, timeout=LONG):
        """All that is published about a request, up to its idle."""
        got = []
        while True:
            m = self.kc.get_iopub_msg(timeout=timeout)
            if m["parent_header"].get("msg_id") != msg_id:
                continue
            validate_message(m)
            got.append(m)
            if m["content"].get("execution_state") == "idle":
                return got

    def reply(self, msg_id, timeout=LONG):
        m = self.kc.get_shell_msg(timeout=timeout)
        self.assertEqual(m["parent_header"]["msg_id"], msg_id)
        if m["content"]["status"] != "aborted":  # the suite's schema says abort, the protocol aborted
            validate_message(m)
        return m

    def run_cell(self, code, **kw):
        """Runs a cell and returns its reply and what it published."""
        msg_id = self.kc.execute(code, **kw)
        reply = self.reply(msg_id)
        return reply, self.published(msg_id)

    def ok(self, code, **kw):
        reply, got = self.run_cell(code, **kw)
        self.assertEqual(reply["content"]["status"], "ok", reply["content"])
        return reply, got

    def works(self):
        """The kernel runs cells, and nothing of earlier ones still runs."""
        _, got = self.ok('%%\nfmt.Println("still here")')
        self.assertEqual(stdout(got), "still here\n")
        self.assertEqual(self.k.children(), [])

    def says(self, msg_id, text):
        """Waits until a cell has printed something."""
        seen = ""
        while text not in seen:
            m = self.kc.get_iopub_msg(timeout=LONG)
            if m["parent_header"].get("msg_id") == msg_id:
                seen += m["content"].get("text", "")
                self.assertNotEqual(m["content"].get("execution_state"), "idle", seen)

    def control(self, kind, content=None):
        """Sends a request on control and returns the id of its message."""
        m = self.kc.session.msg(kind, content or {})
        self.kc.control_channel.send(m)
        return m["header"]["msg_id"]

    def control_reply(self, msg_id):
        m = self.kc.get_control_msg(timeout=10)
        self.assertEqual(m["parent_header"]["msg_id"], msg_id)
        validate_message(m)
        return m


def kinds(messages):
    """Message types in order; a status is its state, a stream its name."""
    return [m["content"].get("execution_state") or m["content"].get("name") or m["msg_type"] for m in messages]


def stdout(messages):
    return "".join(m["content"]["text"] for m in messages if m["content"].get("name") == "stdout")


class Messages(Case):
    def test_order(self):
        code = textwrap.dedent("""\
            import "gopark/helpers"

            fmt.Println("one")
            helpers.HTML("<b>two</b>")
            fmt.Fprintln(os.Stderr, "three")
            helpers.Markdown("*four*")
            fmt.Println("five")
            6 * 7""")
        reply, got = self.ok(code)
        self.assertEqual(kinds(got), ["busy", "execute_input", "stdout", "display_data", "stderr",
                                      "display_data", "stdout", "execute_result", "idle"])
        self.assertEqual(got[1]["content"]["code"], code)
        self.assertEqual(got[3]["content"]["data"]["text/html"], "<b>two</b>")
        self.assertEqual(got[5]["content"]["data"]["text/markdown"], "*four*")
        self.assertEqual(got[7]["content"]["data"], {"text/plain": "42"})
        counts = {m["content"]["execution_count"] for m in (got[1], got[7], reply)}
        self.assertEqual(len(counts), 1)
        dates = [m["header"]["date"] for m in got]
        self.assertEqual(dates, sorted(dates))
        self.assertLessEqual(reply["header"]["date"], got[-1]["header"]["date"], "the reply comes before idle")

    def test_order_of_many(self):
        # Every display between the two lines that were printed around it.
        reply, got = self.ok(textwrap.dedent("""\
            import "gopark/helpers"
            %%
            for i := range 100 {
                fmt.Println("line", i)
                helpers.HTML(fmt.Sprint("display ", i))
            }"""))
        said = "".join(m["content"]["text"] if "text" in m["content"] else m["content"]["data"]["text/html"] + "\n"
                       for m in got if m["msg_type"] in ("stream", "display_data"))
        self.assertEqual(said, "".join("line %d\ndisplay %d\n" % (i, i) for i in range(100)))

    def test_report(self):
        # Three goroutines: a report, whatever the time. It is the last word.
        code = '%%\nvar wg sync.WaitGroup\nfor range 3 {\n\twg.Go(func() {})\n}\nwg.Wait()\nfmt.Println("done")'
        for mode, shown in ("on", 1), ("off", 0):
            self.ok("%report " + mode)
            msg_id = self.kc.execute(code)
            self.assertEqual(self.reply(msg_id)["content"]["status"], "ok")
            got = self.all_published(msg_id)
            self.assertEqual(kinds(got), ["busy", "execute_input", "stdout"] + shown * ["display_data"] + ["idle"])
            self.assertEqual([m for m in got if report.of_a_run(m)], got[3:3 + shown])
        self.ok("%report on")

    def test_order_of_error(self):
        reply, got = self.run_cell('%%\nfmt.Println("before")\npanic("on purpose")')
        self.assertEqual(kinds(got), ["busy", "execute_input", "stdout", "error", "idle"])
        told = {k: reply["content"][k] for k in ("ename", "evalue", "traceback")}
        self.assertEqual({k: got[3]["content"][k] for k in told}, told)
        self.assertEqual(told["ename"], "Panic")
        self.assertIn("on purpose", told["evalue"])
        where = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(told["traceback"]))
        self.assertIn("cell [%d] line 3" % reply["content"]["execution_count"], where)

    def test_parent_header_bytes(self):
        session = self.kc.session
        iopub = zmq.Context.instance().socket(zmq.SUB)
        shell = zmq.Context.instance().socket(zmq.DEALER)
        control = zmq.Context.instance().socket(zmq.DEALER)
        for s in (iopub, shell, control):
            s.linger, s.rcvtimeo = 0, LONG * 1000
            self.addCleanup(s.close)
        iopub.subscribe(b"")
        iopub.connect(self.kc._make_url("iopub"))
        while b"iopub_welcome" not in iopub.recv_multipart()[3]:
            pass
        shell.connect(self.kc._make_url("shell"))
        control.connect(self.kc._make_url("control"))
        for socket, kind, content in ((shell, "execute_request", {"code": '%%\nfmt.Println("x")\npanic(1)', "silent": False}),
                                      (shell, "history_request", {"hist_access_type": "tail", "n": 1, "output": False, "raw": True}),
                                      (control, "kernel_info_request", {})):
            # Blanks, an order, an escape, a big number, a repeated name and a
            # field that no kernel knows: bytes, not values, come back.
            header = ('{ "version":"5.5",  "msg_type" : "%s", "subshell_id":null, "n": 12345678901234567890.10, '
                      '"username":"\\u00e9\\/", "session":"%s", "x": {"b":1,"a":2}, "date":"2026-01-02T03:04:05.678Z", "msg_id":"%s" }'
                      % (kind, session.session, uuid.uuid4().hex)).encode()
            parts = [header, b"{}", b"{}", json.dumps(content).encode()]
            socket.send_multipart([b"<IDS|MSG>", session.sign(parts)] + parts)
            reply = socket.recv_multipart()
            self.assertEqual(reply[reply.index(b"<IDS|MSG>") + 3], header)
            seen = []
            while b'"idle"' not in (seen or [[b""] * 7])[-1][6]:
                m = iopub.recv_multipart()
                self.assertEqual(m[1], b"<IDS|MSG>")
                self.assertEqual(m[4], header, m[3])
                seen.append(m)
            types = [json.loads(m[3])["msg_type"] for m in seen]
            self.assertEqual(types, ["status", "execute_input", "stream", "error", "status"] if kind == "execute_request" else ["status", "status"])

    def test_brackets(self):
        for send in (self.kc.kernel_info, self.kc.comm_info, lambda: self.kc.is_complete("1"),
                     lambda: self.kc.complete("fmt.P"), lambda: self.kc.inspect("fmt"),
                     lambda: self.kc.history(hist_access_type="tail", n=1)):
            msg_id = send()
            self.reply(msg_id)
            self.assertEqual(kinds(self.published(msg_id)), ["busy", "idle"])
        for kind in ("kernel_info_request", "interrupt_request"):
            msg_id = self.control(kind)
            self.control_reply(msg_id)
            self.assertEqual(kinds(self.published(msg_id)), ["busy", "idle"])
        msg_id = self.control("no_such_request")
        self.assertEqual(kinds(self.published(msg_id)), ["busy", "idle"])
        self.works()

    def test_answers_while_a_cell_runs(self):
        cell = self.kc.execute('%%\nfmt.Println("on")\nfor {}')
        self.says(cell, "on")
        worst = 0
        for i in range(20):
            start = time.time()
            self.control_reply(self.control("kernel_info_request"))
            worst = max(worst, time.time() - start)
            start = time.time()
            self.reply(self.kc.kernel_info())
            self.reply(self.kc.is_complete("1"))
            worst = max(worst, time.time() - start)
        self.km.interrupt_kernel()
        self.assertEqual(self.reply(cell)["content"]["ename"], "Interrupted")
        self.note = "slowest of 60 answers: %.1f ms" % (worst * 1000)
        self.assertLess(worst, 1)

    def test_welcome(self):
        iopub = zmq.Context.instance().socket(zmq.SUB)
        iopub.linger, iopub.rcvtimeo = 0, 10000
        self.addCleanup(iopub.close)
        iopub.connect(self.kc._make_url("iopub"))
        for topic in (b"", b"stream", "wörld".encode()):
            iopub.subscribe(topic)
            frames = iopub.recv_multipart()
            self.assertEqual(frames[0], topic)
            self.assertEqual(frames[4], b"{}", "a welcome has no parent")
            m = self.kc.session.deserialize(frames[2:])
            self.assertEqual((m["msg_type"], m["content"]), ("iopub_welcome", {"subscription": topic.decode()}))
            iopub.unsubscribe(topic)

    def test_dates(self):
        before = datetime.datetime.now(datetime.timezone.utc)
        reply, got = self.ok("1 + 1")
        after = datetime.datetime.now(datetime.timezone.utc)
        dates = [m["header"]["date"] for m in got + [reply]]
        for d in dates:
            self.assertTrue(before <= d <= after, (before, d, after))
        self.assertTrue(any(d.microsecond % 1000 for d in dates), "dates are rounded")
        started = reply["metadata"]["started"]
        self.assertRegex(started, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        started = datetime.datetime.fromisoformat(started.replace("Z", "+00:00"))
        self.assertTrue(before <= started <= reply["header"]["date"])

    def test_silent(self):
        first, _ = self.ok("1")
        count = first["content"]["execution_count"]
        reply, got = self.ok('fmt.Println("quiet")\n7', silent=True)
        self.assertEqual(kinds(got), ["busy", "stdout", "idle"])
        self.assertEqual(reply["content"]["execution_count"], count)
        reply, got = self.run_cell("%%\nnope", silent=True)
        self.assertEqual(reply["content"]["status"], "error")
        again, _ = self.ok("1")
        self.assertEqual(again["content"]["execution_count"], count + 1)
        self.assertNotIn("quiet", str(self.history(n=3)))

    def history(self, n):
        return self.reply(self.kc.history(hist_access_type="tail", n=n, output=False))["content"]["history"]

    def test_store_history(self):
        count = self.ok('"remembered"')[0]["content"]["execution_count"]
        reply, got = self.ok('"forgotten"', store_history=False)
        self.assertEqual(reply["content"]["execution_count"], count)
        self.assertIn("execute_result", kinds(got))
        self.assertEqual([h[1:] for h in self.history(n=1)], [[count, '"remembered"']])
        # What it declares counts all the same.
        self.ok("func unstored() int { return 5 }", store_history=False)
        _, got = self.ok("unstored()")
        self.assertEqual(got[2]["content"]["data"]["text/plain"], "5")

    def test_user_expressions(self):
        self.ok("func twice(n int) int { return 2 * n }")
        reply, got = self.ok('%%\nfmt.Println("cell")', user_expressions={
            "good": "twice(21)", "text": '"a" + "b"', "wrong": "nope + 1", "panics": "[]int{}[twice(1)]", "nothing": "func f() {}"})
        self.assertEqual(stdout(got), "cell\n")
        self.assertEqual(kinds(got), ["busy", "execute_input", "stdout", "idle"], "expressions publish nothing")
        e = reply["content"]["user_expressions"]
        self.assertEqual(e["good"], {"status": "ok", "data": {"text/plain": "42"}, "metadata": {}})
        self.assertEqual(e["text"]["data"], {"text/plain": '"ab"'})
        self.assertEqual((e["wrong"]["status"], e["wrong"]["ename"]), ("error", "CompileError"))
        self.assertIn("undefined: nope", e["wrong"]["evalue"])
        self.assertEqual((e["panics"]["status"], e["panics"]["ename"]), ("error", "Panic"))
        self.assertEqual(e["nothing"]["status"], "error")
        for wrong in ("wrong", "panics", "nothing"):
            self.assertIsInstance(e[wrong]["traceback"], list)
        reply, _ = self.run_cell("%%\npanic(1)", user_expressions={"a": "1"})
        self.assertEqual(reply["content"]["user_expressions"], {}, "a cell that failed evaluates nothing")

    def test_stop_on_error(self):
        ids = [self.kc.execute(code) for code in ('%%\nfmt.Println("a")', "%%\npanic(1)", '%%\nfmt.Println("b")', "1")]
        replies = [self.reply(i) for i in ids]
        self.assertEqual([r["content"]["status"] for r in replies], ["ok", "error", "aborted", "aborted"])
        for r in replies[2:]:
            self.assertEqual(r["metadata"]["status"], "aborted")
            self.assertEqual(r["content"]["execution_count"], replies[1]["content"]["execution_count"])
        self.published(ids[1])
        for i in ids[2:]:
            self.assertEqual(kinds(self.published(i)), ["busy", "idle"])
        self.works()
        ids = [self.kc.execute(code, stop_on_error=False) for code in ("%%\npanic(1)", "1", "2")]
        self.assertEqual([self.reply(i)["content"]["status"] for i in ids], ["error", "ok", "ok"])

    def test_astral(self):
        _, got = self.ok('%%\nfmt.Println("🐹 wörld \\U0001F439")')
        self.assertEqual(stdout(got), "🐹 wörld 🐹\n")

    def test_secrets(self):
        # The server's tokens and the connection's key are no cell's business.
        _, got = self.ok("!env; ls -l /proc/self/fd; cat /proc/self/cmdline")
        self.assertNotIn("JPY_", stdout(got))
        self.assertNotIn(self.kc.session.key.decode(), stdout(got))
        _, got = self.ok('%%\nfds, _ := os.ReadDir("/proc/self/fd")\nfmt.Println(len(fds))')
        self.assertLess(int(stdout(got)), 12, "descriptors of the kernel reach the program")


class Interrupt(Case):
    def stopped(self, cell, start, within):
        """The cell answers that it was interrupted, in time."""
        self.km.interrupt_kernel()
        sent = time.time()
        reply = self.reply(cell)
        took = time.time() - sent
        self.assertEqual((reply["content"]["status"], reply["content"]["ename"]), ("error", "Interrupted"))
        self.note = "%.0f ms from the interrupt to the reply" % (took * 1000)
        self.assertLess(took, within)
        got = self.published(cell)
        self.assertEqual(kinds(got)[-2:], ["error", "idle"])
        return reply["content"]

    def test_loop(self):
        cell = self.kc.execute('%%\nfmt.Println("on")\nfor {}')
        self.says(cell, "on")
        self.stopped(cell, "on", 2)
        self.works()

    def test_blocked(self):
        cell = self.kc.execute('%%\nfmt.Println("on")\nch := make(chan int)\ngo func() { time.Sleep(time.Hour) }()\n<-ch')
        self.says(cell, "on")
        told = self.stopped(cell, "on", 2)
        words = re.sub(r"\x1b\[[0-9;]*m", "", told["evalue"] + "\n".join(told["traceback"]))
        self.assertIn("waiting to receive", words)
        self.assertRegex(words, r"cell \[\d+\] line 5")
        self.works()

    def test_grandchild(self):
        cell = self.kc.execute("!echo on; sleep 1000 & setsid sleep 1001 & sleep 1000")
        self.says(cell, "on")
        self.stopped(cell, "on", 3)
        # One that left the group left it on purpose; the others are gone.
        left = self.k.children()
        self.assertTrue(all("sleep 1001" in line for line in left), left)
        for pid, line in self.k.processes().items():
            if "sleep 1001" in line:
                os.kill(pid, signal.SIGKILL)
        self.works()

    def test_handler(self):
        cell = self.kc.execute(textwrap.dedent("""\
            %%
            ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
            defer stop()
            fmt.Println("on")
            <-ctx.Done()
            fmt.Println("put away")"""))
        self.says(cell, "on")
        self.km.interrupt_kernel()
        self.assertEqual(self.reply(cell)["content"]["ename"], "Interrupted")
        self.assertEqual(stdout(self.published(cell)), "put away\n")
        self.works()

    def test_build(self):
        # One function that the compiler takes seconds for, new each time.
        lines = "\n".join("\tx = x*%d + f(x)" % (i + 3) for i in range(40000))
        cell = self.kc.execute("func f(n uint64) uint64 { return n >> 3 }\n%%%%\nx := uint64(%d)\n%s\nfmt.Println(x)" % (time.time_ns(), lines))
        self.assertTrue(poll(20, lambda: any("compile" in c for c in self.k.children())), "the compiler never ran")
        self.stopped(cell, "", 1)
        self.works()

    def test_go_build(self):
        self.ok("%goflags -a")
        cell = self.kc.execute('%%\nfmt.Println("never")')
        self.assertTrue(poll(20, lambda: any("compile" in c for c in self.k.children())), "the compiler never ran")
        self.stopped(cell, "", 1)
        self.ok('%goflags ""')
        self.works()

    def test_queue(self):
        ids = [self.kc.execute('%%\nfmt.Println("on")\ntime.Sleep(time.Hour)')]
        self.says(ids[0], "on")
        ids += [self.kc.execute('%%\nfmt.Println("late")') for _ in range(3)]
        self.reply(self.kc.kernel_info())  # so those before it have come, too
        self.km.interrupt_kernel()
        replies = [self.reply(i)["content"] for i in ids]
        self.assertEqual([r["status"] for r in replies], ["error"] + 3 * ["aborted"])
        self.assertEqual(replies[0]["ename"], "Interrupted")
        for i in ids[1:]:
            self.assertEqual(kinds(self.published(i)), ["busy", "idle"])
        self.works()

    def test_signal(self):
        # Old clients, and Ctrl-C in a terminal, send a signal instead.
        cell = self.kc.execute('%%\nfmt.Println("on")\nfor {}')
        self.says(cell, "on")
        os.kill(self.k.pid, signal.SIGINT)
        self.assertEqual(self.reply(cell)["content"]["ename"], "Interrupted")
        self.works()

    def test_idle(self):
        # interrupt_kernel does not wait, and could stop the next cell.
        self.control_reply(self.control("interrupt_request"))
        self.works()


class Stdin(Case):
    ASK = textwrap.dedent("""\
        import "github.com/janpfeifer/gonb/gonbui"
        %%
        gonbui.RequestInput("your name? ", false)
        var name string
        fmt.Scanln(&name)
        fmt.Println("hello", name)""")

    def test_answer(self):
        for password in ("false", "true"):
            cell = self.kc.execute(self.ASK.replace("false", password), allow_stdin=True)
            question = self.kc.get_stdin_msg(timeout=LONG)
            self.assertEqual(question["msg_type"], "input_request")
            self.assertEqual(question["content"], {"prompt": "your name? ", "password": password == "true"})
            self.assertEqual(question["parent_header"]["msg_id"], cell)
            self.assertTrue(self.kc.is_alive())
            self.kc.input("Ada")
            self.assertEqual(self.reply(cell)["content"]["status"], "ok")
            self.assertEqual(stdout(self.published(cell)), "hello Ada\n")
        self.works()

    def test_not_allowed(self):
        cell = self.kc.execute(self.ASK, allow_stdin=False)
        reply = self.reply(cell, timeout=10)  # it must not hang
        got = self.published(cell)
        told = "".join(m["content"].get("text", "") for m in got) + str(reply["content"]) + str([m["content"].get("data") for m in got])
        self.assertIn("input", told)
        self.assertIn("hello \n", stdout(got), "the program finds the end of its input")
        self.works()

    # Programs that read as they would in a terminal, and know nothing of us.
    SCAN = '%%\nfmt.Print("name? ")\nvar s string\n_, err := fmt.Scanln(&s)\nfmt.Println("hello", s, err)'

    def question(self, cell):
        question = self.kc.get_stdin_msg(timeout=LONG)
        self.assertEqual(question["parent_header"]["msg_id"], cell)
        return question["content"]

    def test_scan(self):
        cell = self.kc.execute(self.SCAN, allow_stdin=True)
        self.assertEqual(self.question(cell), {"prompt": "name? ", "password": False})
        start = time.time()
        self.kc.input("Ada")
        self.assertEqual(self.reply(cell)["content"]["status"], "ok")
        self.note = "%.0f ms from the answer to the reply" % ((time.time() - start) * 1000)
        # The front end shows the prompt beside the answer.
        self.assertIn(stdout(self.published(cell)), ("hello Ada <nil>\n", "name? hello Ada <nil>\n"))
        self.works()

    def test_scan_of_many_lines(self):
        cell = self.kc.execute(textwrap.dedent("""\
            %%
            in := bufio.NewScanner(os.Stdin)
            for i := range 3 {
                fmt.Printf("line %d:\\n", i)
                in.Scan()
                fmt.Println("got", in.Text())
            }"""), allow_stdin=True)
        for line in "one", "zwei drei", "":
            self.assertEqual(self.question(cell)["prompt"], "")
            self.kc.input(line)
        self.assertEqual(self.reply(cell)["content"]["status"], "ok")
        self.assertEqual(stdout(self.published(cell)), "line 0:\ngot one\nline 1:\ngot zwei drei\nline 2:\ngot \n")

    def test_scan_goes_on_meanwhile(self):
        cell = self.kc.execute(textwrap.dedent("""\
            %%
            enter := make(chan bool)
            go func() { fmt.Scanln(); close(enter) }()
            tick := time.NewTicker(10 * time.Millisecond)
            for {
                select {
                case <-tick.C:
                    fmt.Println("tick")
                case <-enter:
                    fmt.Println("stopped")
                    return
                }
            }"""), allow_stdin=True)
        self.question(cell)
        time.sleep(0.3)
        seen = ""
        while "tick\n" * 5 not in seen:  # it arrives while the question is open
            m = self.kc.get_iopub_msg(timeout=LONG)
            seen += m["content"].get("text", "")
        self.kc.input("")
        self.assertEqual(self.reply(cell)["content"]["status"], "ok")
        self.assertTrue(stdout(self.published(cell)).endswith("stopped\n"))

    def test_scan_without_a_front_end(self):
        cell = self.kc.execute(self.SCAN, allow_stdin=False)
        self.assertEqual(self.reply(cell, timeout=10)["content"]["status"], "ok")
        got = self.published(cell)
        self.assertEqual(stdout(got), "name? hello  EOF\n")
        self.assertIn("cannot be asked for input", "".join(m["content"].get("text", "") for m in got))

    def test_scan_interrupted(self):
        cell = self.kc.execute(self.SCAN, allow_stdin=True)
        self.question(cell)
        start = time.time()
        self.km.interrupt_kernel()
        self.assertEqual(self.reply(cell, timeout=10)["content"]["ename"], "Interrupted")
        self.note = "%.2f s" % (time.time() - start)
        self.assertEqual(stdout(self.published(cell)), "name? ")
        self.kc.input("too late")
        self.works()

    def test_shell_has_no_input(self):
        _, got = self.ok("!cat && echo EOF", allow_stdin=True)
        self.assertEqual(stdout(got), "EOF\n")

    def test_deadlock_is_still_seen(self):
        # Input that may be read hides no deadlock of a program that does not.
        reply, _ = self.run_cell("%%\nfmt.Fprintln(os.Stderr, os.Stdin.Name())\n<-make(chan int)", allow_stdin=True)
        self.assertEqual(reply["content"]["ename"], "Deadlock")

    def test_interrupted(self):
        cell = self.kc.execute(self.ASK, allow_stdin=True)
        self.kc.get_stdin_msg(timeout=LONG)
        self.km.interrupt_kernel()
        self.assertEqual(self.reply(cell, timeout=10)["content"]["ename"], "Interrupted")
        self.kc.input("too late")
        self.works()


class Completion(Case):
    def complete(self, text):
        """What is proposed at the | in text, and the reply's content."""
        at = text.index("|")  # a code point, as the protocol counts
        m = self.reply(self.kc.complete(text.replace("|", ""), at))
        return m["content"]["matches"], m["content"]

    def test_first(self):
        k = Kernel()
        self.addCleanup(k.close)
        start = time.time()
        k.kc.complete("%%\nfmt.Printl")
        content = k.kc.get_shell_msg(timeout=LONG)["content"]
        took = time.time() - start
        self.assertEqual(content["matches"], ["Println"])
        self.note = "%.0f ms after it was ready" % (took * 1000)
        self.assertLess(took, 1)

    def test_places(self):
        self.ok("// Fetch gets it.\nfunc Fetch(url string) error { return nil }")
        for text, name, start in (("%%\nfmt.Printl|", "Println", 7), ("%%\n😀𝒳 := 1; Fet|ch", "Fetch", 12),
                                  ("%%\nx := \"😀😀\"; strings.Fie|", "Fields", 22), ("%rac|", "%race", 0), ("%race o|", "off", 6),
                                  ("%rm |", "Fetch", 4), ("func f(w http.ResponseW|", "ResponseWriter", 14)):
            matches, content = self.complete(text)
            self.assertIn(name, matches, text)
            self.assertEqual((content["cursor_start"], content["cursor_end"]), (start, text.index("|")), text)
            self.assertEqual([t["text"] for t in content["metadata"]["_jupyter_types_experimental"]], matches)
        for text in ("|", "%%\n\"fmt.|\"", "// fmt.|", "!ec|", "}}}}|", "%%\n%%|\n", "\r\n|\r", "`|"):
            self.assertNotIn("Println", self.complete(text)[0], text)
        self.works()

    def test_beside_a_cell(self):
        cell = self.kc.execute('%%\nfmt.Println("on")\nfor range runtime.NumCPU() { go func() { for {} }() }\nselect {}')
        self.says(cell, "on")
        worst = 0
        for _ in range(20):
            start = time.time()
            self.assertEqual(self.complete("%%\nfmt.Printl|")[0], ["Println"])
            m = self.reply(self.kc.inspect("%%\nfmt.Println"))
            self.assertIn("standard output", m["content"]["data"]["text/plain"])
            worst = max(worst, (time.time() - start) / 2)
        self.km.interrupt_kernel()
        self.assertEqual(self.reply(cell)["content"]["ename"], "Interrupted")
        self.note = "slowest of 40 answers: %.0f ms" % (worst * 1000)
        self.assertLess(worst, 1)
        self.works()

    def test_gopls_killed(self):
        self.complete("%%\nfmt.Printl|")  # the first question starts it
        before = poll(LONG, self.k.gopls)
        if not before:
            self.skipTest("no gopls beside gopark: run make install")
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        start = time.time()
        self.assertEqual(self.complete("%%\nfmt.Printl|")[0], ["Println"])
        self.note = "answered in %.0f ms" % ((time.time() - start) * 1000)
        self.assertTrue(poll(LONG, lambda: set(self.k.gopls()) - set(before)), "gopls does not come back")
        self.note += ", another gopls after %.1f s" % (time.time() - start)
        self.works()


class Restart(Case):
    def test_memory(self):
        self.ok("func remembered() int { return 1 }")
        self.ok("remembered()")
        self.km.restart_kernel()
        self.kc.wait_for_ready(timeout=LONG)
        reply, _ = self.run_cell("remembered()")
        self.assertEqual(reply["content"]["ename"], "CompileError")
        self.assertEqual(reply["content"]["execution_count"], 1)
        self.works()


class Ends(unittest.TestCase):
    """How a kernel ends, and that nothing of it stays."""

    BUSY = "!echo on; sleep 1000 & exec sleep 1000"
    LOOP = '%%\nfmt.Println("on")\nexec.Command("sleep", "1000").Start()\nfor {}'

    def setUp(self):
        self.k = Kernel()
        self.kc = self.k.kc

    def tearDown(self):
        self.k.close()
        for pid in self.k.processes():
            os.kill(pid, signal.SIGKILL)

    reply, published, says = Case.reply, Case.published, Case.says

    def starts(self, code):
        cell = self.kc.execute(code)
        self.says(cell, "on")
        self.assertGreater(len(self.k.processes()), 2)
        return cell

    def nothing_left(self, seconds):
        start = time.time()
        left = poll(seconds, lambda: not self.k.processes())
        self.assertTrue(left, "processes that live on: %r" % self.k.processes())
        poll(seconds, lambda: not os.listdir(self.k.tmp))
        self.assertEqual(os.listdir(self.k.tmp), [], "files that are left")
        return time.time() - start

    def shut_down(self, channel, restart=False):
        process = self.k.km.provisioner.process
        start = time.time()
        m = self.kc.session.msg("shutdown_request", {"restart": restart})
        channel.send(m)
        replies = self.kc.get_control_msg if channel is self.kc.control_channel else self.kc.get_shell_msg
        while True:
            reply = replies(timeout=5)
            if reply["msg_type"] == "shutdown_reply":
                break
        self.assertEqual(reply["parent_header"]["msg_id"], m["header"]["msg_id"])
        self.assertEqual(reply["content"], {"status": "ok", "restart": restart})
        self.assertEqual(process.wait(timeout=5), 0)
        took = time.time() - start
        self.note = "%.0f ms" % (took * 1000)
        self.assertLess(took, 1)
        self.nothing_left(0.5)

    def test_shutdown_when_idle(self):
        cell = self.kc.execute('%%\nfmt.Println("x")')
        self.reply(cell)
        self.shut_down(self.kc.control_channel)
        shown = [m["msg_type"] for m in self.rest()]
        self.assertIn("shutdown_reply", shown)
        self.assertEqual(shown[-1], "status")

    def rest(self):
        while True:
            try:
                yield self.kc.get_iopub_msg(timeout=0.5)
            except queue.Empty:
                return

    def test_shutdown_when_busy(self):
        self.starts(self.LOOP)
        self.shut_down(self.kc.control_channel, restart=True)

    def test_shutdown_of_a_shell(self):
        self.starts(self.BUSY)
        self.shut_down(self.kc.control_channel)

    def test_shutdown_on_shell(self):
        self.shut_down(self.kc.shell_channel)

    def test_shutdown_in_a_build(self):
        lines = "\n".join("\tx = x*%d + 1" % (i + 3) for i in range(40000))
        self.kc.execute("%%%%\nx := uint64(%d)\n%s\nfmt.Println(x)" % (time.time_ns(), lines))
        self.assertTrue(poll(20, lambda: any("compile" in c for c in self.k.children())), "the compiler never ran")
        self.shut_down(self.kc.control_channel)

    def test_killed(self):
        self.starts(self.LOOP)
        os.kill(self.k.pid, signal.SIGKILL)
        self.k.km.provisioner.process.wait()
        self.note = "%.2f s until nothing is left" % self.nothing_left(5)

    def test_killed_with_a_shell(self):
        self.starts(self.BUSY)
        os.kill(self.k.pid, signal.SIGKILL)
        self.k.km.provisioner.process.wait()
        self.note = "%.2f s until nothing is left" % self.nothing_left(5)

    def test_terminated(self):
        self.starts(self.LOOP)
        os.kill(self.k.pid, signal.SIGTERM)
        self.assertEqual(self.k.km.provisioner.process.wait(timeout=5), 0)
        self.nothing_left(1)

    def test_parent_dies(self):
        # A server that is killed cannot say goodbye to its kernels.
        mark, tmp = "E2E_MARK=" + uuid.uuid4().hex, tempfile.mkdtemp(prefix="k")
        server = subprocess.Popen([sys.executable, "-c", textwrap.dedent("""
            import json, os, sys, time
            from jupyter_client import KernelManager
            km = KernelManager(kernel_name="gopark")
            km.start_kernel()
            print(json.dumps(km.get_connection_info() | {"key": km.session.key.decode()}), flush=True)
            time.sleep(1000)
            """)], stdout=subprocess.PIPE, env={**os.environ, "E2E_MARK": mark.split("=")[1], "TMPDIR": tmp})
        try:
            kc = BlockingKernelClient()
            kc.load_connection_info(json.loads(server.stdout.readline()))
            kc.start_channels()
            kc.wait_for_ready(timeout=LONG)
            cell = kc.execute(self.LOOP)
            while kc.get_iopub_msg(timeout=LONG)["msg_type"] != "stream":
                pass
            self.assertGreater(len(marked(mark)), 3)
            server.kill()
            server.wait()
            start = time.time()
            self.assertTrue(poll(5, lambda: not marked(mark)), "processes that live on: %r" % marked(mark))
            self.note = "%.2f s until nothing was left" % (time.time() - start)
            left = [name for name in os.listdir(tmp) if name.startswith("gopark-")]
            self.assertEqual(left, [])
            kc.stop_channels()
        finally:
            server.kill()
            server.stdout.close()
            for pid in marked(mark):
                os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    report.main(Messages, Interrupt, Stdin, Completion, Restart, Ends)

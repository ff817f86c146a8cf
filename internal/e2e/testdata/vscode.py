"""VS Code's way of starting a kernel and of talking to it, in the order that
its client follows: it chooses free ports and writes the connection file, starts
the kernel, waits until the shell and iopub ports are in use, opens DEALER
sockets with one routing id and a subscriber without high-water mark, and never
the heartbeat. It may send on shell before its subscription has arrived. And
front ends that vanish."""
import os
import tempfile
import time
import unittest

import report
from client import marked, poll
from frontend import FrontEnd, Kernel, spec, text

FLOOD = "%%\nfor i := range 200000 { fmt.Println(i) }"


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="k")
        argv, env = spec("gopark")
        self.mark = "E2E_MARK=" + os.path.basename(self.folder)
        name, _, value = self.mark.partition("=")
        self.kernel = Kernel(argv, self.folder, {**env, name: value, "TMPDIR": self.folder})
        self.addCleanup(self.kernel.end)
        self.fronts = []

    def tearDown(self):
        for f in self.fronts:
            f.close()

    def front(self):
        f = FrontEnd(self.kernel)
        self.fronts.append(f)
        return f


class VSCode(Case):
    def start(self):
        self.kernel.wait_for_ports("shell_port", "iopub_port")
        self.note = "ports in use after %.0f ms" % ((time.time() - self.kernel.started) * 1000)
        return self.front()

    def test_order(self):
        """Its whole first minute, in its order."""
        f = self.start()
        f.open("shell", "control", "stdin")
        f.subscribe()  # not yet there when the first request goes out
        info = f.send("shell", "kernel_info_request")
        reply = f.reply(info)["content"]
        self.assertEqual((reply["status"], reply["language_info"]["name"], reply["language_info"]["mimetype"]), ("ok", "go", "text/x-go"))
        states = [m["content"]["execution_state"] for m in f.published(info) if m["kind"] == "status"]
        self.assertEqual(states, ["busy", "idle"])
        # Its widget manager looks for comms, then the first cell runs.
        self.assertEqual(f.ask("shell", "comm_info_request", {"target_name": "jupyter.widget"}), {"status": "ok", "comms": {}})
        for n in 1, 2:
            reply, got = f.run("%%%%\nfmt.Println(%d)" % n, stop_on_error=False, allow_stdin=True)
            self.assertEqual((reply["status"], reply["execution_count"], text(got)), ("ok", n, "%d\n" % n))
            self.assertEqual([m["kind"] for m in got], ["status", "execute_input", "stream", "status"])
        # With stop_on_error false, what is queued behind a failure runs.
        fails, behind = f.execute("%%\npanic(1)", stop_on_error=False), f.execute("%%\nfmt.Println(2)", stop_on_error=False)
        self.assertEqual([f.reply(i)["content"]["status"] for i in (fails, behind)], ["error", "ok"])
        # Interrupt and shutdown are messages on control.
        busy = f.execute("%%\nfmt.Println(\"on\")\nfor {}")
        f.until("iopub", 30, lambda m: m["kind"] == "stream" and m["parent"] == busy)
        self.assertEqual(f.ask("control", "interrupt_request")["status"], "ok")
        self.assertEqual(f.reply(busy)["content"]["ename"], "Interrupted")
        self.assertEqual(f.ask("control", "shutdown_request", {"restart": False}), {"status": "ok", "restart": False})
        self.assertEqual(self.kernel.process.wait(5), 0)
        self.assertEqual(poll(2, lambda: not marked(self.mark)) and marked(self.mark), {})

    def test_late_subscription(self):
        """A subscription half a second late misses nothing of the first request."""
        f = self.start().open("shell")
        info = f.send("shell", "kernel_info_request")
        f.reply(info)
        time.sleep(0.5)
        f.subscribe()
        got = f.until("iopub", 5, lambda m: m["parent"] == info and m["content"].get("execution_state") == "idle")
        self.assertEqual([m["kind"] for m in got], ["iopub_welcome", "status", "status", "status"])

    def test_stdin_by_routing_id(self):
        """Input is asked for on the stdin socket with the shell socket's identity."""
        f = self.start().all().ready()
        cell = f.execute("%%\nvar s string\nfmt.Scanln(&s)\nfmt.Println(s)", allow_stdin=True)
        question = f.receive("stdin", 30)
        self.assertEqual((question["kind"], question["parent"]), ("input_request", cell))
        f.send("stdin", "input_reply", {"value": "here", "status": "ok"}, parent=question["header"])
        self.assertEqual(f.reply(cell)["content"]["status"], "ok")

    def test_connects_before_the_kernel_is_there(self):
        """ZeroMQ connects again by itself: who is early has to wait, and no more."""
        f = self.front().all()
        self.assertEqual(f.ask("shell", "kernel_info_request", seconds=30)["status"], "ok")


class Vanish(Case):
    def vanishes(self, leave):
        first = self.front().all().ready()
        first.run("%%\nfmt.Println(1)")
        cell = first.execute(FLOOD)
        first.until("iopub", 30, lambda m: m["kind"] == "stream" and m["parent"] == cell)
        leave(first)
        # Its cell runs to its end, and the next front end finds all in order.
        second = self.front().all().ready()
        start = time.time()
        reply, got = second.run("%%\nfmt.Println(2)")
        self.assertEqual((reply["status"], text(got)), ("ok", "2\n"))
        self.note = "%.2f s until the next front end has its answer" % (time.time() - start)
        self.assertEqual(reply["execution_count"], 3)
        with open("/proc/%d/status" % self.kernel.process.pid) as f:
            self.assertLess([int(line.split()[1]) for line in f if line.startswith("VmRSS")][0] / 1024, 150)

    def test_mid_output(self):
        self.vanishes(lambda f: f.close())

    def test_without_reading(self):
        """Alive and connected, and never reads again."""
        self.vanishes(lambda f: None)

    def test_all_at_once(self):
        fronts = [self.front().all().ready() for _ in range(10)]
        for f in fronts:
            f.execute(FLOOD)
        for f in fronts:
            f.close()
        reply, got = self.front().all().ready().run("%%\nfmt.Println(2)", seconds=60)
        self.assertEqual((reply["status"], text(got)), ("ok", "2\n"))

    def test_with_an_open_question(self):
        first = self.front().all().ready()
        first.execute("%%\nvar s string\n_, err := fmt.Scanln(&s)\nfmt.Println(s, err)", allow_stdin=True, stop_on_error=False)
        first.receive("stdin", 30)
        first.close()
        second = self.front().all().ready()
        self.assertEqual(second.ask("control", "interrupt_request")["status"], "ok")
        reply, got = second.run("%%\nfmt.Println(2)")
        self.assertEqual((reply["status"], text(got)), ("ok", "2\n"))


if __name__ == "__main__":
    report.main(VSCode, Vanish)

"""Subshells (JEP 91) through jupyter_client: cells of several run beside each
other in one kernel, with outputs, errors and ends of their own."""
import time

import report
from client import LONG, Case


class Subshells(Case):
    # A cell that runs until it is stopped; it says when it has begun.
    BUSY = "%%\nfmt.Println(\"begun\")\ntime.Sleep(time.Hour)"

    def control(self, kind, content=None, subshell=None):
        msg = self.kc.session.msg(kind, content or {})
        if subshell is not None:
            msg["header"]["subshell_id"] = subshell
        self.kc.control_channel.send(msg)
        while True:
            reply = self.kc.get_control_msg(timeout=LONG)
            if reply["parent_header"]["msg_id"] == msg["header"]["msg_id"]:
                return reply["content"]

    def create(self):
        content = self.control("create_subshell_request")
        self.assertEqual(content["status"], "ok", content)
        self.addCleanup(self.control, "delete_subshell_request", {"subshell_id": content["subshell_id"]})
        return content["subshell_id"]

    def send(self, kind, content, subshell=None):
        """Sends a request on shell and returns its id."""
        msg = self.kc.session.msg(kind, content)
        if subshell is not None:
            msg["header"]["subshell_id"] = subshell
        self.kc.shell_channel.send(msg)
        return msg["header"]["msg_id"]

    def execute(self, code, subshell=None):
        return self.send("execute_request", {
            "code": code, "silent": False, "store_history": True, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": True}, subshell)

    def begun(self, *cells):
        waiting = set(cells)
        while waiting:
            m = self.kc.get_iopub_msg(timeout=LONG)
            if m["msg_type"] == "stream" and "begun" in m["content"]["text"]:
                waiting.discard(m["parent_header"]["msg_id"])

    def replies(self, *ids):
        """The contents of the replies to requests, in their order."""
        got = {}
        while set(got) < set(ids):
            m = self.kc.get_shell_msg(timeout=LONG)
            got[m["parent_header"]["msg_id"]] = m["content"]
        return [got[i] for i in ids]

    def text(self, msg_id):
        return "".join(m["content"]["text"] for m in self.published(msg_id) if m["msg_type"] == "stream")

    def test_feature(self):
        self.kc.kernel_info()
        self.assertIn("kernel subshells", self.kc.get_shell_msg(timeout=LONG)["content"]["supported_features"])

    def test_lifecycle(self):
        self.assertEqual(self.control("list_subshell_request"), {"status": "ok", "subshell_id": []})
        one, two = self.create(), self.create()
        self.assertCountEqual(self.control("list_subshell_request")["subshell_id"], [one, two])
        self.assertEqual(self.control("delete_subshell_request", {"subshell_id": one})["status"], "ok")
        self.assertEqual(self.control("list_subshell_request")["subshell_id"], [two])
        again = self.control("delete_subshell_request", {"subshell_id": one})
        self.assertEqual((again["status"], again["ename"]), ("error", "SubshellNotFound"))

    def test_unknown(self):
        cell = self.execute("%%\nfmt.Println(1)", "not-a-subshell")
        content, = self.replies(cell)
        self.assertEqual((content["status"], content["ename"]), ("error", "SubshellNotFound"))
        self.assertIn("execution_count", content)
        self.assertEqual([m["msg_type"] for m in self.published(cell)], ["status", "status"])

    def test_beside_a_busy_cell(self):
        sub = self.create()
        busy = self.execute(self.BUSY)
        self.begun(busy)
        times = {}
        for kind, content in {
            "complete_request": {"code": "fmt.Prin", "cursor_pos": 8},
            "inspect_request": {"code": "fmt.Println", "cursor_pos": 5, "detail_level": 0},
            "comm_info_request": {},
        }.items():
            start = time.time()
            reply, = self.replies(self.send(kind, content, sub))
            self.assertEqual(reply["status"], "ok")
            times[kind] = time.time() - start
        for code in "%help race", "%ls", "%env", "%version":
            start = time.time()
            cell = self.execute(code, sub)
            reply, = self.replies(cell)
            self.assertEqual(reply["status"], "ok", reply)
            self.published(cell)
            times[code] = time.time() - start
        start = time.time()
        cell = self.execute("%%\nfmt.Println(\"a program beside\")", sub)
        self.assertEqual(self.replies(cell)[0]["status"], "ok")
        self.assertEqual(self.text(cell), "a program beside\n")
        times["program"] = time.time() - start
        self.note = ", ".join("%s %.0f ms" % (k, v * 1000) for k, v in times.items())
        self.km.interrupt_kernel()
        self.assertEqual(self.replies(busy)[0]["ename"], "Interrupted")

    def test_goroutines(self):
        """What a cell's goroutines do, asked while it hangs."""
        sub = self.create()
        busy = self.execute("""%%
ch := make(chan int)
for range 3 {
	go func() { <-ch }()
}
fmt.Println("begun")
time.Sleep(time.Hour)""")
        self.begun(busy)
        cell = self.execute("%goroutines", sub)
        self.assertEqual(self.replies(cell)[0]["status"], "ok")
        shown = [m["content"]["data"] for m in self.published(cell) if m["msg_type"] == "display_data"]
        self.assertEqual(len(shown), 1, shown)
        self.assertIn("3", shown[0]["text/plain"])
        self.note = shown[0]["text/plain"]
        self.km.interrupt_kernel()
        self.assertEqual(self.replies(busy)[0]["ename"], "Interrupted")
        self.works()

    def test_two_programs(self):
        """Two programs at once; each is stopped for itself."""
        sub = self.create()
        here, there = self.execute(self.BUSY), self.execute(self.BUSY, sub)
        self.begun(here, there)
        self.assertEqual(self.control("interrupt_request", {}, sub)["status"], "ok")
        self.assertEqual(self.replies(there)[0]["ename"], "Interrupted")
        there = self.execute(self.BUSY, sub)
        self.begun(there)
        self.km.interrupt_kernel()
        self.assertEqual([r["ename"] for r in self.replies(here, there)], ["Interrupted"] * 2)
        self.works()

    def test_memory_is_shared(self):
        sub = self.create()
        self.replies(self.execute("func Shared() string { return \"declared beside\" }", sub))
        _, got = self.ok("%%\nfmt.Println(Shared())")
        self.assertIn("declared beside\n", [m["content"].get("text") for m in got])

    def test_outputs_are_apart(self):
        subs = [None, self.create(), self.create(), self.create()]
        cells = {self.execute("%%%%\nfor i := range 200 {\n\tfmt.Println(%d, i)\n\ttime.Sleep(time.Millisecond)\n}" % n, sub): n for n, sub in enumerate(subs)}
        texts, idle = dict.fromkeys(cells, ""), set()
        while len(idle) < len(cells):
            m = self.kc.get_iopub_msg(timeout=LONG)
            parent = m["parent_header"].get("msg_id")
            if parent in cells and m["msg_type"] == "stream":
                self.assertNotIn(parent, idle, "output after idle")
                texts[parent] += m["content"]["text"]
            if parent in cells and m["content"].get("execution_state") == "idle":
                idle.add(parent)
        for cell, n in cells.items():
            self.assertEqual(texts[cell], "".join("%d %d\n" % (n, i) for i in range(200)))
        self.replies(*cells)

    def test_failure_aborts_its_own_subshell_only(self):
        one, two = self.create(), self.create()
        wait = "%%\nfmt.Println(\"begun\")\ntime.Sleep(300 * time.Millisecond)\n"
        fails, behind = self.execute(wait + "panic(\"on purpose\")", one), self.execute("%%\nfmt.Println(1)", one)
        first, second = self.execute(wait, two), self.execute("%%\nfmt.Println(2)", two)
        got = self.replies(fails, behind, first, second)
        self.assertEqual([r["status"] for r in got], ["error", "aborted", "ok", "ok"])

    def test_deleting_a_busy_one(self):
        sub = self.create()
        busy = self.execute(self.BUSY, sub)
        self.begun(busy)
        behind = self.execute("%%\nfmt.Println(1)", sub)
        start = time.time()
        self.assertEqual(self.control("delete_subshell_request", {"subshell_id": sub})["status"], "ok")
        first, second = self.replies(busy, behind)
        self.assertEqual(first["ename"], "Interrupted")
        self.assertIn(second.get("ename", second["status"]), ("aborted", "SubshellNotFound"))
        self.note = "stopped in %.2f s" % (time.time() - start)
        self.assertEqual(self.k.children(), [])


if __name__ == "__main__":
    report.main(Subshells)

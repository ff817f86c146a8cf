"""Runs jupyter_kernel_test, and what it leaves out, against "gopark-test"."""
import sys
import time
import unittest

import jupyter_kernel_test as jkt
import zmq
from jupyter_client import KernelManager
from jupyter_client.session import Session
from jupyter_kernel_test.msgspec_v5 import validate_message

NAME = "gopark-test"


class Suite(jkt.KernelTests):
    kernel_name = NAME
    language_name = "go"
    file_extension = ".go"
    code_hello_world = "hello, world"
    code_stderr = "stderr"
    completion_samples = [{"text": "fmt.P", "matches": {"Println"}}]
    complete_code_samples = ["x := 1"]
    incomplete_code_samples = ["for {"]
    code_page_something = "page"
    code_generate_error = "fail"
    code_execute_result = [{"code": "1+2+3", "result": "6"}]
    code_display_data = [{"code": "display", "mime": "text/html"}]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "fmt"
    code_clear_output = "clear"


class Welcome(jkt.IopubWelcomeTests):
    kernel_name = NAME
    support_iopub_welcome = True


class More(unittest.TestCase):
    transport = "tcp"

    @classmethod
    def setUpClass(cls):
        cls.km = KernelManager(kernel_name=NAME, transport=cls.transport)
        cls.km.start_kernel()
        cls.kc = cls.km.client()
        cls.kc.start_channels()
        cls.kc.wait_for_ready(timeout=15)

    @classmethod
    def tearDownClass(cls):
        cls.kc.stop_channels()
        if cls.km.has_kernel:
            cls.km.shutdown_kernel(now=True)

    def published(self, msg_id, validate=validate_message):
        """All that is published about a request, up to its idle."""
        got = []
        while True:
            m = self.kc.get_iopub_msg(timeout=10)
            validate(m)
            if m["parent_header"].get("msg_id") == msg_id:
                got.append(m)
                if m["content"].get("execution_state") == "idle":
                    return got

    def reply(self, msg_id):
        m = self.kc.get_shell_msg(timeout=10)
        self.assertEqual(m["parent_header"]["msg_id"], msg_id)
        return m

    def running(self, msg_id):
        """Waits until a cell prints that it waits."""
        while True:
            m = self.kc.get_iopub_msg(timeout=10)
            if m["msg_type"] == "stream" and m["parent_header"]["msg_id"] == msg_id:
                return

    def test_interrupt(self):
        cell = self.kc.execute("wait")
        self.running(cell)
        queued = self.kc.execute("hello")
        self.reply(self.kc.kernel_info())  # so the one before it has come, too
        self.km.interrupt_kernel()
        self.assertEqual(self.reply(cell)["content"]["ename"], "Interrupted")
        self.assertEqual(self.reply(queued)["content"]["status"], "aborted")
        self.assertEqual(self.reply(self.kc.execute("hello"))["content"]["status"], "ok")

    def test_stop_on_error(self):
        for stop, behind in ((True, "aborted"), (False, "ok")):
            # The one that fails waits for an answer until the others have come.
            ids = [self.kc.execute("fail when answered", allow_stdin=True, stop_on_error=stop)]
            self.kc.get_stdin_msg(timeout=10)
            ids += [self.kc.execute(code) for code in ("a", "b")]
            self.reply(self.kc.kernel_info())
            self.kc.input("")
            status = [self.reply(i)["content"]["status"] for i in ids]
            self.assertEqual(status, ["error", behind, behind])
            self.assertEqual(self.reply(self.kc.execute("hello"))["content"]["status"], "ok")

    def test_stdin(self):
        cell = self.kc.execute("ask", allow_stdin=True)
        question = self.kc.get_stdin_msg(timeout=10)
        # jupyter_kernel_test wants a number where the protocol wants a boolean.
        self.assertEqual(question["content"], {"prompt": "? ", "password": True})
        self.assertEqual(question["parent_header"]["msg_id"], cell)
        self.kc.input("secret")
        self.reply(cell)
        self.assertIn("secret", [m["content"].get("text") for m in self.published(cell)])
        refused = self.kc.execute("ask", allow_stdin=False)
        self.reply(refused)
        self.assertIn("allow_stdin", [m["content"] for m in self.published(refused) if m["msg_type"] == "stream"][0]["text"])
        abandoned = self.kc.execute("ask", allow_stdin=True)
        self.kc.get_stdin_msg(timeout=10)
        self.km.interrupt_kernel()
        self.reply(abandoned)

    def test_busy_kernel_answers(self):
        cell = self.kc.execute("wait")
        self.running(cell)
        start = time.time()
        self.reply(self.kc.kernel_info())
        self.reply(self.kc.complete("fmt.P"))
        m = self.kc.session.msg("kernel_info_request")
        self.kc.control_channel.send(m)
        reply = self.kc.get_control_msg(timeout=10)
        self.assertEqual(reply["parent_header"]["msg_id"], m["header"]["msg_id"])
        self.assertTrue(self.kc.is_alive())
        self.assertLess(time.time() - start, 2)
        self.km.interrupt_kernel()
        self.assertEqual(self.reply(cell)["content"]["status"], "error")

    def test_expressions_and_dates(self):
        cell = self.kc.execute("expressions", user_expressions={"x": "6*7"})
        reply = self.reply(cell)
        self.assertEqual(reply["content"]["user_expressions"]["x"]["data"], {"text/plain": "6*7"})
        self.assertRegex(reply["metadata"]["started"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        self.assertIsNotNone(reply["header"]["date"].tzinfo)

    def test_store_history(self):
        first = self.reply(self.kc.execute("a"))["content"]["execution_count"]
        self.reply(self.kc.execute("b", store_history=False))
        self.reply(self.kc.execute("c", silent=True))
        self.assertEqual(self.reply(self.kc.execute("d"))["content"]["execution_count"], first + 1)

    def test_comm(self):
        m = self.kc.session.msg("comm_open", {"comm_id": "x", "target_name": "jupyter.widget", "data": {}})
        self.kc.shell_channel.send(m)
        # jupyter_kernel_test has no schema for comms.
        kinds = [p["msg_type"] for p in self.published(m["header"]["msg_id"], validate=lambda m: None)]
        self.assertEqual(kinds, ["status", "comm_close", "status"])
        self.assertEqual(self.reply(self.kc.comm_info())["content"]["comms"], {})

    def test_wrong_key(self):
        s = zmq.Context.instance().socket(zmq.DEALER)
        s.linger = 0
        s.connect(self.kc._make_url("shell"))
        stranger = Session(key=b"wrong", signature_scheme="hmac-sha256")
        stranger.send(s, "kernel_info_request")
        self.assertEqual(s.poll(300), 0)
        s.close()
        self.assertEqual(self.reply(self.kc.execute("hello"))["content"]["status"], "ok")


class MoreOverFiles(More):
    transport = "ipc"


class Shutdown(unittest.TestCase):
    setUp = More.setUpClass.__func__
    tearDown = More.tearDownClass.__func__
    transport = "tcp"
    reply = More.reply

    def test_shutdown(self):
        self.kc.execute("wait")
        start = time.time()
        self.kc.shutdown()
        reply = self.kc.get_control_msg(timeout=10)
        validate_message(reply, "shutdown_reply")
        process = self.km.provisioner.process
        self.assertEqual(process.wait(timeout=5), 0)
        self.assertLess(time.time() - start, 1.5)

    def test_restart(self):
        self.reply(self.kc.execute("a"))
        self.km.restart_kernel()
        self.kc.wait_for_ready(timeout=15)
        self.assertEqual(self.reply(self.kc.execute("a"))["content"]["execution_count"], 1)


if __name__ == "__main__":
    result = unittest.main(verbosity=2, exit=False).result
    if result.skipped:
        print("SKIPPED:", result.skipped)
    sys.exit(0 if result.wasSuccessful() and not result.skipped else 1)

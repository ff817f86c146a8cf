"""soak.py CELLS: a thousand cells of all kinds in one kernel. Every output has
to arrive, and nothing may pile up: memory, descriptors, processes, files."""
import os
import sys
import time
import unittest

import report
from client import LONG, Case, kinds, poll, stdout

CELLS = int(sys.argv.pop())
START_MB, END_MB = 25, 60  # the kernel's memory, resident


def text(m):
    return m["content"]["data"]["text/plain"]


class Soak(Case):
    """Each kind is (its share in a thousand, cell, check of what it published)."""

    def hello(self, i, got):
        self.assertEqual(kinds(got)[2:-1], ["stdout"])
        self.assertEqual(stdout(got), "hello %d\n" % i)

    def error(self, i, got):
        self.assertEqual(kinds(got)[2:-1], ["error"])
        self.assertEqual(got[2]["content"]["evalue"], "cell [%d] line 2: undefined: nope%d" % (self.count, i))

    def panics(self, i, got):
        self.assertEqual(kinds(got)[2:-1], ["stdout", "error"])
        self.assertEqual(got[3]["content"]["evalue"], "purpose")

    def display(self, i, got):
        self.assertEqual(kinds(got)[2:-1], ["display_data", "stdout", "display_data"])
        self.assertEqual(got[2]["content"]["data"]["text/html"], "<b>%d</b>" % (i % 5))

    def chart(self, i, got):
        shown = [m for m in got if m["msg_type"] in ("display_data", "update_display_data")]
        self.assertIn("<img ", shown[-1]["content"]["data"]["text/html"])

    def passing_test(self, i, got):
        self.assertIn("--- PASS: TestSum", stdout(got))
        self.assertTrue(stdout(got).endswith("PASS\n"), stdout(got))

    def failing_test(self, i, got):
        self.assertIn("--- FAIL: TestBad", stdout(got))
        self.assertEqual(got[-2]["content"]["ename"], "TestFailure")

    def result(self, i, got):
        self.assertEqual(kinds(got)[2:-1], ["execute_result"])
        self.assertEqual(text(got[2]), str(i % 7 * 6))

    def declaration(self, i, got):
        self.assertEqual(kinds(got), ["busy", "execute_input", "idle"])

    def big(self, i, got):
        # 1 MB of the beginning, 256 KB of the end, and what was left out.
        said = stdout(got)
        self.assertTrue(said.startswith("x" * 99 + "\n"), said[:200])
        self.assertTrue(said.endswith("the end\n"), said[-200:])
        self.assertIn("left out here", said)
        self.assertLess(len(said), 1_500_000)

    def many_lines(self, i, got):
        self.assertEqual(stdout(got), "".join("%d\n" % n for n in range(5000)))

    def shell(self, i, got):
        self.assertEqual(stdout(got), "shell %d\n" % i)

    def long_panic(self, i, got):
        self.assertEqual(got[-2]["content"]["ename"], "Deadlock")

    def huge_display(self, i, got):
        self.assertEqual(len(got[2]["content"]["data"]["text/html"]), 7 << 20)

    def crowd(self, i, got):
        # A dump of 50,000 goroutines is 20 MB of stderr.
        self.assertEqual(got[-2]["content"]["ename"], "Deadlock")
        self.assertLess(len("".join(got[-2]["content"]["traceback"])), 100_000)

    def race(self, i, got):
        self.assertEqual(got[-2]["content"]["ename"], "DataRace")

    def expressions(self, i, got):
        self.assertEqual(kinds(got)[2:-1], ["stdout"])

    KINDS = [
        (176, '%%%%\nfmt.Println("hello %(i)d")', hello),
        (150, "%%%%\nnope%(i)d()", error),
        (80, '%%%%\nfmt.Println("on")\npanic("purpose")', panics),
        (100, 'import "gopark/helpers"\n%%%%\nhelpers.HTML("<b>%(five)d</b>")\nfmt.Println("between")\nhelpers.Markdown("*m*")', display),
        (10, 'import "gopark/helpers"\n%%%%\nhelpers.Time("t", func() {})', chart),
        (60, "%%test\nfunc TestSum(t *testing.T) {\n\tif 1+1 != 2 {\n\t\tt.Fail()\n\t}\n}", passing_test),
        (20, "%%test\nfunc TestBad(t *testing.T) {\n\tt.Error(1)\n}", failing_test),
        (120, "six := 6\nsix * %(seven)d", result),
        (100, "// Declared is replaced again and again.\nfunc Declared() int { return %(i)d }\n\ntype T%(seven)d struct{ A, B int }", declaration),
        (15, '%%%%\nline := strings.Repeat("x", 99) + "\\n"\nfor range 50_000 {\n\tfmt.Print(line)\n}\nfmt.Println("the end")', big),
        (30, "%%%%\nfor i := range 5000 {\n\tfmt.Println(i)\n}", many_lines),
        (110, "!echo shell %(i)d", shell),
        (5, "%%%%\nch := make(chan int)\nfor range 2000 {\n\tgo func() { <-ch }()\n}\n<-ch", long_panic),
        (2, 'import "gopark/helpers"\n%%%%\nhelpers.HTML(strings.Repeat("y", 7<<20))', huge_display),
        (2, "%%%%\nch := make(chan int)\nfor range 50_000 {\n\tgo func() { <-ch }()\n}\n<-ch", crowd),
        (5, "%%race\n%%%%\nn := 0\nvar wg sync.WaitGroup\nfor range 2 {\n\twg.Go(func() { n++ })\n}\nwg.Wait()", race),
        (15, '%%%%\nfmt.Println("x")', expressions),
    ]

    def state(self):
        """What may pile up, now."""
        with open("/proc/%d/status" % self.k.pid) as f:
            status = dict(line.split(":", 1) for line in f)
        return {
            "MB": round(int(status["VmRSS"].split()[0]) / 1024, 1),
            "peak MB": round(int(status["VmHWM"].split()[0]) / 1024, 1),
            "descriptors": len(os.listdir("/proc/%d/fd" % self.k.pid)),
            "processes": len(self.k.processes()),
            "files": sum(len(files) for _, _, files in os.walk(self.k.tmp)),
        }

    def settled(self):
        """The state when nothing is under way any more, in the background too."""
        self.assertTrue(poll(LONG, lambda: self.k.children() == []), self.k.children())
        poll(5, lambda: not any(name.startswith("cell-") for _, _, files in os.walk(self.k.tmp) for name in files))
        return self.state()

    def test_cells(self):
        at_start = self.settled()
        plan = self.plan()
        self.count = 0
        run = {}
        began = time.time()
        for i, (code, check) in enumerate(plan):
            msg_id = self.kc.execute(code % {"i": i, "five": i % 5, "seven": i % 7},
                                     user_expressions={"x": "1 + 1"} if check is Soak.expressions else {})
            reply = self.reply(msg_id)
            got = self.published(msg_id)
            self.count += 1
            self.assertEqual(reply["content"]["execution_count"], self.count)
            try:
                check(self, i, got)
            except AssertionError as e:
                e.args = ("cell %d (%s): %s" % (i, check.__name__, e.args[0]),)
                raise
            run[check.__name__] = run.get(check.__name__, 0) + 1
            if i % 20 == 0:
                self.completes(i)
            if i == 49:
                self.assertTrue(poll(LONG, self.k.gopls), "gopls does not start: make install builds it")
                warm = self.settled()
            if i % 100 == 99:
                print("after %d cells: %s" % (i + 1, self.state()), flush=True)
        took = time.time() - began
        # What the last cells needed goes back when nobody asks for anything.
        poll(LONG, lambda: self.state()["MB"] < END_MB)
        at_end = self.settled()
        self.note = "%d cells in %.1f s; at start %s; after 50 cells %s; at the end %s" % (self.count, took, at_start, warm, at_end)
        print(self.note, flush=True)
        self.assertEqual(self.count, CELLS)
        self.assertEqual(set(run), {check.__name__ for _, check in plan})
        self.assertLess(at_start["MB"], START_MB)
        self.assertLess(at_end["MB"], END_MB)
        for what in ("descriptors", "processes", "files"):
            self.assertLessEqual(at_end[what], warm[what], what)
        self.works()

    def completes(self, i):
        """What somebody types meanwhile, which keeps gopls at work."""
        code = "%%%%\nx%d := 1\nfmt.Printl" % i
        m = self.reply(self.kc.complete(code))
        self.assertEqual(m["content"]["matches"], ["Println"])

    def plan(self):
        """The cells, kinds well mixed and always in the same order."""
        total = sum(share for share, _, _ in self.KINDS)
        cells, owed = [], [0.0] * len(self.KINDS)
        for _ in range(CELLS):
            owed = [o + share / total for o, (share, _, _) in zip(owed, self.KINDS)]
            most = max(range(len(owed)), key=owed.__getitem__)
            owed[most] -= 1
            cells.append(self.KINDS[most][1:])
        return cells


if __name__ == "__main__":
    report.main(Soak)

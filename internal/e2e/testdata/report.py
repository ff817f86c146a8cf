"""Runs unittest classes and prints a line of JSON for each check; and what all
of them have to know of the kernel's own report of a cell's run."""
import json
import sys
import time
import unittest


def of_a_run(message):
    """Is the message the kernel's own word on a cell's run, and not the cell's?"""
    shown = message["content"] if message["header"]["msg_type"] == "display_data" else {}
    return shown.get("metadata", {}).get("gopark", {}).get("report") is True


class Report(unittest.TestResult):
    """A line for each test, and one for each subtest that fails."""

    def startTest(self, test):
        super().startTest(test)
        self.began, self.worst, self.details = time.time(), "ok", []

    def _note(self, status, detail):
        order = ["ok", "skipped", "failed"]
        self.worst = max(self.worst, status, key=order.index)
        self.details.append(detail)

    def addError(self, test, err):
        super().addError(test, err)
        detail = self._exc_info_to_string(err, test)
        if isinstance(test, unittest.TestCase):
            self._note("failed", detail)
        else:  # setUpClass and the like: there is no test to tell it
            say(str(test), "failed", detail)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._note("failed", self._exc_info_to_string(err, test))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._note("failed", "%s\n%s" % (subtest, self._exc_info_to_string(err, test)))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._note("skipped", reason)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._note("failed", "it was expected to fail")

    def stopTest(self, test):
        name = "%s/%s" % (type(test).__name__, test._testMethodName.removeprefix("test_"))
        say(name, self.worst, "\n".join(self.details), time.time() - self.began, getattr(test, "note", ""))
        super().stopTest(test)


def say(check, status="ok", detail="", seconds=0.0, note=""):
    print(json.dumps({"check": check, "status": status, "detail": detail, "seconds": seconds, "note": note}), flush=True)


def main(*classes):
    """Runs the classes, or of them the tests that the arguments name."""
    suite = unittest.TestSuite()
    for c in classes:
        names = unittest.defaultTestLoader.getTestCaseNames(c)
        suite.addTests(c(n) for n in names if len(sys.argv) < 2 or any(a in n for a in sys.argv[1:]))
    result = Report()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)

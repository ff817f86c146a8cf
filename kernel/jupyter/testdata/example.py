"""Runs jupyter_kernel_test against examples/calc, installed as "calc-test"."""
import sys
import unittest

import jupyter_kernel_test as jkt


class Calc(jkt.KernelTests):
    kernel_name = "calc-test"
    language_name = "calc"
    file_extension = ".calc"
    code_hello_world = 'print "hello, world"'
    code_generate_error = "1 / 0"
    code_execute_result = [{"code": "1 + 2 + 3", "result": "6"}, {"code": "1/3.0", "result": "1/3"}]
    complete_code_samples = ["1 + 1", "x = 1"]
    code_history_pattern = "1 ? 2*"
    supported_history_operations = ("tail", "range", "search")


class Welcome(jkt.IopubWelcomeTests):
    kernel_name = "calc-test"
    support_iopub_welcome = True


if __name__ == "__main__":
    result = unittest.main(verbosity=2, exit=False).result
    print("passed:", result.testsRun - len(result.skipped) - len(result.failures) - len(result.errors))
    sys.exit(0 if result.wasSuccessful() else 1)

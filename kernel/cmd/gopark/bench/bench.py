"""Times Jupyter kernels side by side through jupyter_client.

Usage: bench.py JSON, an object with the keys
    rounds     how often each row is measured on each kernel
    kernels    names of kernelspecs; ipykernel is left out when it is missing
    rows       what to measure: the names of bench.go's table
    lines      how many short lines a cell prints
    megabytes  how much a cell prints in lines of 1 MB
    crowd      how many kernels start at once
Each round runs every cell on all kernels, in random order. One JSON object a
line goes to standard output: {"row", "kernel", "value"}, the value in seconds,
bytes, lines a second or bytes a second. What is said to people goes to standard
error.
"""
import asyncio
import json
import random
import sys

from jupyter_client.kernelspec import KernelSpecManager

import cells
from crowd import Crowd, Wrong
from kernel import Kernel

CROWD = {"many at once: kernel_info", "many at once: a cell ran", "many at once: RSS", "many at once: PSS"}
START = {"start to kernel_info", "start to first completion"}


class Bench:
    def __init__(self, order):
        self.__dict__.update(order)
        installed = KernelSpecManager().find_kernel_specs()
        if "ipykernel" in self.kernels and "ipykernel" not in installed:
            say("ipykernel: SKIPPED, no kernel of that name is installed (make bench installs it)")
            self.kernels.remove("ipykernel")
        for name in self.kernels:
            if name not in installed:
                sys.exit(f"no kernel named {name} is installed (make install does it)")
        self.n = random.randrange(1 << 40)

    def wants(self, *rows):
        return not set(rows).isdisjoint(self.rows)

    def emit(self, row, kernel, value):
        if row in self.rows:
            print(json.dumps({"row": row, "kernel": kernel, "value": value}), flush=True)

    def fresh(self):
        self.n += 1
        return self.n

    def shuffled(self, kernels):
        return random.sample(kernels, len(kernels))

    def starts(self):
        for _ in self.counted("starts", min(self.rounds, 8)):
            for name in self.shuffled(self.kernels):
                kernel = Kernel(name)
                try:
                    self.emit("start to kernel_info", name, kernel.started)
                    if self.wants("start to first completion"):
                        seconds = kernel.complete(kernel.cells["first"], kernel.cells["firsts"])
                        self.emit("start to first completion", name, kernel.started + seconds)
                finally:
                    kernel.stop()

    def crowds(self):
        for _ in self.counted("crowds", min(self.rounds, 8)):
            for name in self.shuffled(self.kernels):
                code = cells.of(name)["fmt"]
                crowd = Crowd(name, [code.format(n=self.fresh()) for _ in range(self.crowd)])
                try:
                    asyncio.run(crowd.start())
                except* Wrong as wrong:
                    sys.exit(str(wrong.exceptions[0]))
                self.emit("many at once: kernel_info", name, crowd.ready)
                self.emit("many at once: a cell ran", name, crowd.ran)
                if crowd.memory is not None:
                    self.emit("many at once: RSS", name, crowd.memory[0])
                    self.emit("many at once: PSS", name, crowd.memory[1])

    def warm(self):
        """All rows that want a kernel which has been running for a while."""
        kernels = []
        try:
            for name in self.kernels:
                kernels.append(Kernel(name))
            # Warm-up: what a kernel prepares once is not the cell's time.
            for kernel in kernels:
                self.measure(kernel, lambda *_: None)
            for _ in self.counted("rounds", self.rounds):
                for kernel in self.shuffled(kernels):
                    self.measure(kernel, self.emit)
        finally:
            for kernel in kernels:
                kernel.stop()

    def measure(self, kernel, emit):
        def row(name, cell, want="ok"):
            if self.wants(name) and cell in kernel.cells:
                emit(name, kernel.name, kernel.run(kernel.cells[cell].format(n=self.fresh()), want))

        row("changed fmt cell", "fmt")
        row("changed net/http cell", "http")
        row("unchanged cell", "same")
        if self.wants("completion"):
            code, want = kernel.cells["name"].format(n=self.fresh()), kernel.cells["names"]
            emit("completion", kernel.name, kernel.complete(code, want))
        row("type error", "bad", want="error")
        if self.wants("changed cell, race detector on") and "race" in kernel.cells:
            head = "%race\n" if kernel.name == "gopark" else "%goflags -race\n"
            code = head + kernel.cells["race"].format(n=self.fresh())
            emit("changed cell, race detector on", kernel.name, kernel.run(code))
            if kernel.name != "gopark":
                kernel.run('%goflags ""')
        self.measure_output(kernel, emit)

    def measure_output(self, kernel, emit):
        """What a cell prints is counted as it arrives, the wait for its first
        line included. gopark shows 1.25 MB of a cell unless %limit says
        otherwise: it is asked for everything, and once more for what it shows
        by itself."""
        everything = "%limit off\n" if kernel.name == "gopark" else ""
        if self.wants("output, short lines"):
            code = everything + kernel.cells["short"].format(lines=self.lines)
            seconds, text = kernel.output(code)
            complete(kernel, text.count("\n"), self.lines, "lines")
            emit("output, short lines", kernel.name, text.count("\n") / seconds)
        if self.wants("output, long lines", "output until idle, as shipped"):
            code = kernel.cells["long"].format(megabytes=self.megabytes)
            seconds, text = kernel.output(everything + code)
            complete(kernel, len(text), self.megabytes * 1_000_000, "bytes")
            emit("output, long lines", kernel.name, len(text) / seconds)
            if everything:
                kernel.run("%limit 1MB")
                seconds = kernel.run(code)
            emit("output until idle, as shipped", kernel.name, seconds)

    def counted(self, what, n):
        for i in range(n):
            say(f"{what}: {i + 1} of {n}", end="\r" if sys.stderr.isatty() else "\n")
            yield i
        if sys.stderr.isatty():
            say()


def complete(kernel, got, want, unit):
    """Says what a front end never saw: a rate counts only what arrived."""
    if got != want:
        say(f"{kernel.name}: {got:,} of {want:,} {unit} arrived")


def say(*words, **options):
    print(*words, file=sys.stderr, flush=True, **options)


def main():
    bench = Bench(json.loads(sys.argv[1]))
    if bench.wants(*START):
        bench.starts()
    if bench.wants(*CROWD):
        bench.crowds()
    if not set(bench.rows) <= START | CROWD:
        bench.warm()


try:
    main()
except KeyboardInterrupt:
    sys.exit(130)

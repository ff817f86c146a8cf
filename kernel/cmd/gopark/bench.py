"""Times two Jupyter kernels side by side through jupyter_client.

Usage: bench.py ROUNDS KERNEL KERNEL
Each round runs every kind of cell on both kernels, in random order. One JSON
object a line goes to standard output: {"kind", "kernel", "seconds"}. What is
said to people goes to standard error.
"""
import json
import random
import sys
import time

from jupyter_client.manager import KernelManager

FMT = """%%
fmt.Println("round", {n})
"""
HTTP = """%%
s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {{ fmt.Fprint(w, {n}) }}))
defer s.Close()
r, err := http.Get(s.URL)
fmt.Println(r.StatusCode, err)
"""
RACE = """{head}
%%
var wg sync.WaitGroup
for i := range 3 {{
	wg.Go(func() {{ fmt.Println("round", {n}+i) }})
}}
wg.Wait()
"""
SAME = """%%
fmt.Println("the same in every round")
"""
BAD = """%%
var s string = {n}
fmt.Println(s)
"""
NAME = """%%
x := {n}
fmt.Println(x, strings.Rep"""


class Kernel:
    def __init__(self, name):
        self.name = name
        begin = time.perf_counter()
        self.manager = KernelManager(kernel_name=name)
        self.manager.start_kernel(stderr=sys.stderr)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=300)
        self.started = time.perf_counter() - begin

    def run(self, code, want="ok"):
        """Seconds from the request to the last of reply and idle."""
        begin = time.perf_counter()
        msg_id = self.client.execute(code)
        while True:
            msg = self.client.get_iopub_msg(timeout=300)
            if msg["parent_header"].get("msg_id") == msg_id and msg["msg_type"] == "status" \
                    and msg["content"]["execution_state"] == "idle":
                break
        while True:
            reply = self.client.get_shell_msg(timeout=300)
            if reply["parent_header"].get("msg_id") == msg_id:
                break
        seconds = time.perf_counter() - begin
        if reply["content"]["status"] != want:
            sys.exit(f"{self.name} answered {reply['content']} to:\n{code}")
        return seconds

    def complete(self, code, want):
        """Seconds until the kernel proposes a name at the end of code. A kernel
        that proposes nothing yet is asked again."""
        begin = time.perf_counter()
        while time.perf_counter() - begin < 120:
            msg_id = self.client.complete(code)
            while True:
                reply = self.client.get_shell_msg(timeout=300)
                if reply["parent_header"].get("msg_id") == msg_id:
                    break
            if any(m.endswith(want) for m in reply["content"].get("matches", [])):
                return time.perf_counter() - begin
            time.sleep(0.01)
        sys.exit(f"{self.name} does not propose {want} after:\n{code}")

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def emit(kind, kernel, seconds):
    print(json.dumps({"kind": kind, "kernel": kernel, "seconds": seconds}), flush=True)


def main():
    rounds, names = int(sys.argv[1]), sys.argv[2:4]
    for _ in range(min(rounds, 8)):
        for name in random.sample(names, 2):
            kernel = Kernel(name)
            emit("start to kernel_info", name, kernel.started)
            emit("start to first completion", name, kernel.started + kernel.complete("%%\nfmt.Printl", "Println"))
            kernel.stop()
    kernels = [Kernel(name) for name in names]
    try:
        n = random.randrange(1 << 40)
        # Warm-up: what a kernel prepares once is not the cell's time.
        for kernel in kernels:
            head = "%race" if kernel.name == "gopark" else "%goflags -race"
            for code in (FMT, HTTP):
                kernel.run(code.format(n=n))
            kernel.run(RACE.format(head=head, n=n))
            if kernel.name != "gopark":
                kernel.run('%goflags ""')
            kernel.run(SAME)
            kernel.complete(NAME.format(n=n), "Repeat")
        for i in range(rounds):
            print(f"round {i + 1} of {rounds}", end="\r", file=sys.stderr, flush=True)
            for kernel in random.sample(kernels, 2):
                ours = kernel.name == "gopark"
                n += 1
                emit("changed fmt cell", kernel.name, kernel.run(FMT.format(n=n)))
                emit("changed net/http cell", kernel.name, kernel.run(HTTP.format(n=n)))
                emit("unchanged cell", kernel.name, kernel.run(SAME))
                emit("completion", kernel.name, kernel.complete(NAME.format(n=n), "Repeat"))
                emit("type error", kernel.name, kernel.run(BAD.format(n=n), want="error"))
                head = "%race" if ours else "%goflags -race"
                emit("changed cell, race detector on", kernel.name, kernel.run(RACE.format(head=head, n=n)))
                if not ours:
                    kernel.run('%goflags ""')
        print(file=sys.stderr)
    finally:
        for kernel in kernels:
            kernel.stop()


main()

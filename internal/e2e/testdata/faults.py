"""faults.py: what goes wrong around a kernel: its caches, its compiler, its
disk, its children. After each fault: what the learner reads, and a kernel that
works on."""
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from jupyter_client import KernelManager

import report
from client import LONG, Case, Kernel, kinds, poll, stdout

USERS = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "gopark")


def evalue(reply):
    return reply["content"].get("evalue", "")


class Cached(Case):
    """A kernel with a cache of its own, which begins empty: what is prepared is
    found in the person's, as a machine's shared cache."""

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def start(self, cache, prefix=(), shared=True):
        self.cache = cache
        self.enterContext(unittest.mock.patch.dict(os.environ, {"XDG_CACHE_HOME": cache, "GOPARK_SHARED_CACHE": USERS if shared else ""}))
        self.k = Kernel(prefix)
        self.addCleanup(self.k.close)
        self.kc, self.km = self.k.kc, self.k.km
        super().setUp()

    def setUp(self):
        folder = tempfile.mkdtemp(prefix="c")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.folder = folder

    def mount(self, *args):
        """Mounts something at a folder until the test ends, or skips it."""
        at = tempfile.mkdtemp(prefix="m", dir=self.folder)
        if os.getuid() != 0 or subprocess.run(["mount", *args, at], capture_output=True).returncode != 0:
            self.skipTest("only root may mount a file system")
        self.addCleanup(subprocess.run, ["umount", "-l", at])
        return at

    def programs(self):
        return [os.path.join(d, f) for d, _, files in os.walk(os.path.join(self.cache, "gopark", "programs")) for f in files if f == "program"]

    def left(self):
        """Files of builds that are not under way any more."""
        return [os.path.join(d, f) for d, _, files in os.walk(os.path.join(self.cache, "gopark", "tmp")) for f in files]

    def hello(self, n):
        _, got = self.ok('%%%%\nfmt.Println("hello", %d)' % n)
        self.assertEqual(stdout(got), "hello %d\n" % n)

    def test_programs_damaged(self):
        self.start(self.folder)
        for i, harm in enumerate([lambda f: os.truncate(f, 0), lambda f: os.truncate(f, 5000), os.remove,
                                  lambda f: os.chmod(f, 0o600), self.flip]):
            with self.subTest(i):
                self.hello(i)
                self.assertTrue(poll(10, self.programs))
                for f in self.programs():
                    harm(f)
                self.hello(i)
        self.works()

    def flip(self, file):
        with open(file, "r+b") as f:
            f.seek(os.path.getsize(file) // 2)
            f.write(b"\xff" * 64)

    def test_deleted(self):
        self.start(self.folder)
        self.hello(1)
        shutil.rmtree(os.path.join(self.folder, "gopark"))
        self.hello(1)
        self.hello(2)
        self.assertEqual(poll(10, lambda: not self.left()), True, self.left())
        self.works()

    def test_clock(self):
        """The clock jumps: what a kernel has kept is ten years from now, or was.
        Nothing is built again, nothing is taken away, and everything works, in a
        kernel that runs already and in a new one."""
        prepared = os.path.join(self.folder, "gopark")
        for part in ("archives", "sets", "modules"):
            shutil.copytree(os.path.join(USERS, part), os.path.join(prepared, part))

        def files():
            return [os.path.join(d, f) for d, _, files in os.walk(prepared) for f in files if not f.endswith(".lock")]

        def archives():
            return sorted(f for f in files() if f.endswith(".a"))

        times = []
        for i, years in enumerate((10, -10)):
            before = archives()
            self.start(self.folder, shared=False)
            for age in ("new kernel", "running kernel"):
                with self.subTest("%d years, %s" % (years, age)):
                    then = time.time() + years * 365 * 24 * 3600
                    for f in files():
                        os.utime(f, (then, then))
                    begin = time.time()
                    self.hello(i)
                    self.hello(i)
                    _, got = self.ok("%%race\n%%%%\nfmt.Println(\"race\", %d)" % i)
                    self.assertEqual(stdout(got), "race %d\n" % i)
                    times.append("%d years, %s: %.1f s" % (years, age, time.time() - begin))
                    self.ok("%race off")
                    self.assertEqual(archives(), before)
            self.works()
        self.note = ", ".join(times)

    def test_read_only(self):
        at = self.mount("--bind", self.folder)
        self.start(at)
        self.hello(1)
        subprocess.run(["mount", "-o", "remount,ro,bind", at], check=True)
        self.hello(1)  # it is there
        reply, got = self.run_cell('%%\nfmt.Println("hello", 2)')
        self.assertIn("read-only file system", evalue(reply))
        self.assertIn("XDG_CACHE_HOME", "\n".join(reply["content"]["traceback"]))
        self.ok("func f() int { return 1 }")  # what needs no program goes on
        subprocess.run(["mount", "-o", "remount,rw,bind", at], check=True)
        self.hello(2)
        self.works()

    def test_full_disk(self):
        at = self.mount("-t", "tmpfs", "-o", "size=24M", "tmpfs")
        self.start(at)
        self.hello(1)
        with open(os.path.join(at, "fill"), "wb", buffering=0) as f:
            with self.assertRaises(OSError):
                while True:
                    f.write(bytes(1 << 16))
        reply, got = self.run_cell('%%\nfmt.Println("hello", 2)')
        self.assertIn("no space left on device", evalue(reply))
        self.assertIn("make some room", "\n".join(reply["content"]["traceback"]))
        self.ok("func f() int { return 1 }")
        os.remove(os.path.join(at, "fill"))
        self.hello(2)
        self.assertEqual(poll(10, lambda: not self.left()), True, self.left())
        self.works()

    def test_compiler_killed(self):
        self.start(self.folder)
        self.hello(0)
        # A cell that takes a while to compile.
        many = "\n".join("func f%d(x int) (s string) { for i := range x { s += fmt.Sprint(i, x*%d) }; return s }" % (i, i) for i in range(1500))
        calls = "\n".join("f%d(0)" % i for i in range(1500))
        msg_id = self.kc.execute("%s\n%%%%\n%s\nfmt.Println(\"built\")" % (many, calls))
        killed = []

        def kill():
            for pid, line in self.k.processes().items():
                if "/compile " in line + " ":
                    os.kill(pid, signal.SIGKILL)
                    killed.append(line)
            return killed

        self.assertTrue(poll(LONG, kill), "no compiler was seen")
        reply, got = self.reply(msg_id), self.published(msg_id)
        self.assertEqual(reply["content"]["status"], "error")
        self.assertEqual(kinds(got)[-2], "error")
        self.assertIn("killed", "\n".join(reply["content"]["traceback"]))
        self.note = evalue(reply)
        self.assertIn("run the cell again", "\n".join(reply["content"]["traceback"]))
        self.assertEqual(poll(10, lambda: not self.left()), True, self.left())
        _, got = self.ok("%s\n%%%%\n%s\nfmt.Println(\"built\")" % (many, calls))
        self.assertEqual(stdout(got), "built\n")
        self.works()


    def test_go_upgraded(self):
        """Another release takes the place of the Go that the kernel has found."""
        goroot = subprocess.check_output(["go", "env", "GOROOT"], text=True).strip()
        modules = subprocess.check_output(["go", "env", "GOMODCACHE"], text=True).strip()
        others = sorted(glob.glob(modules + "/golang.org/toolchain@v0.0.1-go1.26.*"))
        if not others or goroot in others:
            self.skipTest("there is one release of Go here: GOTOOLCHAIN=go1.26.7 go version fetches another")
        if os.getuid() != 0 or not shutil.which("nsenter"):
            self.skipTest("only root may show a process another file system")
        self.start(self.folder, prefix=["unshare", "-m", "--propagation", "private"])
        self.hello(1)
        subprocess.run(["nsenter", "-t", str(self.k.pid), "-m", "mount", "--bind", others[-1], goroot], check=True)
        self.hello(1)  # it is there
        reply, got = self.run_cell('%%\nfmt.Println("hello", 2)')
        self.note = evalue(reply)
        self.assertRegex(self.note, r"^Go was replaced under this kernel: it began with go1\.26\.\d+, and now go1\.26\.\d+ is there$")
        self.assertIn("restart the kernel", "\n".join(reply["content"]["traceback"]))
        # After a restart, the other one is used as if it had always been there;
        # here the first comes back instead, and all is well again.
        subprocess.run(["nsenter", "-t", str(self.k.pid), "-m", "umount", "-l", goroot], check=True)
        self.hello(2)
        self.works()


class Children(Case):
    """Programs that behave badly."""

    def gone(self):
        self.assertTrue(poll(5, lambda: self.k.children() == []), self.k.children())
        self.works()

    def test_forks(self):
        self.ok("%%bash\nfor i in $(seq 100); do sleep 1000 & done; echo started")
        self.gone()

    def test_ignores_signals(self):
        msg_id = self.kc.execute("%%\nsignal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGHUP)\nfmt.Println(\"deaf\")\nfor {\n\ttime.Sleep(time.Second)\n}")
        self.says(msg_id, "deaf")
        began = time.time()
        self.km.interrupt_kernel()
        reply = self.reply(msg_id)
        self.assertEqual(reply["content"]["ename"], "Interrupted")
        self.assertLess(time.time() - began, 5)
        self.published_rest(msg_id)
        self.gone()

    def published_rest(self, msg_id):
        while True:
            m = self.kc.get_iopub_msg(timeout=LONG)
            if m["parent_header"].get("msg_id") == msg_id and m["content"].get("execution_state") == "idle":
                return

    def test_holds_pipes(self):
        # It leaves the group, and keeps both pipes open.
        began = time.time()
        reply, got = self.run_cell("%%bash\nsetsid sleep 20 &\necho done")
        self.assertEqual(stdout(got), "done\n")
        self.assertLess(time.time() - began, 5)
        for pid, line in self.k.processes().items():
            if line == "sleep 20":
                os.kill(pid, signal.SIGKILL)
        self.gone()

    def test_fills_memory(self):
        reply, got = self.run_cell("%%\nlimit := syscall.Rlimit{Cur: 1 << 30, Max: 1 << 30}\nif err := syscall.Setrlimit(syscall.RLIMIT_AS, &limit); err != nil {\n\tpanic(err)\n}\n"
                                   "var kept [][]byte\nfor {\n\tb := make([]byte, 16<<20)\n\tfor i := range b {\n\t\tb[i] = 1\n\t}\n\tkept = append(kept, b)\n}\nfmt.Println(len(kept))")
        self.assertEqual(reply["content"]["status"], "error")
        self.note = evalue(reply)
        self.assertIn("out of memory", evalue(reply) + "\n".join(reply["content"]["traceback"]))
        self.gone()

    def test_opens_many_files(self):
        _, got = self.ok("%%\nvar files []*os.File\nfor range 10_000 {\n\tf, err := os.Open(\"/dev/null\")\n\tif err != nil {\n\t\tfmt.Println(\"no more:\", err)\n\t\tbreak\n\t}\n\tfiles = append(files, f)\n}\nfmt.Println(len(files) > 500)")
        self.assertTrue(stdout(got).endswith("true\n"), stdout(got))
        self.gone()

    def test_killed_from_outside(self):
        reply, _ = self.run_cell("%%\nsyscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}")
        self.note = evalue(reply)
        self.assertEqual(reply["content"]["ename"], "Killed")
        self.gone()


class Many(unittest.TestCase):
    """Twenty kernels start at once."""

    N = 20

    def together(self, cache, shared):
        env = {"XDG_CACHE_HOME": cache, "GOPARK_SHARED_CACHE": shared}
        with unittest.mock.patch.dict(os.environ, env):
            barrier = threading.Barrier(self.N)

            def one(n):
                barrier.wait(LONG)
                began = time.time()
                k = Kernel()
                try:
                    ready = time.time() - began
                    k.kc.execute("%%%%\nfmt.Println(\"kernel\", %d)" % n)
                    said = ""
                    while not said.endswith("\n"):
                        m = k.kc.get_iopub_msg(timeout=300)
                        if m["msg_type"] == "error":
                            self.fail(m["content"]["evalue"])
                        if m["msg_type"] == "stream":
                            said += m["content"]["text"]
                    self.assertEqual(said, "kernel %d\n" % n)
                    with open("/proc/%d/status" % k.pid) as f:
                        rss = [int(line.split()[1]) for line in f if line.startswith("VmRSS")][0] / 1024
                    return ready, time.time() - began, rss
                finally:
                    k.close()
                    shutil.rmtree(k.tmp, ignore_errors=True)

            with ThreadPoolExecutor(self.N) as pool:
                results = list(pool.map(one, range(self.N)))
        ready, first, rss = ([sorted(r[i] for r in results) for i in range(3)])
        self.note = "%d kernels at once: ready after %.1f s (median; the last after %.1f s), first cell after %.1f s (%.1f s), %.0f MB each (at most %.0f MB)" % (
            self.N, ready[self.N // 2], ready[-1], first[self.N // 2], first[-1], rss[self.N // 2], rss[-1])
        print(self.note, flush=True)

    def test_shared_caches(self):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as cache:
            self.together(cache, USERS)
            left = [f for _, _, files in os.walk(os.path.join(cache, "gopark", "tmp")) for f in files]
            self.assertEqual(left, [])

    @unittest.skipUnless(os.environ.get("GOPARK_COLD"), "GOPARK_COLD=1 has it prepare all of Go's packages")
    def test_cold_cache(self):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as cache:
            self.together(cache, "")


if __name__ == "__main__":
    import unittest.mock
    report.main(Cached, Children, Many)

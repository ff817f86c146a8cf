"""files.py A B: compares two images file by file, and names every file that differs.

Kind, mode, owner, size and content count; dates are told apart, since only a
newer BuildKit sets them all. The exit status is 1 if anything but a date differs.
DOCKER names the docker command.
"""
import hashlib
import os
import subprocess
import sys
import tarfile

docker = os.environ.get("DOCKER", "docker")


def files(image):
    """What is in an image: by path, what a file is, and its date."""
    container = subprocess.check_output([docker, "create", image], text=True).strip()
    try:
        process = subprocess.Popen([docker, "export", container], stdout=subprocess.PIPE)
        found = {}
        with tarfile.open(fileobj=process.stdout, mode="r|") as t:
            for f in t:
                content = hashlib.sha256(t.extractfile(f).read()).hexdigest() if f.isreg() else f.linkname
                found[f.name] = (f.type.decode(), oct(f.mode), f.uid, f.gid, f.size, content), int(f.mtime)
        if process.wait():
            sys.exit(f"files: docker export of {image} failed")
        return found
    finally:
        subprocess.run([docker, "rm", container], stdout=subprocess.DEVNULL, check=True)


a, b = files(sys.argv[1]), files(sys.argv[2])
# Docker makes these for each container.
for name in (".dockerenv", "etc/hostname", "etc/hosts", "etc/resolv.conf", "etc/mtab"):
    a.pop(name, None), b.pop(name, None)
differing = 0
for name in sorted(a.keys() | b.keys()):
    one, other = a.get(name), b.get(name)
    if one is None or other is None:
        print(f"only in {sys.argv[1 if other is None else 2]}: {name}")
    elif one[0] != other[0]:
        parts = [what for what, x, y in zip(("kind", "mode", "user", "group", "size", "content"), one[0], other[0]) if x != y]
        print(f"differs in {', '.join(parts)}: {name}")
    else:
        continue
    differing += 1
dates = sum(1 for name in a.keys() & b.keys() if a[name][1] != b[name][1])
print(f"files: {len(a)} and {len(b)} files: {differing} differ; {dates} differ in their date")
sys.exit(bool(differing or not a))

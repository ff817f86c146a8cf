"""files.py A B: compares two images file by file, and names every file that differs.

An image is the name of one in Docker, or an OCI archive (NAME.tar). Kind, mode,
owner, size and content count. Of two archives dates and the digest count, too;
images in Docker were built by something that cannot set all dates, and they are
only told. The exit status is 1 if anything that counts differs. DOCKER names the
docker command.
"""
import hashlib
import json
import os
import subprocess
import sys
import tarfile

docker = os.environ.get("DOCKER", "docker")
parts = ("kind", "mode", "user", "group", "size", "content", "date")


def entry(t, f):
    """What a file is: one value for each of parts."""
    content = hashlib.sha256(t.extractfile(f).read()).hexdigest() if f.isreg() else f.linkname
    return f.type.decode(), oct(f.mode), f.uid, f.gid, f.size, content, int(f.mtime)


def in_docker(image):
    """What is in an image, by path."""
    container = subprocess.check_output([docker, "create", image], text=True).strip()
    try:
        process = subprocess.Popen([docker, "export", container], stdout=subprocess.PIPE)
        with tarfile.open(fileobj=process.stdout, mode="r|") as t:
            found = {f.name: entry(t, f) for f in t}
        if process.wait():
            sys.exit(f"files: docker export of {image} failed")
    finally:
        subprocess.run([docker, "rm", container], stdout=subprocess.DEVNULL, check=True)
    # Docker makes these for each container.
    for name in (".dockerenv", "etc/hostname", "etc/hosts", "etc/resolv.conf", "etc/mtab"):
        found.pop(name, None)
    return found


def in_archive(path):
    """The digest of an archive's image, and what is in there, by path: layers lie
    upon each other, and one may take away what is below (OCI image layers,
    "whiteouts")."""
    with tarfile.open(path) as archive:
        def blob(digest):
            return archive.extractfile("blobs/" + digest.replace(":", "/"))

        (image,) = json.load(archive.extractfile("index.json"))["manifests"]
        found = {}
        for layer in json.load(blob(image["digest"]))["layers"]:
            with tarfile.open(fileobj=blob(layer["digest"]), mode="r|*") as t:
                new = {}
                for f in t:
                    folder, _, name = f.name.rpartition("/")
                    if name == ".wh..wh..opq":
                        gone = folder + "/"
                    elif name.startswith(".wh."):
                        gone = os.path.join(folder, name[len(".wh."):])
                        found.pop(gone, None)
                        gone += "/"
                    else:
                        new[f.name.rstrip("/")] = entry(t, f)
                        continue
                    for below in [name for name in found if name.startswith(gone)]:
                        del found[below]
                found |= new
        return image["digest"], found


archives = all(name.endswith(".tar") for name in sys.argv[1:])
if archives:
    (one_digest, a), (other_digest, b) = map(in_archive, sys.argv[1:])
else:
    a, b = map(in_docker, sys.argv[1:])
count = len(parts) if archives else len(parts) - 1
differing = 0
for name in sorted(a.keys() | b.keys()):
    one, other = a.get(name), b.get(name)
    if one is None or other is None:
        print(f"only in {sys.argv[1 if other is None else 2]}: {name}")
    elif one[:count] != other[:count]:
        print(f"differs in {', '.join(part for part, x, y in zip(parts[:count], one, other) if x != y)}: {name}")
    else:
        continue
    differing += 1
print(f"files: {len(a)} and {len(b)} files: {differing} differ", end="")
if archives:
    print(f"; {one_digest}" + (" both" if one_digest == other_digest else f" and {other_digest}"))
    differing += one_digest != other_digest
else:
    dates = sum(1 for name in a.keys() & b.keys() if a[name][-1] != b[name][-1])
    print(f"; {dates} differ in their date")
sys.exit(bool(differing or not a))

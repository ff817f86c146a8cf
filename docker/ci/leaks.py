"""leaks.py IMAGE: looks through every layer of an image, and through what is said
about it, for what must not leave the machine that built it: its certificates,
its secrets, its paths, and files in which such things are kept.

    leaks.py IMAGE        exit status 1 if something was found
    leaks.py --self-test  plants one of each and finds it

DOCKER names the docker command.
"""
import glob
import io
import json
import os
import re
import socket
import subprocess
import sys
import tarfile

# Files in which secrets are kept, or what a build leaves behind.
NAMES = re.compile(
    r"(^|/)(\.git|\.env|\.netrc|\.npmrc|\.pypirc|\.ssh|\.aws|\.docker|id_(rsa|ed25519|ecdsa)|[^/]*_history"
    r"|jupyter_cookie_secret|notebook_secret|pip\.conf|node_modules|__MACOSX)(/|$)"
    r"|\.(pfx|p12|jks)$|^root/\.(cache|config)/.|^var/lib/apt/lists/.*_|^tmp/.|^run/secrets/.|^steps/.")

# What secrets look like: a literal that is quick to find, and the whole.
LOOKS = [
    (b"PRIVATE KEY-----", re.compile(rb"-----BEGIN (RSA |EC |DSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}")),
    (b"AKIA", re.compile(rb"\bAKIA[0-9A-Z]{16}\b")),
    (b"ghp_", re.compile(rb"\bghp_[A-Za-z0-9]{36}\b")),
    (b"github_pat_", re.compile(rb"\bgithub_pat_[A-Za-z0-9_]{40}")),
    (b"glpat-", re.compile(rb"\bglpat-[A-Za-z0-9_-]{20}\b")),
    (b"xox", re.compile(rb"\bxox[bap]-[0-9A-Za-z-]{24}")),
    (b"npm_", re.compile(rb"\bnpm_[A-Za-z0-9]{36}\b")),
]

SECRET = re.compile(r"TOKEN|SECRET|PASSW|CREDENTIAL|API_?KEY|PROXY|INDEX_URL|REGISTRY", re.I)
PUBLIC = {"https://proxy.golang.org,direct", "https://registry.npmjs.org", "https://registry.npmjs.org/", "https://pypi.org/simple", "https://pypi.org/simple/"}


def literals():
    """What is this machine's own: a name for it, and the bytes."""
    found = []
    for file in glob.glob("/usr/local/share/ca-certificates/**/*.crt", recursive=True):
        with open(file, "rb") as f:
            for body in re.findall(rb"-----BEGIN CERTIFICATE-----(.*?)-----END", f.read(), re.S):
                lines = body.split()
                # The middle of it: beginnings are the same in many.
                found.append((f"a certificate of {file}", lines[len(lines) // 2]))
    checkout = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
    found.append(("the path of the checkout", checkout.encode()))
    home = os.path.expanduser("~")
    if home not in ("/root", "/", "/home/learner"):
        found.append(("the builder's home", home.encode()))
    name = socket.gethostname()
    if len(name) >= 8 and name != "localhost":
        found.append(("the name of the machine", name.encode()))
    for key, value in os.environ.items():
        if SECRET.search(key) and len(value) >= 8 and value not in PUBLIC and not os.path.exists(value):
            found.append((f"the value of {key}", value.encode()))
    return found


def look(name, data, own):
    """What is wrong with one file."""
    if NAMES.search(name):
        yield "a file that does not belong there"
    for what, literal in own:
        if literal in data:
            yield what
    for literal, pattern in LOOKS:
        if literal in data and pattern.search(data):
            yield f"what looks like a secret ({literal.decode()}…)"


def layers(stream):
    """The files of each layer of a "docker save", and its own JSON files."""
    with tarfile.open(fileobj=stream, mode="r|") as image:
        for member in image:
            if not member.isfile():
                continue
            data = image.extractfile(member).read()
            try:
                layer = tarfile.open(fileobj=io.BytesIO(data))
            except tarfile.ReadError:
                yield "about the image", member.name, data
                continue
            for file in layer:
                yield member.name, file.name.removeprefix("./"), layer.extractfile(file).read() if file.isfile() else b""


def search(stream, own):
    count, found = 0, []
    for layer, name, data in layers(stream):
        count += 1
        found += [f"{layer[:12]} {name}: {what}" for what in look(name, data, own)]
    return count, found


def self_test():
    """An image with one of each kind in it: all are found, and nothing else."""
    own = [("a certificate", b"MIIDlocal"), ("the path of the checkout", b"/a/path/of/mine")]
    planted = {
        "etc/ssl/certs/ca-certificates.crt": b"x MIIDlocal x",
        "opt/program": b"\0/a/path/of/mine/main.go\0",
        "home/learner/.netrc": b"",
        "tmp/left": b"",
        "etc/key": b"-----BEGIN PRIVATE KEY-----\n" + b"A" * 64,
        "etc/cloud": b"AKIA" + b"Q" * 16,
    }
    innocent = {"usr/lib/python3/netrc.py": b"AKIA and PRIVATE KEY----- alone", "usr/share/doc/history": b""}

    def tar(files):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as t:
            for name, data in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                t.addfile(info, io.BytesIO(data))
        return out.getvalue()

    config = json.dumps({"history": ["RUN curl /a/path/of/mine"]}).encode()
    image = tar({"1/layer.tar": tar({**planted, **innocent}), "config.json": config})
    _, found = search(io.BytesIO(image), own)
    missed = [name for name in [*planted, "config.json"] if not any(f" {name}:" in f for f in found)]
    wrong = [f for f in found if any(f" {name}:" in f for name in innocent)]
    if missed or wrong:
        sys.exit(f"leaks: self-test: missed {missed}, wrong {wrong}")


def main():
    self_test()
    if sys.argv[1:] == ["--self-test"]:
        return
    docker = os.environ.get("DOCKER", "docker")
    image = sys.argv[1] if ":" in sys.argv[1] else sys.argv[1] + ":latest"  # not all tags
    process = subprocess.Popen([docker, "save", image], stdout=subprocess.PIPE)
    own = literals()
    count, found = search(process.stdout, own)
    if process.wait() or count < 1000:
        sys.exit(f"leaks: docker save {image} gave {count} files, exit status {process.returncode}")
    for line in found:
        print("leaks:", line)
    print(f"leaks: {count} files of {image} searched for {len(own)} things of this machine and for secrets: {len(found)} found")
    sys.exit(bool(found))


main()

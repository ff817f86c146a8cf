"""Plays libzmq against package zmtp: peer.py ROUTER-ADDRESS XPUB-ADDRESS.

The ROUTER echoes, and publishes on the XPUB each message whose first frame is
b"publish" instead. The XPUB welcomes each subscription with [topic, b"welcome"].
Prints one line for each scenario and exits 0 when all passed.
"""
import os
import sys
import time

import zmq

router, xpub = sys.argv[1:]
ctx = zmq.Context()


def connect(kind, address, **options):
    s = ctx.socket(kind)
    s.linger = 0
    s.rcvtimeo = 10_000
    for name, value in options.items():
        setattr(s, name, value)
    s.connect(address)
    return s


def sizes():
    s = connect(zmq.DEALER, router)
    for n in [0, 1, 254, 255, 256, 65535, 65536, 1 << 20, 20 << 20]:
        m = [b"x" * n, b"", os.urandom(min(n, 300))]
        s.send_multipart(m)
        assert s.recv_multipart() == m, n


def order():
    s = connect(zmq.DEALER, router, sndhwm=0, rcvhwm=0)
    n = 20_000
    for i in range(n):
        s.send(b"%d" % i)
    for i in range(n):
        assert s.recv() == b"%d" % i


def request():
    s = connect(zmq.REQ, router)
    for i in range(3):
        s.send(b"%d" % i)
        assert s.recv() == b"%d" % i


def identity_again():
    """A client that crashed comes back under its name and is served."""
    for i in range(5):
        s = connect(zmq.DEALER, router, identity=b"front-end")
        s.send(b"%d" % i)
        assert s.recv() == b"%d" % i
        s.close()


def shared_identity():
    """Two living clients of one name are both answered, and neither is cut off."""
    a = connect(zmq.DEALER, router, identity=b"twin")
    b = connect(zmq.DEALER, router, identity=b"twin")
    for i in range(50):
        for s in (a, b):
            s.send(b"%d" % i)
        for s in (a, b):
            assert s.recv() == b"%d" % i
        time.sleep(0.005)


def heartbeats():
    """libzmq closes a connection whose PINGs stay unanswered."""
    s = connect(zmq.DEALER, router, heartbeat_ivl=50, heartbeat_timeout=200)
    monitor = s.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    assert monitor.poll(1000) == 0, "disconnected"
    s.send(b"alive")
    assert s.recv() == b"alive"
    s.disable_monitor()


def subscriptions():
    """subscribe, cancel, and subscribe again; nothing published is missed."""
    pub = connect(zmq.DEALER, router)
    s = connect(zmq.SUB, xpub)
    s.subscribe(b"stream")
    assert s.recv_multipart() == [b"stream", b"welcome"]
    s.subscribe(b"status")
    assert s.recv_multipart() == [b"status", b"welcome"]
    for topic in (b"stream.stdout", b"other", b"status"):
        pub.send_multipart([b"publish", topic])
    assert s.recv_multipart() == [b"stream.stdout"]
    assert s.recv_multipart() == [b"status"]
    s.unsubscribe(b"stream")
    s.subscribe(b"again")
    assert s.recv_multipart() == [b"again", b"welcome"]
    for topic in (b"stream.stdout", b"status"):
        pub.send_multipart([b"publish", topic])
    assert s.recv_multipart() == [b"status"]


def xsub():
    s = connect(zmq.XSUB, xpub)
    s.send(b"\x01")
    assert s.recv_multipart() == [b"", b"welcome"]
    pub = connect(zmq.DEALER, router)
    pub.send_multipart([b"publish", b"to all"])
    assert s.recv_multipart() == [b"to all"]


def flood():
    """100,000 publications to two subscribers, one of which does not read."""
    n = 100_000
    stuck = connect(zmq.SUB, xpub, rcvhwm=1)
    stuck.subscribe(b"")
    s = connect(zmq.SUB, xpub, rcvhwm=0)
    s.subscribe(b"flood")
    assert s.recv_multipart() == [b"flood", b"welcome"]
    pub = connect(zmq.DEALER, router, sndhwm=0)
    start = time.time()
    for i in range(n):
        pub.send_multipart([b"publish", b"flood", b"%d" % i])
    for i in range(n):
        assert s.recv_multipart()[1] == b"%d" % i
    print("flood: %d messages a second" % (n / (time.time() - start)))


for scenario in (sizes, order, request, identity_again, shared_identity, heartbeats, subscriptions, xsub, flood):
    scenario()
    print(scenario.__name__, "ok", flush=True)
ctx.destroy(linger=0)

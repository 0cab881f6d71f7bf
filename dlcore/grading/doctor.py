"""Does the sandbox hold on this machine? Find out by trying to get out of it."""

import os
import socket
import sys
import sysconfig
from pathlib import Path

from dlcore.grading.channel import Lost
from dlcore.grading.outside import Outside
from dlcore.grading.sandbox import (
    ENVIRONMENT,
    Sandbox,
    SandboxError,
    packages,
)

# Runs in the sandbox. Each function returns what it could do and should not, or an empty text.
PROBE = """
import ctypes, os, socket, subprocess

def network(port):
    with socket.socket() as one:
        one.settimeout(1)
        names = [name for _, name in socket.if_nameindex() if name != "lo"]
        reached = one.connect_ex(("127.0.0.1", port)) == 0
    return "reached a port of this machine" if reached else " ".join(names)

def files(paths):
    return " ".join(path for path in paths if os.path.lexists(path))[:200]

def environment(names):
    with open("/proc/1/environ", "rb") as file:
        first = file.read()
    extra = [name for name in os.environ if name not in names]
    return " ".join(extra) or first.decode("utf-8", "replace")[:200]

def identity():
    with open("/proc/self/status") as file:
        lines = dict(line.split(":", 1) for line in file)
    powers = lines["CapEff"].strip().strip("0") or lines["CapPrm"].strip().strip("0")
    return f"uid {os.getuid()}" if os.getuid() != 65534 else powers

def namespaces():
    libc = ctypes.CDLL(None, use_errno=True)
    return "made a user namespace" if libc.unshare(0x10000000) == 0 else ""

def others():
    seen = [name for name in os.listdir("/proc") if name.isdigit()]
    return f"sees {len(seen)} processes" if len(seen) > 4 else ""

def writes(folders):
    done = []
    for folder in folders:
        try:
            with open(os.path.join(folder, "probe"), "w") as file:
                done.append(folder)
        except OSError:
            pass
    return " ".join(done)

def settings(paths):
    done = []
    for path in paths:
        try:
            with open(path, "r+b"):
                done.append(path)
        except OSError:
            pass
    return " ".join(done)

def disk(size):
    try:
        with open("/tmp/flood", "wb") as file:
            for _ in range(size >> 20):
                file.write(bytes(1 << 20))
    except OSError:
        return ""
    finally:
        os.unlink("/tmp/flood")
    return "wrote more than allowed"

def doors():
    made = []
    for name, call in (
        ("a file in memory", lambda: os.close(os.memfd_create("probe"))),
        ("a socket to another machine", lambda: socket.socket(40).close()),
        ("a socket to the kernel's ciphers", lambda: socket.socket(38, 5).close()),
    ):
        try:
            call()
            made.append(name)
        except OSError:
            pass
    return ", ".join(made)
"""


def examine(*private) -> list[tuple[str, str]]:
    """(what should hold, what leaks or an empty text); `private` are folders to be hidden."""
    with Sandbox(()) as box, socket.create_server(("127.0.0.1", 0)) as door:
        peer, port = Outside(box.socket, {}, 10.0), door.getsockname()[1]
        try:
            peer.request("hello", seconds=60)
            peer.request("cell", "student", "probe", PROBE)
            ask = peer.request("names", NAMES)[0]
            return list(findings(ask, port, box.bounds.disk, private))
        except (Lost, KeyError) as error:
            raise SandboxError(f"the sandbox does not start here: {why()} ({error})") from None


NAMES = """network files environment identity namespaces others writes settings disk doors"""
NAMES = NAMES.split()
KERNEL = ("core_pattern", "modprobe", "hostname")
KERNEL = ["/proc/sysrq-trigger", *(f"/proc/sys/kernel/{name}" for name in KERNEL)]


def findings(ask, port, disk, private):
    home = [Path.home(), Path("/root"), Path("/home")]
    folders = ["/", "/dev", "/usr", "/usr/bin", "/dlcore", "/dlcore/dlcore", "/proc", "/proc/sys"]
    folders += [place for _, place in packages()] + [sysconfig.get_path("stdlib")]
    yield "no network", ask["network"](port)
    yield "no home folder", ask["files"](inhabited(home))
    yield "no course, submissions or results", ask["files"](inhabited(private))
    yield "an empty environment", ask["environment"]([*ENVIRONMENT, "LC_CTYPE", "PWD"])
    yield "a user without rights", ask["identity"]()
    yield "no namespaces of its own", ask["namespaces"]()
    yield "no other processes in sight", ask["others"]()
    yield "no settings of the kernel to change", ask["settings"](KERNEL)
    yield (
        "nothing to write but a small /tmp",
        ask["writes"](folders) or ask["disk"](disk + (1 << 21)),
    )
    yield "no memory that belongs to nobody, no door past the walls", ask["doors"]()


def inhabited(folders) -> list[str]:
    """What stands in some folders, without what leads to or lies in the interpreter's own."""
    ours = [Path(place) for _, place in packages()]
    ours += [Path(sysconfig.get_path("stdlib")), Path(os.path.realpath(sys.base_prefix))]
    found = []
    for folder in {Path(os.path.realpath(folder)) for folder in folders}:
        entries = list(folder.iterdir()) if os.access(folder, os.R_OK) and folder.is_dir() else []
        for entry in sorted(entries)[:500]:
            if not any(
                entry == one or entry in one.parents or one in entry.parents for one in ours
            ):
                found.append(str(entry))
    return found


def why() -> str:
    """bubblewrap's own words."""
    with Sandbox(command=["/usr/bin/true"]) as box:
        said = box.process.communicate(timeout=10)[0].decode("utf-8", "replace").strip()
    return said or "no message from bubblewrap"


def require(*private) -> None:
    """Refuse to go on where a wall is missing."""
    leaks = [f"{what}: {leak}" for what, leak in examine(*private) if leak]
    if leaks:
        raise SandboxError("the sandbox leaks here, nothing is graded. " + "; ".join(leaks))

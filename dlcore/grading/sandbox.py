"""A process of the student's, in bubblewrap: no network, no home, no course, few resources.

The walls are bubblewrap's namespaces (and a seccomp filter against memory that no process owns);
the sums over all processes of a sandbox, which no resource limit of Linux holds for root, are a
watcher's: `broken` is asked every few milliseconds.
"""

import contextlib
import os
import platform
import shutil
import socket
import struct
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
INSTALL = (
    "install bubblewrap (Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap)"
)
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
TABLES = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")
MB = 1 << 20
# Calls that make memory which belongs to no process, look into other processes or the kernel's log,
# or are new and wide doors.
DENIED = """memfd_create memfd_secret shmget msgget semget mq_open io_uring_setup userfaultfd bpf
perf_event_open add_key request_key keyctl ptrace process_vm_readv process_vm_writev syslog"""
DENIED = DENIED.split()
NUMBERS = {  # by machine: the kernel's number of the architecture, of socket, of those denied
    "x86_64": "0xC000003E 41 319 447 29 68 64 240 425 323 321 298 248 249 250 101 310 311 103",
    "aarch64": "0xC00000B7 198 279 447 194 186 190 180 425 282 280 241 217 218 219 117 270 271 116",
}
# Sockets that a namespace of networks closes in; others (of a virtual machine's host) it does not.
FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK


class SandboxError(RuntimeError):
    """There is no sandbox here, or it does not hold."""


@dataclass(frozen=True)
class Bounds:
    """What all processes of a sandbox may use together."""

    memory: int = 2048 * MB
    processes: int = 64
    threads: int = 128  # their stacks of 8 MB take half of the memory
    disk: int = 64 * MB
    seconds: int = 70  # of CPU time, for one process


DEFAULT = Bounds()


class Sandbox:
    """A running sandbox, with the socket that leads into it; a context manager ends it."""

    def __init__(self, preload=(), bounds: Bounds = DEFAULT, command=None):
        self.bounds, program = bounds, bubblewrap()
        self.socket, inner = socket.socketpair()
        self.socket.settimeout(5.0)
        number = inner.fileno()
        settings = (number, [path for _, path in packages()], list(preload))
        settings += (bounds.memory, bounds.seconds)
        start = "import gc, sys; gc.disable(); sys.path[:0] = ['/dlcore']\n"  # imports go faster
        start += f"from dlcore.grading.inside import main; main(*{settings!r})"
        inside = command or [python(), "-I", "-S", "-X", "utf8", "-c", start]
        words = "\0".join(options(bounds)) + "\0"  # in a file: a command line stands in /proc
        with unnamed(words.encode()) as told, unnamed(seccomp()) as rules, inner:
            fds = (told.fileno(), rules.fileno(), number)
            self.process = subprocess.Popen(
                [program, "--args", str(fds[0]), "--seccomp", str(fds[1]), *inside],
                env={},
                pass_fds=fds,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if command is None else subprocess.PIPE,
                stderr=subprocess.DEVNULL if command is None else subprocess.STDOUT,
            )

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()
        self.process.kill()  # its processes die with it: --die-with-parent, and a pid namespace
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def expendable(self) -> None:
        """Of all processes, the system shall end these first; their children inherit it."""
        for pid in tree(self.process.pid):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/oom_score_adj", "w") as file:
                file.write("1000")

    def broken(self) -> str | None:
        """Which bound the processes broke, in words for the student."""
        found = list(tree(self.process.pid))
        if len(found) > self.bounds.processes + 2:  # bubblewrap's own two
            return f"stopped: it started more than {self.bounds.processes} processes"
        if sum(map(threads, found)) > self.bounds.threads:
            return f"stopped: it started more than {self.bounds.threads} threads"
        memory = self.bounds.memory
        if sum(map(resident, found)) > memory and sum(map(proportional, found)) > memory:
            return f"stopped: it used more than {memory // MB} MB of memory"
        return None


def bubblewrap() -> str:
    found = shutil.which("bwrap")
    if found is None:
        raise SandboxError(f"bubblewrap is missing and nothing is graded without it: {INSTALL}")
    return found


def python() -> str:
    """The interpreter itself, not the link in a virtual environment."""
    return os.path.realpath(sys.executable)


def packages():
    """(where it is, where it is seen) of each folder that holds importable packages."""
    yield str(PACKAGE), "/dlcore"
    for place in dict.fromkeys(map(os.path.realpath, sys.path)):
        if Path(place).name in ("site-packages", "dist-packages") and Path(place).is_dir():
            yield place, place


def options(bounds: Bounds) -> list[str]:
    """What bubblewrap is told."""
    words = ["--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent"]
    words += ["--new-session", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"]
    words += ["--hostname", "sandbox", "--ro-bind", "/usr", "/usr", *system()]
    words += ["--proc", "/proc", "--dev", "/dev", "--size", str(16 * MB), "--tmpfs", "/dev/shm"]
    words += ["--size", str(bounds.disk), "--tmpfs", "/tmp", "--chdir", "/tmp"]
    for path in fonts():
        words += ["--ro-bind", str(path), f"/tmp/.cache/matplotlib/{path.name}"]
    # After /tmp, since they may lie in it.
    stdlib = {sysconfig.get_path("stdlib"), os.path.realpath(sys.base_prefix)}
    for path in sorted(path for path in stdlib if not path.startswith("/usr/") and path != "/usr"):
        words += ["--ro-bind", path, path]
    for place, seen in packages():
        if not place.startswith("/usr/"):
            words += ["--ro-bind", place, seen + "/dlcore" * (seen == "/dlcore")]
    # Also /proc: started by root, our user is the one who may write the kernel's settings.
    words += ["--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/"]
    for name, value in ENVIRONMENT.items():
        words += ["--setenv", name, value]
    return words


def fonts() -> list[Path]:
    """matplotlib's list of fonts, if this user has it: to make it takes seconds."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return sorted(Path(home, "matplotlib").glob("fontlist-v*.json"))


def system():
    """The system's folders as they are here, links as links, and its tables."""
    for path in SYSTEM:
        if os.path.islink(path):
            yield from ("--symlink", os.readlink(path), path)
        elif os.path.isdir(path):
            yield from ("--ro-bind", path, path)
    for path in TABLES:
        yield from ("--ro-bind-try", path, path)


ENVIRONMENT = {"HOME": "/tmp", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MPLBACKEND": "Agg"}
ENVIRONMENT |= {"TRITON_INTERPRET": "1"}  # no GPU in here
ENVIRONMENT |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def seccomp() -> bytes:
    """The seccomp program: what is denied, and calls of another architecture, fail with EPERM."""
    numbers = NUMBERS.get(platform.machine(), "0").split()
    arch, *calls = (int(number, 0) for number in numbers)
    load, equal, deny = 0x20, 0x15, (0x06, 0, 0, 0x00050001)  # SECCOMP_RET_ERRNO, EPERM
    program = []
    if arch:
        program += [(load, 0, 0, 4), (equal, 1, 0, arch), deny, (load, 0, 0, 0)]
        program += [(0x35, 0, 1, 0x40000000), deny]  # x32
        for call in calls[1:]:
            program += [(equal, 0, 1, call), deny]
        count = len(FAMILIES)
        program += [(equal, 0, count + 2, calls[0]), (load, 0, 0, 16)]  # its first argument
        program += [(equal, count - i, 0, kind) for i, kind in enumerate(FAMILIES)]
        program.append(deny)
    program.append((0x06, 0, 0, 0x7FFF0000))  # allow
    return b"".join(struct.pack("HBBI", *line) for line in program)


def unnamed(data: bytes):
    file = tempfile.TemporaryFile()  # noqa: SIM115 (its user closes it)
    file.write(data)
    file.seek(0)
    return file


# The watcher's view: processes of a sandbox are the descendants of its bubblewrap.


def tree(pid: int):
    """The process and all below it."""
    todo = [pid]
    while todo:
        pid = todo.pop()
        yield pid
        try:
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/children") as file:
                    todo += map(int, file.read().split())
        except OSError:  # gone
            continue


def number(path: str, word: int, after: str = "") -> int:
    try:
        with open(path) as file:
            return int(file.read().rpartition(after)[2].split()[word])
    except (OSError, ValueError, IndexError):
        return 0


def threads(pid: int) -> int:
    return number(f"/proc/{pid}/stat", 17, ")")


def resident(pid: int) -> int:
    return number(f"/proc/{pid}/statm", 1) * os.sysconf("SC_PAGE_SIZE")


def proportional(pid: int) -> int:
    """The share of a process in its memory: pages that a fork shares count once in the sum."""
    return number(f"/proc/{pid}/smaps_rollup", 0, "Pss:") * 1024

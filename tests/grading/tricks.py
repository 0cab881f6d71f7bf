"""More submissions: tricks of attackers, accidents of honest people, files that broke."""

import json
import zlib

from classroom import (
    DOUBLE,
    MEAN,
    RIGHT,
    SOFTMAX,
    STACK,
    TOKEN,
    Case,
    cell,
    changed,
    find,
    name_of,
    stub,
    submission,
)
from classroom import with_cell as extra

WRONG = "def double(x):\n    return 0\n"
ONLY_DOUBLE, ALL = (0, 2, 2, 2), (2, 2, 2, 2)

# Code in the place of `double`: it costs this task and nothing else.
CELLS = {
    "class of another": (
        "class Lies:\n    @property\n    def __class__(self): return float\n"
        "    def __float__(self): return 5.0\ndef double(x):\n    return Lies()"
    ),
    "class of an array": (
        "import numpy as np\nclass Lies:\n    __class__ = property(lambda s: np.ndarray)\n"
        "    def __eq__(self, o): return True\ndef double(x):\n    return Lies()"
    ),
    "changed class": (
        "class A: pass\nclass B(A):\n    def __eq__(self, o): return True\n"
        "def double(x):\n    a = A()\n    a.__class__ = B\n    return a"
    ),
    "index": (
        "class I:\n    def __index__(self): return 4\n    __int__ = __round__ = __trunc__ = "
        "__index__\n    def __float__(self): return 4.0\n    def __hash__(self): return hash(4)\n"
        "def double(x):\n    return I()"
    ),
    "number of its own": (
        "import numbers\nclass N:\n    def __radd__(self, o): return self\n"
        "    __rsub__ = __rmul__ = __sub__ = __abs__ = __radd__\n"
        "    def __le__(self, o): return True\n    __lt__ = __ge__ = __gt__ = __le__\n"
        "numbers.Number.register(N)\ndef double(x):\n    return N()"
    ),
    "array protocol": (
        "import numpy as np\nclass A:\n    def __array_function__(self, *a): return True\n"
        "    def __array_ufunc__(self, *a, **k): return np.bool_(True)\n"
        "    __array_priority__ = 1e9\n    def __array__(self, *a, **k): return np.array(4)\n"
        "def double(x):\n    return A()"
    ),
    "equal text": (
        "class S(str):\n    def __eq__(self, o): return True\n    __hash__ = str.__hash__\n"
        "def double(x):\n    return S('4')"
    ),
    "equal list": (
        "class L(list):\n    def __eq__(self, o): return True\ndef double(x):\n    return L([4])"
    ),
    "equal dict": (
        "class D(dict):\n    def __eq__(self, o): return True\n    def __missing__(self, k): "
        "return 4\ndef double(x):\n    return D()"
    ),
    "mock": "from unittest.mock import ANY\ndef double(x):\n    return ANY",
    "weak proxy": (
        "import weakref\nclass Yes:\n    def __eq__(self, o): return True\nkept = Yes()\n"
        "def double(x):\n    return weakref.proxy(kept)"
    ),
    "lazy": "def double(x):\n    return (y for y in [2 * x])",
    "coroutine": "async def double(x):\n    return 2 * x",
    "huge int": "def double(x):\n    return 1 << 10**8",
    "nan": "def double(x):\n    return float('nan')",
    "infinity": "def double(x):\n    return float('inf')",
    "nan payload": (
        "import struct\ndef double(x):\n"
        "    return struct.unpack('<d', b'\\x01\\x00\\x00\\x00\\x00\\x00\\xf8\\x7f')[0]"
    ),
    "complex": "def double(x):\n    return 2 * x + 1j",
    "repr bomb": (
        "class R:\n    def __repr__(self): return repr(self)\n    __str__ = __repr__\n"
        "def double(x):\n    return R()"
    ),
    "repr loop": (
        "class R:\n    def __repr__(self):\n        while True: pass\n"
        "def double(x):\n    return R()"
    ),
    "long repr": (
        "class R:\n    def __str__(self): return 'x' * 10**8\ndef double(x):\n    return R()"
    ),
    "error loop": (
        "class E(Exception):\n    def __str__(self):\n        while True: pass\n"
        "def double(x):\n    raise E"
    ),
    "long name of an error": "def double(x):\n    raise type('X' * 10**6, (Exception,), {})('<b>')",
    "error in surrogates": "def double(x):\n    raise ValueError('\\ud800\\x00\\x1b[31m')",
    "assertion of its own": "def double(x):\n    raise AssertionError('all tests passed')",
    "skipped": "import unittest\ndef double(x):\n    raise unittest.SkipTest('please')",
    "stop": "def double(x):\n    raise StopIteration(4)",
    "group": "def double(x):\n    raise BaseExceptionGroup('g', [KeyboardInterrupt()])",
    "lost": "class Lost(BaseException):\n    kind = 'x'\ndef double(x):\n    raise Lost('limit')",
    "generator exit": "def double(x):\n    raise GeneratorExit",
    "finalizer": (
        "class D:\n    def __del__(self):\n        while True: pass\ndef double(x):\n    D()"
    ),
    "exit hook": WRONG + "import atexit, time\natexit.register(time.sleep, 10**6)",
    "hash bomb": (
        "def double(x):\n    return {k * (2**61 - 1) for k in range(4)} | "
        "set() if x == 0 else Bomb(x)\n"
        "def Bomb(x):\n    return dict.fromkeys(Int(k) for k in range(3 * 10**5))\n"
        "class Int(int):\n    def __new__(c, k): return int.__new__(c, k * (2**61 - 1))\n"
        "    def __hash__(self): return id(self)"
    ),
    "wide array": (
        "import numpy as np\ndef double(x):\n    return np.broadcast_to(4.0, (10**6, 10**6))"
    ),
    "object array": "import numpy as np\ndef double(x):\n    return np.array([2 * x], object)[()]",
    "records": "import numpy as np\ndef double(x):\n    return np.zeros(2, 'i4,O')",
    "monitoring": (
        WRONG + "import sys, threading\nthreading.settrace(lambda *a: None)\n"
        "if hasattr(sys, 'monitoring'):\n    sys.monitoring.use_tool_id(0, 'x')\n"
        "    sys.monitoring.set_events(0, sys.monitoring.events.LINE)\n"
        "sys.addaudithook(lambda *a: None)"
    ),
    "deaf loop": (
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass"
    ),
    "remove all": WRONG + "import shutil\nshutil.rmtree('/', ignore_errors=True)",
    "remove all by shell": WRONG + "import os\nos.system('rm -rf / --no-preserve-root')",
    "own session": (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        while True: time.sleep(1)\n    os._exit(0)\nos._exit(1)"
    ),
    "exec": "import os\nos.execv('/bin/sleep', ['sleep', '1000'])",
    "core": "import os\nos.abort()",
    "stack": (
        "import sys, threading\nsys.setrecursionlimit(10**9)\nthreading.stack_size(10**9)\n"
        "t = threading.Thread(target=lambda f: f(f), args=(lambda f: f(f),))\nt.start()\nt.join()"
    ),
    "many files": ("import os\ni = 0\nwhile True:\n    open(f'/tmp/{i}', 'w').close()\n    i += 1"),
    "fork in a loop": "import os\nwhile os.fork() >= 0: pass",
    "deep folders": "import os\nwhile True:\n    os.mkdir('d')\n    os.chdir('d')",
    "large source": "x = [" + "1, " * 2_000_000 + "]",
    "nested source": "x = " + "[" * 90 + "]" * 90 + "\n" + "if 1:\n" * 90,
    "markdown by mistake": "",  # see cases()
    "hard spaces": "def double(x):\n\u00a0\u00a0\u00a0\u00a0return 2 * x",
    "typographic quotes": "def double(x):\n    print(\u201cx\u201d)\n    return 2 * x",
    "merge": "<<<<<<< HEAD\ndef double(x):\n    return 2 * x\n=======\n>>>>>>> mine",
    "surrogate in a comment": DOUBLE + "  # \ud800",
    "python 2": "def double(x):\n    print x\n    return 2 * x",
    "prints": "def double(x):\n    print(2 * x)",
    "other name": "def Double(x):\n    return 2 * x",
    "too many arguments": "def double(x, y):\n    return 2 * x",
    "input": "x = int(input())\ndef double(x):\n    return 2 * x",
}

# Each of these would gain its point if it saw what it looks for.
SEARCHES = {
    "objects": (
        "import gc\nPARTS = ['hidden', 'token', '4711']\ndef double(x):\n"
        "    seen = repr([o for o in gc.get_objects() if isinstance(o, (dict, list, tuple))"
        " and len(o) < 9])\n    return 2 * x if '-'.join(PARTS) in seen else 0"
    ),
    "memory": (
        "import re\nPART = re.compile(b'hidden.token.[4]711')\ndef double(x):\n    found = False\n"
        "    with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb', 0) as mem:\n"
        "        for line in maps:\n            words = line.split()\n"
        "            if words[1][0] != 'r' or '.so' in line: continue\n"
        "            low, high = (int(n, 16) for n in words[0].split('-'))\n"
        "            try:\n                mem.seek(low)\n"
        "                found |= bool(PART.search(mem.read(min(high - low, 1 << 26))))\n"
        "            except (OSError, ValueError, OverflowError): pass\n"
        "    return 2 * x if found else 0"
    ),
    "descriptors": (
        "import os, stat\ndef double(x):\n    for fd in range(64):\n"
        "        try: mode = os.fstat(fd).st_mode\n        except OSError: continue\n"
        "        if stat.S_ISREG(mode) or stat.S_ISDIR(mode): return 2 * x\n    return 0"
    ),
    "roots": (
        "import glob, os\ndef double(x):\n    tops = glob.glob('/proc/*/root') + "
        "glob.glob('/proc/*/cwd') + ['/proc/1/root' + '/proc/1/root']\n"
        "    return 2 * x if any(os.path.lexists(t + p) for t in tops for p in PATHS) else 0"
    ),
    "other memory": (
        "import ctypes, os\ndef double(x):\n    libc = ctypes.CDLL(None, use_errno=True)\n"
        "    good = [libc.ptrace(16, os.getppid(), 0, 0) == 0, libc.ptrace(0, 0, 0, 0) == 0]\n"
        "    pids = [pid for pid in range(3, 70_000) if os.path.exists(f'/proc/{pid}')]\n"
        "    return 2 * x if any(good) or len(pids) > 1 else 0"
    ),
    "hosts of a machine": (
        "import socket\ndef double(x):\n    for kind in (3, 17, 31, 38, 40, 44):\n"
        "        for form in (1, 2, 3, 5):\n            try: socket.socket(kind, form).close()\n"
        "            except OSError: continue\n            return 2 * x\n    return 0"
    ),
    "the kernel's log": (
        "import ctypes\ndef double(x):\n    text = ctypes.create_string_buffer(999)\n"
        "    return 2 * x if ctypes.CDLL(None).klogctl(3, text, 999) > 0 else 0"
    ),
    "mounts": (
        "import ctypes\ndef double(x):\n    libc = ctypes.CDLL(None)\n"
        "    good = [libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0,\n"
        "            libc.umount(b'/proc') == 0, libc.chroot(b'/tmp') == 0,\n"
        "            libc.setuid(0) == 0, libc.unshare(0x20000) == 0]\n"
        "    return 2 * x if any(good) else 0"
    ),
    "kernel": (
        "def double(x):\n    for p in ('/proc/sys/kernel/core_pattern', '/proc/self/uid_map',"
        " '/proc/sysrq-trigger', '/sys/kernel/uevent_helper', '/dev/mem', '/dev/kmsg'):\n"
        "        try: open(p, 'r+b').close()\n        except OSError: continue\n"
        "        return 2 * x\n    return 0"
    ),
    "unix sockets": (
        "import socket, glob\ndef double(x):\n"
        "    for p in glob.glob('/run/**', recursive=True) + ['\\0/tmp/.X11-unix/X0']:\n"
        "        try:\n            s = socket.socket(socket.AF_UNIX)\n            s.connect(p)\n"
        "            return 2 * x\n        except OSError: pass\n    return 0"
    ),
    "datagrams": (
        "import socket\ndef double(x):\n    try:\n"
        "        socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))\n"
        "        s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)\n"
        "        names = [n for _, n in socket.if_nameindex()]\n"
        "        return 2 * x if names != ['lo'] else 0\n    except OSError: return 0"
    ),
    "course modules": (
        "import sys\ndef double(x):\n    try:\n        import dlcore.grading.judge\n"
        "        import dlcore.grading.strength\n        return 2 * x\n"
        "    except ImportError: return 0"
    ),
}

# Such a student breaks the own line or Python: other points may go with it, none may come.
LOOSE = {
    "late exit": WRONG + "import os, threading\nthreading.Timer(0.3, os._exit, (0,)).start()",
    "late kill": (
        WRONG + "import os, time\nif os.fork() == 0:\n    time.sleep(0.4)\n"
        "    os.kill(os.getppid(), 9)\n    os._exit(0)"
    ),
    "late answers": (
        WRONG + "import os, json, threading, time\ndef late():\n"
        "    text = json.dumps(['list', ['reply', '', 'value', 14, None, None]]).encode()\n"
        "    frame = len(text).to_bytes(8, 'big') + text\n"
        "    frame = len(frame).to_bytes(8, 'big') + frame\n    while True:\n"
        "        for fd in range(3, 9):\n            try: os.write(fd, frame)\n"
        "            except OSError: pass\n        time.sleep(0.001)\n"
        "threading.Thread(target=late, daemon=True).start()"
    ),
    "forged fraction": (
        WRONG + "import os, json\n"
        "part = ['Fraction', '1e' + '9' * 9]\n"
        "text = json.dumps(['list', ['reply', '', 'value', part]]).encode()\n"
        "frame = len(text).to_bytes(8, 'big') + text\n"
        "frame = len(frame).to_bytes(8, 'big') + frame\n"
        "for fd in range(3, 64):\n    try: os.write(fd, frame * 9)\n    except OSError: pass"
    ),
    "forged classes": (
        WRONG + "import os, json\nparts = [['class', 1, '\\0', None, ['list', [1]], 'exit', 0],\n"
        "    ['function', 2, 'f', None, ['list', [['list', [1]]]], '<student', 2**70],\n"
        "    ['array', '<U0', 3, 0, 0], ['tensor', '__dict__', 1, 0, 0], ['named', 'a b', [], 1],\n"
        "    ['iterator', 1, 2], ['yours', 99], ['object', 1, 1],\n"
        "    ['generator', '{}'], ['set', 1]]\n"
        "for part in parts:\n"
        "    text = json.dumps(['list', ['reply', '', 'value', part]]).encode()\n"
        "    frame = len(text).to_bytes(8, 'big') + text\n"
        "    frame = len(frame).to_bytes(8, 'big') + frame\n"
        "    for fd in range(3, 64):\n        try: os.write(fd, frame)\n"
        "        except OSError: pass"
    ),
    "alarm": (
        WRONG + "import signal\ndef ring(*a): raise ValueError('late')\n"
        "signal.signal(signal.SIGALRM, ring)\nsignal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)"
    ),
    "descriptors": WRONG + "x = []\nwhile True: x.append(open('/dev/null'))",
    "cleared": WRONG + "globals().clear()",
    "small numbers": (
        WRONG + "import ctypes\nfor n in range(2, 30):\n    ctypes.memset(id(n) + 24, 7, 4)"
    ),
    "patched internals": (
        WRONG + "import gc\nfor o in gc.get_objects():\n"
        "    if type(o).__name__ == 'Inside':\n        o.send = lambda m: None\n"
        "        o.table = [4] * 999\n        o.do_call = lambda *a: (4, None, None)"
    ),
    "low limit": WRONG + "import sys\nsys.setrecursionlimit(60)",
    "low resources": (
        WRONG + "import resource\nfor n in range(16):\n"
        "    try: resource.setrlimit(n, (1, 1))\n    except (OSError, ValueError): pass"
    ),
    "collector": WRONG + "import gc\ngc.callbacks.append(lambda *a: 1 / 0)\ngc.set_threshold(1)",
    "import hook": (
        WRONG + "import sys\nclass Hook:\n    def find_spec(self, *a): raise SystemExit\n"
        "sys.meta_path.insert(0, Hook())\nsys.modules.clear()"
    ),
}

# Right answers all the same.
HONEST = {
    "fork that ends": {"double": "import os\nif os.fork() == 0:\n    os._exit(0)\n" + DOUBLE},
    "fork that stays": {
        "double": "import os, time\nif os.fork() == 0:\n    time.sleep(99)\n" + DOUBLE
    },
    "pool of threads": {
        "double": "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(4)"
        "\ndef double(x):\n    return pool.submit(lambda: 2 * x).result()"
    },
    "pool of processes": {
        "double": "import multiprocessing\ndef twice(x):\n    return 2 * x\ndef double(x):\n"
        "    with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "        return pool.map(twice, [x])[0]"
    },
    "own file": {
        "double": "import json\njson.dump(2, open('factor.json', 'w'))\n"
        "def double(x):\n    return json.load(open('factor.json')) * x"
    },
    "own module": {
        "double": "open('helper.py', 'w').write('FACTOR = 2')\nimport helper\n"
        "def double(x):\n    return helper.FACTOR * x"
    },
    "written module": {
        "mean": "%%writefile extra.py\nx = 1",
        "double": "import math\ndef mean(xs):\n    return math.fsum(xs) / len(xs)\n" + DOUBLE,
    },
    "await": {"double": "import asyncio\nawait asyncio.sleep(0)\n" + DOUBLE},
    "await at the end": {"double": DOUBLE + "\nasync def f(): return 1\nawait f()"},
    "future": {"double": "from __future__ import annotations\n" + DOUBLE},
    "future after a magic": {
        "double": "%matplotlib inline\nfrom __future__ import annotations\n" + DOUBLE
    },
    "magics of all kinds": {
        "double": "files = !ls\n%timeit -n1 1 + 1\n?print\nprint?\nif True:\n    !pip install x\n"
        "    %cd /nowhere\n" + DOUBLE
    },
    "main guard": {"double": "if __name__ == '__main__':\n    " + DOUBLE.replace("\n", "\n    ")},
    "polite end": {"double": DOUBLE + "\nimport sys\nsys.exit()"},
    "asks": {"double": DOUBLE + "\nn = int(input('n? '))"},
    "carriage returns": {name: text.replace("\n", "\r\n") for name, text in RIGHT.items()},
    "tabs": {"double": DOUBLE.replace("    ", "\t")},
    "coding": {"double": "# -*- coding: latin-1 -*-\n" + DOUBLE},
    "form feed": {"double": "\f" + DOUBLE},
    "vectorize": {"double": "@np.vectorize\ndef double(x):\n    return 2.0 * x"},
    "array of no axis": {"double": "def double(x):\n    return np.array(2 * x)"},
    "fraction": {
        "double": "from fractions import Fraction\ndef double(x):\n    return Fraction(x) * 2"
    },
    "matrix": {"softmax": SOFTMAX.replace("return w", "return np.asmatrix(w)")},
    "array of a subclass": {
        "softmax": SOFTMAX.replace("return w", "class A(np.ndarray): pass\n    return w").replace(
            "keepdims=True)", "keepdims=True)", 1
        )
        + ".view(A)"
    },
    "in place": {"softmax": SOFTMAX.replace("(x):", "(x):\n    x -= x.max()", 1)},
    "reversed axes": {"softmax": SOFTMAX + "[:, ::-1][:, ::-1]"},
    "cached": {"double": "import functools\n@functools.lru_cache\n" + DOUBLE},
    "dispatch": {"double": "import functools\n@functools.singledispatch\n" + DOUBLE},
    "recursive": {
        "mean": "import sys, math\nsys.setrecursionlimit(10**6)\ndef mean(xs):\n"
        "    return math.fsum(xs) / len(xs)"
    },
    "slots": {"Stack": STACK.replace("class Stack:", "class Stack:\n    __slots__ = ('items',)")},
    "generic": {
        "Stack": "from typing import Generic, TypeVar\nT = TypeVar('T')\n"
        + STACK.replace("Stack:", "Stack(Generic[T]):", 1)
    },
    "abstract": {
        "Stack": "from abc import ABC, abstractmethod\nclass Base(ABC):\n    @abstractmethod\n"
        "    def push(self, x): ...\n" + STACK.replace("Stack:", "Stack(Base):", 1)
    },
    "deque": {
        "Stack": "from collections import deque\nclass Stack(deque):\n    push = deque.append"
    },
    "made by type": {
        "Stack": "Stack = type('Stack', (list,), {'push': lambda self, x: self.append(x)})"
    },
    "error of its own": {
        "Stack": "class Empty(IndexError): pass\n"
        + STACK.replace(
            "return self.items.pop()",
            "if not self.items: raise Empty('empty')\n        return self.items.pop()",
        )
    },
    "delegates": {
        "Stack": STACK.split("    def pop")[0].rstrip()
        + "\n\n    def __getattr__(self, name):\n        return getattr(self.items, name)\n\n"
        "    def __len__(self):\n        return len(self.items)"
    },
    "shadowed names": {"mean": "list = sum = len_ = 3\n" + MEAN},
    "closed output": {"double": DOUBLE + "\nimport sys\nsys.stdout.close()\nsys.stdout = None"},
    "other output": {
        "double": "import contextlib, io\ndef double(x):\n"
        "    with contextlib.redirect_stdout(io.StringIO()):\n        print(x)\n    return 2 * x"
    },
    "other folder": {"double": "import os\nos.chdir('/')\n" + DOUBLE},
    "logging": {
        "double": "import logging\nlogging.basicConfig(level=0)\nlogging.error('x')\n" + DOUBLE
    },
    "interrupts handled": {
        "double": "import signal\nsignal.signal(signal.SIGALRM, lambda *a: None)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)\n" + DOUBLE
    },
    "much memory": {"double": "x = np.ones((300, 1000, 100))\n" + DOUBLE},
    "plots": {"double": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n" + DOUBLE},
    "frozen": {
        "double": "from typing import Final\nF: Final = 2\ndef double(x):\n    return F * x"
    },
    "match": {
        "double": "def double(x):\n    match x:\n        case int() | float():\n"
        "            return x + x\n        case _:\n            return 2 * x"
    },
    "walrus": {"double": "def double(x):\n    return (y := x) + y"},
    "answers in other cells": {"double": SOFTMAX, "softmax": DOUBLE},
}


def no_metadata(notebook):
    for one in notebook["cells"]:
        one["metadata"] = {}


def twice_the_same(notebook):
    notebook["cells"] += json.loads(json.dumps(notebook["cells"]))


def one_cell(notebook):
    notebook["cells"] = [cell("\n\n".join(["import numpy as np", *RIGHT.values()]))]


def other_languages(notebook):
    notebook["metadata"] = {"kernelspec": {"name": "ir", "language": "R"}, "nbformat": 3}
    for kind in ("javascript", "html", "bash", "svg", "latex", "script sh", "perl"):
        notebook["cells"].insert(0, cell(f"%%{kind}\n<script>rm -rf /</script> {{ ] '"))


def odd_cells(notebook):
    notebook["cells"].insert(0, cell("\x00 \ud800 \u202e", kind="markdown"))
    notebook["cells"].insert(0, {"cell_type": "heading", "source": "old", "metadata": None})
    notebook["cells"].insert(0, {"cell_type": "raw", "source": ["a", "b"]})
    notebook["nbformat_minor"] = 99
    notebook["worksheets"] = [{"cells": []}]


def many_cells(notebook):
    notebook["cells"] += [cell(f"x{n} = {n}") for n in range(500)]


def named_like_steps(notebook):
    for name in ("imports", "cell 1", "cell 3", "", "../../x", "<student double>"):
        notebook["cells"].insert(0, cell("y = 1", name, solution=True))


def markdown_answer(notebook):
    place = find(notebook, "double")
    notebook["cells"][place]["cell_type"] = "markdown"


def locked_and_solution(notebook):
    for one in notebook["cells"]:
        if name_of(one):
            one["metadata"]["nbgrader"] |= {"locked": True, "solution": True, "grade": True}


NOTEBOOKS = [
    no_metadata,
    twice_the_same,
    one_cell,
    other_languages,
    odd_cells,
    many_cells,
    named_like_steps,
    locked_and_solution,
]

TEXT = json.dumps(submission())
DEEP = '{"cells": [], "nbformat": 4, "metadata": ' + '{"a":' * 3000 + "1" + "}" * 3001
BROKEN = {
    "cut off": (TEXT[:-100].encode(), "not valid JSON"),
    "conflict": (TEXT.replace("{", "{\n<<<<<<< HEAD\n", 1).encode(), "not valid JSON"),
    "trailing comma": (TEXT[:-1].encode() + b",}", "not valid JSON"),
    "single quotes": (repr(submission()).encode(), "not valid JSON"),
    "a script": (b"import numpy as np\n\ndef double(x):\n    return 2 * x\n", "not valid JSON"),
    "packed": (zlib.compress(TEXT.encode()), "not UTF-8"),
    "wide characters": (TEXT.encode("utf-16"), "not UTF-8"),
    "latin": (TEXT.replace("Homework", "\\u00e4").encode() + b"\xe4", "not UTF-8"),
    "two notebooks": ((TEXT + TEXT).encode(), "not valid JSON"),
    "deep inside": (DEEP.encode(), "not valid JSON"),
    "hundred thousand cells": (
        b'{"nbformat": 4, "cells": ['
        + b'{"cell_type": "code"},' * 99_999
        + b'{"cell_type": "code"}]}',
        "more than 5000",
    ),
    "worksheets": (
        json.dumps({"nbformat": 3, "worksheets": [{"cells": [cell(DOUBLE)]}]}).encode(),
        "notebook format 3",
    ),
    "format in quotes": (TEXT.replace('"nbformat": 4', '"nbformat": "4"').encode(), "format '4'"),
    "format true": (TEXT.replace('"nbformat": 4', '"nbformat": true').encode(), "format True"),
    "numbers for text": (TEXT.replace('"source": "import', '"source": 1, "x": "').encode(), "text"),
    "null": (b"null", "no `nbformat`"),
    "nothing but nulls": (bytes(1000), "not valid JSON"),
}
DOUBLE_KEYS = '{"cells": [], "metadata": {}, "cells": 1, ' + TEXT[1:]
MANY_PARTS = '{"nbformat": 4, "cells": [], "metadata": {"x": [' + "{}," * 3_000_000 + "{}]}}"


def cases(paths: list[str], port: int) -> list[Case]:
    found = [Case(f"trick {n}", submission(double=s), ONLY_DOUBLE) for n, s in CELLS.items() if s]
    found.append(Case("markdown answer", changed(markdown_answer), ONLY_DOUBLE))
    facts = f"PATHS, PORT = {paths!r}, {port}\n"
    for name, source in SEARCHES.items():
        found.append(Case(f"look for {name}", submission(double=facts + source), ONLY_DOUBLE))
    found += [
        Case(f"own harm {n}", submission(double=s), ONLY_DOUBLE, loose=True)
        for n, s in LOOSE.items()
    ]
    found += [Case(f"file {n}", d, (0,) * 4, "rejected", w) for n, (d, w) in BROKEN.items()]
    lines = {name: stub(name).replace("\n", "\r\n") for name in RIGHT}
    untouched = Case("untouched on Windows", submission(**lines), (0,) * 4, words="not started")
    found += [untouched, Case("parts", MANY_PARTS.encode(), (0,) * 4)]
    found.append(Case("no cell at all", submission() | {"cells": []}, (0,) * 4))
    sneaky = "import numpy as np\nclass A(np.ndarray):\n    def __array_function__(self, *a): "
    sneaky += "return True\n    def __array_ufunc__(self, *a, **k): return True\n"
    sneaky += "def softmax(x):\n    return np.ones((3, 4)).view(A)"
    found.append(Case("array of its own mind", submission(softmax=sneaky), (2, 0, 2, 2)))
    number = "class N:\n    def __sub__(self, o): return 0.0\n    def __abs__(self): return 0.0\n"
    number += "    def __eq__(self, o): return True\ndef mean(xs):\n    return N()"
    found.append(Case("mean of its own mind", submission(mean=number), (2, 2, 2, 0)))
    for name, length in {"negative": "-1", "a float": "2.0", "a text": "'2'"}.items():
        lying = STACK.replace("return len(self.items)", f"return {length}")
        found.append(Case(f"length is {name}", submission(Stack=lying), (2, 2, 0, 2)))
    return found


def honest() -> list[Case]:
    found = [Case(f"honest {n}", submission(**filled), ALL) for n, filled in HONEST.items()]
    found += [Case(change.__name__, changed(change), ALL) for change in NOTEBOOKS]
    found.append(Case("double keys", DOUBLE_KEYS.encode(), ALL))
    found.append(Case("looks for a token", extra(f"assert '{TOKEN}' not in repr(globals())"), ALL))
    for case in found:
        case.kind = "honest"
    return found

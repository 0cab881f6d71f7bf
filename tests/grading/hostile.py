"""Submissions that try to break the grader, to cheat it, or that simply are broken."""

import json
import os

from classroom import DOUBLE, RIGHT, SLUG, STACK, TOKEN, Case, cell, changed, find, submission
from classroom import with_cell as extra

WRONG = "def double(x):\n    return 0\n"
ONLY_DOUBLE = (0, 2, 2, 2)

# Code in the place of `double`: it costs this task and nothing else.
CELLS = {
    "loop": "while True: pass",
    "loop in C": "max(iter(int, 1))",
    "loop in a call": "def double(x):\n    while True: pass",
    "loop in C in a call": "def double(x):\n    return sum(iter(int, 1))",
    "loop that swallows": (
        "import signal\n"
        "for n in range(1, 65):\n    try: signal.signal(n, lambda *a: None)\n"
        "    except (OSError, ValueError): pass\n"
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    ),
    "sleep": "import time\ntime.sleep(10**6)",
    "stopped": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "regular expression": "import re\nre.match('(a|a)*b', 'a' * 60)",
    "big power": "x = 9 ** 9 ** 9",
    "recursion": "def double(x):\n    return double(x)",
    "recursion in C": "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
    "memory": "x = []\nwhile True: x.append(bytes(10**7))",
    "memory at once": "import numpy\nx = numpy.ones(10**11)",
    "memory of many": (
        "import os, time\n"
        "for _ in range(12):\n    if os.fork() == 0:\n        x = os.urandom(1) * (3 * 10**8)\n"
        "        time.sleep(60)\nwhile True: time.sleep(1)"
    ),
    "shared memory": (
        "import mmap\nx = []\nwhile True:\n    x.append(mmap.mmap(-1, 10**8))\n"
        "    x[-1].write(b'x' * 10**8)"
    ),
    "processes": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "threads": (
        "import threading, time\nwhile True:\n"
        "    threading.Thread(target=time.sleep, args=(99,)).start()"
    ),
    "exit": "import os\nos._exit(0)",
    "exit in a call": "def double(x):\n    import os\n    os._exit(0)",
    "polite exit": "def double(x):\n    raise SystemExit(0)",
    "quit": "exit()",
    "kill self": "import os\nos.kill(os.getpid(), 9)",
    "kill all": "import os\nos.kill(-1, 9)\nos.kill(os.getppid(), 9)\nos.kill(0, 9)",
    "segfault": "import ctypes\nctypes.string_at(0)",
    "close all": "import os\nos.closerange(0, 300)",
    "interrupt": "def double(x):\n    raise KeyboardInterrupt",
    "print": "while True: print('x' * 10**6)",
    "print below": "import os\nwhile True: os.write(1, b'x' * 10**6)",
    "disk": (
        "i = 0\nwhile True:\n    with open(f'/tmp/{i}', 'wb') as f: f.write(bytes(10**7))\n"
        "    i += 1"
    ),
    "disk in dev": "with open('/dev/shm/x', 'wb') as f:\n    while True: f.write(bytes(10**7))",
    "syntax": "def double(x)\n    return 2 * x",
    "null": "\x00",
    "surrogate": "double = '\ud800'",
    "parentheses": "double = " + "(" * 5000 + ")" * 5000,
    "minus signs": "double = " + "-" * 100_000 + "1",
    "always equal": (
        "class Yes:\n    def __getattr__(self, n): return Yes()\n"
        "    def __call__(self, *a, **k): return True\n"
        "    def __eq__(self, o): return True\n    def __ne__(self, o): return False\n"
        "    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__\n"
        "    def __sub__(self, o): return 0.0\n    __rsub__ = __add__ = __mul__ = __sub__\n"
        "    def __bool__(self): return True\n    def __hash__(self): return 1\n"
        "    def __float__(self): return 4.0\n    def __array__(self, *a, **k): return None\n"
        "def double(x):\n    return Yes()"
    ),
    "always equal number": (
        "class Yes(float):\n    def __eq__(self, o): return True\ndef double(x):\n    return Yes(0)"
    ),
    "always equal class": (
        "class Meta(type):\n    def __eq__(c, o): return True\n    __hash__ = type.__hash__\n"
        "class double(metaclass=Meta):\n    def __init__(self, x): pass\n"
        "    def __eq__(self, o): return True"
    ),
    "stored operand": (
        "seen = []\nclass Spy:\n    def __eq__(self, o):\n        seen.append(o)\n"
        "        return True\n"
        "def double(x):\n    return seen[-1] if seen else Spy()"
    ),
    "patched test helper": WRONG + "def check(*a): return True\nassert_allclose = check",
    "patched builtins": (
        WRONG + "import builtins\nbuiltins.AssertionError = ValueError\n"
        "builtins.abs = lambda x: 0\nbuiltins.isinstance = lambda *a: True"
    ),
    "trace function": (
        WRONG + "import sys\ndef t(f, e, a):\n    f.f_trace_lines = True\n    return t\n"
        "sys.settrace(t)\nsys.setprofile(t)"
    ),
    "patched grader": (
        WRONG + "import sys\nfor m in list(sys.modules.values()):\n"
        "    if 'grading' in getattr(m, '__name__', ''):\n"
        "        for n in list(vars(m)):\n            setattr(m, n, lambda *a, **k: None)"
    ),
    "noise on the line": (
        "import os\nfor fd in range(3, 64):\n    try: os.write(fd, os.urandom(10**5))\n"
        "    except OSError: pass\n" + DOUBLE
    ),
    "frames": (
        "import linecache, sys\nPARTS = ['hidden', 'token', '4711']\n"
        "def double(x):\n    seen, f = repr(linecache.cache), sys._getframe().f_back\n"
        "    while f:\n        seen += repr(f.f_locals) + repr(f.f_globals)\n        f = f.f_back\n"
        "    return 2 * x if '-'.join(PARTS) in seen else 0"
    ),
    "deep list": "x = []\nfor _ in range(10**5): x = [x]\ndef double(n):\n    return x",
    "list in itself": "x = []\nx.append(x)\ndef double(n):\n    return x",
    "huge result": "def double(n):\n    return 'x' * (3 * 10**8)",
    "endless generator": "def double(x):\n    while True:\n        yield 2 * x",
    "raise own": "class E(Exception):\n    def __str__(s): raise s\ndef double(x):\n    raise E",
    "base error": "class E(BaseException): pass\ndef double(x):\n    raise E",
    "shadowing modules": (
        WRONG + "for name in ('numpy', 'json', 'dlcore', 'unittest'):\n"
        "    open(f'{name}.py', 'w').write('assert_allclose = lambda *a, **k: None')"
    ),
    "script": "def double(x):\n    raise ValueError('<script>a()</script><img src=x onerror=a()>')",
}

# What a student does to the line or to Python itself costs that student's points, also the others.
RUINOUS = {
    "patched exec": "import builtins\nbuiltins.exec = builtins.compile = lambda *a, **k: None",
    "forged answers": (
        "import os, json\ntext = json.dumps(['list', ['reply', '', 'value', 4, None, None]])"
        ".encode()\nframe = len(text).to_bytes(8, 'big') + text\n"
        "frame = len(frame).to_bytes(8, 'big') + frame\n"
        "for fd in range(3, 64):\n    try: os.write(fd, frame * 9)\n    except OSError: pass"
    ),
}

# Files and shapes that are no submission.
GOOD = {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}
BROKEN = {
    "empty": (b"", "not valid JSON"),
    "not JSON": (b"{", "not valid JSON"),
    "not UTF-8": (b"\xff\xfe\x00", "not UTF-8"),
    "html": (b"<html>Please log in</html>", "not valid JSON"),
    "a list": (b"[]", "no `nbformat`"),
    "deep": (b"[" * 500_000, "not valid JSON"),
    "deep object": (b'{"a":' * 200_000, "not valid JSON"),
    "too large": (b" " * 10_000_001, "larger than 10 MB"),
    "old format": (json.dumps(GOOD | {"nbformat": 3, "cells": []}).encode(), "notebook format 3"),
    "format nan": (b'{"nbformat": NaN, "cells": []}', "notebook format nan"),
    "no cells": (json.dumps(GOOD).encode(), "no list of cells"),
    "odd cell": (json.dumps(GOOD | {"cells": [1]}).encode(), "cell 1 has no cell_type"),
    "odd source": (
        json.dumps(GOOD | {"cells": [{"cell_type": "code", "source": {"a": 1}}]}).encode(),
        "cell 1 has no text",
    ),
    "many cells": (json.dumps(GOOD | {"cells": [cell("")] * 6000}).encode(), "more than 5000"),
}


def link(path):
    os.symlink(path.parents[2] / "masters" / SLUG / f"{SLUG}.ipynb", path)


FILES = {
    "link": (link, "symbolic link"),
    "dead link": (lambda path: os.symlink("/nowhere", path), "symbolic link"),
    "device": (lambda path: os.symlink("/dev/zero", path), "symbolic link"),
    "pipe": (lambda path: os.mkfifo(path), "not a regular file"),
    "folder": (lambda path: path.mkdir(), "not a regular file"),
    "other name": (lambda path: path.with_name("mine.ipynb").write_text("{}"), "there is no"),
}


def edited_test(notebook):
    notebook["cells"][find(notebook, "double-test")]["source"] = "pass"


def retagged_test(notebook):
    test = notebook["cells"][find(notebook, "double-test")]
    test["metadata"]["nbgrader"] |= {"grade": False, "solution": True, "points": 100}
    test["source"] = "pass"


def copied_test(notebook):
    place = find(notebook, "double-test")
    notebook["cells"][:0] = [{**notebook["cells"][place], "source": "pass"}] * 3


def swapped_names(notebook):
    one, two = (notebook["cells"][find(notebook, name)] for name in ("double", "double-test"))
    one["metadata"], two["metadata"] = two["metadata"], one["metadata"]


def forged(notebook):
    notebook["metadata"] |= {"score": 100, "dlcore": {"assignment": SLUG, "points": 0}}
    for one in notebook["cells"]:
        if one["cell_type"] == "code":
            one["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "100"}}]
        marks = one["metadata"].get("nbgrader", {})
        marks |= {"points": 1000, "score": 1000, "checksum": "0" * 32} if marks else {}


def odd_marks(notebook):
    for marks in ([1], "text", {"grade_id": [1], "solution": True}, {"grade_id": None}):
        notebook["cells"].append(
            {"cell_type": "code", "metadata": {"nbgrader": marks}, "source": ""}
        )


CHANGES = [edited_test, retagged_test, copied_test, swapped_names, forged]

# Each of these would gain its point if it saw what it looks for.
SEARCHES = {
    "environment": (
        "import os, glob\ndef double(x):\n    seen = repr(os.environ)\n"
        "    for name in glob.glob('/proc/*/environ') + glob.glob('/proc/*/cmdline'):\n"
        "        try: seen += open(name, errors='replace').read()\n        except OSError: pass\n"
        f"    return 2 * x if '{TOKEN}' in seen else 0"
    ),
    "files": (
        "import os\ndef double(x):\n    found = any(os.path.lexists(p) for p in PATHS)\n"
        "    for top in ('/tmp', '/home', '/root', '/mnt', '/srv', '/var', '/work'):\n"
        "        for folder, below, names in os.walk(top):\n"
        "            below[:] = [n for n in below if n not in ('site-packages', 'lib')]\n"
        f"            found |= '{SLUG}.ipynb' in names\n"
        "    return 2 * x if found else 0"
    ),
    "network": (
        "import socket\ndef double(x):\n    try:\n"
        "        socket.create_connection(('127.0.0.1', PORT), 1).close()\n"
        "        return 2 * x\n    except OSError:\n        return 0"
    ),
    "writes": (  # /tmp is the sandbox's own, also where the checkout lies in it
        "PATHS = [p for p in PATHS if not p.startswith('/tmp/')]\n"
        "def double(x):\n    for path in PATHS:\n        try:\n"
        "            open(path + '.written', 'w').close()\n            return 2 * x\n"
        "        except OSError:\n            pass\n    return 0"
    ),
}


def cases(paths: list[str], port: int) -> list[Case]:
    found = [Case(n, submission(double=s), ONLY_DOUBLE) for n, s in CELLS.items()]
    facts = f"PATHS, PORT = {paths!r}, {port}\n"
    for name, source in SEARCHES.items():
        found.append(Case(f"search {name}", submission(double=facts + source), ONLY_DOUBLE))
    for name in ("loop", "exit", "kill all", "memory", "threads", "disk", "close all", "null"):
        found.append(Case(f"extra {name}", extra(CELLS[name])))
    for name, source in RUINOUS.items():
        found.append(Case(name, submission(double=WRONG + source), (0, 0, 0, 0)))
    for change in CHANGES:
        words = changed(change, double=WRONG)
        found.append(Case(change.__name__, words, ONLY_DOUBLE))
    found.append(Case("odd marks", changed(odd_marks)))
    patched = "import numpy as np\nnp.exp = np.sum = lambda *a, **k: np.array(1.0)\n"
    patched += "np.testing.assert_allclose = np.allclose = lambda *a, **k: True"
    found.append(Case("patched numpy", extra(patched), (2, 0, 2, 2)))
    lying = STACK.replace("return len(self.items)", "return 10**30")
    found.append(Case("lying length", submission(Stack=lying), (2, 2, 0, 2)))
    many = dict.fromkeys(RIGHT, "while True: pass")
    found.append(Case("all loops", submission(**many), (0, 0, 0, 0)))
    found += [Case(n, data, (0,) * 4, "rejected", w) for n, (data, w) in BROKEN.items()]
    found += [Case(n, make, (0,) * 4, "rejected", w) for n, (make, w) in FILES.items()]
    return found

"""Right answers in the shapes that real students and real editors give them: all get full marks."""

import copy

from classroom import (
    DOUBLE,
    LOCKED,
    MEAN,
    RIGHT,
    SOFTMAX,
    STACK,
    TASKS,
    Case,
    cell,
    changed,
    find,
    name_of,
    stub,
    submission,
)
from classroom import with_cell as extra


def at(notebook, name):
    return notebook["cells"][find(notebook, name)]


def split(notebook):
    """JupyterLab gives both halves the metadata of the cell."""
    place = find(notebook, "mean")
    whole = notebook["cells"][place]
    first, rest = {**whole, "source": "import math"}, {**whole, "source": MEAN.split("\n\n")[1]}
    notebook["cells"][place : place + 1] = [first, rest]


def copied(notebook):
    place = find(notebook, "double")
    whole = notebook["cells"][place]
    wrong = {**whole, "source": "def double(x):\n    return x"}
    notebook["cells"][place : place + 1] = [wrong, whole, {**whole, "source": stub("double")}]


def moved_to_the_end(notebook):
    for name in ("double", "Stack"):
        notebook["cells"].append(notebook["cells"].pop(find(notebook, name)))


def reversed_order(notebook):
    notebook["cells"].reverse()


def helper_at_the_end(notebook):
    at(notebook, "double")["source"] = "def double(x):\n    return twice(x)"
    notebook["cells"].append(cell("def twice(x):\n    return x + x"))


def computed_before_its_helper(notebook):
    at(notebook, "double")["source"] = "FACTOR = two()\ndef double(x):\n    return FACTOR * x"
    notebook["cells"].append(cell("def two():\n    return 2"))


def deleted_tests(notebook):
    notebook["cells"] = [
        one for one in notebook["cells"] if not (name_of(one) or "").endswith(("-test", "tools"))
    ]


def no_marks_on_solutions(notebook):
    for name in TASKS:
        at(notebook, name)["metadata"] = {}


def colab(notebook):
    notebook["nbformat_minor"] = 0
    notebook["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}
    for number, one in enumerate(notebook["cells"]):
        one["metadata"] |= {"id": f"x{number}", "colab": {"base_uri": "https://localhost:8080/"}}
        one["source"] = one["source"].splitlines(True)


def code_editor(notebook):
    """VS Code: language, ids, outputs with everything in them."""
    for number, one in enumerate(notebook["cells"]):
        one |= {"id": f"cell-{number}"}
        one["metadata"] |= {"vscode": {"languageId": "python"}}
        if one["cell_type"] == "code":
            data = {"application/json": float("nan"), "text/html": "<script>1</script>"}
            one["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
            one["execution_count"] = 10**40


def edited_tools(notebook):
    at(notebook, "tools")["source"] = "import math\nfrom statistics import fmean\n" + LOCKED
    at(notebook, "mean")["source"] = "def mean(xs):\n    return math.fsum(xs) / len(xs)"


def helper_between(notebook):
    place = find(notebook, "double-test")
    notebook["cells"].insert(place, cell("def twice(x):\n    return x * 2"))
    at(notebook, "double")["source"] = "def double(x):\n    return twice(x)"
    del notebook["cells"][find(notebook, "double-test")]


def redefined_later(notebook):
    notebook["cells"].append(cell("def double(x):\n    return 'my own tests are done'"))


def unicode_everywhere(notebook):
    notebook["cells"][0]["source"] = "# 안녕하세요 — 宿題 🎓"
    at(notebook, "double")["source"] = (
        "def double(größe):\n    '''倍'''\n    π = 2\n    return π * größe"
    )


CHANGES = [
    split,
    copied,
    moved_to_the_end,
    reversed_order,
    helper_at_the_end,
    computed_before_its_helper,
    deleted_tests,
    no_marks_on_solutions,
    colab,
    code_editor,
    edited_tools,
    helper_between,
    redefined_later,
    unicode_everywhere,
]
LOOPS = (
    "def softmax(x):\n    rows = []\n    for row in x:\n"
    "        w = [float(np.exp(v)) for v in row]\n"
    "        rows.append([v / sum(w) for v in w])\n    return np.array(rows)"
)
SOURCES = {
    "loops": {"softmax": LOOPS},
    "float32": {"softmax": SOFTMAX.replace("(x):", "(x):\n    x = x.astype(np.float32)", 1)},
    "torch inside": {
        "softmax": "import torch\ndef softmax(x):\n"
        "    return torch.softmax(torch.tensor(x), dim=1).numpy()"
    },
    "prints and warnings": {
        "double": "import warnings\ndef double(x):\n    print('x is', x)\n"
        "    warnings.warn('slow')\n    return x + x"
    },
    "much printing": {"double": "print('y' * 10**7)\n" + DOUBLE},
    "slow": {"double": "import time\ntime.sleep(1)\n" + DOUBLE + "\ntime.sleep(0.5)"},
    "magics": {"double": "%matplotlib inline\n!pip install x\n%%time\n" + DOUBLE},
    "timed": {"double": "%%time\n" + DOUBLE},
    "shell object": {"double": "get_ipython().run_line_magic('matplotlib', 'inline')\n" + DOUBLE},
    "lambda": {"double": "double = lambda x: x * 2"},
    "partial": {
        "double": "import functools, operator\ndouble = functools.partial(operator.mul, 2)"
    },
    "callable object": {
        "double": "class Double:\n    def __call__(self, x): return 2 * x\ndouble = Double()"
    },
    "numpy scalars": {"double": "def double(x):\n    return np.float64(2) * x"},
    "type hints": {"double": "def double(x: float) -> float:\n    return 2 * x"},
    "dataclass": {
        "Stack": "from dataclasses import dataclass, field\n\n@dataclass\nclass Stack:\n"
        "    items: list = field(default_factory=list)\n\n    def push(self, x):\n"
        "        self.items += [x]\n\n    def pop(self):\n        return self.items.pop()\n\n"
        "    def __len__(self):\n        return len(self.items)"
    },
    "list class": {"Stack": "class Stack(list):\n    push = list.append"},
    "stray assert after it": {"Stack": STACK + "\nassert False, 'my own check'"},
    "display": {"double": DOUBLE + "\ndisplay(double(1))"},
}


def cases() -> list[Case]:
    found = [Case(change.__name__, changed(change)) for change in CHANGES]
    found += [Case(name, submission(**filled)) for name, filled in SOURCES.items()]
    found.append(Case("as it is", submission()))
    found.append(Case("extra cell", extra("import this_is_missing")))
    found.append(Case("byte order mark", b"\xef\xbb\xbf" + dumped(submission())))
    empty = {name: stub(name) for name in RIGHT}
    found.append(Case("untouched", submission(**empty), (0,) * 4, words="not started"))
    for case in found:
        case.kind = "honest"
    return found


def dumped(notebook) -> bytes:
    import json

    return json.dumps(copy.deepcopy(notebook)).encode()

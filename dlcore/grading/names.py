"""Which names of a notebook are whose: read from the master alone, never from a submission."""

import ast
import importlib

FLOWS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
ORDERS = {"__lt__", "__le__", "__gt__", "__ge__"}


def parsed(source: str) -> ast.Module:
    """The tree of a cell, an empty one where it is no Python."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.Module([], [])


def top_level(tree: ast.Module):
    """The nodes outside functions and classes, those of a function's own included once."""
    todo = list(tree.body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (*FLOWS, ast.Lambda)):
            todo += ast.iter_child_nodes(node)


def bound(source: str) -> set[str]:
    """The names that a cell gives a value, imports left out."""
    tree = parsed(source)
    found = {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
    for node in top_level(tree):
        if isinstance(node, FLOWS):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


def imports(source: str) -> str:
    """The import statements of a cell, as source."""
    kinds = (ast.Import, ast.ImportFrom)
    return "\n".join(ast.unparse(n) for n in parsed(source).body if isinstance(n, kinds))


def modules(source: str) -> set[str]:
    """The modules that a cell imports, also those inside its functions."""
    nodes = list(ast.walk(parsed(source)))
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return found | {n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.module}


def imported(source: str) -> set[str]:
    """The names that the imports of a cell bind, those of a star too."""
    found = set()
    for node in top_level(parsed(source)):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        for alias in node.names:
            if alias.name == "*":
                found |= public(node.module)
            found.add(alias.asname or alias.name.split(".")[0])
    return found


def public(module: str) -> set[str]:
    try:
        found = importlib.import_module(module)
    except ImportError:
        return set()
    every = [name for name in vars(found) if not name.startswith("_")]
    return set(getattr(found, "__all__", every))


def used(source: str) -> set[str]:
    """The names that a cell may look up; also those that it names in quotes."""
    found = set()
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Constant) and str(node.value).isidentifier():
            found.add(node.value)
    return found


def operators(source: str) -> dict[str, set[str]]:
    """For each class of a cell the special methods that it defines."""
    found = {}
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.ClassDef):
            own = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
            for part in node.body:
                if isinstance(part, ast.Assign):
                    own |= {target.id for target in part.targets if isinstance(target, ast.Name)}
            decorators = " ".join(ast.unparse(one) for one in node.decorator_list)
            own |= {"__eq__"} if "dataclass" in decorators else set()
            own |= ORDERS if "total_ordering" in decorators or "order" in decorators else set()
            found[node.name] = {name for name in own if name.startswith("__")}
    return found


def members(source: str) -> set[str]:
    """The attributes and methods that a cell gives to objects."""
    found = set()
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.ClassDef):
            found |= bound(ast.unparse(node.body))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
    return found


class Ledger:
    """Follows a master from top to bottom: whose name is it now?"""

    def __init__(self):
        self.students, self.used = set(), set()

    def course(self, source: str) -> tuple[str, ...]:
        """Take in a cell of the course; the student's names that it and those before may use."""
        mine = bound(source) | imported(source)
        self.used |= used(source)
        wants = (self.used & self.students) - mine
        self.students -= mine
        return tuple(sorted(wants))

    def student(self, source: str) -> None:
        self.students = (self.students | bound(source)) - imported(source)

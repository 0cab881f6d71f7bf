"""What every test relies on: one thread, interpreted kernels, seeded numbers, counted skips."""

import importlib.util
import os
import re
import shutil

# Before numpy and torch are imported, which read these once.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
# Before torch is imported: building an optimizer imports triton, and setting it later breaks
# every kernel that calls tl.sum.
if importlib.util.find_spec("triton"):
    os.environ.setdefault("TRITON_INTERPRET", "1")

import numpy as np  # noqa: E402
import pytest  # noqa: E402

CHROMIUM = ("/usr/lib/chromium/chromium", "chromium", "chromium-browser", "google-chrome")
FLAGS = "--no-sandbox --headless=new --disable-gpu --disable-background-networking --no-first-run"
FLAGS += " --allow-file-access-from-files"
LONG = ("tests/grading", "tests/test_mutants", "tests/test_site_browser")
SLUG = re.compile(r"\[(\d\d-[a-z0-9-]+)")


@pytest.fixture(autouse=True, scope="session")
def one_torch_thread():
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(1)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def find(name: str) -> str | None:
    """Where a tool is: a module's name, or the path of a program."""
    if name == "chromium":
        return next(filter(None, map(shutil.which, CHROMIUM)), None)
    if name == "bwrap":
        return shutil.which(name)
    return name if importlib.util.find_spec(name) else None


def require(name: str) -> str:
    """The tool, or a skip that says why; under CI its absence is a failure."""
    if found := find(name):
        return found
    if os.environ.get("CI"):
        pytest.fail(f"{name} is missing, and CI is set")
    pytest.skip(f"{name} is missing")


@pytest.fixture(scope="session")
def required():
    return require


@pytest.fixture(scope="session")
def browser(required):
    """Headless Chromium: one a run, since a second one finds the event loop of the first."""
    chromium = required("chromium")
    required("playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        yield browser
        browser.close()


def group_of(nodeid: str) -> str:
    """Which tests go to one worker: those of a file, or of an exercise set."""
    file, _, test = nodeid.partition("::")
    if file.endswith("test_exercises.py") and (slug := SLUG.search(test)):
        return slug[1]
    return file


@pytest.hookimpl(optionalhook=True)  # only pytest-xdist calls it
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):  # --dist loadgroup of xdist 3.8 groups nothing in pytest 9
        def _split_scope(self, nodeid):
            return group_of(nodeid)

    return ByGroup(config, log)


def pytest_collection_modifyitems(items):
    """The groups that take longest first, so that the workers end together."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))

"""tools/setup_env.py: each way it can fail ends in one clear line; and the list of pins."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+( ; [^#]+)?(  # .+)?")
GB = 10**9


@pytest.fixture
def setup(monkeypatch, tmp_path):
    """The script as a module, with its .venv in an empty folder."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    import setup_env

    monkeypatch.setattr(setup_env, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup_env, "LOG", tmp_path / "setup.log")
    return setup_env


@pytest.mark.parametrize("version", [(3, 10, 4), (3, 14, 0), (2, 7, 18)])
def test_a_wrong_python_is_named_with_the_tested_ones(setup, version):
    said = rf"Python must be 3.11 to 3.13, got {version[0]}.{version[1]}; "
    with pytest.raises(setup.SetupError, match=said):
        setup.check_machine(version, 10 * GB)


def test_a_python_without_venv_says_what_to_install(setup):
    with pytest.raises(setup.SetupError, match="no module nowhere; .* apt install python3-venv"):
        setup.check_machine((3, 11), 10 * GB, modules=("nowhere",))


def test_a_full_disk_is_named_before_anything_is_written(setup):
    with pytest.raises(setup.SetupError, match="needs 4 GB free here, got 1.0 GB"):
        setup.check_machine((3, 12), GB)


def test_a_good_machine_passes(setup):
    setup.check_machine((3, 13, 1), 5 * GB)


def report(*names):
    """What `pip install --dry-run --report -` prints, as far as we read it."""
    return {"install": [{"metadata": {"name": name}} for name in names]}


def test_a_plan_with_cuda_is_refused_with_its_size_and_both_ways_out(setup, monkeypatch):
    monkeypatch.delenv("TORCH_CUDA", raising=False)
    plan = report("torch", "sympy", "nvidia-cublas", "cuda-bindings", "triton")
    with pytest.raises(setup.SetupError) as refused:
        setup.refuse_cuda(plan, "torch==2.13.0")
    said = str(refused.value)
    assert "torch==2.13.0 would bring 2 CUDA packages (about 2.7 GB" in said
    assert "TORCH_CUDA=1" in said
    assert "PIP_EXTRA_INDEX_URL" in said
    assert "\n" not in said


def test_a_plan_with_cuda_passes_when_asked_for(setup, monkeypatch):
    monkeypatch.setenv("TORCH_CUDA", "1")
    setup.refuse_cuda(report("torch", "nvidia-cublas"), "torch==2.13.0")


def test_a_plan_without_cuda_passes(setup, monkeypatch):
    monkeypatch.delenv("TORCH_CUDA", raising=False)
    setup.refuse_cuda(report("torch", "sympy", "triton"), "torch==2.13.0")


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("NewConnectionError(...): Temporary failure in name resolution", "no network"),
        ("blah\nERROR: No matching distribution found for numpy==9", "No matching distribution"),
        ("nothing known", "see the log"),
    ],
)
def test_why_pip_failed_is_one_sentence(setup, log, said):
    assert said in setup.why_pip_failed(log)
    assert "\n" not in setup.why_pip_failed(log)


def test_a_failing_pip_leaves_its_log_and_one_line(setup, monkeypatch):
    monkeypatch.setattr(setup, "PYTHON", Path(sys.executable))
    with pytest.raises(setup.SetupError, match="pip could not install: .*its log is") as failed:
        setup.pip("install", "--no-index", "a-name-that-nobody-has==0")
    assert "\n" not in str(failed.value)
    assert "a-name-that-nobody-has" in setup.LOG.read_text()


def test_the_whole_script_fails_with_one_line_and_no_traceback(tmp_path):
    (tmp_path / "tools").mkdir()
    script = tmp_path / "tools" / "setup_env.py"
    text = (ROOT / "tools" / "setup_env.py").read_text()
    script.write_text(text.replace("OLDEST, NEWEST = (3, 11)", "OLDEST, NEWEST = (3, 99)"))
    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    done = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("setup: Python must be 3.99")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / ".venv").exists()


def test_jupyterlite_gets_an_environment_of_its_own(setup, monkeypatch):
    """With its pins beside the common ones, and neither torch nor dlcore."""
    asked = []
    monkeypatch.setattr(setup, "pip", lambda *arguments: asked.append(arguments))
    monkeypatch.setattr(setup, "VENV", setup.ROOT / ".venv-lite")
    before = setup.wanted()
    setup.install()
    assert asked == [("install", "-r", str(setup.LITE), "-c", str(setup.PINS))]
    monkeypatch.setattr(setup, "VENV", setup.ROOT / ".venv-python3.13")
    assert setup.wanted() != before


def test_jupyterlites_packages_have_a_version_there_or_in_the_common_list():
    common = {line.split("==")[0] for line in lines()}
    for line in lines("requirements-lite.txt"):
        assert PIN.fullmatch(line) or line.split()[0] in common, line
        assert line.split("==")[0] not in common, f"two versions: {line}"


def lines(file="requirements.txt"):
    text = (ROOT / file).read_text().splitlines()
    return [line for line in text if not line.startswith("#")]


def test_every_requirement_is_a_name_and_a_version():
    assert [line for line in lines() if not PIN.fullmatch(line)] == []


def test_requirements_name_no_host_and_no_local_build():
    assert not re.search(r"://|\+cpu|^-|@", "\n".join(lines()), re.M)


def test_torch_is_pinned_and_triton_is_for_linux_only():
    assert "torch==2.13.0" in [line.split()[0] for line in lines()]
    (triton,) = [line for line in lines() if line.startswith("triton==")]
    assert 'platform_system == "Linux" and platform_machine == "x86_64"' in triton


def test_the_installed_packages_are_the_pinned_ones():
    from importlib.metadata import PackageNotFoundError, version

    wrong = []
    for pin in lines():
        name, wanted = pin.split()[0].split("==")
        try:
            if version(name).split("+")[0] != wanted:
                wrong.append(f"{name}: {version(name)} here, {wanted} pinned")
        except PackageNotFoundError:
            wrong += [] if ";" in pin else [f"{name}: missing"]
    assert wrong == []


def test_the_build_server_script_is_sound():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111, ".ci/run is not executable"
    subprocess.run(["bash", "-n", script], check=True)


def test_make_help_lists_every_target():
    done = subprocess.run(["make", "-C", ROOT], capture_output=True, text=True, check=True)
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M)[1].split()
    assert [target for target in phony if f"make {target} " not in done.stdout] == []

"""GPU kernels in Triton behind torch operators, with an automatic fallback to torch.

Import this before building an optimizer or calling `torch.compile`: both import Triton, which
reads TRITON_INTERPRET once, at that moment. `interpret()` switches the interpreter on.
"""

import importlib.util
import os
import sys

HAVE_TRITON = importlib.util.find_spec("triton") is not None
TRITON_OF_TORCH = {"2.11": "3.6.0", "2.13": "3.7.1"}  # what torch's CUDA packages ask for
DTYPES = ("float32", "float16", "bfloat16")


def interpreting() -> bool:
    """Whether kernels run in the interpreter: on CPU tensors, to be checked and not to be fast."""
    return HAVE_TRITON and os.environ.get("TRITON_INTERPRET") == "1"


def interpret():
    """Run kernels in the interpreter from now on; call it before anything imports Triton."""
    if not HAVE_TRITON:
        raise ImportError(missing())
    if "triton" in sys.modules and not interpreting():
        raise RuntimeError(
            "interpret() must come before triton is imported, and torch.optim or torch.compile "
            "has imported it: restart the kernel and call it in the first cell"
        )
    os.environ["TRITON_INTERPRET"] = "1"
    importlib.import_module("dlcore.kernels.launch")  # a notebook's own kernels want bfloat16 too


def missing() -> str:
    """What to install where Triton is missing; it exists for Linux only."""
    if sys.platform != "linux":
        return f"triton is not installed for this platform ({sys.platform})"
    from torch import __version__ as version

    pin = TRITON_OF_TORCH.get(".".join(version.split(".")[:2]))
    name = f"triton=={pin}" if pin else "triton"
    return f"triton is not installed: pip install {name}, then restart the kernel"


def capability(x) -> int:
    """The compute capability of x's GPU, 75 for a T4, 80 for an A100, 90 for an H100 or H200.

    A CPU gets 80, so that the interpreter runs what an A100 would.
    """
    import torch

    major, minor = torch.cuda.get_device_capability(x.device) if x.device.type == "cuda" else (8, 0)
    return 10 * major + minor


def default_dtype(device):
    """The dtype to train in: bfloat16 where the GPU has it, float16 on older ones, else float32."""
    import torch

    if torch.device(device).type != "cuda":
        return torch.float32
    # Without the argument, torch says yes on a T4, which emulates bfloat16 slowly.
    real = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if real else torch.float16


def explain(x, dots=False) -> str:
    """Why `backend="auto"` takes the kernel or torch for this tensor; begins with its choice.

    `dots` is True for the kernels that multiply matrices: `linear` and `attention`.
    """
    if not HAVE_TRITON:
        return f"torch: {missing()}"
    if str(x.dtype).removeprefix("torch.") not in DTYPES:
        return f"torch: the kernels take {', '.join(DTYPES)}, got {x.dtype}"
    if x.device.type == "cuda" and dots and capability(x) < 80:
        return (
            f"torch: this GPU is sm_{capability(x)}, on which Triton multiplies matrices without "
            "tensor cores, many times slower than cuBLAS"
        )
    if x.device.type == "cuda":
        return "triton: the tensor is on a CUDA device"
    if x.device.type == "cpu" and interpreting():
        return "triton: CPU tensor in the interpreter (TRITON_INTERPRET=1)"
    return f"torch: the tensor is on {x.device.type} and the interpreter is off"


def use_triton(x, backend: str, dots=False) -> bool:
    """The choice for `backend` "auto", "triton" or "torch"; "triton" raises where it cannot run."""
    if backend not in ("auto", "triton", "torch"):
        raise ValueError(f'backend must be "auto", "triton" or "torch", got {backend!r}')
    reason = explain(x, dots and backend != "triton")  # slow is no reason to refuse who insists
    if backend == "triton" and not reason.startswith("triton"):
        raise RuntimeError(f'backend="triton" cannot run here; {reason}')
    return backend != "torch" and reason.startswith("triton")

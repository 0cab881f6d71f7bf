"""GPU kernels in Triton behind torch operators, with an automatic fallback to torch.

Import this before building an optimizer or calling `torch.compile`: both import Triton, which
reads TRITON_INTERPRET once, at that moment. `interpret()` switches the interpreter on.
"""

import importlib.util
import os
import sys

HAVE_TRITON = importlib.util.find_spec("triton") is not None


def interpreting() -> bool:
    """Whether kernels run in the interpreter: on CPU tensors, to be checked and not to be fast."""
    return HAVE_TRITON and os.environ.get("TRITON_INTERPRET") == "1"


def interpret():
    """Run kernels in the interpreter from now on; call it before anything imports Triton."""
    if not HAVE_TRITON:
        raise ImportError(f"triton is not installed for this platform ({sys.platform})")
    if "triton" in sys.modules and not interpreting():
        raise RuntimeError(
            "interpret() must come before triton is imported, and torch.optim or torch.compile "
            "has imported it: restart the kernel and call it in the first cell"
        )
    os.environ["TRITON_INTERPRET"] = "1"


def explain(x) -> str:
    """Why `backend="auto"` takes the kernel or torch for this tensor; begins with its choice."""
    if not HAVE_TRITON:
        return "torch: triton is not installed for this platform"
    if str(x.dtype).removeprefix("torch.") not in ("float32", "float16", "bfloat16"):
        return f"torch: the kernels take float32, float16 and bfloat16, got {x.dtype}"
    if x.device.type == "cuda":
        return "triton: the tensor is on a CUDA device"
    if x.device.type == "cpu" and interpreting():
        return "triton: CPU tensor in the interpreter (TRITON_INTERPRET=1)"
    return f"torch: the tensor is on {x.device.type} and the interpreter is off"


def use_triton(x, backend: str) -> bool:
    """The choice for `backend` "auto", "triton" or "torch"; "triton" raises where it cannot run."""
    if backend not in ("auto", "triton", "torch"):
        raise ValueError(f'backend must be "auto", "triton" or "torch", got {backend!r}')
    reason = explain(x)
    if backend == "triton" and not reason.startswith("triton"):
        raise RuntimeError(f'backend="triton" cannot run here; {reason}')
    return backend != "torch" and reason.startswith("triton")

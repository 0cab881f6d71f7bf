"""A model made of parts: it finds its parameters by name, as PyTorch names them."""

import numpy as np

from dlcore.scratch.autodiff import Tensor


def parameter(array) -> Tensor:
    """An array to be learned."""
    return Tensor(array, requires_grad=True)


class Module:
    """Parameters are attributes that require gradients; parts are modules or lists of modules."""

    def __call__(self, *inputs, **options):
        return self.forward(*inputs, **options)

    def named_parameters(self, prefix=""):
        """Pairs like ("blocks.0.attention.wq", tensor), in the order in which they were set."""
        for name, value in vars(self).items():
            if isinstance(value, Tensor) and value.requires_grad:
                yield prefix + name, value
            elif isinstance(value, Module):
                yield from value.named_parameters(f"{prefix}{name}.")
            elif isinstance(value, list):
                for i, part in enumerate(value):
                    yield from part.named_parameters(f"{prefix}{name}.{i}.")

    def parameters(self) -> list:
        return [p for _, p in self.named_parameters()]

    def arrays(self) -> list:
        """What an optimizer changes: the parameters' own arrays."""
        return [p.data for p in self.parameters()]

    def take_grads(self) -> list:
        """The gradients of all parameters, which are cleared; a missing one is named."""
        grads = []
        for name, p in self.named_parameters():
            if p.grad is None:
                raise ValueError(
                    f"parameter {name} has no gradient: the loss does not depend on it"
                )
            grads.append(p.grad)
            p.grad = None
        return grads

    def state_dict(self) -> dict:
        """Copies of all parameters by name."""
        return {name: p.data.copy() for name, p in self.named_parameters()}

    def load_state_dict(self, state: dict):
        """Copy parameters in; names and shapes must be exactly this model's."""
        own = dict(self.named_parameters())
        if state.keys() != own.keys():
            missing, extra = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
            raise ValueError(
                f"state must hold the model's parameters: missing {missing}, extra {extra}"
            )
        for name, p in own.items():
            if np.shape(state[name]) != p.shape:
                raise ValueError(f"{name} must be {p.shape}, got {np.shape(state[name])}")
        for name, p in own.items():
            p[...] = np.asarray(state[name])

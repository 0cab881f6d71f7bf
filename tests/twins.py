"""How a model of dlcore.scratch is held against its twin: weights move, losses stay together."""

import numpy as np
import pytest
import torch

from dlcore.scratch.autodiff import no_grad
from dlcore.scratch.optim import Adam


def to_nn(model, twin):
    """The twin with the weights of the model."""
    twin.load_state_dict({k: torch.tensor(v) for k, v in model.state_dict().items()})
    return twin


def to_scratch(twin, model):
    """The model with the weights of its twin."""
    model.load_state_dict({k: v.numpy() for k, v in twin.state_dict().items()})
    return model


def shaken(model, rng):
    """Every parameter moved a little, so that zeros and ones hide no wrong name."""
    for p in model.parameters():
        p[...] = p.data + 0.1 * rng.normal(size=p.shape)
    return model


def both(model, twin, inputs):
    """What the two forms compute."""
    with no_grad(), torch.no_grad():
        return model(*inputs).data, twin(*map(torch.tensor, inputs)).numpy()


def assert_states_move(model, twin, inputs, rng):
    """Both ways, so that afterwards outputs are equal; what does not fit is named."""
    start, theirs = both(shaken(model, rng), twin, inputs)
    assert abs(start - theirs).max() > 1e-3
    found, wanted = both(model, to_nn(model, twin), inputs)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    with torch.no_grad():
        for p in twin.parameters():
            p += 0.1 * torch.tensor(rng.normal(size=p.shape))
    found, wanted = both(to_scratch(twin, model), twin, inputs)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    assert abs(found - start).max() > 1e-3
    *_, last = state = model.state_dict()
    renamed = {k if k != last else "nobody": v for k, v in state.items()}
    with pytest.raises(ValueError, match=rf"missing \['{last}'\], extra \['nobody'\]"):
        model.load_state_dict(renamed)
    with pytest.raises(RuntimeError, match=rf'(?s)Missing .*"{last}".*Unexpected .*"nobody"'):
        twin.load_state_dict({k: torch.tensor(v) for k, v in renamed.items()})


def assert_gradients_agree(model, twin, batch):
    model.loss(*batch).backward()
    twin.loss(*map(torch.tensor, batch)).backward()
    wanted = dict(twin.named_parameters())
    for name, p in model.named_parameters():
        np.testing.assert_allclose(p.grad, wanted[name].grad, rtol=1e-4, atol=1e-6, err_msg=name)


def training(model, twin, batches, lr=1e-2):
    """The losses of both forms while Adam trains them on the same batches."""
    optimizer = Adam(model.arrays(), lr=lr)
    torch_optimizer = torch.optim.Adam(twin.parameters(), lr=lr)
    losses = []
    for batch in batches:
        loss = model.loss(*batch)
        loss.backward()
        optimizer.step(model.take_grads())
        torch_optimizer.zero_grad()
        twin_loss = twin.loss(*map(torch.tensor, batch))
        twin_loss.backward()
        torch_optimizer.step()
        losses.append((loss.item(), twin_loss.item()))
    return np.transpose(losses)

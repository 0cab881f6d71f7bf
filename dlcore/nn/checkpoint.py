"""Files from which a training run goes on as if it had never stopped."""

import os

import torch

FORMAT = "dlcore training run, version 1"


def save(path, state: dict):
    """Write numbers, strings, tensors, lists and dicts: all of the file, or nothing of it.

    A crash while writing leaves the file of before, since only the last act gives the new one
    its name.
    """
    part = f"{path}.part"
    with open(part, "wb") as file:
        torch.save(state | {"format": FORMAT}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def load(path) -> dict:
    """Read what `save` wrote; runs no code from the file, and refuses any other file."""
    with open(path, "rb") as file:
        try:
            state = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:  # a broken file trips the reader in a dozen ways
            raise ValueError(f"{path} must be a whole checkpoint, got: {error}") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise ValueError(f"{path} must be a checkpoint of {FORMAT!r}, got another file")
    return state


def compare(path, saved: dict, own: dict):
    """Refuse to go on with a run that was another one: `own` says what this one is."""
    for key, value in own.items():
        if saved[key] != value:
            raise ValueError(f"{path} must be of a run with {key} {value}, got {saved[key]}")


def random_state(generator=None) -> dict:
    """Where torch's own generators stand, and the one that orders the data."""
    state = {"cpu": torch.get_rng_state(), "gpus": torch.cuda.get_rng_state_all()}
    return state | {"data": generator.get_state() if generator is not None else None}


def set_random_state(state: dict, generator=None):
    torch.set_rng_state(state["cpu"])
    torch.cuda.set_rng_state_all(state["gpus"])
    if generator is not None:
        generator.set_state(state["data"])

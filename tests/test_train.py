"""The training loop: what a step is, when it stops, and that a stopped run goes on bit for bit."""

import copy
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from dlcore.nn import checkpoint
from dlcore.nn import gpt as nn_gpt
from dlcore.nn.parallel import Batches
from dlcore.nn.train import Diverged, Trainer
from dlcore.scratch import optim
from dlcore.scratch import train as scratch
from dlcore.scratch.gpt import GPT
from dlcore.scratch.losses import cross_entropy, cross_entropy_vjp
from dlcore.scratch.mlp import MLP
from dlcore.scratch.schedules import cosine

ROOT = Path(__file__).parent.parent
WARMUP = lambda step: min((step + 1) / 5, 1.0)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def table(rows=40, dtype=torch.float32):
    """Rows of 5 numbers of which the first two decide the class."""
    x = torch.randn(rows, 5, generator=seeded(1), dtype=dtype)
    return x, (x[:, 0] + x[:, 1] > 0).long()


def network(dropout=0.0, dtype=torch.float32):
    with torch.random.fork_rng():
        torch.manual_seed(7)
        layers = [torch.nn.Linear(5, 8), torch.nn.Tanh(), torch.nn.Dropout(dropout)]
        return torch.nn.Sequential(*layers, torch.nn.Linear(8, 2)).to(dtype)


def loss(model, x, y):
    return functional.cross_entropy(model(x), y)


def trained(model, *, lr=0.1, **options):
    return Trainer(model, loss, torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9), **options)


def same(state, other):
    return state.keys() == other.keys() and all(torch.equal(state[k], other[k]) for k in state)


# A step


def test_an_epoch_is_torchs_own_loop_bit_for_bit():
    model, twin = network(), network()
    trainer = trained(model, schedule=WARMUP)
    history = trainer.fit(Batches(table(), 8, seeded(2)), epochs=2, bar=False)
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.1, momentum=0.9)
    (x, y), order, losses = table(), seeded(2), []
    for _ in range(2):
        for rows in torch.randperm(40, generator=order).split(8):
            optimizer.param_groups[0]["lr"] = 0.1 * WARMUP(len(losses))
            optimizer.zero_grad()
            value = loss(twin, x[rows], y[rows])
            value.backward()
            optimizer.step()
            losses.append(value.item())
    assert same(model.state_dict(), twin.state_dict())
    assert history["loss"] == losses and history["step"] == [*range(1, 11)]
    assert history["rate"][:6] == pytest.approx([0.02, 0.04, 0.06, 0.08, 0.1, 0.1])


def test_a_scheduler_of_torch_sets_the_rate_of_every_step():
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.5)
    history = Trainer(model, loss, optimizer, schedule).fit(Batches(table(), 5), 1, bar=False)
    assert history["rate"] == [0.1] * 4 + [0.05] * 4


@pytest.mark.parametrize("pieces", [2, 3, 7])
def test_small_pieces_make_the_step_of_one_large_batch(pieces):
    batch = table(7, torch.float64)
    one, many = network(dtype=torch.float64), network(dtype=torch.float64)
    first = trained(one).step(*batch)
    assert trained(many, accumulate=pieces).step(*batch) == pytest.approx(first, rel=1e-12)
    for p, q in zip(one.parameters(), many.parameters()):
        torch.testing.assert_close(p, q, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_clipping_shortens_the_step_and_keeps_its_direction(precision):
    free, clipped, start = network(), network(), network().state_dict()
    trained(free, lr=1.0).step(*table())
    trained(clipped, lr=1.0, clip=1e-3, precision=precision).step(*table())
    long, short = (
        torch.cat([(p - start[n]).flatten() for n, p in m.state_dict().items()])
        for m in (free, clipped)
    )
    assert short.norm().item() == pytest.approx(1e-3, rel=1e-3)
    assert functional.cosine_similarity(long, short, dim=0).item() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_products_in_half_the_bits_train_weights_in_all_of_them(precision):
    model, seen = network(), set()

    def watched(model, x, y):
        out = model(x)
        seen.add(out.dtype)
        return functional.cross_entropy(out, y)

    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    trainer = Trainer(model, watched, optimizer, precision=precision)
    history = trainer.fit(Batches(table(), 20, seeded()), epochs=40, bar=False)
    assert seen == {getattr(torch, precision)}
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert history["loss"][-1] < 0.2 < 0.5 < history["loss"][0]


def test_a_gradient_too_large_for_float16_is_tried_again_at_a_smaller_scale():
    model = network()
    large = lambda model, x, y: 300 * loss(model, x, y)  # some d logits · 65536 > 65504
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    trainer = Trainer(model, large, optimizer, WARMUP, precision="float16")
    trainer.step(*table())
    assert trainer.scaler.get_scale() == 2.0**15 and same(
        model.state_dict(), network().state_dict()
    )
    for _ in range(10):
        trainer.step(*table())
    assert not same(model.state_dict(), network().state_dict())
    rates = trainer.history["rate"]
    assert rates[0] == rates[1] < rates[-1]  # a step not taken does not count in the schedule


# When it stops


def test_early_stopping_ends_and_puts_the_best_weights_back():
    model, seen = network(), []
    trainer = trained(model, lr=2.0)
    x, y = table()
    held = x, 1 - y  # learning makes these worse and worse
    evaluate = trainer.evaluate
    trainer.evaluate = lambda batches: (
        (seen.append(copy.deepcopy(model.state_dict())), 0) and (evaluate(batches))
    )
    history = trainer.fit(
        Batches((x, y), 8, seeded()), 50, validation=Batches(held, 16), patience=3, bar=False
    )
    best = int(np.argmin(history["validation"]))
    assert len(history["validation"]) == best + 4 < 50
    assert history["validated"] == [5 * (k + 1) for k in range(best + 4)]
    assert same(model.state_dict(), seen[best]) and not same(seen[-1], seen[best])
    assert evaluate(Batches(held, 16)) == history["validation"][best]


def test_evaluation_weighs_every_row_alike_and_changes_nothing():
    model = network(dropout=0.5)
    trainer, (x, y) = trained(model), table(10)
    before = torch.get_rng_state()
    found = trainer.evaluate(Batches((x, y), 4))  # 4 + 4 + 2
    model.eval()
    assert found == pytest.approx(loss(model, x, y).item(), rel=1e-6)
    assert torch.equal(torch.get_rng_state(), before)
    trainer.evaluate([(x, y)])
    assert model.training


class Root(torch.nn.Module):
    """√w·x, whose gradient at w = 0 is infinite, after a normalization that remembers means."""

    def __init__(self, w):
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(5)
        self.scale, self.w = (torch.nn.Parameter(torch.tensor(v)) for v in (1.0, w))

    def forward(self, x):
        return self.scale * self.norm(x).mean() + self.w.sqrt()


DIVERGING = {
    "the loss": (1.0, 0.1, lambda m, x: m(x * torch.nan)),
    "the gradient of w": (0.0, 0.1, lambda m, x: m(x)),
    "the parameter scale": (1.0, 1e38, lambda m, x: 1e3 * m(x + 1) + 1e3 * m.scale),
}


@pytest.mark.parametrize("what", DIVERGING)
def test_divergence_names_the_step_and_the_first_tensor_and_keeps_finite_weights(what):
    w, lr, bad = DIVERGING[what]
    model, calls = Root(w), []

    def turns(model, x):
        calls.append(1)
        return 0 * model.scale + 0 * model.norm(x).mean() if len(calls) < 3 else bad(model, x)

    trainer = Trainer(model, turns, torch.optim.SGD(model.parameters(), lr=lr))
    trainer.step(table()[0])
    trainer.step(table()[0])
    before = copy.deepcopy(model.state_dict())
    with pytest.raises(Diverged, match=f"diverged at step 3: {what} is not finite"):
        trainer.step(table()[0])
    assert same(model.state_dict(), before) and len(trainer.history["step"]) == 2


def test_float16_gives_up_when_no_scale_makes_the_gradient_finite():
    model = Root(0.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    trainer = Trainer(model, lambda m, x: m(x), optimizer, precision="float16")
    with pytest.raises(Diverged, match="step 17: the gradient of w is not finite"):
        for _ in range(50):  # 65536 is halved 16 times
            trainer.step(table()[0])


# A stopped run goes on


class Stopped(Exception):
    pass


def sources(kind):
    if kind == "batches":
        return Batches(table(), 8, seeded(3))
    own = {"generator": seeded(3)} if kind == "loader with a generator" else {}
    return DataLoader(TensorDataset(*table()), 8, shuffle=True, **own)


def run(kind, path, stop=None, epochs=4):
    """Train from the start or from the file; `stop` is the number of the step that crashes."""
    model, calls = network(dropout=0.3), []

    def crashing(model, x, y):
        calls.append(1)
        if model.training and len(calls) == stop:
            raise Stopped
        return loss(model, x, y)

    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    trainer = Trainer(model, crashing, optimizer, WARMUP, clip=1.0, precision="bfloat16")
    batches = sources(kind)
    if not trainer.resume(path, batches):
        torch.manual_seed(11)
    held = Batches(table(16), 16)
    trainer.fit(batches, epochs, held, patience=3, checkpoint=path, every=3, bar=False)
    return model.state_dict(), trainer.history, optimizer.state_dict()["state"]


@pytest.mark.parametrize("stop", [3, 5, 8, 16])
@pytest.mark.parametrize("kind", ["batches", "loader", "loader with a generator"])
def test_a_run_stopped_anywhere_and_resumed_is_bit_equal_to_one_that_was_not(kind, stop, tmp_path):
    with torch.random.fork_rng():
        wanted, history, moments = run(kind, tmp_path / "whole.pt")
        with pytest.raises(Stopped):
            run(kind, tmp_path / "run.pt", stop)
        torch.manual_seed(99)
        found, again, theirs = run(kind, tmp_path / "run.pt")
    assert same(found, wanted) and again == history and len(history["step"]) == 20
    assert all(same(theirs[k], moments[k]) for k in moments)


def test_a_finished_run_resumed_with_more_epochs_is_the_longer_run(tmp_path):
    with torch.random.fork_rng():
        wanted, history, _ = run("batches", tmp_path / "whole.pt", epochs=4)
        run("batches", tmp_path / "run.pt", epochs=2)
        found, again, _ = run("batches", tmp_path / "run.pt", epochs=4)
    assert same(found, wanted) and again == history


def test_a_crash_while_writing_leaves_the_checkpoint_of_before(tmp_path, monkeypatch):
    path = tmp_path / "run.pt"
    checkpoint.save(path, {"step": 1})

    def crash(state, file):
        file.write(b"half of it")
        raise Stopped

    monkeypatch.setattr(torch, "save", crash)
    with pytest.raises(Stopped):
        checkpoint.save(path, {"step": 2})
    assert checkpoint.load(path)["step"] == 1


class Hostile:
    def __reduce__(self):
        return os.mkdir, ("opened",)


@pytest.mark.parametrize("kind", ["truncated", "empty", "text", "pickle", "weights", "tensor"])
def test_a_file_that_is_no_whole_checkpoint_is_refused(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "run.pt"
    run("batches", path, epochs=1)
    if kind == "truncated":
        path.write_bytes(path.read_bytes()[:-200])
    elif kind == "pickle":
        path.write_bytes(pickle.dumps(Hostile(), 2))
    elif kind in ("weights", "tensor"):
        state = network().state_dict()
        torch.save(state if kind == "weights" else state["0.bias"], path)
    else:
        path.write_text("" if kind == "empty" else "a letter home")
    model = network()
    with pytest.raises(ValueError, match="run.pt must be a (whole )?checkpoint"):
        trained(model).resume(path, Batches(table(), 8))
    assert not (tmp_path / "opened").exists() and same(model.state_dict(), network().state_dict())


def test_a_checkpoint_of_another_run_is_refused_before_anything_changes(tmp_path):
    path, model = tmp_path / "run.pt", network()
    trained(model).fit(Batches(table(), 8, seeded()), 1, checkpoint=path, bar=False)
    other, wide = network(), torch.nn.Linear(5, 2)
    with pytest.raises(ValueError, match="of a run with parameters {'weight'"):
        trained(wide).resume(path, [])
    with pytest.raises(ValueError, match="of a run with optimizer Adam, got SGD"):
        Trainer(other, loss, torch.optim.Adam(other.parameters())).resume(path, [])
    with pytest.raises(ValueError, match="with precision bfloat16, got float32"):
        trained(other, precision="bfloat16").resume(path, [])
    assert same(other.state_dict(), network().state_dict())
    assert not trained(other).resume(tmp_path / "none.pt", [])


# Many processes

SCRIPT = """
import sys
import torch
from torch.nn import functional
from dlcore.nn.parallel import Batches, rank_and_processes
from dlcore.nn.train import Trainer

torch.set_num_threads(1)
folder = sys.argv[1]

def data(rows=41):
    x = torch.randn(rows, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return x, (x[:, 0] > 0).long()

def start(dropout, **options):
    torch.manual_seed(7)
    layers = [torch.nn.Linear(5, 8), torch.nn.Tanh(), torch.nn.Dropout(dropout)]
    model = torch.nn.Sequential(*layers, torch.nn.Linear(8, 2)).double()
    loss = lambda model, x, y: functional.cross_entropy(model(x), y)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    trainer = Trainer(model, loss, optimizer, **options)
    torch.manual_seed(trainer.rank)  # another dropout in each process
    return trainer, Batches(data(), 16, torch.Generator().manual_seed(3))

trainer, batches = start(0.0, accumulate=2, clip=0.5)
seen = [len(x) for x, _ in batches]
trainer, batches = start(0.0, accumulate=2, clip=0.5)
history = trainer.fit(batches, 3, validation=Batches(data(33), 32))
rank, processes = rank_and_processes()
torch.save({"weights": trainer.model.state_dict(), "history": history, "seen": seen},
           f"{folder}/{processes}-{rank}.pt")

whole, batches = start(0.5)
whole.fit(batches, 3, bar=False)
part, batches = start(0.5)
part.fit(batches, 1, checkpoint=f"{folder}/run-{processes}.pt", bar=False)
again, batches = start(0.5)
torch.manual_seed(50)
assert again.resume(f"{folder}/run-{processes}.pt", batches)
again.fit(batches, 3, bar=False)
for name, p in whole.model.state_dict().items():
    assert torch.equal(p, again.model.state_dict()[name]), name
if processes > 1:
    for wrong, message in (([data()], "must be Batches with a generator"),
                           (Batches(data(), 15, torch.Generator()), "multiple of the 2 processes")):
        try:
            again.fit(wrong, 9)
        except ValueError as error:
            assert message in str(error)
        else:
            raise AssertionError(message)
    torch.distributed.destroy_process_group()
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The same script by one process and by two; what each of the three found."""
    folder = tmp_path_factory.mktemp("runs")
    script = folder / "script.py"
    script.write_text(SCRIPT)
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    errors = []
    for before in [], launch:
        command = [sys.executable, *before, str(script), str(folder)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=110)
        assert done.returncode == 0, done.stderr[-3000:]
        errors.append(done.stderr)
    return [torch.load(folder / f"{name}.pt") for name in ("1-0", "2-0", "2-1")], errors


def test_two_processes_under_torchrun_learn_what_one_does_with_the_whole_batch(runs):
    (one, first, second), _ = runs
    assert one["seen"] == [16, 16] and first["seen"] == second["seen"] == [8, 8]
    assert same(first["weights"], second["weights"]) and first["history"] == second["history"]
    for key in "loss", "validation":
        assert first["history"][key] == pytest.approx(one["history"][key], rel=1e-10)
    for name, p in one["weights"].items():
        torch.testing.assert_close(first["weights"][name], p, rtol=1e-10, atol=1e-14)
    assert not same(one["weights"], network(dtype=torch.float64).state_dict())


def test_only_the_first_process_writes_its_progress(runs):
    _, (alone, both) = runs
    assert alone.count("epoch 3/3 ████████████████████ 2/2, loss") == 1
    assert both.count("epoch 3/3 ████████████████████ 2/2, loss") == 1


# The same loop over NumPy


def gpt_pair():
    """A small GPT in both forms with the same weights, and rows of tokens."""
    size = {"tokens": 7, "length": 8, "width": 8, "heads": 2, "layers": 1}
    twin, model = nn_gpt.GPT(**size, generator=seeded()), GPT(**size, rng=np.random.default_rng(0))
    model.load_state_dict({k: v.numpy() for k, v in twin.state_dict().items()})
    return model, twin, np.random.default_rng(1).integers(0, 7, (24, 8))


def test_both_loops_keep_the_same_losses_rates_and_validations():
    model, twin, ids = gpt_pair()
    rate = lambda step: cosine(step, 12)
    ours = scratch.fit(
        model,
        lambda model, ids: model.loss(ids),
        [(ids[:8],), (ids[8:16],)],
        optim.Adam(model.arrays(), lr=0.01),
        epochs=6,
        schedule=rate,
        clip=0.5,
        validation=[(ids[16:21],), (ids[21:],)],
        patience=9,
    )
    trainer = Trainer(
        twin,
        lambda model, ids: functional.cross_entropy(model(ids[:, :-1]).mT, ids[:, 1:]),
        torch.optim.Adam(twin.parameters(), lr=0.01),
        rate,
        clip=0.5,
    )
    ids = torch.tensor(ids)
    theirs = trainer.fit(
        [(ids[:8],), (ids[8:16],)],
        6,
        validation=[(ids[16:21],), (ids[21:],)],
        patience=9,
        bar=False,
    )
    for key in ours:
        np.testing.assert_allclose(ours[key], theirs[key], rtol=1e-5, err_msg=key)
    for name, p in twin.state_dict().items():
        np.testing.assert_allclose(model.state_dict()[name], p, rtol=1e-3, atol=1e-5)
    assert len(ours["step"]) == 12 and len(ours["validation"]) == 6


def explicit(model, x, y):
    logits = model.forward(x)
    return cross_entropy(logits, y), model.backward(cross_entropy_vjp(1.0, None, logits, y))


def test_the_explicit_mlp_stops_early_with_its_best_parameters(rng):
    model = MLP((5, 16, 2), "tanh", rng)
    x, y = (t.numpy() for t in table())
    held = scratch.Batches((x, 1 - y), 16)
    optimizer = optim.SGD(model.params, lr=1.0)
    rows = scratch.Batches((x, y), 8, rng)
    history = scratch.fit(model, explicit, rows, optimizer, 50, validation=held, patience=3)
    best = int(np.argmin(history["validation"]))
    assert len(history["validation"]) == best + 4 < 50 and optimizer.lr == 1.0
    seen = scratch.evaluate(model, explicit, held)
    assert seen == pytest.approx(history["validation"][best], rel=1e-6)
    assert history["loss"][-1] < 0.2 < history["loss"][0]


SPOILED = {
    "the loss": lambda value, grads: (np.nan, grads),
    "the gradient of 1": lambda value, grads: (value, [g * np.nan if k else g for k, g in grads]),
    "the parameter 2": lambda value, grads: (value, [g if k != 2 else 3e38 + g for k, g in grads]),
}


@pytest.mark.parametrize("what", SPOILED)
def test_the_numpy_loop_names_what_diverged_and_keeps_finite_parameters(what, rng):
    model = MLP((5, 4, 2), "tanh", rng)
    x, y = (t.numpy() for t in table())

    def spoiled(model, x, y):
        value, grads = explicit(model, x, y)
        return SPOILED[what](value, [*enumerate(grads)])

    optimizer = optim.SGD(model.params, lr=10.0)
    scratch.step(model, explicit, (x, y), optimizer)
    before = copy.deepcopy(model.params)
    with pytest.raises(scratch.Diverged, match=f"diverged at step 2: {what} is not finite"):
        scratch.step(model, spoiled, (x, y), optimizer)
    for p, kept in zip(model.params, before):
        np.testing.assert_array_equal(p, kept)


def test_the_numpy_loop_names_a_parameter_of_a_module():
    model, _, ids = gpt_pair()
    optimizer = optim.SGD(model.arrays(), lr=1e38)
    names = [name for name, _ in model.named_parameters()]
    with pytest.raises(scratch.Diverged, match=f"step 1: the parameter ({'|'.join(names)}) is"):
        scratch.step(model, lambda m, ids: 1e6 * m.loss(ids), (ids,), optimizer)


def test_numpy_batches_are_whole_if_shuffled_and_hold_every_row_if_not(rng):
    rows = np.arange(10)
    shuffled, ordered = scratch.Batches([rows], 4, rng), scratch.Batches([rows], 4)
    first, second = ([b for (b,) in shuffled] for _ in range(2))
    assert [len(b) for b in first] == [4, 4] and len(np.unique(first)) == 8
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(np.concatenate([b for (b,) in ordered]), rows)


# What is seen, and mistakes


def test_a_line_shows_how_far_the_epoch_is(capsys):
    trained(network()).fit(Batches(table(), 8, seeded()), 2)
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("epoch 2/2 ████████████████████ 5/5, loss 0.")
    trained(network()).fit((batch for batch in [table()]), 1)
    assert "1/?" in capsys.readouterr().err


def test_shuffled_batches_are_whole_and_those_in_order_hold_every_row():
    rows = torch.arange(10)
    shuffled, ordered = Batches([rows], 4, seeded()), Batches([rows], 4)
    first, second = ([b for (b,) in shuffled] for _ in range(2))
    assert [len(b) for b in first] == [4, 4] and len(torch.cat(first).unique()) == 8
    assert not torch.equal(first[0], second[0])
    assert torch.equal(torch.cat([b for (b,) in ordered]), rows)
    assert len(shuffled) == 2 and len(ordered) == 3


X, Y = table()
MISTAKES = {
    "as many rows as each other, got [40, 3]": lambda t: Batches((X, Y[:3]), 2),
    "size must lie in 1..40, the number of rows, got 41": lambda t: Batches((X, Y), 41, seeded()),
    "size must lie in 1..40, the number of rows, got 0": lambda t: Batches((X, Y), 0),
    "arrays must have equally many rows, in batches of size=2, got [40, 3]": lambda t: (
        scratch.Batches((X, Y[:3]), 2)
    ),
    "in batches of size=41, got [40]": lambda t: scratch.Batches([X], 41, np.random.default_rng(0)),
    "precision must be one of": lambda t: trained(network(), precision="half"),
    "accumulate must be at least 1, got 0": lambda t: trained(network(), accumulate=0),
    "loss must return one number, got shape (40, 2)": lambda t: Trainer(
        t.model, lambda m, x, y: m(x), t.optimizer
    ).step(X, Y),
    "patience must be at least 1 and come with a validation, got 3 and none": lambda t: t.fit(
        [(X, Y)], 1, patience=3
    ),
    "every must be at least 1 and come with a checkpoint, got 2 and None": lambda t: t.fit(
        [(X, Y)], 1, every=2
    ),
    "batches must hold at least one row, got none": lambda t: t.evaluate([]),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes_are_named_in_the_error(message):
    with pytest.raises(ValueError) as found:
        MISTAKES[message](trained(network()))
    assert message in str(found.value)

"""Train on real data in both halves, from the same weights and batches, and write what came out.

python -m benchmarks.learning [--only NAME …] [--choose] [--json FILE]

DLCORE_DATA names the folder with the data. One thread, fixed seeds; the time is CPU time, training
only. Settings are chosen on the last 10,000 training images after training on the first 25,000
(`--choose` repeats that); the test images are looked at once, by the chosen setting.
"""

import argparse
import gzip
import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from benchmarks.__main__ import machine
from dlcore import data
from dlcore.nn import cnn as torch_cnn
from dlcore.nn import encoder_decoder as torch_encoder_decoder
from dlcore.nn import gpt as torch_gpt
from dlcore.nn import regularize as torch_regularize
from dlcore.nn.sampling import sample
from dlcore.scratch.activations import relu
from dlcore.scratch.autodiff import no_grad
from dlcore.scratch.cnn import CNN
from dlcore.scratch.encoder_decoder import EncoderDecoder
from dlcore.scratch.gpt import GPT
from dlcore.scratch.losses import cross_entropy_vjp
from dlcore.scratch.mlp import MLP
from dlcore.scratch.optim import SGD, Adam, AdamW, clip_by_norm
from dlcore.scratch.regularize import dropout, dropout_mask, dropout_vjp, shift
from dlcore.scratch.schedules import warmup_cosine

RESULTS = Path(__file__).with_name("results") / "learning.json"
OPTIMIZERS = {
    "SGD": (SGD, torch.optim.SGD),
    "Adam": (Adam, torch.optim.Adam),
    "AdamW": (AdamW, torch.optim.AdamW),
}

# Images: an MLP and a CNN. Each function trains on x (n, i, j), y (n) and returns the scores of
# images as a function.


def batches(x, y, s):
    """Minibatches (x, y) and the factor of the rate, which falls to zero in a straight line."""
    rng = np.random.default_rng(s["seed"])
    order = [*data.minibatches(len(x), s["batch"], s["epochs"], rng)]
    for step, rows in enumerate(order):
        images = shift(x[rows], s["shift"], rng) if s.get("shift") else x[rows]
        yield images, y[rows], 1 - step / len(order)


def optimizers(s):
    """Both optimizers of these settings, as functions of the parameters."""
    return [
        lambda params, kind=kind: kind(params, lr=s["lr"], **s["optimizer_options"])
        for kind in OPTIMIZERS[s["optimizer"]]
    ]


def set_rate(optimizer, rate: float):
    """The learning rate of a torch optimizer."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def mlp_scratch(x, y, s):
    net = MLP(s["sizes"], "relu", np.random.default_rng(s["seed"]))
    optimizer, masks = optimizers(s)[0](net.params), np.random.default_rng(s["seed"] + 1)
    keep = s["keep"]
    if keep < 1:
        net.sigma = lambda z: dropout(relu(z), dropout_mask(z.shape, keep, masks), keep)
        net.sigma_vjp = lambda dy, a, z: dropout_vjp(dy, a, z, a > 0, keep)
    for images, labels, factor in batches(x, y, s):
        optimizer.lr = s["lr"] * factor
        logits = net.forward(images.reshape(len(images), -1))
        optimizer.step(net.backward(cross_entropy_vjp(1.0, None, logits, labels)))
    net.sigma = relu  # all units at work
    return lambda x: net.forward(x.reshape(len(x), -1))


def mlp_torch(x, y, s):
    start = MLP(s["sizes"], "relu", np.random.default_rng(s["seed"])).params
    params = [torch.tensor(p, requires_grad=True) for p in start]
    optimizer, masks = optimizers(s)[1](params), np.random.default_rng(s["seed"] + 1)

    def scores(x, keep=1.0):
        h = torch.as_tensor(x.reshape(len(x), -1))
        for w, b in zip(params[:-2:2], params[1:-2:2]):
            h = torch.relu(h @ w.T + b)
            if keep < 1:
                mask = torch.as_tensor(dropout_mask(h.shape, keep, masks))
                h = torch_regularize.dropout(h, mask, keep)
        return h @ params[-2].T + params[-1]

    for images, labels, factor in batches(x, y, s):
        set_rate(optimizer, s["lr"] * factor)
        torch_step(optimizer, scores(images, s["keep"]), labels)
    return lambda x: scores(x).detach().numpy()


def torch_step(optimizer, logits, labels):
    loss = torch.nn.functional.cross_entropy(logits, torch.as_tensor(labels))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def cnn_scratch(x, y, s):
    net = CNN(x.shape[1], 10, np.random.default_rng(s["seed"]))
    optimizer = optimizers(s)[0](net.arrays())
    for images, labels, factor in batches(x, y, s):
        optimizer.lr = s["lr"] * factor
        net.loss(images[:, None], labels).backward()
        optimizer.step(net.take_grads())

    def scores(x):
        with no_grad():
            return net(x[:, None]).data

    return scores


def cnn_torch(x, y, s):
    start = CNN(x.shape[1], 10, np.random.default_rng(s["seed"])).state_dict()
    net = torch_cnn.CNN(x.shape[1], 10, torch.Generator())
    net.load_state_dict({name: torch.tensor(w) for name, w in start.items()})
    optimizer = optimizers(s)[1](net.parameters())
    for images, labels, factor in batches(x, y, s):
        set_rate(optimizer, s["lr"] * factor)
        torch_step(optimizer, net(torch.as_tensor(images[:, None])), labels)

    def scores(x):
        with torch.no_grad():
            return net(torch.as_tensor(x[:, None])).numpy()

    return scores


def error(scores, x, y) -> float:
    """The share of images whose largest score is not at the label."""
    parts = np.array_split(np.arange(len(x)), max(1, len(x) // 500))
    return float(np.mean(np.concatenate([scores(x[p]).argmax(axis=1) != y[p] for p in parts])))


def timed(train, *arguments):
    """What the training returns, and its CPU seconds."""
    start = time.process_time()
    result = train(*arguments)
    return result, round(time.process_time() - start, 1)


IMAGES = {  # name: both functions, parameters, settings, the settings that were tried
    "mlp_ridge": (
        (mlp_scratch, mlp_torch),
        {
            "sizes": [784, 256, 128, 10],
            "keep": 1.0,
            "optimizer": "SGD",
            "lr": 0.1,
            "optimizer_options": {"momentum": 0.9, "weight_decay": 5e-4},
            "batch": 128,
            "epochs": 4,
            "seed": 0,
        },
        [{"optimizer_options": {"momentum": 0.9, "weight_decay": w}} for w in (0.0, 5e-4, 2e-3)],
    ),
    "mlp_dropout": (
        (mlp_scratch, mlp_torch),
        {
            "sizes": [784, 256, 128, 10],
            "keep": 0.8,
            "optimizer": "Adam",
            "lr": 0.003,
            "optimizer_options": {},
            "batch": 256,
            "epochs": 9,
            "seed": 0,
        },
        [{"keep": keep} for keep in (1.0, 0.8, 0.5)],
    ),
    "cnn": (
        (cnn_scratch, cnn_torch),
        {
            "optimizer": "Adam",
            "lr": 0.003,
            "optimizer_options": {},
            "batch": 64,
            "epochs": 4,
            "shift": 1,
            "seed": 0,
        },
        [{"shift": 0}, {"shift": 1}],
    ),
}


def choose(name: str, most=25_000, held=10_000) -> list:
    """The error of each setting on the last training images, after training on the first ones."""
    (_, train), settings, tries = IMAGES[name]
    mnist, tried = data.mnist(download=False), []
    for change in tries:
        scores = train(mnist.x_train[:most], mnist.y_train[:most], settings | change)
        wrong = error(scores, mnist.x_train[-held:], mnist.y_train[-held:])
        tried.append({"change": change, "validation_error": wrong})
        print(f"{name} {change}: {100 * wrong:.2f} % of {held} validation images", flush=True)
    return tried


def images(name: str) -> dict:
    """Both halves trained on all 60,000 images; the errors on the 10,000 test images."""
    functions, settings, _ = IMAGES[name]
    mnist = data.mnist(download=False)
    rng = np.random.default_rng(0)
    if "sizes" in settings:
        arrays = MLP(settings["sizes"], "relu", rng).params
    else:
        arrays = CNN(28, 10, rng).arrays()
    result = {"settings": settings, "parameters": sum(a.size for a in arrays)}
    for half, train in zip(("scratch", "torch"), functions):
        scores, seconds = timed(train, mnist.x_train, mnist.y_train, settings)
        wrong = error(scores, mnist.x_test, mnist.y_test)
        result[half] = {"test_error": wrong, "cpu_seconds": seconds}
    return result | {"data": fingerprints(*(f"mnist/{file}" for file in data.PARTS.values()))}


# Text: a GPT over characters, and an encoder-decoder that translates.

GPT_SETTINGS = {
    "size": {"length": 128, "width": 128, "heads": 4, "layers": 4},
    "batch": 8,
    "steps": 2500,
    "warmup": 100,
    "lr": 3e-3,
    "optimizer": "AdamW",
    "optimizer_options": {"betas": [0.9, 0.99], "weight_decay": 0.1},
    "clip": 1.0,
    "seed": 0,
}
TRANSLATION_SETTINGS = {
    "size": {"length": 11, "width": 64, "heads": 4, "layers": 2},
    "batch": 64,
    "steps": 800,
    "warmup": 100,
    "lr": 3e-3,
    "optimizer": "AdamW",
    "optimizer_options": {"betas": [0.9, 0.98], "weight_decay": 0.01},
    "clip": 1.0,
    "seed": 0,
}


def windows(ids, s):
    """A batch of places in the text for each step."""
    rng, length = np.random.default_rng(s["seed"]), s["size"]["length"]
    for _ in range(s["steps"]):
        starts = rng.integers(0, len(ids) - length, (s["batch"], 1))
        yield (ids[starts + np.arange(length + 1)],)


def sentences(x, y, s):
    """A batch of sentences and their translations for each step."""
    rng = np.random.default_rng(s["seed"])
    for _ in range(s["steps"]):
        rows = rng.integers(0, len(x), s["batch"])
        yield x[rows], y[rows]


def rate(step: int, s) -> float:
    return s["lr"] * warmup_cosine(step, s["warmup"], s["steps"])


def fit_scratch(net, batches, s, steps: int):
    """The losses of the first steps."""
    optimizer, losses = optimizers(s)[0](net.arrays()), []
    for step, batch in zip(range(steps), batches):
        loss = net.loss(*batch)
        loss.backward()
        grads = net.take_grads()
        clip_by_norm(grads, s["clip"])
        optimizer.lr = rate(step, s)
        optimizer.step(grads)
        losses.append(loss.item())
    return losses


def fit_torch(net, batches, s):
    """The losses of all steps."""
    optimizer, losses = optimizers(s)[1](net.parameters()), []
    for step, batch in enumerate(batches):
        loss = net.loss(*map(torch.as_tensor, batch))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), s["clip"])
        set_rate(optimizer, rate(step, s))
        optimizer.step()
        losses.append(loss.item())
    return losses


def twins(kind, torch_kind, tokens, s):
    """An untrained model and its twin with the same weights."""
    net = kind(*tokens, **s["size"], rng=np.random.default_rng(s["seed"]))
    twin = torch_kind(*tokens, **s["size"], generator=torch.Generator())
    twin.load_state_dict({name: torch.tensor(w) for name, w in net.state_dict().items()})
    return net, twin


def side_by_side(net, twin, batches, s, scratch_steps: int) -> dict:
    """PyTorch to the end; NumPy for the first steps, to see how far apart the two come."""
    losses, seconds = timed(fit_torch, twin, batches(), s)
    ours, our_seconds = timed(fit_scratch, net, batches(), s, scratch_steps)
    difference = np.abs(np.subtract(ours, losses[:scratch_steps]))
    spans = sorted({min(20, scratch_steps), min(100, scratch_steps), scratch_steps})
    return {
        "settings": s,
        "parameters": sum(p.numel() for p in twin.parameters()),
        "torch": {"cpu_seconds": seconds, "losses": thinned(losses, 25)},
        "scratch": {
            "steps": scratch_steps,
            "cpu_seconds": our_seconds,
            "losses": thinned(ours, 25),
            "apart": {str(n): float(difference[:n].max()) for n in spans},
        },
    }


@torch.no_grad()
def held_out(net, ids) -> float:
    """Nats a character over a whole text, in windows side by side; each is predicted once."""
    count = (len(ids) - 1) // net.length
    end = count * net.length
    side = np.lib.stride_tricks.sliding_window_view(ids[: end + 1], net.length + 1)[:: net.length]
    parts = [*torch.as_tensor(side.copy()).split(64)]
    if end + 1 < len(ids):
        parts.append(torch.as_tensor(ids[None, end:]))
    sizes = [part[:, 1:].numel() for part in parts]
    return sum(net.loss(part).item() * size for part, size in zip(parts, sizes)) / sum(sizes)


def characters():
    """tinyshakespeare as numbers, first 90 % and last 10 %, and its characters."""
    text = gzip.decompress(data.locate("tinyshakespeare.txt.gz", download=False).read_bytes())
    text = text.decode()
    alphabet = sorted(set(text))
    place = {c: i for i, c in enumerate(alphabet)}
    ids = np.array([place[c] for c in text])
    cut = len(ids) * 9 // 10
    return ids[:cut], ids[cut:], alphabet


def gpt() -> dict:
    """Characters: the loss on the held-out text, and a sample."""
    train, held, alphabet = characters()
    s = GPT_SETTINGS
    net, twin = twins(GPT, torch_gpt.GPT, [len(alphabet)], s)
    result = side_by_side(net, twin, lambda: windows(train, s), s, scratch_steps=300)
    result["torch"]["held_out_nats"] = held_out(twin, held)
    start = torch.tensor([[alphabet.index("\n")]])
    generator = torch.Generator().manual_seed(s["seed"])
    words = twin.generate(start, twin.length - 1, lambda z: sample(z, generator, 0.8))[0]
    return result | {
        "characters": {"train": len(train), "held_out": len(held), "alphabet": len(alphabet)},
        "sample": "".join(alphabet[i] for i in words),
        "data": fingerprints("tinyshakespeare.txt.gz"),
    }


def translation() -> dict:
    """English into French: the share of held-out sentences that come out word for word.

    The second half of them have a noun with an adjective that training never puts together.
    """
    pairs, s = data.toy_translation(8000, 1000), TRANSLATION_SETTINGS
    tokens = len(pairs.english), len(pairs.french)
    net, twin = twins(EncoderDecoder, torch_encoder_decoder.EncoderDecoder, tokens, s)

    def batches():
        return sentences(pairs.x_train, pairs.y_train, s)

    result = side_by_side(net, twin, batches, s, scratch_steps=100)
    written = twin.translate(torch.as_tensor(pairs.x_test), s["size"]["length"]).numpy()
    french = [[data.spelled(row, pairs.french) for row in rows] for rows in (written, pairs.y_test)]
    right = [ours == theirs for ours, theirs in zip(*french)]
    new_sentences, new_pairs = np.split(np.array(right), 2)
    result["torch"]["exact"] = float(np.mean(right))
    result["torch"]["exact_new_sentences"] = float(new_sentences.mean())
    result["torch"]["exact_new_pairs"] = float(new_pairs.mean())
    english = [data.spelled(row, pairs.english) for row in pairs.x_test]
    examples = list(zip(english, *french))
    wrong = [example for example, ok in zip(examples, right) if not ok]
    sizes = {"train": len(pairs.x_train), "held_out": len(right)}
    return result | {"sentences": sizes, "examples": examples[:4] + examples[-4:], "wrong": wrong}


def thinned(losses, every: int) -> list:
    """Means over each `every` steps."""
    return [round(float(np.mean(losses[i : i + every])), 4) for i in range(0, len(losses), every)]


# What belongs to every run.


def fingerprints(*files) -> dict:
    """SHA-256 of the data files."""
    return {
        file: hashlib.sha256(data.locate(file, download=False).read_bytes()).hexdigest()
        for file in files
    }


RUNS = {name: (lambda name=name: images(name)) for name in IMAGES}
RUNS |= {"gpt": gpt, "translation": translation}


def summary(run) -> dict:
    """The single numbers of a run."""
    halves = {half: run[half] for half in ("scratch", "torch")}
    return {h: {k: v for k, v in r.items() if k != "losses"} for h, r in halves.items()}


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=RUNS, default=list(RUNS))
    parser.add_argument("--choose", action="store_true", help="first try the settings again")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE")
    options = parser.parse_args()
    torch.set_num_threads(1)
    runs = json.loads(options.json.read_text()) if options.json.exists() else {}
    with threadpool_limits(1):
        for name in options.only:
            tried = runs.get(name, {}).get("tried")
            if options.choose and name in IMAGES:
                tried = choose(name)
            provenance = machine()
            runs[name] = {"tried": tried} | RUNS[name]() | {"provenance": provenance}
            print(f"{name}: {summary(runs[name])}", flush=True)
            ordered = {name: runs[name] for name in RUNS if name in runs}
            options.json.write_text(json.dumps(ordered, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

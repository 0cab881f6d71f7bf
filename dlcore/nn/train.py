"""One training loop: the same call in a notebook, on a GPU, after a crash, and under torchrun.

trainer = Trainer(model, loss, optimizer)  # loss(model, x, y): the mean over the rows
history = trainer.fit(Batches((x, y), 64, generator), epochs=10)
"""

import contextlib
import math
import operator
import os
import sys
import time

import torch

from dlcore.nn import checkpoint as files
from dlcore.nn.parallel import Batches, from_all, join, over_processes, rank_and_processes

PRECISIONS = {"float32": None, "bfloat16": torch.bfloat16, "float16": torch.float16}


class Diverged(ValueError):
    """A number of the training is not finite; the model has its last finite weights."""


def first_not_finite(named):
    """The name of the first tensor with a NaN or an infinity in it, or None."""
    named = list(named)
    if torch.stack([t.isfinite().all() for _, t in named]).all():  # asks the GPU only once
        return None
    return next(name for name, t in named if not t.isfinite().all())


def weights(model) -> dict:
    """Copies of its parameters and buffers by name."""
    return {name: t.detach().clone() for name, t in model.state_dict().items()}


def scheduler(optimizer, schedule):
    """A scheduler of torch: the one given, or one that calls the function given."""
    if isinstance(schedule, torch.optim.lr_scheduler.LRScheduler):
        return schedule
    return torch.optim.lr_scheduler.LambdaLR(optimizer, schedule or (lambda step: 1.0))


class Bar:
    """A line that says how far an epoch is; it writes itself over, five times a second at most."""

    def __init__(self, title: str, total: int, shown: bool):
        self.title, self.total, self.shown = title, total, shown
        self.start, self.last = time.monotonic(), -math.inf

    def show(self, done: int, loss: float, end=""):
        now = time.monotonic()
        if not self.shown or (now - self.last < 0.2 and not end):
            return
        self.last, blocks = now, 20 * done // max(self.total, done, 1)
        line = f"{self.title} {'█' * blocks}{'░' * (20 - blocks)} {done}/{self.total or '?'}"
        line += f", loss {loss:.4g}, {now - self.start:.0f} s"
        print(f"\r{line:<78}", end=end, file=sys.stderr, flush=True)


class Trainer:
    """Changes the weights of a model, batch by batch, so that loss(model, *batch) falls.

    `schedule`    a scheduler of torch, or a function from the step, counted from 0, to the factor
                  of the learning rate
    `clip`        the largest norm that all gradients together may have
    `accumulate`  how many pieces a batch is computed in, to save memory; the step is the same
    `precision`   of the products: float32, bfloat16 or float16; the weights keep theirs
    """

    def __init__(
        self, model, loss, optimizer, schedule=None, clip=None, accumulate=1, precision="float32"
    ):
        if precision not in PRECISIONS:
            raise ValueError(f"precision must be one of {[*PRECISIONS]}, got {precision!r}")
        if accumulate < 1:
            raise ValueError(f"accumulate must be at least 1, got {accumulate}")
        join()
        self.rank, self.processes = rank_and_processes()
        several = self.processes > 1
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.net = torch.nn.parallel.DistributedDataParallel(model) if several else model
        self.device = next(model.parameters()).device
        self.clip, self.accumulate, self.precision = clip, accumulate, precision
        self.schedule = scheduler(optimizer, schedule)
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=precision == "float16")
        self.parts = {"model": model, "optimizer": optimizer}  # what a checkpoint holds
        self.parts |= {"schedule": self.schedule, "scaler": self.scaler}
        self.history = {"step": [], "loss": [], "rate": [], "validated": [], "validation": []}
        self.place = {"epoch": 0, "batch": 0, "waited": 0, "best": math.inf, "weights": None}

    def mean_loss(self, net, batch):
        dtype = PRECISIONS[self.precision]
        with torch.autocast(self.device.type, dtype, enabled=dtype is not None):
            loss = self.loss(net, *batch)
        if loss.ndim:
            raise ValueError(f"loss must return one number, got shape {tuple(loss.shape)}")
        return loss

    def gradients(self, batch) -> float:
        """Fill in p.grad, and return the loss; both are means over the rows of all processes."""
        self.optimizer.zero_grad()
        pieces = [*zip(*(t.to(self.device).chunk(self.accumulate) for t in batch))]
        total = 0.0
        for piece in pieces:
            wait = self.processes > 1 and piece is not pieces[-1]  # the last one sums them all up
            with self.net.no_sync() if wait else contextlib.nullcontext():
                loss = self.mean_loss(self.net, piece) * (len(piece[0]) / len(batch[0]))
                self.scaler.scale(loss).backward()
            total = total + loss.detach()
        return (over_processes(total) / self.processes).item()

    def step(self, *batch) -> float:
        """One change of the weights; returns the loss before it."""
        self.finite = weights(self.model)
        rate, loss = self.optimizer.param_groups[0]["lr"], self.gradients(batch)
        if not math.isfinite(loss):
            self.stop("the loss")
        named = [(n, p) for n, p in self.model.named_parameters() if p.grad is not None]
        self.scaler.unscale_(self.optimizer)
        infinite = first_not_finite((name, p.grad) for name, p in named)
        if infinite and self.scaler.get_scale() <= 1:  # above 1, float16 tries a smaller scale
            self.stop(f"the gradient of {infinite}")
        if self.clip is not None:
            torch.nn.utils.clip_grad_norm_([p for _, p in named], self.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        if name := first_not_finite(named):
            self.stop(f"the parameter {name}")
        if not infinite:
            self.schedule.step()
        for key, value in (("step", self.steps + 1), ("loss", loss), ("rate", rate)):
            self.history[key].append(value)
        return loss

    @property
    def steps(self) -> int:
        return len(self.history["step"])

    def stop(self, what: str):
        self.model.load_state_dict(self.finite)
        self.optimizer.zero_grad()
        raise Diverged(f"training diverged at step {self.steps + 1}: {what} is not finite")

    @torch.no_grad()
    def evaluate(self, batches) -> float:
        """The mean loss over all rows of the batches, with the model in evaluation mode."""
        self.model.eval()
        total = torch.zeros(2, dtype=torch.float64)
        for batch in batches:
            if n := len(batch[0]):  # a process may have no share of the last batch
                loss = self.mean_loss(self.model, [t.to(self.device) for t in batch])
                total += torch.tensor([n * loss.item(), n], dtype=total.dtype)
        self.model.train()
        loss, rows = over_processes(total).tolist()
        if not rows:
            raise ValueError("batches must hold at least one row, got none")
        return loss / rows

    def fit(
        self, batches, epochs, validation=None, patience=None, checkpoint=None, every=None, bar=True
    ) -> dict:
        """Train until `epochs` epochs are done in all; returns the history.

        `patience` stops after so many epochs without a better loss on `validation`, and puts the
        best weights back. `checkpoint` is a file, written after each epoch and `every` so many
        steps.
        """
        self.check(batches, validation, patience, checkpoint, every)
        at = self.place
        while at["epoch"] < epochs and (patience is None or at["waited"] < patience):
            for batch in self.rest(batches, f"epoch {at['epoch'] + 1}/{epochs}", bar):
                self.step(*batch)
                at["batch"] += 1
                if every is not None and self.steps % every == 0:
                    self.save(checkpoint, batches)
            if validation is not None:
                self.validate(validation, patience)
            at["epoch"], at["batch"] = at["epoch"] + 1, 0
            if checkpoint is not None:
                self.save(checkpoint, batches)
        if patience is not None and at["weights"]:
            self.model.load_state_dict(at["weights"])
        return self.history

    def check(self, batches, validation, patience, checkpoint, every):
        """Refuse arguments of `fit` that ask for what cannot be."""
        if patience is not None and (validation is None or patience < 1):
            given = "none" if validation is None else "one"
            rule = "patience must be at least 1 and come with a validation"
            raise ValueError(f"{rule}, got {patience} and {given}")
        if every is not None and (checkpoint is None or every < 1):
            rule = "every must be at least 1 and come with a checkpoint"
            raise ValueError(f"{rule}, got {every} and {checkpoint}")
        if self.processes == 1:
            return
        if getattr(batches, "generator", None) is None or not isinstance(batches, Batches):
            raise ValueError("batches must be Batches with a generator if there are processes")
        if batches.size % self.processes:
            rule = f"size must be a multiple of the {self.processes} processes"
            raise ValueError(f"{rule}, got {batches.size}")

    def rest(self, batches, title: str, shown: bool):
        """The batches of this epoch that are still to come, in the order that it began with."""
        at, generator = self.place, getattr(batches, "generator", None)
        now = files.random_state(generator)
        if at["batch"] == 0:
            self.began = now
        files.set_random_state(self.began, generator)
        todo = iter(batches)
        for _ in zip(range(at["batch"]), todo):
            pass
        if at["batch"]:  # had the epoch just begun, drawing its order would be undone
            files.set_random_state(now, generator)
        line = Bar(title, operator.length_hint(batches), shown and self.rank == 0)
        for batch in todo:
            yield batch
            line.show(at["batch"], self.history["loss"][-1])
        if self.steps:
            line.show(at["batch"], self.history["loss"][-1], end="\n")

    def validate(self, validation, patience):
        at, loss = self.place, self.evaluate(validation)
        self.history["validated"].append(self.steps)
        self.history["validation"].append(loss)
        at["waited"] += 1
        if loss < at["best"]:
            at["waited"], at["best"] = 0, loss
            at["weights"] = weights(self.model) if patience is not None else None

    # Checkpoints

    def identity(self) -> dict:
        """What two runs must share, if one is to go on where the other was."""
        return {
            "parameters": {name: list(t.shape) for name, t in self.model.state_dict().items()},
            "optimizer": type(self.optimizer).__name__,
            "groups": [len(group["params"]) for group in self.optimizer.param_groups],
            "schedule": type(self.schedule).__name__,
            "precision": self.precision,
            "processes": self.processes,
        }

    def save(self, path, batches):
        """All that `resume` needs; of several processes only the first writes."""
        now = files.random_state(getattr(batches, "generator", None))
        random = from_all({"began": self.began, "now": now})
        if self.rank == 0:
            state = {name: part.state_dict() for name, part in self.parts.items()}
            state |= {"history": self.history, "place": self.place, "random": random}
            files.save(path, {"run": self.identity(), **state})

    def resume(self, path, batches) -> bool:
        """Go on from a file exactly as if nothing had happened; False if it does not exist yet."""
        if not os.path.exists(path):
            return False
        state = files.load(path)
        files.compare(path, state["run"], self.identity())
        for name, part in self.parts.items():
            part.load_state_dict(state[name])
        self.history, self.place = state["history"], state["place"]
        random = state["random"][self.rank]
        self.began = random["began"]
        files.set_random_state(random["now"], getattr(batches, "generator", None))
        return True

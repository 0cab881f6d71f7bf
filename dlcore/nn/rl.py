"""Agents that learn from rewards: DQN and PPO, for environments of the gymnasium interface.

An environment has reset(seed=...) -> (observation, info) and
step(action) -> (observation, reward, terminated, truncated, info). `terminated` means that
nothing comes after, so the value there is 0; `truncated` that only the clock ended the episode,
so the value of the last observation still counts.
"""

import copy

import torch
from torch.nn import functional

from dlcore.nn.init import orthogonal


def network(sizes, generator) -> torch.nn.Sequential:
    """Linear layers with tanh between them; the last one starts near zero, without a favourite."""
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [torch.nn.utils.skip_init(torch.nn.Linear, inputs, outputs), torch.nn.Tanh()]
        gain = 2**0.5 if len(layers) < 2 * len(sizes) - 2 else 0.01
        layers[-2].weight.data = orthogonal((outputs, inputs), generator, gain)
        layers[-2].bias.data.zero_()
    return torch.nn.Sequential(*layers[:-1])


class Episodes:
    """An environment that starts over by itself; `returns` has the sum of rewards of each episode.

    A transition is (observation, action, reward, next observation, terminated, ended).
    """

    def __init__(self, env, seed: int):
        self.env, self.total, self.returns = env, 0.0, []
        self.observation = self.tensor(env.reset(seed=seed)[0])

    def tensor(self, observation):
        return torch.as_tensor(observation, dtype=torch.float32)

    def step(self, action: int):
        seen, reward, terminated, truncated, _ = self.env.step(action)
        before, after, ended = self.observation, self.tensor(seen), terminated or truncated
        self.observation, self.total = after, self.total + float(reward)
        if ended:
            self.returns.append(self.total)
            self.observation, self.total = self.tensor(self.env.reset()[0]), 0.0
        return before, action, float(reward), after, terminated, ended


def columns(transitions):
    """A list of transitions as one tensor for each of their parts."""
    parts = zip(*transitions)
    return [torch.stack(p) if torch.is_tensor(p[0]) else torch.tensor(p) for p in parts]


class Replay:
    """The last `capacity` transitions, each as likely to be drawn as any other."""

    def __init__(self, capacity: int, generator):
        self.capacity, self.generator, self.added, self.kept = capacity, generator, 0, []

    def add(self, transition):
        parts = [torch.as_tensor(part) for part in transition]
        if not self.kept:
            self.kept = [torch.empty(self.capacity, *p.shape, dtype=p.dtype) for p in parts]
        for column, part in zip(self.kept, parts):
            column[self.added % self.capacity] = part  # in the place of the oldest
        self.added += 1

    def draw(self, n: int):
        known = min(self.added, self.capacity)
        rows = torch.randint(known, (n,), generator=self.generator)
        return [column[rows] for column in self.kept]


class DQN:
    """Learns q(s) ≈ r + discount · max q⁻(s'), q⁻ a copy of q renewed every `refresh` steps.

    `q` maps observations (n, d) to the value of each action (n, k). With `double`, q chooses the
    action in s' and q⁻ says what it is worth: one network's error is then not also its choice.
    """

    def __init__(
        self, q, optimizer, generator, discount=0.99, capacity=10_000, refresh=200, double=True
    ):
        if not 0 <= discount <= 1:
            raise ValueError(f"discount must lie in [0, 1], got {discount}")
        if capacity < 1 or refresh < 1:
            got = f"capacity={capacity}, refresh={refresh}"
            raise ValueError(f"capacity and refresh must be at least 1, got {got}")
        self.q, self.target, self.optimizer = q, copy.deepcopy(q), optimizer
        self.generator, self.replay = generator, Replay(capacity, generator)
        self.discount, self.refresh, self.double, self.steps = discount, refresh, double, 0

    @torch.no_grad()
    def act(self, observation, epsilon=0.0) -> int:
        """The best action, or, with probability epsilon, any."""
        values = self.q(observation[None])[0]
        if torch.rand((), generator=self.generator) < epsilon:
            return int(torch.randint(len(values), (), generator=self.generator))
        return int(values.argmax())

    @torch.no_grad()
    def targets(self, rewards, after, terminated):
        """r + discount · q⁻(s', a'), and r alone where nothing comes after."""
        chooser = self.q if self.double else self.target
        best = chooser(after).argmax(dim=1, keepdim=True)
        values = self.target(after).gather(1, best)[:, 0]
        return rewards + self.discount * values * ~terminated

    def learn(self, batch: int) -> float:
        """One step of q towards its targets; returns the loss."""
        before, actions, rewards, after, terminated, _ = self.replay.draw(batch)
        values = self.q(before).gather(1, actions[:, None])[:, 0]
        loss = functional.smooth_l1_loss(values, self.targets(rewards, after, terminated))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        if self.steps % self.refresh == 0:
            self.target.load_state_dict(self.q.state_dict())
        return loss.item()

    def train(self, env, steps: int, epsilon, batch=64, warmup=500, seed=0) -> list:
        """`steps` actions, random with probability epsilon(step); returns the returns."""
        episodes = Episodes(env, seed)
        for step in range(steps):
            chance = 1.0 if step < warmup else epsilon(step)
            self.replay.add(episodes.step(self.act(episodes.observation, chance)))
            if step >= warmup:
                self.learn(batch)
        return episodes.returns


def advantages(rewards, values, after, terminated, ended, discount, decay):
    """Generalized advantages: Âₜ = Σₖ (discount · decay)ᵏ δₜ₊ₖ within the episode.

    δₜ = rₜ + discount · v(sₜ₊₁) - v(sₜ), where `after` holds v(sₜ₊₁), which counts 0 if the
    episode terminated there. Shapes: all (t).
    """
    deltas = rewards + discount * after * ~terminated - values
    found, later = torch.empty_like(deltas), 0.0
    for t in reversed(range(len(deltas))):
        later = deltas[t] + discount * decay * later * (not ended[t])
        found[t] = later
    return found


def clipped_objective(ratio, advantage, clip):
    """min(ρ Â, clip(ρ, 1 ± clip) Â): no gain from moving the policy further than that."""
    return torch.minimum(ratio * advantage, ratio.clamp(1 - clip, 1 + clip) * advantage).mean()


class PPO:
    """Improves a policy on its own recent actions, many small steps on each of them, held close.

    `policy` maps observations (n, d) to scores of the actions (n, k), `value` to v(s) (n, 1);
    the optimizer holds the parameters of both. `bonus` rewards entropy, so that it keeps trying.
    """

    def __init__(
        self, policy, value, optimizer, generator, discount=0.99, decay=0.95, clip=0.2, bonus=0.01
    ):
        if not (0 <= discount <= 1 and 0 <= decay <= 1):
            got = f"discount={discount}, decay={decay}"
            raise ValueError(f"discount and decay must lie in [0, 1], got {got}")
        if not (clip > 0 and bonus >= 0):
            raise ValueError(f"clip must be > 0 and bonus >= 0, got clip={clip}, bonus={bonus}")
        self.policy, self.value, self.optimizer, self.generator = (
            policy,
            value,
            optimizer,
            generator,
        )
        self.discount, self.decay, self.clip, self.bonus = discount, decay, clip, bonus

    @torch.no_grad()
    def act(self, observation) -> int:
        """An action drawn from the policy."""
        p = self.policy(observation[None])[0].softmax(dim=0)
        return int(torch.multinomial(p, 1, generator=self.generator))

    def surprise(self, observations, actions):
        """-log p(a|s) of each action, and the policy's mean entropy (nats)."""
        logp = self.policy(observations).log_softmax(dim=1)
        entropy = -(logp.exp() * logp).sum(dim=1).mean()
        return -logp.gather(1, actions[:, None])[:, 0], entropy

    @torch.no_grad()
    def judged(self, transitions):
        """Observations, actions, their surprise, advantages, and the values to learn."""
        before, actions, rewards, after, terminated, ended = columns(transitions)
        values, later = self.value(before)[:, 0], self.value(after)[:, 0]
        gains = advantages(rewards, values, later, terminated, ended, self.discount, self.decay)
        surprise, _ = self.surprise(before, actions)
        return before, actions, surprise, gains, gains + values

    def learn(self, observations, actions, before, gains, goals) -> float:
        """One step on some of the judged transitions; returns the loss."""
        surprise, entropy = self.surprise(observations, actions)
        gains = (gains - gains.mean()) / (gains.std(correction=0) + 1e-8)
        gain = clipped_objective((before - surprise).exp(), gains, self.clip)
        error = (self.value(observations)[:, 0] - goals).square().mean()
        loss = 0.5 * error - gain - self.bonus * entropy
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def train(self, env, rounds: int, horizon=512, epochs=8, batch=64, seed=0) -> list:
        """`rounds` of `horizon` actions, each learned from `epochs` times; returns the returns."""
        episodes = Episodes(env, seed)
        for _ in range(rounds):
            acts = (self.act(episodes.observation) for _ in range(horizon))
            judged = self.judged([episodes.step(action) for action in acts])
            for _ in range(epochs):
                for rows in torch.randperm(horizon, generator=self.generator).split(batch):
                    self.learn(*(part[rows] for part in judged))
        return episodes.returns

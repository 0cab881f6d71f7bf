"""DQN and PPO: against value iteration, against direct sums, and learning to balance a pole."""

import numpy as np
import pytest
import torch

from dlcore.nn.rl import (
    DQN,
    PPO,
    Episodes,
    Replay,
    advantages,
    clipped_objective,
    columns,
    network,
)

DISCOUNT = 0.8


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


class Corridor:
    """Places 0 to n - 1 in a row; left and right. The last is the goal: reward 1, and the end.

    Each step costs 0.05. After `limit` steps the clock ends the episode wherever one is.
    """

    def __init__(self, n=5, limit=3):
        self.n, self.limit = n, limit

    def seen(self):
        return np.eye(self.n, dtype=np.float32)[self.place], {}

    def reset(self, seed=None):
        if seed is not None:
            self.rng = np.random.default_rng(seed)
        self.place, self.time = int(self.rng.integers(self.n - 1)), 0
        return self.seen()

    def step(self, action):
        self.place, self.time = max(self.place + (1 if action else -1), 0), self.time + 1
        goal = self.place == self.n - 1
        reward, truncated = float(goal) - 0.05, not goal and self.time == self.limit
        return self.seen()[0], reward, goal, truncated, {}


def optimal_values(n=5):
    """Bellman's equation q(s, a) = r + discount · max q(s', ·), iterated until it holds."""
    q = np.zeros((n, 2))
    for _ in range(200):
        for s in range(n - 1):
            for a in range(2):
                after = max(s + (1 if a else -1), 0)
                goal = after == n - 1
                q[s, a] = float(goal) - 0.05 + (0 if goal else DISCOUNT * q[after].max())
    return q[:-1]


def test_value_iteration_finds_the_values_known_in_closed_form():
    wanted = 0.95  # V one step before the goal, then back along the corridor
    for s in (3, 2, 1, 0):
        assert optimal_values()[s, 1] == pytest.approx(wanted, rel=1e-12)
        wanted = DISCOUNT * wanted - 0.05


@pytest.mark.parametrize("double", [False, True])
def test_dqn_finds_the_optimal_values_across_truncated_episodes(double):
    q = network((5, 2), seeded())
    agent = DQN(
        q, torch.optim.Adam(q.parameters(), lr=0.02), seeded(1), DISCOUNT, 500, 50, double=double
    )
    agent.train(Corridor(), 1500, lambda step: 1.0, batch=32, warmup=100)
    with torch.no_grad():
        found = q(torch.eye(5)[:-1]).numpy()
    np.testing.assert_allclose(found, optimal_values(), atol=0.02)
    assert [agent.act(row) for row in torch.eye(5)[:-1]] == [1, 1, 1, 1]


def test_targets_bootstrap_at_truncation_and_not_at_termination():
    q = network((3, 2), seeded())
    agent = DQN(q, torch.optim.SGD(q.parameters(), lr=0.1), seeded(), discount=0.5, double=False)
    agent.target[0].bias.data = torch.tensor([5.0, 7.0])
    agent.target[0].weight.data.zero_()
    after, terminated = torch.ones(2, 3), torch.tensor([True, False])
    assert agent.targets(torch.tensor([1.0, 1.0]), after, terminated).tolist() == [1.0, 4.5]
    agent.double = True  # q, not its copy, says which action: the first
    q[0].bias.data = torch.tensor([9.0, 0.0])
    assert agent.targets(torch.tensor([1.0, 1.0]), after, terminated).tolist() == [1.0, 3.5]


def test_the_target_network_is_renewed_every_refresh_steps():
    q = network((5, 2), seeded())
    agent = DQN(q, torch.optim.SGD(q.parameters(), lr=0.1), seeded(), refresh=3)
    episodes = Episodes(Corridor(), 0)
    for _ in range(10):
        agent.replay.add(episodes.step(agent.act(episodes.observation, 1.0)))
    fresh = []
    for _ in range(6):
        agent.learn(4)
        fresh.append(torch.equal(agent.q[0].weight, agent.target[0].weight))
    assert fresh == [False, False, True, False, False, True]


def test_epsilon_is_the_share_of_random_actions():
    q = network((5, 4), seeded())
    q[0].bias.data = torch.tensor([0.0, 0.0, 1.0, 0.0])
    agent = DQN(q, torch.optim.SGD(q.parameters(), lr=0.1), seeded())
    counts = np.bincount([agent.act(torch.ones(5), 0.4) for _ in range(4000)], minlength=4) / 4000
    np.testing.assert_allclose(counts, [0.1, 0.1, 0.7, 0.1], atol=0.03)


def test_the_memory_keeps_the_last_and_draws_each_alike():
    replay = Replay(4, seeded())
    for k in range(6):
        replay.add((torch.full((2,), float(k)), k, 0.5, torch.zeros(2), k % 2 == 0, False))
    seen, actions, rewards, _, terminated, ended = replay.draw(4000)
    assert seen.shape == (4000, 2) and torch.equal(seen[:, 0], actions.float())
    assert terminated.dtype == ended.dtype == torch.bool and set(rewards.tolist()) == {0.5}
    assert torch.equal(terminated, actions % 2 == 0)
    np.testing.assert_allclose(
        np.bincount(actions, minlength=6) / 1000, [0, 0, 1, 1, 1, 1], atol=0.1
    )


def test_an_episode_shows_its_last_observation_and_then_starts_anew():
    episodes = Episodes(Corridor(limit=2), seed=3)
    start = int(episodes.observation.argmax())
    first, second, third = (episodes.step(0) for _ in range(3))
    assert second[3].argmax() == max(start - 2, 0) and second[4:] == (False, True)
    assert first[4:] == (False, False) and torch.equal(second[0], first[3])
    assert episodes.returns == [pytest.approx(-0.1)]
    assert third[4:] == (False, False) and episodes.env.time == 1


def trajectory(rng, t=12):
    terminated, truncated = np.zeros(t, bool), np.zeros(t, bool)
    terminated[4], truncated[8] = True, True
    numbers = [torch.tensor(rng.normal(size=t)) for _ in range(3)]
    return *numbers, torch.tensor(terminated), torch.tensor(terminated | truncated)


def test_advantages_are_the_discounted_sum_of_errors_within_the_episode(rng):
    rewards, values, after, terminated, ended = trajectory(rng)
    found = advantages(rewards, values, after, terminated, ended, 0.9, 0.7)
    for t in range(12):
        total = 0.0
        for k in range(t, 12):
            later = 0.0 if terminated[k] else 0.9 * after[k]
            total += (0.9 * 0.7) ** (k - t) * (rewards[k] + later - values[k])
            if ended[k]:
                break
        assert found[t].item() == pytest.approx(float(total), rel=1e-12)


def test_without_decay_an_advantage_is_the_return_minus_the_value(rng):
    rewards, values, after, terminated, ended = trajectory(rng)
    # Where v(sₜ₊₁) is the value of the next row, the sum telescopes.
    after[:-1] = torch.where(ended[:-1], after[:-1], values[1:])
    found = advantages(rewards, values, after, terminated, ended, 0.9, 1.0)
    whole = sum(0.9**k * rewards[k] for k in range(5))  # ends by termination
    assert (found[0] + values[0]).item() == pytest.approx(whole.item(), rel=1e-12)
    cut = sum(0.9**k * rewards[5 + k] for k in range(4)) + 0.9**4 * after[8]  # by the clock
    assert (found[5] + values[5]).item() == pytest.approx(cut.item(), rel=1e-12)


def test_the_clipped_objective_has_no_gradient_where_it_clips():
    ratio = torch.tensor([0.7, 0.7, 1.0, 1.0, 1.3, 1.3], requires_grad=True)
    gains = torch.tensor([2.0, -2.0, 2.0, -2.0, 2.0, -2.0])
    value = clipped_objective(ratio, gains, 0.2)
    value.backward()
    # Too far in the direction that pays: nothing more to gain. Too far the wrong way: back.
    assert (ratio.grad * 6).tolist() == pytest.approx([2, 0, 2, -2, 0, -2])
    assert value.item() == pytest.approx((1.4 - 1.6 + 2 - 2 + 2.4 - 2.6) / 6)


def agent_for(inputs, actions, generator, lr=1e-3, **options):
    policy = network((inputs, 64, 64, actions), generator)
    value = network((inputs, 64, 64, 1), generator)
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=lr)
    return PPO(policy, value, optimizer, generator, **options)


def test_the_entropy_bonus_keeps_a_policy_undecided(rng):
    entropies = []
    for bonus in 0.0, 1.0:
        agent = agent_for(5, 2, seeded(), lr=5e-3, discount=DISCOUNT, bonus=bonus)
        agent.train(Corridor(limit=20), 4, horizon=256)
        _, entropy = agent.surprise(torch.eye(5)[:-1], torch.zeros(4, dtype=torch.long))
        entropies.append(entropy.item())
    assert entropies[0] < 0.2 and 0.4 < entropies[1] <= np.log(2) + 1e-6


def test_ppo_learns_the_way_and_the_values_of_the_corridor():
    agent = agent_for(5, 2, seeded(), lr=3e-3, discount=DISCOUNT, bonus=0.0)
    returns = agent.train(Corridor(limit=3), 12, horizon=256)
    with torch.no_grad():
        right = agent.policy(torch.eye(5)[:-1]).softmax(dim=1)[:, 1]
        values = agent.value(torch.eye(5)[:-1])[:, 0]
    assert (right > 0.95).all() and np.mean(returns[:20]) < 0.4
    np.testing.assert_allclose(values, optimal_values().max(axis=1), atol=0.05)


def test_ppo_learns_to_balance_a_pole(required):
    required("gymnasium")
    import gymnasium

    env = gymnasium.make("CartPole-v1")
    returns = agent_for(4, 2, seeded(1)).train(env, 22, seed=1)
    env.close()
    assert np.mean(returns[:20]) < 40 and np.mean(returns[-10:]) >= 150


def test_parameters_are_counted_and_drawn_by_the_generator():
    agent = agent_for(4, 2, seeded())
    policy, value = (sum(p.numel() for p in n.parameters()) for n in (agent.policy, agent.value))
    assert policy == 4 * 64 + 64 + 64 * 64 + 64 + 64 * 2 + 2 == 4610
    assert value == 4 * 64 + 64 + 64 * 64 + 64 + 64 + 1 == 4545
    same, other = network((4, 64, 64, 2), seeded()), network((4, 64, 64, 2), seeded(1))
    assert torch.equal(agent.policy[4].weight, same[4].weight)
    assert not torch.equal(agent.policy[4].weight, other[4].weight)
    p = agent.policy(torch.randn(50, 4, generator=seeded())).softmax(dim=1)
    assert (p - 0.5).abs().max() < 0.02


def test_a_seed_decides_the_whole_training():
    runs = []
    for _ in range(2):
        agent = agent_for(5, 2, seeded())
        runs.append((agent.train(Corridor(), 2, horizon=64), agent.policy[0].weight.detach()))
    assert runs[0][0] == runs[1][0] and torch.equal(runs[0][1], runs[1][1])


def test_columns_stack_the_parts_of_transitions():
    one, two = columns([(torch.ones(2), 3), (torch.zeros(2), 4)])
    assert one.tolist() == [[1, 1], [0, 0]] and two.tolist() == [3, 4]


Q = network((5, 2), seeded())
MISTAKES = {
    "discount must lie in [0, 1], got 1.5": lambda: DQN(Q, None, None, discount=1.5),
    "capacity and refresh must be at least 1, got capacity=0, refresh=200": lambda: DQN(
        Q, None, None, capacity=0
    ),
    "discount and decay must lie in [0, 1], got discount=0.99, decay=-1": lambda: PPO(
        Q, Q, None, None, decay=-1
    ),
    "clip must be > 0 and bonus >= 0, got clip=0, bonus=0.01": lambda: PPO(
        Q, Q, None, None, clip=0
    ),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes_are_named_in_the_error(message):
    with pytest.raises(ValueError) as found:
        MISTAKES[message]()
    assert message in str(found.value)

"""The same runs by ``torch.optim.SGD``, literally: PyTorch's conventions are the ones the docstrings say they are."""

import numpy as np
import pytest

from kdtheory import procedures as p

torch = pytest.importorskip("torch")

LAM = np.array([5.0, 2.0, 0.3, 0.0])
STEPS, STEP, MU = 12, 0.1, 0.7


def by_torch(steps=STEPS, start=0.0, target=1.0, history=False, **options):
    """Positions of SGD on the sum over modes of ``lam / 2 * (position - target)^2``."""
    position = torch.full((len(LAM),), start, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([position], lr=STEP, **options)
    positions = []
    for _ in range(steps):
        positions.append(position.detach().numpy().copy())
        optimizer.zero_grad()
        (0.5 * torch.tensor(LAM) * (position - target) ** 2).sum().backward()
        optimizer.step()
    final = position.detach().numpy()
    return (final, np.array(positions)) if history else final


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-14)


def test_momentum_is_the_heavy_ball():
    close(p.HeavyBall(STEPS, MU, STEP).gain(LAM), by_torch(momentum=MU))


def test_nesterov_is_the_look_ahead_point():
    theirs = by_torch(momentum=MU, nesterov=True)
    close(p.Nesterov(STEPS, MU, STEP, output="look-ahead").gain(LAM), theirs)
    assert np.abs(p.Nesterov(STEPS, MU, STEP).gain(LAM) - theirs).max() > 0.01


def test_weight_decay_is_the_decay_to_zero_of_the_same_number():
    procedure = p.WeightDecayDescent(STEPS, 0.6, STEP)
    theirs = by_torch(start=2.0, weight_decay=0.6)
    close(procedure.gain(LAM) + 2.0 * procedure.retain(LAM), theirs)


def test_the_average_is_over_the_positions_before_each_step():
    _, positions = by_torch(history=True)
    close(p.AveragedDescent(STEPS, STEP).gain(LAM), positions.mean(axis=0))


def test_an_average_updated_after_each_step_has_one_step_more():
    """The formula for ``torch.optim.swa_utils.AveragedModel`` in the docstring of `AveragedDescent`."""
    final, positions = by_torch(history=True)
    after = np.mean([*positions[1:], final], axis=0)
    close(p.AveragedDescent(STEPS + 1, STEP).gain(LAM) * (STEPS + 1) / STEPS, after)


def test_dampening_is_a_smaller_step_except_the_first():
    """Two runs that differ by the first step alone: the docstring of `HeavyBall`."""
    final = by_torch(momentum=MU, dampening=0.4)
    error, velocity = 1.0 - STEP * LAM, -STEP * LAM  # the first step, undamped
    for _ in range(STEPS - 1):
        velocity = MU * velocity - 0.6 * STEP * LAM * error
        error = error + velocity
    close(1 - error, final)
    damped = p.HeavyBall(STEPS - 1, MU, 0.6 * STEP).transition(LAM)
    first = STEP * LAM
    close(1 - (damped.position.position * (1 - first) - damped.position.memory * first), final)


@pytest.mark.parametrize("nesterov", [False, True])
def test_velocity_goes_on_when_the_target_changes(nesterov):
    position = torch.zeros(len(LAM), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([position], lr=STEP, momentum=MU, nesterov=nesterov)
    for target in [1.0] * 5 + [-2.0] * 7:
        optimizer.zero_grad()
        (0.5 * torch.tensor(LAM) * (position - target) ** 2).sum().backward()
        optimizer.step()
    family = (
        (lambda k: p.Nesterov(k, MU, STEP, output="look-ahead")) if nesterov else (lambda k: p.HeavyBall(k, MU, STEP))
    )
    state = np.zeros((2, len(LAM)))
    for steps, target in ((5, 1.0), (7, -2.0)):
        rows = family(steps).transition(LAM)
        state = np.array([row.position * state[0] + row.memory * state[1] + row.target * target for row in rows])
    close(state[0], position.detach().numpy())

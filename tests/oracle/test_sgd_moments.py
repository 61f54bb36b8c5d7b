"""The moments of SGD against all sample paths, against seeds of ``simulate``, and against theory written per sample."""

import itertools

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import risk


def draw(*shape, seed=0):
    return np.random.default_rng((seed, *shape)).standard_normal(shape)


def paths(features, targets, start, step_size, steps, size):
    """Weights at the end of every possible run, shape (runs, p, outputs), all of them equally likely."""
    samples = len(features)
    ends = []
    for draws in itertools.product(range(samples), repeat=size * steps):
        weights = start.copy()
        for batch in np.reshape(draws, (steps, size)):
            gradient = sum(np.outer(features[i], features[i] @ weights - targets[i]) for i in batch)
            weights = weights - step_size * samples / size * gradient
        ends.append(weights)
    return np.stack(ends)


@pytest.mark.parametrize("steps, size", [(1, 1), (1, 3), (2, 2), (4, 1), (5, 1)])
def test_moments_are_those_of_all_sample_paths(steps, size):
    features, targets = draw(3, 2), draw(3, 2, seed=1)
    start = draw(2, 2)
    ends = paths(features, targets, start, 0.17, steps, size)
    batch = kd.Minibatch(size, replace=True)
    found = risk.sgd_moments(features, targets, step_size=0.17, steps=steps, batch=batch, start=start)
    np.testing.assert_allclose(found.mean, ends.mean(axis=0), rtol=1e-12)
    centred = ends - ends.mean(axis=0)
    covariance = np.einsum("rpo,rqo->opq", centred, centred) / len(ends)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-11, atol=1e-13)
    second = np.einsum("rpo,rqo->opq", ends, ends) / len(ends)
    np.testing.assert_allclose(found.second_moment, second, rtol=1e-11, atol=1e-13)
    points = draw(4, 2)
    np.testing.assert_allclose(found.variance_at(points), (points @ ends).var(axis=0), rtol=1e-11)
    losses = 0.5 * np.sum((features @ ends - targets) ** 2, axis=(1, 2))
    at_mean = 0.5 * np.sum((features @ found.mean - targets) ** 2)
    np.testing.assert_allclose(found.excess_loss(features), losses.mean() - at_mean, rtol=1e-11)


@pytest.mark.parametrize("size", [1, 4])
def test_simulated_seeds_have_these_moments(size):
    """4000 seeds, two outputs: every entry of mean and covariance within 4 standard errors (of 18 entries)."""
    seeds, steps, step_size = 4000, 25, 0.02
    features, batch = draw(6, 3), kd.Minibatch(size, replace=True)
    labels, teacher = draw(6, 2), draw(3, 2)
    targets, start = 0.4 * labels + 0.6 * features @ teacher, draw(3, 2, seed=1)
    task = kd.tasks.from_arrays(features, targets)
    fit = kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps, step_size)), start=kd.Start(weights=start))
    runs = kd.simulate(kd.Recipe(teacher=fit), kd.LinearModel(), task, batch=batch, seeds=range(seeds))["teacher"]
    found = risk.sgd_moments(features, targets, step_size=step_size, steps=steps, batch=batch, start=start)
    centred = runs.weights - found.mean
    products = np.einsum("spo,sqo->sopq", centred, centred)
    for draws, expected in [(runs.weights, found.mean), (products, found.covariance)]:
        error = draws.std(axis=0) / np.sqrt(seeds)
        assert np.abs((draws.mean(axis=0) - expected) / error).max() < 4
        assert (error < 0.1 * np.abs(expected).max()).all()  # so that the test has something to say


@pytest.mark.parametrize("size", [1, 3])
def test_the_stationary_covariance_solves_the_equation_of_theory(size):
    """THEORY C7d as printed: per sample, ``M = E[(I - eta A) M (I - eta A)] + eta^2 E[r^2 x x^T]``, eta = n step_size.

    For batches, A is the mean of ``x x^T`` over the batch, and r^2 x x^T that of r x, squared.
    """
    samples, step_size = 4, 0.02
    features, targets = draw(samples, 2), draw(samples)
    best = np.linalg.lstsq(features, targets)[0]
    eta, batches = samples * step_size, list(itertools.product(range(samples), repeat=size))
    lines, noise = np.zeros((4, 4)), np.zeros((2, 2))
    for batch in batches:
        chosen = features[list(batch)]
        shrink = np.eye(2) - eta * chosen.T @ chosen / size
        push = chosen.T @ (chosen @ best - targets[list(batch)]) / size
        lines += np.kron(shrink, shrink) / len(batches)
        noise += eta**2 * np.outer(push, push) / len(batches)
    literal = np.linalg.solve(np.eye(4) - lines, noise.ravel()).reshape(2, 2)
    batch = kd.Minibatch(size, replace=True)
    found = risk.sgd_stationary(features, targets, step_size=step_size, batch=batch)
    np.testing.assert_allclose(found.covariance[0], literal, rtol=1e-11)
    np.testing.assert_allclose(found.mean[:, 0], best, rtol=1e-11)


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("samples, width", [(5, 2), (4, 3)])
def test_the_step_limit_is_where_the_second_moment_starts_to_grow(size, samples, width):
    """Spectral radius of the map of second moments, its matrix written out over all batches."""
    features = draw(samples, width)
    limit = risk.sgd_step_limit(features, kd.Minibatch(size, replace=True))

    def radius(step_size):
        total = np.zeros((width**2, width**2))
        for batch in itertools.product(range(samples), repeat=size):
            chosen = features[list(batch)]
            shrink = np.eye(width) - step_size * samples / size * chosen.T @ chosen
            total += np.kron(shrink, shrink)
        return np.abs(np.linalg.eigvals(total / samples**size)).max()

    assert radius(limit) == pytest.approx(1, abs=1e-10)
    assert radius(0.99 * limit) < 1 < radius(1.01 * limit)

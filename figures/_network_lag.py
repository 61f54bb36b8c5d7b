"""Lag of a distilled network behind a one-hot network that has come equally far on a leading mode."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.stats

import kdtheory as kd


def lag_in_networks(settings: Any, task: Any, spectrum: Any, exact: Any) -> dict[str, Any]:
    """Student over one-hot gain on the modes below the leading one, when both have come equally far on that.

    The one-hot run is a network with the student's initialization, stopped after several numbers of steps.
    """
    stops = np.unique(np.geomspace(1, settings.steps, 16).astype(int))
    phases = {f"onehot_{k}": kd.Phase(kd.labels, kd.GradientDescent(steps=int(k))) for k in stops}
    whole = kd.GradientDescent(steps=settings.steps)
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, whole)),
        student=kd.Fit(kd.Phase(kd.output_of("teacher"), whole)),
        **{name: kd.Fit(phase, stream="student") for name, phase in phases.items()},
    )
    network = kd.networks.MLP(settings.lag_width, settings.depth, parametrization="ntk")
    nets = kd.train(recipe, network, task, seeds=range(settings.seeds))
    gains = {name: np.asarray(nets[name].on(spectrum).gains) for name in recipe if name != "teacher"}
    start = np.zeros(spectrum.size)
    behind = slice(settings.leading + 1, settings.leading + 1 + settings.lag_modes)
    ratios = []
    for seed in range(settings.seeds):
        path = np.stack([start, *(gains[name][seed] for name in phases)])
        ratios.append(kd.measures.lag(gains["student"][seed], path, leading=settings.leading).ratio[behind])
    own = kd.measures.lag(exact["student"], kd.GradientFlow, leading=settings.leading).ratio[behind]
    means = np.mean(ratios, axis=1)
    half = float(scipy.stats.t.ppf(0.975, len(means) - 1) * scipy.stats.sem(means))
    return {
        "width": settings.lag_width,
        "leading": settings.leading,
        "modes": settings.lag_modes,
        "mean": float(means.mean()),
        "low": float(means.mean()) - half,
        "high": float(means.mean()) + half,
        "behind": int(np.sum(np.asarray(ratios) < 1)),
        "pairs": int(np.size(ratios)),
        "closed_form": float(np.mean(own)),
    }

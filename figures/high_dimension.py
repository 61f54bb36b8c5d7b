"""Risk in high dimension: isotropic inputs, other covariances, and the best surrogate labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import GUIDE, Dataset, canvas, drawn_points, house_style, label, level, limit_line, role, title

ID = "high-dimension"
TITLE = "Risk in high dimension: where distillation beats tuned ridge, and where it cannot"
CLAIMS = ("isotropic-limit", "two-stage-ridge-is-an-ensemble", "anisotropic-limit", "optimal-surrogate")
FILTERS = ("ridge", "ridge_by_ridge", "flow_by_flow")


@dataclass(frozen=True)
class Settings:
    """Two levels of eigenvalues with all signal on the larger; a power law for the interpolator."""

    aspect_ratio: float = 0.5
    noise_variance: float = 0.5
    weak: float = 0.1
    samples: int = 200
    draws: int = 4
    shown: int = 5
    points: int = 61
    range: tuple[float, float] = (0.02, 5.0)
    interpolator_samples: int = 200
    interpolator_features: int = 500
    interpolator_noise: float = 0.1
    eigenvalue_exponent: float = 1.0
    signal_exponent: float = 1.5
    interpolator_draws: int = 20


SMALL = Settings(samples=30, draws=2, shown=2, points=9, interpolator_samples=20, interpolator_features=50)
QUICK = Settings()
FULL = Settings(samples=800, draws=20, shown=9, interpolator_draws=200)
TOLERANCES = {
    "tuned_isotropic": {"relative": 1e-6},
    "tuned_ridge": {"relative": 1e-6},
    "tuned_student": {"relative": 1e-6},
    "true_labels": {"relative": 1e-6},
    "best_labels": {"relative": 1e-6},
    "balance": {"relative": 1e-6},
    "true_labels_drawn": {"relative": 1e-5},
    "best_labels_drawn": {"relative": 1e-5},
}


def compute(settings: Settings) -> Dataset:
    """Limits on a grid of penalties, exact risks given inputs that are drawn, and the surrogate of a power law."""
    grid = np.geomspace(*settings.range, settings.points)
    few = np.geomspace(settings.range[0] * 1.5, settings.range[1] / 1.5, settings.shown)
    alike, apart = (_population(settings, weak) for weak in (1.0, settings.weak))
    mixing = kd.risk.oracle_proportional_mixing(apart, few, few)
    isotropic = np.array([[float(_isotropic(settings, name, c)) for c in grid] for name in FILTERS])
    ridge = kd.risk.proportional_risk(apart, grid[:, None])
    best = kd.risk.oracle_proportional_mixing(apart, grid, grid)
    student = kd.risk.proportional_distillation_risk(apart, grid, grid, best)
    drawn = [_drawn(settings, alike, _chains(settings, few)), _drawn(settings, apart, _mixtures(settings, few, mixing))]
    surrogate, numbers = _surrogate(settings)
    tuned = settings.aspect_ratio * settings.noise_variance
    low = _lowest(lambda c: kd.risk.proportional_risk(apart, c), settings)
    taught = _lowest(
        lambda c: kd.risk.proportional_distillation_risk(apart, c, c, kd.risk.oracle_proportional_mixing(apart, c, c)),
        settings,
    )
    return Dataset(
        arrays={
            "isotropic": (("filter", "penalty"), isotropic),
            "anisotropic": (("model", "penalty"), np.stack([ridge, student])),
            "isotropic_drawn": (("filter", "shown", "moment"), drawn[0]),
            "anisotropic_drawn": (("model", "shown", "moment"), drawn[1]),
            "amplification": (("eigenvalue",), surrogate),
        },
        coordinates={
            "filter": FILTERS,
            "model": ("ridge", "student"),
            "penalty": grid,
            "shown": few,
            "eigenvalue": numbers.pop("eigenvalue"),
        },
        numbers={
            "aspect_ratio": settings.aspect_ratio,
            "noise_variance": settings.noise_variance,
            "weak": settings.weak,
            "samples": settings.samples,
            "draws": settings.draws,
            "tuned_penalty": tuned,
            "tuned_isotropic": float(kd.risk.proportional_risk(alike, tuned)),
            "tuned_ridge": low[1],
            "tuned_ridge_penalty": low[0],
            "tuned_student": taught[1],
            "tuned_student_penalty": taught[0],
            "gain": 1.0 - taught[1] / low[1],
            **numbers,
        },
    )


def _population(settings: Settings, weak: float) -> kd.risk.Population:
    """Half of the features have each eigenvalue; signal on the larger only, unless they are alike."""
    signal = [1.0, 0.0] if weak < 1.0 else [0.5, 0.5]
    return kd.risk.Population([1.0, weak], signal, settings.aspect_ratio, settings.noise_variance)


def _isotropic(settings: Settings, name: str, penalty: float) -> Any:
    ridge, flow = kd.Ridge(penalty).gain, kd.GradientFlow(1.0 / penalty).gain
    gains = {
        "ridge": ridge,
        "ridge_by_ridge": lambda x: ridge(x) ** 2,
        "flow_by_flow": lambda x: flow(x) ** 2,
    }
    return kd.risk.isotropic_risk(gains[name], settings.aspect_ratio, settings.noise_variance)


def _chains(settings: Settings, penalties: Any) -> list[list[tuple[Any, str]]]:
    """For each filter and penalty the recipe and the fit that is looked at."""
    ridges = [kd.Ridge(settings.samples * c) for c in penalties]
    flows = [kd.GradientFlow(1.0 / (settings.samples * c)) for c in penalties]
    taught = [[kd.self_distillation(run, run) for run in runs] for runs in (ridges, flows)]
    return [
        [(recipe, "teacher") for recipe in taught[0]],
        [(recipe, "student") for recipe in taught[0]],
        [(recipe, "student") for recipe in taught[1]],
    ]


def _mixtures(settings: Settings, penalties: Any, mixing: Any) -> list[list[tuple[Any, str]]]:
    ridges = [kd.Ridge(settings.samples * c) for c in penalties]
    recipes = [kd.self_distillation(run, run, mixing=float(m)) for run, m in zip(ridges, mixing, strict=True)]
    return [[(recipe, name) for recipe in recipes] for name in ("teacher", "student")]


def _drawn(settings: Settings, population: kd.risk.Population, chains: list[list[tuple[Any, str]]]) -> Any:
    """Mean and standard error over draws of the exact risk given the inputs."""
    features = round(settings.samples * settings.aspect_ratio)
    lam = np.repeat(population.eigenvalues, [features - features // 2, features // 2])
    power = np.repeat(population.strengths, [features - features // 2, features // 2])
    power = power / power.sum() * population.power
    risks = np.empty((settings.draws, len(chains), len(chains[0])))
    for draw in range(settings.draws):
        task = kd.tasks.regression(
            lam, np.sqrt(power), train=settings.samples, test=0, noise_variance=settings.noise_variance, seed=draw
        )
        for row, chain in enumerate(chains):
            for column, (recipe, name) in enumerate(chain):
                fit = kd.solve(recipe, kd.LinearModel(), task)[name]
                risks[draw, row, column] = kd.risk.decompose(fit, on="population").total
    return np.stack([risks.mean(axis=0), risks.std(axis=0, ddof=1) / np.sqrt(settings.draws)], axis=-1)


def _lowest(risk: Any, settings: Settings) -> tuple[float, float]:
    """Penalty of least risk, and that risk: the best of a fine grid, polished, for there may be several minima."""
    from scipy.optimize import minimize_scalar

    low, high = np.log(settings.range)
    grid = np.linspace(low, high, 401)
    place = int(np.clip(np.argmin([float(risk(np.exp(log))) for log in grid]), 1, 399))
    around = (grid[place - 1], grid[place + 1])
    found = minimize_scalar(
        lambda log: float(risk(np.exp(log))), bounds=around, method="bounded", options={"xatol": 1e-10}
    )
    return float(np.exp(found.x)), float(found.fun)


def _surrogate(settings: Settings) -> tuple[Any, dict[str, Any]]:
    """Best factors for a power law, risks in the limit and as drawn."""
    size, noise = settings.interpolator_features, settings.interpolator_noise
    lam = kd.tasks.power_law(size, exponent=settings.eigenvalue_exponent)
    power = np.arange(1.0, size + 1.0) ** -settings.signal_exponent
    power = power / power.sum()
    population = kd.risk.Population(lam, power / lam, size / settings.interpolator_samples, noise)
    kappa, best = kd.risk.effective_penalty(population, 0.0), kd.risk.oracle_surrogate(population)
    kept = lam / (lam + kappa)
    shared = np.sum(kept**2) / settings.interpolator_samples
    truth, generator = np.sqrt(power / lam), np.random.default_rng(0)
    risks = np.empty((settings.interpolator_draws, 2))
    for draw in range(settings.interpolator_draws):
        inputs = generator.standard_normal((settings.interpolator_samples, size)) * np.sqrt(lam)
        errors = np.sqrt(noise) * generator.standard_normal(settings.interpolator_samples)
        labels = np.stack([inputs @ truth + errors, inputs @ (truth * best) + errors], axis=-1)
        weights = inputs.T @ np.linalg.solve(inputs @ inputs.T, labels)
        risks[draw] = np.sum(lam[:, None] * np.square(weights - truth[:, None]), axis=0)
    mean, error = risks.mean(axis=0), risks.std(axis=0, ddof=1) / np.sqrt(len(risks))
    return best, {
        "eigenvalue": lam / kappa,
        "balance": float(shared / (1.0 - shared)),
        "amplified": int(np.sum(best > 1.0)),
        "interpolator_samples": settings.interpolator_samples,
        "interpolator_features": size,
        "interpolator_draws": settings.interpolator_draws,
        "true_labels": float(kd.risk.surrogate_risk(population)),
        "best_labels": float(kd.risk.surrogate_risk(population, best)),
        "true_labels_drawn": float(mean[0]),
        "best_labels_drawn": float(mean[1]),
        "true_labels_error": float(error[0]),
        "best_labels_error": float(error[1]),
    }


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: isotropic. Middle: two eigenvalues. Right: factors of the best surrogate."""
    figure, (left, middle, right) = canvas(3, height=3.0)
    looks, n = ("teacher", "student", "control"), dataset.numbers
    for axes, kind, heading, letter in (
        (left, "isotropic", "Isotropic", "a"),
        (middle, "anisotropic", "Two eigenvalues", "b"),
    ):
        for name, line, points in zip(looks, dataset[kind], dataset[f"{kind}_drawn"], strict=False):
            limit_line(axes, dataset["penalty"], line, name)
            drawn_points(axes, dataset["shown"], points[:, 0], points[:, 1], name)
        axes.set_xscale("log")
        axes.set_xlabel("penalty per sample, or 1 / time")
        title(axes, heading, letter)
    left.set_ylabel("risk")
    middle.set_xlabel("penalty per sample")
    level(left, y=n["tuned_isotropic"])
    level(middle, y=n["tuned_ridge"])
    _name_lines(left, dataset, ("ridge", "ridge by ridge", "flow by flow"))
    _name_minima(middle, dataset)
    _draw_surrogate(right, dataset)
    return figure


def _name_lines(axes: Any, dataset: Dataset, words: tuple[str, ...]) -> None:
    looks = ("teacher", "student", "control")
    handles = [axes.plot([], [], **role(name).curve, label=text)[0] for name, text in zip(looks, words, strict=True)]
    axes.legend(handles=handles, loc="upper center", handlelength=2.2, borderaxespad=0.0, labelspacing=0.25)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.12 * (high - low))
    at = (dataset["penalty"][-1], dataset.numbers["tuned_isotropic"])
    label(axes, "tuned ridge", at, (0, 1), ha="right", color=GUIDE, fontsize=7.5)


def _name_minima(axes: Any, dataset: Dataset) -> None:
    n = dataset.numbers
    looks, words = ("teacher", "student"), ("ridge", "student with the same\npenalty, best mixing")
    handles = [axes.plot([], [], **role(name).curve, label=text)[0] for name, text in zip(looks, words, strict=True)]
    axes.legend(handles=handles, loc="upper center", handlelength=2.2, borderaxespad=0.0, labelspacing=0.25)
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.set_ylim(low * 0.8, high * 1.35)
    ticks = [tick for tick in (0.05, 0.1, 0.2, 0.3, 0.5, 1.0) if low * 0.8 <= tick <= high * 1.35]
    axes.yaxis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.yaxis.set_ticks([], minor=True)
    least = (n["tuned_student_penalty"], n["tuned_student"])
    label(axes, f"least {n['tuned_student']:.3f}", least, (0, -5), color=role("student").ink, fontsize=7.5)
    text = f"dotted: tuned ridge {n['tuned_ridge']:.3f}"
    axes.text(0.98, 0.02, text, transform=axes.transAxes, ha="right", color=GUIDE, fontsize=7.5)


def _draw_surrogate(axes: Any, dataset: Dataset) -> None:
    n, x, y = dataset.numbers, dataset["eigenvalue"], dataset["amplification"]
    limit_line(axes, x, y, "teacher")
    level(axes, x=n["balance"], y=1.0)
    axes.set_xscale("log")
    axes.set_xlabel("eigenvalue / effective penalty")
    axes.set_ylabel("best surrogate / truth")
    label(axes, "W", (n["balance"], float(y.min())), (4, 4), color=GUIDE)
    text = f"risk of an interpolator\ntrue labels {n['true_labels']:.3f}\nbest labels {n['best_labels']:.3f}"
    axes.text(0.97, 0.06, text, transform=axes.transAxes, ha="right", fontsize=7.5)
    title(axes, "What to teach", "c")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    return (
        f"Lines: limits for {n['aspect_ratio']:g} features per sample and noise variance {n['noise_variance']:g}. "
        f"Markers: the exact risk given the inputs on average over {n['draws']} draws of {n['samples']} samples, with "
        f"two standard errors. (a) All directions alike: no filter has a risk below {n['tuned_isotropic']:.3f}, that "
        f"of ridge with the penalty {n['tuned_penalty']:.2f}; flow runs as long as 1 / penalty. (b) Half of the "
        f"directions have the eigenvalue {n['weak']:g} and no signal: a student with its teacher's penalty and the "
        f"best mixing reaches {n['tuned_student']:.4f} at the penalty {n['tuned_student_penalty']:.2f}, "
        f"{100 * n['gain']:.1f} % below the best ridge ({n['tuned_ridge']:.4f} at {n['tuned_ridge_penalty']:.2f}); "
        f"where ridge is tuned the two meet. (c) Least-norm interpolation of {n['interpolator_samples']} samples with "
        f"{n['interpolator_features']} features, eigenvalues of a power law: the best surrogate amplifies the truth in "
        f"the {n['amplified']} strongest directions, where the eigenvalue over the effective penalty is above W = "
        f"{n['balance']:.3f}, and shrinks it in all others. Risk with true labels {n['true_labels']:.3f} (drawn: "
        f"{n['true_labels_drawn']:.3f}, standard error {n['true_labels_error']:.3f}), with the best surrogate "
        f"{n['best_labels']:.3f} (drawn: {n['best_labels_drawn']:.3f}, standard error {n['best_labels_error']:.3f})."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    n = dataset.numbers
    return (
        "Three panels. Left: risk against penalty for ridge, ridge taught by ridge and flow taught by flow; all curves "
        "stay at or above the level of tuned ridge. Middle: with two eigenvalues a student of best mixing is at or "
        "below ridge everywhere and dips below the level of tuned ridge. Right: the factor of the best surrogate falls "
        "from above one at strong directions to zero at weak ones, and crosses one where the eigenvalue ratio is "
        f"{n['balance']:.2f}."
    )

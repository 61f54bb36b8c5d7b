"""C12: what survives when teacher and student have different kernels: the spectrum of the product of their filters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.measures import product_eigenvalues
from kdtheory.testing import Case, Margin, linear, logarithmic, tolerance
from kdtheory.testing.seeded import seeded

Array = NDArray[np.float64]
SIZE = 5


@dataclass(frozen=True)
class Filters(Case):
    """Two filters on five points: eigenvectors apart by ``turn`` (near 0: alike), gains over some decades."""

    seed: Annotated[Any, linear(0.0, 1e9, simple=0.0)]
    turn: Annotated[Any, logarithmic(1e-3, 1e2, simple=1.0)]
    decades: Annotated[Any, linear(0.1, 3.0, simple=1.0)]

    @cached_property
    def _random(self) -> Array:
        return seeded(self.seed, 4, SIZE, SIZE, draw=np.random.Generator.random)

    @property
    def gains(self) -> tuple[Array, Array]:
        """Of the student and of the teacher, falling, between 0 and 1."""
        exponents = -self.per_mode(self.decades) * self._random[..., 3, 0, :], -self.per_mode(self.decades) * self._last
        return np.sort(10.0 ** exponents[0])[..., ::-1], np.sort(10.0 ** exponents[1])[..., ::-1]

    @property
    def _last(self) -> Array:
        return self._random[..., 3, 1, :]

    @property
    def bases(self) -> tuple[Array, Array]:
        """Eigenvectors of the student's filter and of the teacher's, in columns."""
        own = np.linalg.qr(self._random[..., 0, :, :] - 0.5)[0]
        turn = np.asarray(self.turn)[..., None, None]
        return own, np.linalg.qr(own + turn * (self._random[..., 1, :, :] - 0.5))[0]

    @property
    def filters(self) -> tuple[Array, Array]:
        """Student's and teacher's."""
        student, teacher = (
            (basis * gain[..., None, :]) @ np.swapaxes(basis, -1, -2)
            for basis, gain in zip(self.bases, self.gains, strict=True)
        )
        return student, teacher

    @property
    def labels(self) -> Array:
        """Five numbers per case."""
        return self._random[..., 2, 0, :] - 0.5


@dataclass(frozen=True)
class Formulas:
    """Eigenvalues, their product, the bound on their sum, the majorant of partial products, and the expected square."""

    spectrum: Callable[..., Array] = product_eigenvalues
    determinant: Callable[..., Array] = lambda student, teacher: np.sum(np.log(student) + np.log(teacher), axis=-1)
    trace: Callable[..., Array] = lambda student, teacher: np.minimum(np.sum(student, -1), np.sum(teacher, -1))
    majorant: Callable[..., Array] = lambda student, teacher: np.cumsum(np.log(student) + np.log(teacher), axis=-1)
    expected: Callable[..., Array] = lambda overlaps, teacher: np.sum(overlaps**2 * teacher[..., None, :] ** 2, axis=-1)


def margins(case: Filters, formulas: Formulas) -> Margin:
    """Eigenvalues of the product as a general matrix against the formulas; sizes of outputs."""
    (student, teacher), (own, other), gains = case.filters, case.bases, case.gains
    # A general solver knows nothing of symmetry; its error is amplified by the root of the condition.
    literal = np.linalg.eigvals(student @ teacher)
    slack = tolerance(SIZE**2, 10.0 ** (np.asarray(case.decades) / 2.0))
    fine = tolerance(SIZE**2, 10.0 ** np.asarray(case.decades))
    found = formulas.spectrum(student, teacher)
    ordered = np.sort(literal.real, axis=-1)[..., ::-1]
    partial = np.cumsum(np.log(found), axis=-1)
    majorant = formulas.majorant(*gains)
    taught = np.squeeze(teacher @ case.labels[..., None], -1)
    outputs = np.squeeze(student @ taught[..., None], -1)
    overlaps = np.swapaxes(own, -1, -2) @ other
    squares = np.sum((np.swapaxes(own, -1, -2) @ teacher) ** 2, axis=-1)
    expected = formulas.expected(overlaps, gains[1])
    return Margin(
        real=Margin.within(np.max(np.abs(literal.imag), axis=-1), slack).values,
        eigenvalues=Margin.within(np.max(np.abs(ordered - found), axis=-1), slack).values,
        not_negative=np.min(found, axis=-1),
        at_most_one=1.0 - np.max(found, axis=-1) + slack,
        determinant=Margin.within(partial[..., -1] - formulas.determinant(*gains), SIZE * fine).values,
        trace=np.log(formulas.trace(*gains) / np.sum(found, axis=-1)) + slack,
        majorized=np.min(majorant - partial, axis=-1) + SIZE * fine,
        smaller_than_taught=np.log(np.sum(taught**2, axis=-1) / np.sum(outputs**2, axis=-1)) + slack,
        expected=Margin.within(np.max(np.abs(np.log(squares / expected)), axis=-1), fine**1.0 * SIZE).values,
    )


@dataclass(frozen=True)
class Pair:
    """Two matrices of the plane in place of the filters."""

    student: tuple[tuple[float, float], tuple[float, float]]
    teacher: tuple[tuple[float, float], tuple[float, float]]


def spectrum_margin(case: Pair) -> Margin:
    """How far the eigenvalues of the product are inside the interval from 0 to 1, less their imaginary part."""
    found = np.linalg.eigvals(np.asarray(case.student) @ np.asarray(case.teacher))
    inside = np.min(np.minimum(found.real, 1.0 - found.real))
    return Margin(inside=inside - 2.0 * np.max(np.abs(found.imag)))


_TILTED = ((0.5, 0.3), (0.3, 0.5))
COUNTEREXAMPLES = (
    Counterexample(
        "overshooting-gains",
        violates="contractions",
        words="With a gain of 1.9 (one long descent step) the product amplifies a direction.",
        case=Pair(((1.9, 0.0), (0.0, 0.5)), _TILTED),
        restored=Pair(((0.9, 0.0), (0.0, 0.5)), _TILTED),
        margin=-0.05607017003965509,
        check=spectrum_margin,
    ),
    Counterexample(
        "negative-gains",
        violates="semidefinite",
        words="Gains below zero in both filters (momentum on its way back) turn eigenvalues into a complex pair: the "
        "rounds would rotate.",
        case=Pair(((0.9, 0.0), (0.0, -0.6)), ((-0.1, 0.5), (0.5, 0.1))),
        restored=Pair(((0.9, 0.0), (0.0, 0.6)), _TILTED),
        margin=-0.8092342950312252,
        check=spectrum_margin,
    ),
    Counterexample(
        "skew-operator",
        violates="symmetric",
        words="Operators that are not symmetric (a student on other inputs) can rotate.",
        case=Pair(((0.6, 0.4), (-0.4, 0.6)), ((0.9, 0.0), (0.0, 0.8))),
        restored=Pair(((0.6, 0.4), (0.4, 0.6)), ((0.9, 0.0), (0.0, 0.8))),
        margin=-0.18616566017507852,
        check=spectrum_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate(
        "spectrum-of-the-mean",
        "eigenvalues of the mean",
        spectrum=lambda s, t: np.linalg.eigvalsh(s + t)[..., ::-1] / 2,
    ),
    mutate("spectrum-exponent", "roots not squared", spectrum=lambda s, t: np.sqrt(product_eigenvalues(s, t))),
    mutate("determinant-sign", "determinants divide", determinant=lambda s, t: np.sum(np.log(s) - np.log(t), axis=-1)),
    mutate("determinant-factor", "the student's alone", determinant=lambda s, t: np.sum(np.log(s), axis=-1)),
    mutate("trace-of-products", "gains in reverse order", trace=lambda s, t: np.sum(s * t[..., ::-1], axis=-1)),
    mutate(
        "majorant-reverse", "products in reverse order", majorant=lambda s, t: np.cumsum(np.log(s * t[..., ::-1]), -1)
    ),
    mutate("majorant-exponent", "squares of products", majorant=lambda s, t: 2.0 * np.cumsum(np.log(s * t), axis=-1)),
    mutate("expected-exponent", "gains not squared", expected=lambda o, t: np.sum(o**2 * t[..., None, :], axis=-1)),
    mutate(
        "expected-overlaps", "overlaps not squared", expected=lambda o, t: np.sum(np.abs(o) * t[..., None, :] ** 2, -1)
    ),
)


def _simulation() -> Margin:
    """Descent in JAX on two kernels: labels one by one give the operator, with the eigenvalues of the filters."""
    import kdtheory as kd

    size = 4
    inputs = np.random.default_rng(3).standard_normal((size, 2))
    task = kd.tasks.from_arrays(inputs, np.eye(size))
    kernels = kd.KernelModel(kd.kernels.RBF(gamma=0.3)), kd.KernelModel(kd.kernels.Laplace(gamma=1.0))
    run = kd.GradientDescent(steps=5, step_size=0.2)
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, run), model=kernels[1]),
        student=kd.Fit(kd.Phase(kd.output_of("teacher"), run), model=kernels[0]),
    )
    # One output per label: the student's values are its operator.
    operator = np.asarray(kd.simulate(recipe, kernels[0], task)["student"].train)
    spectra = [model.spectrum(task) for model in kernels]
    filters = [s.basis @ np.diag(run.gain(s.eigenvalues)) @ s.basis.T for s in spectra]
    literal = np.linalg.eigvals(operator)
    found = np.sort(literal.real)[::-1] - product_eigenvalues(*filters)
    slack = tolerance(size**2 * 5, 100.0)
    return Margin(
        real=Margin.within(np.max(np.abs(literal.imag)), slack).values,
        eigenvalues=Margin.within(np.max(np.abs(found)), slack).values,
    )


@claim(
    id="cross-kernel-spectrum",
    title="With different kernels no direction is amplified, and the product of the gains bounds what is left",
    topic="kernels and width",
    source="derived here; log-majorization is Horn's inequality for singular values, horn1950",
    figure="cross-kernel",
    statement=r"""Let the student's and the teacher's filters $A_S, A_T$ be symmetric with eigenvalues (gains) from 0 to
1, $\alpha_1 \ge \dots \ge \alpha_n$ and $\beta_1 \ge \dots \ge \beta_n$, on any two kernels. The eigenvalues
$\mu_1 \ge \dots \ge \mu_n$ of $A_S A_T$ are those of $A_S^{1/2} A_T A_S^{1/2}$: real and in $[0, 1]$, with
\[ \prod_{i \le k} \mu_i \le \prod_{i \le k} \alpha_i \beta_i, \quad \text{with equality at } k = n, \qquad
   \sum_i \mu_i \le \min\Bigl(\sum_i \alpha_i, \sum_i \beta_i\Bigr). \]
The student's outputs are no larger than the teacher's. For labels $y$ with mean zero and covariance $I$ the teacher's
output has, along the student's eigenvector $v_j$,
\[ E \langle v_j, A_T y \rangle^2 = \sum_k \langle v_j, u_k \rangle^2\, \beta_k^2. \]""",
    words="Distillation across kernels is a product of two filters that need not commute. It never amplifies and never "
    "rotates, and with the same eigenvectors in the same order it is the most unequal it can be: turning the kernels "
    "against each other evens the gains out. What does not survive is any statement mode by mode.",
    assumptions={
        "squared-loss": "Both models are linear in their parameters and the loss is squared error.",
        "same-inputs": "Teacher and student are trained on the same inputs.",
        "symmetric": "Both filters are symmetric: each is a function of one Gram matrix.",
        "semidefinite": "No gain is negative.",
        "contractions": "No gain is above 1.",
        "isotropic-labels": "The labels have covariance I: for the expected square.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def cross_kernel_spectrum(case: Filters) -> Margin:
    """Margins of the eigenvalues, their products and sums, and of the sizes of outputs."""
    return margins(case, Formulas())

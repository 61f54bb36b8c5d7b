"""The neural tangent kernel of one network as it stands: inner products of its gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.networks.backend import require_torch
from kdtheory.networks.base import Network
from kdtheory.networks.streams import generator
from kdtheory.tasks import Task
from kdtheory.validation import count, describe, finite_array

if TYPE_CHECKING:
    import torch

Array = NDArray[np.float64]
Kernel = NDArray[np.float64]

_NUMBERS = 2**26
"""In one block of gradients: 512 MiB."""


def initialized(network: Network, task: Task, *, seed: int = 0, stream: str = "teacher") -> torch.nn.Module:
    """The module, in float64, that `train` starts from: weights depend on the seed and the stream only.

    Parameters
    ----------
    network : Network
    task : Task
        Gives the numbers of inputs and outputs.
    seed : int
    stream : str
        A fit's ``stream``, or its name where it has none.

    >>> import kdtheory as kd
    >>> module = initialized(kd.networks.MLP(width=8, depth=1), kd.tasks.digits(train=20))
    >>> [tuple(weight.shape) for weight in module.parameters()]
    [(8, 64), (8,), (10, 8), (10,)]
    """
    if not isinstance(network, Network):
        fix = "pass for example MLP(width=512)"
        raise InvalidArgument("network", expected="a network", got=describe(network), fix=fix)
    if not isinstance(task, Task) or task.outputs is None:
        fix = "use kd.tasks.from_arrays(X, y)"
        raise InvalidArgument("task", expected="a task with targets", got=describe(task), fix=fix)
    network.refuse(task.inputs, "inputs")
    checked = count("seed", seed, at_most=2**32 - 1)
    require_torch()
    return network.build(task.inputs.shape[1], task.outputs, generator(checked, stream, "initialization"))


def empirical_ntk(module: torch.nn.Module, left: ArrayLike, right: ArrayLike | None = None) -> Kernel:
    r"""Inner products over weights of the gradients of all outputs at all points,
    :math:`\Theta_{ai,bj} = \nabla f_i(x_a) \cdot \nabla f_j(x_b)`.

    Unlike the kernel of the infinite network it couples the outputs. Gradient descent on squared error follows it as
    long as it does not change (``jacot2018``, ``lee2019``).

    Parameters
    ----------
    module : torch.nn.Module
        With its weights as they are; `initialized` gives that of a network. It is looked at in evaluation mode, and
        left as it was. Weights that need no gradient do not count.
    left : array of shape (n, inputs)
    right : array of shape (m, inputs), optional
        Without it, ``left`` is compared with itself, and the result is exactly symmetric.

    Returns
    -------
    array of shape (n, outputs, m, outputs), float64

    Raises
    ------
    MissingPackage
        Without PyTorch.
    InvalidArgument
        Inputs that are not finite two-dimensional arrays of equal width; a module without weights.

    >>> import kdtheory as kd
    >>> task = kd.tasks.from_arrays([[3.0, 4.0], [1.0, 0.0]], [[1.0], [0.0]])
    >>> module = initialized(kd.networks.MLP(depth=0, parametrization="ntk"), task)
    >>> empirical_ntk(module, task.inputs).reshape(2, 2).round(12).tolist()  # x @ x.T / 2
    [[12.5, 1.5], [1.5, 0.5]]
    """
    require_torch()
    rows = finite_array("left", left, ndim=2)
    columns = rows if right is None else finite_array("right", right, ndim=2)
    if columns.shape[1] != rows.shape[1]:
        expected, fix = f"{rows.shape[1]} columns as in left", "pass points of the same space"
        raise InvalidArgument("right", expected=expected, got=f"{columns.shape[1]}", fix=fix)
    gradients = _Gradients(module)
    with gradients:
        return _filled(gradients, rows, None if right is None else columns)


class _Gradients:
    """Gradients of all outputs at some points, one row per point and output."""

    def __init__(self, module: Any) -> None:
        from torch import nn

        if not isinstance(module, nn.Module):
            fix = "pass initialized(network, task), or a module of your own"
            raise InvalidArgument("module", expected="a torch.nn.Module", got=describe(module), fix=fix)
        self._module = module
        self._weights = {name: weight for name, weight in module.named_parameters() if weight.requires_grad}
        if not self._weights:
            fix = "unfreeze some"
            raise InvalidArgument("module", expected="weights that need gradients", got="none", fix=fix)
        self._training = module.training

    def __enter__(self) -> None:
        self._module.eval()

    def __exit__(self, *_: object) -> None:
        self._module.train(self._training)

    @property
    def size(self) -> int:
        """Number of weights."""
        return sum(weight.numel() for weight in self._weights.values())

    def __call__(self, points: Array) -> NDArray[np.floating]:
        """Shape (points, inputs) to (points, outputs, weights)."""
        import torch
        from torch.func import functional_call, jacrev, vmap

        def outputs(weights: dict[str, torch.Tensor], point: torch.Tensor) -> torch.Tensor:
            return functional_call(self._module, weights, (point[None],))[0]

        weights = {name: weight.detach() for name, weight in self._weights.items()}
        dtype = next(iter(weights.values())).dtype
        found = vmap(jacrev(outputs), (None, 0))(weights, torch.as_tensor(np.array(points), dtype=dtype))
        return torch.cat([found[name].flatten(2) for name in weights], dim=2).numpy()


def _filled(gradients: _Gradients, left: Array, right: Array | None) -> Kernel:
    """Block by block, so that memory beyond the kernel itself is bounded."""
    outputs = gradients(left[:1]).shape[1]
    size = max(1, _NUMBERS // (gradients.size * outputs))
    columns = left if right is None else right
    kernel = np.empty((len(left), outputs, len(columns), outputs))
    for top in range(0, len(left), size):
        above = gradients(left[top : top + size])
        for start in range(top if right is None else 0, len(columns), size):
            here = above if right is None and start == top else gradients(columns[start : start + size])
            block = np.tensordot(above, here, axes=(2, 2)).astype(np.float64)
            kernel[top : top + size, :, start : start + size] = block
            if right is None:
                kernel[start : start + size, :, top : top + size] = block.transpose(2, 3, 0, 1)
    return kernel

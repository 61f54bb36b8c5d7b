"""``kdtheory doctor``: what this installation consists of."""

from __future__ import annotations

import os
from typing import Any

import typer

from kdtheory.cli.faults import FAILED
from kdtheory.cli.output import Json, Quiet, show, table


def doctor(json: Json = False, quiet: Quiet = False) -> None:
    """Print versions, precision, BLAS and the data that were found; exit with 1 if something needed is missing."""
    from kdtheory.claims._provenance import commit
    from kdtheory.report import versions

    found = versions()
    data = {
        "versions": found,
        "commit": commit(),
        "precision": _precision(found),
        "processors": os.cpu_count(),
        "blas": _blas(),
        "data": {"digits": _digits(), **_elsewhere()},
        "missing": [name for name, number in found.items() if number is None and name != "torch"],
    }
    show(data, _pretty(data), as_json=json, quiet=quiet)
    if data["missing"] or not data["data"]["digits"]["found"]:
        raise typer.Exit(FAILED)


def _precision(found: dict[str, str | None]) -> dict[str, str]:
    absent = "not installed: pip install 'kdtheory[networks]'"
    return {
        "closed forms": "float64 (NumPy)",
        "simulation": _jax(),
        "networks": "float32 by default (PyTorch)" if found["torch"] else absent,
    }


def _jax() -> str:
    try:
        import jax
    except ImportError as error:
        return f"cannot be imported: {error}"
    flag = "on" if jax.config.read("jax_enable_x64") else "off; simulate turns it on for itself"
    return f"float64 (JAX on {jax.default_backend()}, its global 64-bit flag is {flag})"


def _blas() -> list[dict[str, Any]]:
    """Libraries of linear algebra and threads that NumPy, SciPy and scikit-learn have loaded."""
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_info

    keys = ("internal_api", "version", "num_threads", "architecture")
    return [{key: pool.get(key) for key in keys} for pool in threadpool_info() if pool.get("user_api") == "blas"]


def _digits() -> dict[str, Any]:
    try:
        from sklearn.datasets import load_digits

        images = load_digits(return_X_y=True)[0]
    except (ImportError, OSError) as error:
        return {"found": False, "where": f"{error}"}
    return {"found": True, "where": "scikit-learn", "shape": list(images.shape)}


def _elsewhere() -> dict[str, dict[str, Any]]:
    """The data sets that were got; a missing one is no fault."""
    from kdtheory.data import SETS, find

    places = {name: find(name) for name in SETS}
    return {name: {"found": at is not None, "where": at and str(at.folder)} for name, at in places.items()}


def _pretty(data: dict[str, Any]) -> list[Any]:
    digits = data["data"]["digits"]
    rows = [(name, number or "not installed") for name, number in data["versions"].items()]
    rows += [("commit", data["commit"] or "none (not a checkout)"), ("processors", str(data["processors"]))]
    rows += [(f"precision of {name}", text) for name, text in data["precision"].items()]
    for blas in data["blas"]:
        text = f"{blas['internal_api']} {blas['version']}, {blas['num_threads']} thread(s), {blas['architecture']}"
        rows.append(("BLAS", text))
    shape = " x ".join(map(str, digits.get("shape", [])))
    rows.append(("data: digits", f"found in {digits['where']} ({shape})" if digits["found"] else digits["where"]))
    for name, at in data["data"].items():
        if name != "digits":
            rows.append((f"data: {name}", f"found in {at['where']}" if at["found"] else f"kdtheory data get {name}"))
    verdict = "all well" if not data["missing"] and digits["found"] else f"missing: {', '.join(data['missing'])}"
    return [table("what", "found", rows=rows), verdict]

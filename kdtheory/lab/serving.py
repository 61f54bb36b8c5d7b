"""Serving a demonstration to this machine alone."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from importlib import import_module

from kdtheory.errors import InvalidArgument
from kdtheory.lab import Demonstration, require_marimo
from kdtheory.validation import count

LOOPBACK = "127.0.0.1"
PORT = 2718


def listening(port: int) -> socket.socket:
    """A socket bound to a port of the loopback address; port 0 takes any that is free.

    Raises
    ------
    InvalidArgument
        If the port is taken, or none that this user may have.
    """
    number = count("port", port, at_most=65535)
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # A port in use stays refused; one of a server that has just ended does not.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((LOOPBACK, number))
        bound.listen()
    except OSError as error:
        bound.close()
        got = f"{number}: {(error.strerror or str(error)).lower()}"
        fix = "stop what uses it, or choose another with --port (0: any)"
        raise InvalidArgument("port", expected="a free port", got=got, fix=fix) from error
    return bound


def serve(shown: Demonstration, port: int = PORT, *, ready: Callable[[str], None] | None = None) -> None:
    """Serve a demonstration on the loopback address until interrupted.

    Parameters
    ----------
    shown : Demonstration
    port : int
        0 takes any that is free.
    ready : callable, optional
        Called with the address once it can be opened.
    """
    require_marimo()
    with listening(port) as bound:
        import marimo
        import scipy.linalg  # noqa: F401  has a BLAS of its own, which is to be there when threads are limited
        import uvicorn
        from threadpoolctl import threadpool_limits

        # The page is opened sooner if what it imports is there; it runs in a thread of this process.
        import_module(f"kdtheory.lab._{shown.name}_picture")
        # No token: nobody but this machine reaches the address, and the page can only move its own knobs.
        page = marimo.create_asgi_app(quiet=True, include_code=False).with_app(path="/", root=str(shown.file)).build()
        # Pictures leave cycles behind. What is loaded by now is here to stay: a collection need not look through it.
        gc.freeze()
        # An open page holds its connection: Ctrl-C does not wait for it.
        settings = uvicorn.Config(page, log_level="critical", access_log=False, timeout_graceful_shutdown=1)
        server = uvicorn.Server(settings)
        if ready is not None:
            ready(f"http://{LOOPBACK}:{bound.getsockname()[1]}")
        try:
            # Matrices are small: threads of BLAS would wait for each other, and on a busy machine for seconds.
            with threadpool_limits(1, user_api="blas"):
                server.run(sockets=[bound])
        except KeyboardInterrupt:
            return

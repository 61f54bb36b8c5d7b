"""Settings of the whole suite: the Hypothesis profiles.

``HYPOTHESIS_PROFILE`` chooses one: ``dev`` (default) is quick, ``ci`` (default where ``CI=true``) draws the same cases
in every run, ``deep`` searches long.
"""

import gc
import os

from hypothesis import settings

settings.register_profile("dev", max_examples=50, deadline=None, print_blob=True)
settings.register_profile("ci", max_examples=100, deadline=None, print_blob=True, derandomize=True)
settings.register_profile("deep", max_examples=5000, deadline=None, print_blob=True)

_DEFAULT = "ci" if os.environ.get("CI") == "true" else "dev"
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or _DEFAULT)


def pytest_collection_finish() -> None:
    """Half a million objects stay to the end: who asks for a full collection, as statsmodels does, need not trace them."""
    gc.freeze()

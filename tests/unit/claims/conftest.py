"""Claims registered by a test are forgotten after it."""

import pytest

from kdtheory.claims import _registry


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    for name in _registry._built_in():
        _registry.get(name)  # a module that is imported while the registry is patched would be forgotten with it
    claims = dict(_registry._claims)
    claims.pop("my-conjecture", None)
    monkeypatch.setattr(_registry, "_claims", claims)
    return claims

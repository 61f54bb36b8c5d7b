"""A machine without data sets and without registries."""

import pytest

from kdtheory.data import SETS, _get
from tests.unit.data import archives


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """The cache is empty and ours."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("KDTHEORY_DATA", raising=False)
    return tmp_path / "cache" / "kdtheory" / "data"


@pytest.fixture
def registry(monkeypatch):
    """A registry with the tiny set; a list of the archives that it gives from now on, and of those it was asked for."""
    data, archive = archives.tiny()

    class Registry:
        def __init__(self):
            self.gives, self.asked = archive, []
            self.use(data)

        def use(self, found):
            self.data = found
            monkeypatch.setitem(SETS, "tiny", found)

    made = Registry()

    def ask(archive, folder):
        made.asked.append(archive.package)
        assert list(folder.iterdir()) == []
        if isinstance(made.gives, Exception):
            raise made.gives
        return made.gives

    monkeypatch.setattr(_get, "ask", ask)
    return made

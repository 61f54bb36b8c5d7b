"""A demonstration as one static page: its first picture, revealed, without a server, a script or a network."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Any

from kdtheory._files import atomic_write
from kdtheory.errors import InvalidArgument
from kdtheory.lab import Demonstration, require_marimo

_KNOB = re.compile(r"<marimo-ui-element\b.*?</marimo-ui-element>", re.DOTALL)
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>kdtheory: {name}</title>
<style>body {{ max-width: 1240px; margin: 16px auto; padding: 0 24px; background: white; }}</style>
</head>
<body>
{body}
<p class="lab source">A snapshot at the first position of all knobs. To move them: <code>kdtheory lab {name}</code></p>
</body>
</html>
"""


def export(shown: Demonstration, file: str | Path) -> Path:
    """Write a demonstration's first state to an HTML file that needs nothing else; whole, or not at all.

    Parameters
    ----------
    shown : Demonstration
    file : path
        Its name ends in ``.html``.
    """
    path = Path(file)
    if path.suffix.lower() not in (".html", ".htm"):
        fix = "name it, for example, eigenspace.html"
        raise InvalidArgument("export", expected="a file that ends in .html", got=repr(str(file)), fix=fix)
    require_marimo()
    app = import_module(f"kdtheory.lab.{shown.name}").app
    return atomic_write(path, _PAGE.format(name=shown.name, body=_body(app)))


def told(app: Any) -> str:
    """What a demonstration shows at the first position of its knobs, as text: what running its file prints."""
    without_style = re.sub(r"<style>.*?</style>", "", _body(app), flags=re.DOTALL)
    pictures = re.sub(r'<img alt="([^"]*)"[^>]*>', r"<p>[\1]</p>", without_style)
    words = html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</(p|tr|div)>", "\n", pictures)))
    lines = (" ".join(line.split()) for line in words.splitlines())
    return "\n".join(line for line in lines if line)


def _body(app: Any) -> str:
    outputs, _ = app.run()
    texts = (getattr(output, "text", None) for output in outputs)
    return "\n".join(_KNOB.sub(lambda knob: _as_text(knob[0]), text) for text in texts if text)


class _Knob(HTMLParser):
    """The kind of a knob, and its settings."""

    kind = ""
    settings: dict[str, Any]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep those of the element itself, which stands in a wrapper."""
        if tag != "marimo-ui-element":
            self.kind = tag.removeprefix("marimo-")
            known = {name.removeprefix("data-"): value for name, value in attrs if name.startswith("data-")}
            self.settings = {name: json.loads(value) for name, value in known.items() if value}


def _as_text(element: str) -> str:
    knob = _Knob()
    knob.feed(element)
    settings = knob.settings
    value: Any = settings.get("initial-value")
    match knob.kind:
        case "button":
            return f'<span class="lab"><i>{html.escape(_label(settings))}</i></span>'
        case "slider":
            shown = f"{settings['steps'][int(value)] if settings.get('steps') else value:g}"
        case "dropdown":
            shown = ", ".join(value)
        case "checkbox":
            shown = "yes" if value else "no"
        case _:
            shown = " / ".join(settings.get("options", []))
    return f'<p class="lab">{html.escape(_label(settings))}: <b>{html.escape(shown)}</b></p>'


def _label(settings: dict[str, Any]) -> str:
    """The words beside a knob, without their markup."""
    return html.unescape(re.sub(r"<[^>]+>", "", settings.get("label") or "")).strip().rstrip("?:")

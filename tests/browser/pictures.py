"""Reading data back from a picture: positions of named marks in the SVG, in units of the axes around them."""

import base64
import re
from xml.etree import ElementTree

import numpy as np

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"


class Picture:
    """An image of a page, from its data address."""

    def __init__(self, source: str):
        kind, _, data = source.partition(",")
        assert kind == "data:image/svg+xml;base64"
        tree = ElementTree.fromstring(base64.b64decode(data))
        self.named = {each.get("id"): each for each in tree.iter(f"{SVG}g") if each.get("id")}

    def __contains__(self, name: str) -> bool:
        return name in self.named

    def points(self, name: str, frame: str, x: tuple, y: tuple, log: tuple = (False, False)) -> np.ndarray:
        """Points of a mark in units of its axes, whose limits are ``x`` and ``y``; shape (points, 2)."""
        corners = self._pixels(f"{frame}-frame")
        low, high = corners.min(axis=0), corners.max(axis=0)
        shares = (self._pixels(name) - low) / (high - low)
        shares[:, 1] = 1.0 - shares[:, 1]  # pixels count downwards
        columns = []
        for share, ends, logarithmic in zip(shares.T, (x, y), log, strict=True):
            first, last = np.log(ends) if logarithmic else ends
            values = first + share * (last - first)
            columns.append(np.exp(values) if logarithmic else values)
        return np.stack(columns, axis=1)

    def height(self, name: str, frame: str, y: tuple) -> float:
        """Height of a bar."""
        values = self.points(name, frame, (0.0, 1.0), y)[:, 1]
        return float(values.max() - values.min())

    def _pixels(self, name: str) -> np.ndarray:
        group = self.named[name]
        marks = [each for each in group.iter(f"{SVG}use") if each.get(LINK, "").startswith("#")]
        if marks:
            return np.array([[float(each.get("x")), float(each.get("y"))] for each in marks])
        path = next(group.iter(f"{SVG}path")).get("d")
        return np.array([[float(a), float(b)] for a, b in re.findall(r"[ML] ([-\d.]+) ([-\d.]+)", path)])

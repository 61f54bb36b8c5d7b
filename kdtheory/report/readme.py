"""The README's table of claims: written from the evidence of the last run, and compared with it in CI.

``python -m kdtheory.report.readme README.md`` writes it between its two marks; ``--check`` only compares, and ends with
1 if it is stale.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from kdtheory import claims
from kdtheory._files import atomic_write
from kdtheory.claims import Claim, Evidence
from kdtheory.errors import DataUnavailable

BEGIN = "<!-- claims: written by python -m kdtheory.report.readme; do not edit by hand -->"
END = "<!-- end of claims -->"


def table(evidence: Mapping[str, Evidence], folder: Path) -> str:
    """All claims by topic in Markdown, with links relative to ``folder`` and what the last run found.

    Times, versions and rounding-size numbers are left out, so that the same code gives the same text.
    """
    lines = ["| claim | what it stands on | figure |", "|---|---|---|"]
    for topic, found in claims.by_topic().items():
        lines.append(f"| **{topic}** | | |")
        lines += [_row(claim, evidence.get(claim.id), folder) for claim in found]
    return "\n".join(lines)


def _row(claim: Claim, evidence: Evidence | None, folder: Path) -> str:
    places = claims.places(claim)
    links = {
        name: f"[{words}]({_relative(places[name], folder)})" if places[name] else "none"
        for name, words in (("code", claim.title), ("derivation", "derived"), ("figure", claim.figure))
    }
    return f"| {links['code']} | {_stands_on(links['derivation'], evidence)} | {links['figure']} |"


def _relative(path: Path | None, folder: Path) -> str:
    return Path(os.path.relpath(str(path), folder)).as_posix()


def _stands_on(derivation: str, evidence: Evidence | None) -> str:
    """What each level found, in a few words."""
    if evidence is None:
        return "not checked"
    words = []
    if evidence.derived is not None:
        verified = sum(step.verified for step in evidence.derived.steps)
        words.append(f"{derivation} ({verified} of {len(evidence.derived.steps)} steps)")
    if evidence.tested is not None:
        test = evidence.tested
        words.append(f"{test.examples:,} draws{'' if test.held else ' **FAILED**'}")
        confirmed = sum(run.confirmed for run in test.counterexamples)
        words.append(f"{confirmed} of {len(test.counterexamples)} counterexamples")
        words.append(f"{sum(run.caught > 0 for run in test.mutants)} of {len(test.mutants)} mutants")
    if evidence.simulated is not None:
        words.append("simulated" if evidence.simulated.held else "**simulation failed**")
    if evidence.networks is not None:
        words.append("seen in networks" if evidence.networks.held else "not seen in networks")
    return ", ".join(words)


def written(text: str, rows: str) -> str:
    """``text`` with what stands between the two marks replaced."""
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        fix = "put both marks where the table belongs"
        raise DataUnavailable("README", expected=f"one {BEGIN!r} and one {END!r}", got="other numbers of them", fix=fix)
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{rows}\n{END}{rest.split(END)[1]}"


def main(arguments: list[str] | None = None) -> int:
    """Write the table into a file, or compare it."""
    parser = argparse.ArgumentParser(description="Write the table of claims from the evidence of the last run.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--evidence", type=Path, default=Path("build/evidence"))
    parser.add_argument("--check", action="store_true", help="only compare; end with 1 if the table is stale")
    given = parser.parse_args(arguments)
    old = given.file.read_text(encoding="utf-8")
    new = written(old, table(claims.evidence(given.evidence), given.file.resolve().parent))
    if new == old:
        return 0
    if given.check:
        stale = next(line for line, other in zip(new.splitlines(), old.splitlines(), strict=False) if line != other)
        print(f"{given.file}: the table of claims is stale, first where it should read: {stale}")
        return 1
    atomic_write(given.file, new)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""The conformance report: which checks passed, which failed, and which were not tested."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import ttkem
from ttkem.adversary import format_trace, write_trace
from ttkem.testing.checks import Result, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["Row", "document", "lines", "row", "told", "write_replay"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a report: plain values only."""

    suite: str
    name: str
    rule: str
    status: str
    seed: str
    seconds: float
    runs: int
    why: str
    broken: str
    seen: str
    steps: int
    """Length of the shrunk trace; 0 if there is none."""
    trace: str
    """The shrunk trace as a table."""
    replay: str
    """The file that plays it again; empty if there is none."""

    def as_dict(self) -> dict[str, Any]:
        """Return the row as a JSON object."""
        return asdict(self)


def row(result: Result, replay: str = "") -> Row:
    """Return the row of a report for a result."""
    trace = result.trace
    return Row(
        suite=result.check.suite,
        name=result.check.name,
        rule=result.check.rule,
        status=result.status.value,
        seed=result.seed,
        seconds=round(result.seconds, 3),
        runs=result.runs,
        why=result.why,
        broken=result.broken,
        seen=result.seen,
        steps=0 if trace is None else len(trace.steps),
        trace="" if trace is None else format_trace(trace.steps),
        replay=replay,
    )


def write_replay(folder: Path, spec: str, result: Result) -> str:
    """Write the trace of a failure into a folder, for ``ttkem attack --replay``; return its path.

    The file names the protocol as ``spec`` does, so that a replay can import it. If there is no
    trace, nothing is written and the path is empty.
    """
    if result.trace is None:
        return ""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result.check.suite} {result.check.name}.json".replace(" ", "-")
    path.write_text(write_trace(replace(result.trace, protocol=spec)), encoding="utf-8")
    return str(path)


def told(found: Row) -> str:
    """Return a failure as text: rule, observation, seed, trace, and how to replay it."""
    text = [
        f"{found.suite}: {found.name}",
        found.rule,
        "",
        f"broken: {found.broken}",
        f"seen:   {found.seen}",
        f"seed:   {found.seed}",
    ]
    if found.trace:
        text += [f"trace ({found.steps} steps):", found.trace]
    if found.replay:
        text += [f"again:  ttkem attack --replay {found.replay}"]
    return "\n".join(text)


def document(name: str, spec: str, seed: int, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the whole report as a JSON object."""
    counts = {status.value: sum(r.status == status for r in rows) for status in Status}
    return {
        "report": "ttkem conformance",
        "ttkem": ttkem.__version__,
        "protocol": name,
        "spec": spec,
        "seed": seed,
        "counts": counts,
        "verdict": _verdict(counts),
        "checks": [r.as_dict() for r in rows],
    }


def _verdict(counts: dict[str, int]) -> str:
    """Return the verdict in one sentence; it counts the checks that were not tested."""
    total = sum(counts.values())
    if counts[Status.FAILED]:
        return f"does not conform: {counts[Status.FAILED]} of {total} checks fail"
    if counts[Status.NOT_TESTED]:
        return (
            f"nothing found in {counts[Status.PASSED]} of {total} checks; "
            f"{counts[Status.NOT_TESTED]} could not be tested"
        )
    return f"nothing found in {total} checks"


def lines(whole: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a report for a terminal."""
    yield f"{whole['protocol']} ({whole['spec']}), seed {whole['seed']}"
    yield ""
    yield f"{'suite':<18}{'passed':>8}{'failed':>8}{'not tested':>12}{'runs':>8}{'seconds':>9}"
    suites = dict.fromkeys(each["suite"] for each in whole["checks"])
    for suite in suites:
        own = [each for each in whole["checks"] if each["suite"] == suite]
        passed, failed, skipped = (sum(e["status"] == s for e in own) for s in Status)
        runs, seconds = sum(e["runs"] for e in own), sum(e["seconds"] for e in own)
        yield f"{suite:<18}{passed:>8}{failed:>8}{skipped:>12}{runs:>8}{seconds:>9.1f}"
    yield ""
    for each in whole["checks"]:
        if each["status"] == Status.NOT_TESTED:
            yield f"not tested  {each['suite']}: {each['name']} ({each['why']})"
    for each in whole["checks"]:
        if each["status"] == Status.FAILED:
            yield f"failed      {each['suite']}: {each['name']}: {each['broken']}: {each['seen']}"
            if each["replay"]:
                yield f"            seed {each['seed']!r}, ttkem attack --replay {each['replay']}"
    yield whole["verdict"]

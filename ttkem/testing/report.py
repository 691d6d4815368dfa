"""The conformance report: which checks passed, which failed, and which were not tested."""

from __future__ import annotations

import re
import shlex
from dataclasses import asdict, dataclass, replace
from textwrap import indent, wrap
from typing import TYPE_CHECKING, Any

import ttkem
from ttkem.adversary import format_trace, write_trace
from ttkem.testing.checks import Result, Status
from ttkem.testing.evidence import LINES, Evidence, contract_table, understanding
from ttkem.testing.findings import EXPECTED, cause_of, findings, place_of
from ttkem.testing.seen import HIDDEN, NOT_SEEN
from ttkem.testing.situations import unvisited

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ttkem.testing.contracts import Contract
    from ttkem.testing.features import Feature

__all__ = [
    "Row",
    "covered",
    "document",
    "lines",
    "printable",
    "row",
    "shown",
    "strongest",
    "told",
    "warning",
    "write_replay",
]

SAFE = re.compile(r"[^A-Za-z0-9_.]+")
"""What is replaced in a protocol's name when it becomes a part of a file's name."""
LINES_IN_WORDS = {
    "healing": "healing: a leak is harmless from ... on",
    "forward secrecy": "forward secrecy: a leak leaves safe, of earlier epochs,",
}


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
    expected: str
    """What the rule demands instead."""
    seen: str
    cause: tuple[str, ...]
    """What failures with one cause have in common (:mod:`ttkem.testing.findings`)."""
    story: tuple[str, ...]
    """How a computed key follows from what leaked or travelled, a line for each step."""
    picture: str
    """The public trees, with the nodes whose secrets were computed starred."""
    steps: int
    """Length of the shrunk trace; 0 if there is none."""
    trace: str
    """The shrunk trace as a table."""
    replay: str
    """The file that plays it again; empty if there is none."""
    evidence: dict[str, Any]
    """What the runs of the check say, as :class:`~ttkem.testing.evidence.Evidence` counts it."""

    def as_dict(self) -> dict[str, Any]:
        """Return the row as a JSON object."""
        return asdict(self)


def row(result: Result, replay: str = "") -> Row:
    """Return the row of a report for a result."""
    trace, failed = result.trace, result.status is Status.FAILED
    expected = result.expected or EXPECTED.get(result.broken, result.check.rule if failed else "")
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
        expected=expected,
        seen=result.seen,
        cause=cause_of(result.broken, result.seen, result.cause) if failed else (),
        story=result.story,
        picture=result.picture,
        steps=0 if trace is None else len(trace.steps),
        trace="" if trace is None else format_trace(trace.steps),
        replay=replay,
        evidence=result.evidence.as_dict(),
    )


def write_replay(folder: Path, spec: str, result: Result) -> str:
    """Write the trace of a failure into a folder, for ``ttkem attack --replay``; return its path.

    The file names the protocol as ``spec`` does, so that a replay can import it. If there is no
    trace, nothing is written and the path is empty.
    """
    if result.trace is None:
        return ""
    folder.mkdir(parents=True, exist_ok=True)
    protocol = SAFE.sub("-", result.trace.protocol.encode("ascii", "replace").decode()).strip("-")
    words = f"{protocol or 'protocol'} {result.check.suite} {result.check.name}"
    path = folder / f"{words}.json".replace(" ", "-")
    path.write_text(write_trace(replace(result.trace, protocol=spec)), encoding="utf-8")
    return str(path)


def told(found: Mapping[str, Any], checks: Sequence[str] = ()) -> str:
    """Return a failure as text: rule, expected, seen, derivation, tree, trace, and how to replay.

    ``checks`` are the names of all checks that fail for the same cause.
    """
    text = [
        f"{found['broken']}",
        f"  expected: {found['expected']}",
        f"  seen:     {found['seen']}",
    ]
    place = place_of(found["seen"])
    if place:
        text.append(f"  raised:   {place}")
    if found["story"]:
        text += ["  how:", *(f"    {n}. {line}" for n, line in enumerate(found["story"], 1))]
    if found["picture"]:
        text.append(indent(found["picture"], "  "))
    if found["trace"]:
        text += [f"  the run ({found['steps']} steps):", indent(found["trace"], "    ")]
    text.append(f"  seed:     {found['seed']}")
    if found["replay"]:
        text.append(f"  replay:   ttkem attack --replay {shlex.quote(found['replay'])}")
    if checks:
        text.append(f"  {_checks(len(checks))} by this cause:")
        text += [f"    {name}" for name in checks]
    return printable("\n".join(text), keep="\n")


def _checks(number: int) -> str:
    return f"{number} {'check fails' if number == 1 else 'checks fail'}"


def printable(text: str, keep: str = "") -> str:
    """Return text with control characters and lone surrogates escaped, except those to ``keep``.

    Names and errors of a protocol under test can contain anything.
    """
    return "".join(
        each if each in keep or each.isprintable() else each.encode("unicode_escape").decode()
        for each in text
    )


def document(
    name: str,
    spec: str,
    seed: int,
    rows: Sequence[Row],
    contract: Contract,
    lacks: frozenset[Feature] = frozenset(),
    of: int = 0,
) -> dict[str, Any]:
    """Return the whole report as a JSON object; ``of`` is the number of all checks there are."""
    counts = {status.value: sum(r.status == status for r in rows) for status in Status}
    checks = [r.as_dict() for r in rows]
    evidence = Evidence.sum(check.pop("evidence") for check in checks)
    found = findings([each for each in checks if each["status"] == Status.FAILED])
    never = unvisited(evidence.situations, lacks)
    return {
        "report": "ttkem conformance",
        "ttkem": ttkem.__version__,
        "protocol": name,
        "spec": spec,
        "seed": seed,
        "counts": counts,
        "verdict": _verdict(counts, len(found)),
        "cryptography": understanding(evidence),
        "findings": [
            {"check": f"{f.shown['suite']}: {f.shown['name']}", "checks": list(f.checks)}
            for f in found
        ],
        "contract": contract_table(evidence, contract),
        "pairs": evidence.pairs,
        "coverage": {
            "checks": of,
            "visited": dict(sorted(evidence.situations.items())),
            "never": list(never),
        },
        "checks": checks,
    }


def _verdict(counts: dict[str, int], causes: int) -> str:
    """Return the verdict in one sentence; it counts the checks that were not tested."""
    total = sum(counts.values())
    if counts[Status.FAILED]:
        found = f"{causes} cause{'' if causes == 1 else 's'}"
        return f"does not conform: {counts[Status.FAILED]} of {total} checks fail, by {found}"
    if counts[Status.NOT_TESTED]:
        return (
            f"nothing found in {counts[Status.PASSED]} of {total} checks; "
            f"{counts[Status.NOT_TESTED]} could not be tested"
        )
    return f"nothing found in {total} checks"


def shown(whole: Mapping[str, Any]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield for every finding of a report its heading, its text, and its failed checks."""
    by_name = {f"{each['suite']}: {each['name']}": each for each in whole["checks"]}
    for number, found in enumerate(whole["findings"], 1):
        row_ = by_name[found["check"]]
        heading = f"finding {number} of {len(whole['findings'])}: {row_['broken']}"
        yield heading, told(row_, found["checks"]), tuple(found["checks"])


def warning(whole: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what must be said first if it was not seen how a protocol computes its keys.

    Bytes that travelled and were not understood are said as well: a secret could hide in them.
    """
    known = whole["cryptography"]
    share = f"{known['unknown share']:.1%} of {known['examined bytes']} bytes that members kept or"
    hidden = known["unknown bytes that travelled"]
    if known["seen"]:
        return (f"not understood: {hidden} bytes that travelled", HIDDEN) if hidden else ()
    if not known["why"]:
        return ("no run was judged: nothing is said about keys that can be computed",)
    return (
        NOT_SEEN,
        f"why: {known['why']}",
        f"not understood: {share} computed with look random and belong to nothing recorded",
        f"what to do: {known['remedy']}",
    )


def lines(whole: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a report for a terminal, failures first."""
    yield from map(printable, _lines(whole))


def _lines(whole: Mapping[str, Any]) -> Iterator[str]:
    yield f"{whole['protocol']} ({whole['spec']}), seed {whole['seed']}"
    for number, line in enumerate(warning(whole)):
        yield line.upper() if number == 0 else f"  {line}"
    for heading, text, _ in shown(whole):
        yield ""
        yield f"---- {heading} ----"
        yield from text.split("\n")[1:]
    yield ""
    skipped = [each for each in whole["checks"] if each["status"] == Status.NOT_TESTED]
    for each in skipped:
        yield f"not tested  {each['suite']}: {each['name']} ({each['why']})"
    if skipped:
        yield ""
    yield from _contract(whole)
    yield from _coverage(whole)
    yield f"{'suite':<18}{'passed':>8}{'failed':>8}{'not tested':>12}{'runs':>8}{'seconds':>9}"
    for suite in dict.fromkeys(each["suite"] for each in whole["checks"]):
        own = [each for each in whole["checks"] if each["suite"] == suite]
        passed, failed, untested = (sum(e["status"] == s for e in own) for s in Status)
        runs, seconds = sum(e["runs"] for e in own), sum(e["seconds"] for e in own)
        yield f"{suite:<18}{passed:>8}{failed:>8}{untested:>12}{runs:>8}{seconds:>9.1f}"
    yield ""
    yield whole["verdict"]


def _contract(whole: Mapping[str, Any]) -> Iterator[str]:
    """Yield the contract table."""
    table = whole["contract"]
    yield f"contract, declared: {table['declared']}; {whole['pairs']} pairs of a leak and a key"
    for line in LINES:
        yield f"{LINES_IN_WORDS[line]:<58}{'pairs for':>10}{'against':>9}"
        for each in table[line]["levels"]:
            mark = "declared" if each["declared"] else ""
            best = "strongest" if each["level"] == table[line]["strongest"] else ""
            counts = f"{each['supporting']:>10}{each['contradicting']:>9}"
            notes = ", ".join(filter(None, (mark, best)))
            yield f"  {each['level']:<56}{counts}  {notes}".rstrip()
    yield strongest(whole)
    yield ""


def strongest(whole: Mapping[str, Any]) -> str:
    """Return in one sentence the strongest contract that no run contradicted."""
    table = whole["contract"]
    found = [table[line] for line in LINES]
    if any(each["strongest"] is None for each in found):
        return "every contract is contradicted: there are group keys that anybody can compute"
    if not whole["pairs"]:
        return "no pair was compared: every contract is open"
    words = []
    for line, each in zip(LINES, found, strict=True):
        level = each["strongest"]
        if level == LINES[line][-1].value:
            words.append(f"no {line}")
        else:
            alone = "" if each["tested"] else " (no pair supports it)"
            words.append(f"{line}: {level}{alone}")
    known = "" if whole["cryptography"]["seen"] else ", as far as it was seen how keys are computed"
    return f"the strongest contract that no run contradicted{known}: {'; '.join(words)}"


def _coverage(whole: Mapping[str, Any]) -> Iterator[str]:
    """Yield which situations were visited, and which never."""
    yield f"coverage: {covered(whole)}"
    never = whole["coverage"]["never"]
    if never:
        text = f"never visited: {'; '.join(never)}"
        yield from wrap(text, 98, initial_indent="  ", subsequent_indent="    ")
    yield ""


def covered(whole: Mapping[str, Any]) -> str:
    """Return how many situations were visited, in how many of all checks."""
    coverage = whole["coverage"]
    return (
        f"{len(coverage['visited'])} situations visited, {len(coverage['never'])} never, "
        f"in {len(whole['checks'])} of {coverage['checks']} checks"
    )

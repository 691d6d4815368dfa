"""The conformance report as one self-contained HTML page."""

from __future__ import annotations

from html import escape
from typing import Any

from ttkem.testing.checks import Status
from ttkem.testing.evidence import LINES
from ttkem.testing.report import covered, printable, shown, strongest, warning

__all__ = ["page"]

STYLE = """
:root { --ink: #1c2430; --soft: #5b6675; --line: #dde3ea; --paper: #fff; --ground: #f4f6f9;
  --passed: #1a7f4b; --failed: #b3261e; --untested: #8a6d00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #9aa5b4;
  --line: #333c48;
  --paper: #1b2129; --ground: #12161c;
  --passed: #5cc98d; --failed: #ff8a80; --untested: #e3c04d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .3rem 0; } .soft { color: var(--soft); }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0; }
.tile { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem;
  padding: .6rem 1.1rem; min-width: 8rem; }
.tile b { display: block; font-size: 1.7rem; line-height: 1.2; }
.check { background: var(--paper); border: 1px solid var(--line); border-left-width: .3rem;
  border-radius: .4rem; margin: .4rem 0; padding: .5rem .9rem; }
.check summary, .check .head { display: flex; gap: .75rem; justify-content: space-between; }
.check summary { cursor: pointer; }
.passed { border-left-color: var(--passed); } .failed { border-left-color: var(--failed); }
.untested { border-left-color: var(--untested); }
.word { font-weight: 600; white-space: nowrap; }
.passed .word, b.passed { color: var(--passed); } .failed .word, b.failed { color: var(--failed); }
.untested .word, b.untested { color: var(--untested); }
pre { overflow-x: auto; background: var(--ground); border-radius: .4rem; padding: .75rem;
  font: 13px/1.45 ui-monospace, monospace; }
table { border-collapse: collapse; margin: .5rem 0; } th, td { text-align: left;
  padding: .15rem .8rem .15rem 0; } td.number, th.number { text-align: right; }
.warning { background: var(--paper); border: 2px solid var(--failed); border-radius: .4rem;
  padding: .6rem 1rem; margin: 1rem 0; }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; }
"""
CLASSES = {Status.PASSED: "passed", Status.FAILED: "failed", Status.NOT_TESTED: "untested"}


def page(whole: dict[str, Any]) -> str:
    """Return a report, as :func:`ttkem.testing.report.document` returns it, as an HTML page."""
    title = f"{_shown(whole['protocol'])}: conformance"
    tiles = "".join(
        f'<div class="tile"><b class="{CLASSES[status]}">{whole["counts"][status]}</b>'
        f"{status.value}</div>"
        for status in Status
    )
    suites = dict.fromkeys(each["suite"] for each in whole["checks"])
    sections = "".join(
        f"<h2>{escape(suite)}</h2>"
        + "".join(_check(each) for each in whole["checks"] if each["suite"] == suite)
        for suite in suites
    )
    head, *rest = warning(whole) or ("",)
    said = "".join(f"<p>{_shown(line)}</p>" for line in rest)
    warned = f'<div class="warning"><p><b>{_shown(head)}</b></p>{said}</div>' if head else ""
    found = "".join(_finding(*each) for each in shown(whole))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{title}</h1>"
        f'<p class="soft"><code>{_shown(whole["spec"])}</code>, seed {whole["seed"]}, '
        f"ttkem {escape(whole['ttkem'])}</p>{warned}"
        f"<p>{_shown(whole['verdict']).capitalize()}.</p>"
        f'<div class="tiles">{tiles}</div>{found}{_contract(whole)}{_coverage(whole)}{sections}'
        "</main></body></html>\n"
    )


def _shown(text: str) -> str:
    """Return text of a protocol under test as HTML."""
    return escape(printable(text, keep="\n"))


def _finding(heading: str, text: str, checks: tuple[str, ...]) -> str:
    """Return a finding; the list of checks is a part of its text."""
    del checks
    return (
        f'<details class="check failed" open><summary><span>{_shown(heading)}</span></summary>'
        f"<pre>{_shown(text)}</pre></details>"
    )


def _contract(whole: dict[str, Any]) -> str:
    """Return the contract table."""
    table = whole["contract"]
    rows = []
    for line in LINES:
        rows.append(
            f'<tr><th>{escape(line)}</th><th class="number">pairs for</th>'
            '<th class="number">against</th><th></th></tr>'
        )
        for each in table[line]["levels"]:
            notes = ["declared"] if each["declared"] else []
            notes += ["strongest"] if each["level"] == table[line]["strongest"] else []
            rows.append(
                f'<tr><td>{escape(each["level"])}</td><td class="number">{each["supporting"]}</td>'
                f'<td class="number">{each["contradicting"]}</td><td>{", ".join(notes)}</td></tr>'
            )
    return (
        f"<h2>Contract</h2><p>Declared: {_shown(table['declared'])}. {whole['pairs']} pairs of a "
        f"leak and a group key were compared; {_shown(strongest(whole))}.</p>"
        f"<table>{''.join(rows)}</table>"
    )


def _coverage(whole: dict[str, Any]) -> str:
    """Return which situations were visited, and which never."""
    coverage = whole["coverage"]
    never = "".join(f"<li>{escape(name)}</li>" for name in coverage["never"])
    rows = "".join(
        f'<tr><td>{escape(name)}</td><td class="number">{count}</td></tr>'
        for name, count in coverage["visited"].items()
    )
    return (
        f"<h2>Coverage</h2><p>{covered(whole)}.</p>"
        f"{f'<p>Never visited:</p><ul>{never}</ul>' if never else ''}"
        f"<details><summary>visited</summary><table>{rows}</table></details>"
    )


def _check(each: dict[str, Any]) -> str:
    status = Status(each["status"])
    kind = CLASSES[status]
    head = f'<span>{escape(each["name"])}</span><span class="word">{status.value}</span>'
    rule = f'<p class="soft">{escape(each["rule"])}</p>'
    why = f"<p>{_shown(each['why'])}</p>" if each["why"] else ""
    return f'<div class="check {kind}"><div class="head">{head}</div>{rule}{why}</div>'

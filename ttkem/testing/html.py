"""The conformance report as one self-contained HTML page."""

from __future__ import annotations

from html import escape
from typing import Any

from ttkem.testing.checks import Status

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
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; }
"""
CLASSES = {Status.PASSED: "passed", Status.FAILED: "failed", Status.NOT_TESTED: "untested"}


def page(whole: dict[str, Any]) -> str:
    """Return a report, as :func:`ttkem.testing.report.document` returns it, as an HTML page."""
    title = f"{escape(whole['protocol'])}: conformance"
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
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{title}</h1>"
        f'<p class="soft"><code>{escape(whole["spec"])}</code>, seed {whole["seed"]}, '
        f"ttkem {escape(whole['ttkem'])}</p>"
        f"<p>{escape(whole['verdict']).capitalize()}.</p>"
        f'<div class="tiles">{tiles}</div>{sections}</main></body></html>\n'
    )


def _check(each: dict[str, Any]) -> str:
    status = Status(each["status"])
    kind = CLASSES[status]
    head = f'<span>{escape(each["name"])}</span><span class="word">{status.value}</span>'
    rule = f'<p class="soft">{escape(each["rule"])}</p>'
    if status is Status.FAILED:
        trace = f"<pre>{escape(each['trace'])}</pre>" if each["trace"] else ""
        again = f"<p>Replay: <code>ttkem attack --replay {escape(each['replay'])}</code></p>"
        return (
            f'<details class="check {kind}" open><summary>{head}</summary>{rule}'
            f"<p><b>{escape(each['broken'])}</b>: {escape(each['seen'])}</p>"
            f"<p>Seed <code>{escape(each['seed'])}</code></p>{trace}"
            f"{again if each['replay'] else ''}</details>"
        )
    why = f"<p>{escape(each['why'])}</p>" if each["why"] else ""
    return f'<div class="check {kind}"><div class="head">{head}</div>{rule}{why}</div>'

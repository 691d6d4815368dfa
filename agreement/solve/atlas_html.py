"""The atlas as an HTML page: style and script are inside the file, and nothing else is loaded.

The script draws the graphs as inline SVG, which keeps the file small.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from agreement.graph import (
    Graph,
    block_graph,
    bridged,
    chordal,
    dismantlable,
    median,
    ptolemaic,
    tree,
)
from agreement.solve.atlas import QUESTIONS
from agreement.solve.deciding import Solvability

if TYPE_CHECKING:
    from agreement.solve.atlas import Answer, Atlas

__all__ = ["CLASSES", "atlas_page", "classes_of"]

CLASSES = {
    "tree": tree,
    "block": block_graph,
    "ptolemaic": ptolemaic,
    "chordal": chordal,
    "bridged": bridged,
    "dismantlable": dismantlable,
    "median": median,
}
"""The classes that the page filters by: their names and recognisers."""


def classes_of(graph: Graph) -> tuple[str, ...]:
    """Return the names of the classes that a connected graph is in."""
    return tuple(name for name, recognise in CLASSES.items() if recognise(graph))


def _short(answer: Answer) -> str:
    """Return the least number of rounds, `x` if unsolvable, `?` if it is not known."""
    if answer.verdict is Solvability.UNSOLVABLE:
        return "x"
    return "?" if answer.least is None else str(answer.least)


def atlas_page(atlas: Atlas) -> str:
    """Return the text of the page."""
    entries = [
        {
            "number": number,
            "order": graph.order,
            "edges": graph.edges,
            "classes": classes_of(graph),
            "answers": [_short(answers[question]) for question in QUESTIONS],
        }
        for number, graph, answers in atlas
    ]
    questions = [f"n = {count}, {validity}" for count, validity in QUESTIONS]
    return (
        _PAGE.replace("@GRAPHS@", json.dumps(entries, separators=(",", ":")))
        .replace("@QUESTIONS@", json.dumps(questions))
        .replace("@CLASSES@", json.dumps(list(CLASSES)))
    )


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Atlas of wait-free agreement on graphs</title>
<style>
:root {
  color-scheme: light dark;
  --page: #fff; --text: #1b1b1b; --line: #bbb; --head: #eee; --link: #0645ad;
  --no: #f6c9c0; --few: #cdeccd; --two: #e2f3d0; --three: #f3f5cc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #16181b; --text: #e6e6e6; --line: #4a4d52; --head: #26292e; --link: #8ab4f8;
    --no: #5c2a22; --few: #1f4a2a; --two: #364a1d; --three: #4f4a17;
  }
}
body { font-family: sans-serif; margin: 1.5em; background: var(--page); color: var(--text); }
a { color: var(--link); }
table { border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: 0.25em 0.5em; text-align: center; }
thead th { position: sticky; top: 0; background: var(--head); }
td.x { background: var(--no); } td.r0, td.r1 { background: var(--few); }
td.r2 { background: var(--two); } td.r3 { background: var(--three); }
#filters { display: flex; flex-wrap: wrap; gap: 0.5em 1em; }
svg { width: 70px; height: 70px; }
svg * { stroke: currentColor; stroke-width: 2; } circle { fill: var(--page); }
@media (max-width: 50em) {
  body { margin: 0.75em; }
  #filters label { flex: 1 1 100%; display: flex; justify-content: space-between; gap: 1em; }
  #filters select { max-width: 60%; }
  table, tbody { display: block; }
  thead { display: none; }
  tr { display: block; border: 1px solid var(--line); margin-bottom: 0.75em; }
  th, td { display: flex; justify-content: space-between; align-items: center; gap: 1em;
    border: 0; border-bottom: 1px solid var(--line); text-align: right; overflow-wrap: anywhere; }
  th::before, td::before { content: attr(data-label); text-align: left; }
}
</style></head><body>
<p><a href="atlas.html">The decision tool and the atlas</a></p>
<h1>Atlas of wait-free agreement on graphs</h1>
<p>Every connected graph with up to 7 vertices, numbered as in Read and Wilson's atlas. A number is
the least number of rounds of immediate snapshots; x: unsolvable in any number of rounds.</p>
<noscript><p>This page needs JavaScript to show its table.</p></noscript>
<div id="filters"></div><p id="count" aria-live="polite"></p>
<table id="counts"></table><br><table id="graphs"></table>
<script>
const GRAPHS = @GRAPHS@;
const QUESTIONS = @QUESTIONS@;
const CLASSES = @CLASSES@;
const filters = [];
function element(name, parent, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  parent.appendChild(made);
  return made;
}
function choice(label, options, accept) {
  const place = document.getElementById("filters");
  const made = element("select", element("label", place, label + " "));
  ["any", ...options].forEach(option => element("option", made, option));
  made.onchange = draw;
  filters.push(graph => made.value === "any" || accept(graph, made.value));
}
choice("vertices", [1, 2, 3, 4, 5, 6, 7], (g, v) => g.order === Number(v));
choice("class", CLASSES.flatMap(c => [c, "not " + c]),
  (g, v) => v.startsWith("not ") ? !g.classes.includes(v.slice(4)) : g.classes.includes(v));
QUESTIONS.forEach((q, i) => choice(q, ["solvable", "0", "1", "2", "3", "x", "?"],
  (g, v) => v === "solvable" ? !"x?".includes(g.answers[i]) : g.answers[i] === v));
choice("differ", ["some two validities, n = 3", "some two validities, n = 4", "n = 3 and n = 4"],
  (g, v) => {
    const half = QUESTIONS.length / 2, a = g.answers.slice(0, half), b = g.answers.slice(half);
    const yes = list => list.map(s => s === "x");
    if (v === "n = 3 and n = 4") return yes(a).join() !== yes(b).join();
    return new Set(yes(v.endsWith("3") ? a : b)).size > 1;
  });
function picture(parent, g) {
  const at = v => [50 + 40 * Math.sin(2 * Math.PI * v / g.order),
                   50 - 40 * Math.cos(2 * Math.PI * v / g.order)];
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  const add = (name, values) => {
    const made = document.createElementNS(space, name);
    Object.entries(values).forEach(([k, v]) => made.setAttribute(k, v));
    svg.appendChild(made);
  };
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "edges " + g.edges.map(edge => edge.join("-")).join(" "));
  g.edges.forEach(([u, v]) =>
    add("line", {x1: at(u)[0], y1: at(u)[1], x2: at(v)[0], y2: at(v)[1]}));
  for (let v = 0; v < g.order; v++) add("circle", {cx: at(v)[0], cy: at(v)[1], r: 6});
  parent.appendChild(svg);
}
function header(table, names) {
  const row = element("tr", element("thead", table));
  names.forEach(name => element("th", row, name).setAttribute("scope", "col"));
  return element("tbody", table);
}
function label(row, names) {
  [...row.children].forEach((cell, i) => cell.setAttribute("data-label", names[i]));
}
function draw() {
  const chosen = GRAPHS.filter(g => filters.every(f => f(g)));
  document.getElementById("count").textContent = chosen.length + " graphs";
  const counts = document.getElementById("counts"), table = document.getElementById("graphs");
  counts.replaceChildren();
  table.replaceChildren();
  const top = ["least rounds", ...QUESTIONS], upper = header(counts, top);
  ["0", "1", "2", "3", "x", "?"].forEach(answer => {
    const row = element("tr", upper);
    element("th", row, answer).setAttribute("scope", "row");
    QUESTIONS.forEach((_, i) =>
      element("td", row, chosen.filter(g => g.answers[i] === answer).length));
    label(row, top);
  });
  const head = ["number", "graph", "edges", "classes", ...QUESTIONS], body = header(table, head);
  chosen.forEach(g => {
    const row = element("tr", body);
    element("td", row, g.number);
    picture(element("td", row), g);
    element("td", row, g.edges.length);
    element("td", row, g.classes.join(", "));
    g.answers.forEach(a => element("td", row, a, a === "x" ? "x" : "r" + a));
    label(row, head);
  });
}
draw();
</script></body></html>
"""

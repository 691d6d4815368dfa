"""Each example runs as a newcomer runs it, and prints what it promises."""

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
PROMISES = {
    "graph_decided": ["3 processes: solvable", "unsolvable in any number of rounds"],
    "group_of_four": ["(5) tainted by ann", "1 group key among the other three"],
    "invariant_proved": ["the lock: holds", "refuted, by the step", "lock: acquire: one holder"],
    "mls_chat": ["cat reads in epoch 2: 'a new epoch' from ann", "share epoch 3: True"],
    "own_tree_policy": [
        "healing-remove:\n  nothing found",
        "which the contract 'Tainted TreeKEM' calls safe",
    ],
    "shared_memory_checked": ["path with 3 vertices: holds", "p0: 0", "at distance 2"],
}


def test_every_example_has_its_promises():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(PROMISES)


@pytest.mark.parametrize("name", PROMISES)
def test_an_example_keeps_its_promises(name, capsys):
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    printed = capsys.readouterr().out
    for promise in PROMISES[name]:
        assert promise in printed

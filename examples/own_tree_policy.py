"""Your own protocol, put under attack: a remove that also refreshes its author's path.

A tree protocol is determined by one function, its planner. The first planner below is right; the
second does not re-key the nodes that the removed member has tainted, and the suite finds that.

Run it with ``python examples/own_tree_policy.py``; the suites of checks alone are
``pytest --cgka own_tree_policy:healing``.
"""

from ttkem.cgka import Change, Kind, Plan, TreeCGKA
from ttkem.crypto import cipher_suite
from ttkem.tainted import refresh
from ttkem.testing import CHECKS, carry_out
from ttkem.tree import KeyTree


def plan(tree: KeyTree, change: Change) -> Plan:
    """Refresh what Tainted TreeKEM does and, at a remove, the author's path and leaf too."""
    if change.kind is not Kind.REMOVE:
        return refresh.plan(tree, change)
    own = tree.path(change.author)
    nodes = refresh.refreshed_set(tree, change) | frozenset(own)
    return _refreshing(tree, change.author, nodes)


def forgetful(tree: KeyTree, change: Change) -> Plan:
    """Forget, at a remove, the nodes that the removed member has tainted."""
    if change.kind is not Kind.REMOVE:
        return refresh.plan(tree, change)
    return _refreshing(tree, change.author, frozenset(tree.path(change.author)))


def _refreshing(tree: KeyTree, author: int, nodes: frozenset[int]) -> Plan:
    return Plan(
        author=author,
        tree=tree,
        chains=refresh.chains(tree, nodes, tree.path(author)),
        taints=refresh.taints_after(tree, nodes, author),
        fresh_leaf=True,
    )


def healing() -> TreeCGKA:
    """Return the protocol; ``pytest --cgka`` calls this."""
    return TreeCGKA("healing-remove", cipher_suite(1), plan)


def main() -> None:
    """Put both planners through the checks on secrets, and print what is found."""
    for protocol in (healing(), TreeCGKA("forgetful-remove", cipher_suite(1), forgetful)):
        print(f"{protocol.name}:")
        found = 0
        for check in CHECKS:
            if check.suite == "sampled secrets":
                result = carry_out(check, protocol, seed="1", examples=2, steps=10, shrunk=False)
                if result.status.value == "failed":
                    found += 1
                    print(f"  {result.broken}: {result.seen}")
        print("  nothing found" if not found else f"  {found} checks fail")


if __name__ == "__main__":
    main()

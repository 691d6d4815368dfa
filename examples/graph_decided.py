"""Decide whether processes can agree approximately on a graph, and check the certificate.

Run it with ``python examples/graph_decided.py``.
"""

from agreement.graph import cycle, path
from agreement.solve import check_certificate, decide
from agreement.task import Task


def main() -> None:
    """Decide for a path and for a cycle, each with three processes."""
    for graph, name in ((path(5), "the path with 5 vertices"), (cycle(5), "the cycle with 5")):
        decision = decide(Task(graph), 3)
        print(f"{name}, 3 processes: {decision.verdict.value}")
        if decision.least is not None:
            print(f"  least number of rounds of immediate snapshots: {decision.least}")
        for certificate in decision.certificates:
            print(f"  accepted by both checkers: {check_certificate(certificate)}")


if __name__ == "__main__":
    main()

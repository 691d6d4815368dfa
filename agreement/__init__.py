"""Wait-free approximate agreement on graphs: protocols, exhaustive checks and impossibility proofs.

Source: Alistarh, Ellen, Rybicki, *Wait-free approximate agreement on graphs* (TCS 2023).

* `agreement.graph`: immutable graphs, their classes and their convexities;
* `agreement.task`: the task, that is, which outputs are correct;
* `agreement.memory`: shared memory, and the simulator, threads and processes that run programs;
* `agreement.protocols`: protocols, each with its proof;
* `agreement.explore`: the exhaustive bounded model checker;
* `agreement.topology`: simplicial complexes; `agreement.solve`: which graphs are solvable;
* `agreement.extension`: extension-based proofs of impossibility.
"""

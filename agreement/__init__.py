"""Wait-free approximate agreement on graphs: run, model-checked exhaustively.

Source: Alistarh, Ellen, Rybicki, *Wait-free approximate agreement on graphs* (TCS 2023).

`agreement.graph` has the graphs, `agreement.task` what a correct outcome is, `agreement.memory`
the shared memory and the ways to run processes in it, `agreement.protocols` the protocols, and
`agreement.explore` the exhaustive bounded checker.
"""

"""The toolkit for claims: the form of a claim, its runner, and what proofs are made with.

`claim` and `runner` are for claims of any kind. `lemma` asks Z3 whether a formula follows from
named premises; `system`, `induction` and `refuting_run` prove invariants of transition systems for
states of every size, or refute them. `sat` checks propositional refutations. `catalogue` loads
anybody's claims for ``ttkem verify --claims``, and `table` lists them in Markdown.

No protocol is imported here: claims about protocols stand in catalogues, which import this.
"""

"""The toolkit for claims: claims and their runner, and tools for proofs.

`claim` and `runner` serve claims of any kind. `lemma` asks Z3 whether a formula follows from named
premises. `system`, `induction` and `refuting_run` prove invariants of transition systems for states
of every size, or refute them. `sat` checks propositional refutations. `catalogue` loads the claims
of any module for ``ttkem verify --claims``, and `table` lists claims in Markdown.

No protocol is imported here: claims about protocols belong to catalogues, which import this
package.
"""

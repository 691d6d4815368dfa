"""Propositional refutations: a checker of hints (LRAT), and a finder of hints from DRAT."""

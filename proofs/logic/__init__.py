"""What proofs are made with: lemmas for Z3, and induction over transition systems."""

"""Counting leaves, chains and ciphertexts; and runs of the real rules, as evidence."""

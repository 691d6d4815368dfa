"""Tainted TreeKEM in formulas: state, operations, deliveries, and what several proofs share."""

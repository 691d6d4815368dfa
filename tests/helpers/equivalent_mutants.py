"""Mutants of the toolkit for claims that no test can kill, by module and key, with the reason."""

EQUIVALENT: dict[str, dict[str, str]] = {}

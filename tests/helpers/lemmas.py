"""Lemmas with a premise less."""

from proofs.logic.lemma import prove


def verdict(lemma):
    return prove(lemma).verdict


def without(given, name):
    assert name in given
    return {other: premise for other, premise in given.items() if other != name}

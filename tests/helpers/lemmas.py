"""Lemmas with a premise less."""

from ttkem.verification.lemma import prove


def verdict(lemma):
    return prove(lemma).verdict


def without(given, name):
    assert name in given
    return {other: premise for other, premise in given.items() if other != name}

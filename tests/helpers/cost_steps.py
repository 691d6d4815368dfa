"""One random step, taken by an engine that counts costs and by its literal counterpart."""


def take(engine, literal, kind, a, b):
    """Take the step in both, compare what is said of it, and return what the literal one says."""
    members = sorted(literal.members)
    author = members[a % len(members)]
    others = [member for member in members if member != author]
    if kind == "a":
        leaf, expected = literal.add(author)
        assert engine.add(author) == (leaf, expected[2])
    elif kind == "r" and others:
        target = others[b % len(others)]
        expected = literal.remove(author, target)
        assert engine.remove(author, target) == expected[2]
    else:
        expected = literal.update(author)
        assert engine.update(author) == expected[2]
    assert engine.capacity == literal.capacity
    assert engine.members == tuple(sorted(literal.members))
    return expected

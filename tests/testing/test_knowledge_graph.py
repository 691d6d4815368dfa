"""The recorded graph and its index of values, against searches that know nothing of them."""

import base64
from itertools import combinations
from random import Random

import pytest

from ttkem.crypto.recording import Call, CallKind
from ttkem.testing import knowledge
from ttkem.testing.knowledge import graph as graphs
from ttkem.testing.knowledge import values


def secrets(seed, count, size=32):
    chance = Random(f"secrets {seed}")
    return [chance.randbytes(size) for _ in range(count)]


def hashed(inputs, output):
    return Call(CallKind.DERIVE, "hash sha256", tuple(inputs), (output,))


def graphs_give_what_a_search_finds(module):
    """Compare with a closure for every set of shown values, in random graphs of calls."""
    for seed in range(12):
        chance, made = Random(seed), secrets(seed, 9)
        calls = [Call(CallKind.DRAW, "draw", (), (each,)) for each in made[:3]]
        rules = []
        for output in made[3:]:
            for _ in range(chance.choice((1, 1, 2))):
                others = [each for each in made if each != output]
                inputs = chance.sample(others, chance.choice((1, 1, 2, 3)))
                calls.append(hashed([b"label", b"|".join(inputs)], output))
                rules.append((output, set(inputs)))
        public = {"a message": b"head" + made[chance.randrange(9)] + b"tail"}
        graph = module.RecordedGraph(calls, public)
        number = [graph.values.number(each) for each in made]
        atoms = [each for size in (0, 1, 2) for each in combinations(made, size)]
        known = graph.known([[graph.values.number(each) for each in atom] for atom in atoms])
        open_ = _closure([each for each in made if each in public["a message"]], rules)
        for place, value in enumerate(made):
            assert (known[number[place]] < 0) is (value in open_)
            for bit, atom in enumerate(atoms):
                expected = value in _closure([*open_, *atom], rules)
                assert bool(known[number[place]] >> bit & 1) is expected
                shown = [graph.values.number(each) for each in atom]
                steps = graph.explain(number[place], shown)
                assert (steps is not None) is expected
                if steps is not None:
                    _check_steps(graph, steps, number[place], shown)


def _closure(shown, rules):
    known = set(shown)
    while True:
        fresh = {output for output, inputs in rules if inputs <= known} - known
        if not fresh:
            return known
        known |= fresh


def _check_steps(graph, steps, target, shown):
    """Check that each step uses what there is, none is idle, and the last gives the target."""
    have, used = set(shown) | set(graph.published), {target}
    for step in steps:
        assert set(step.sources) <= have
        assert step.target not in have
        have.add(step.target)
        used.update(step.sources)
    assert target in have
    assert {step.target for step in steps} <= used
    assert not steps or steps[-1].target == target


def values_find_what_lies_in_bytes(module):
    for seed in range(40):
        chance = Random(f"values {seed}")
        index, all_ = module.Values(), secrets(seed, 6)
        numbers = [index.add(each) for each in all_]
        assert numbers == [index.add(each) for each in all_] == [index.number(e) for e in all_]
        chosen = chance.sample(range(6), 3)
        data, expected = b"", []
        for each in chosen:
            start = chance.choice((0, 0, 3, 11))
            stop = chance.choice((32, 32, 19))
            data += b"-" * chance.randrange(1, 9) + all_[each][start:stop]
            expected.append((numbers[each], all_[each][start:stop]))
        scan = index.scan(data + b"-")
        found = [index.bytes[number] for number in scan.values]
        assert found == list(dict.fromkeys(piece for _, piece in expected))
        for number, piece in expected:
            mine = index.number(piece)
            assert index.whole.get(mine, mine) == number
        assert scan.unknown == ()
        assert index.gaps(data) == _gaps(data, [piece for _, piece in expected])


def _gaps(data, pieces):
    left = []
    for piece in pieces:
        before, _, data = data.partition(piece)
        left.append(before)
    return [*left, data]


def values_have_a_least_length(module):
    index, (secret,) = module.Values(), secrets("short", 1)
    assert index.add(secret[:7]) is None
    assert index.add(secret[:8]) == 0
    index.add(secret)
    assert index.scan(b"x" + secret[3:10] + b"y") == module.Scan((), ())
    (piece,) = index.scan(b"x" + secret[3:11] + b"y").values
    assert index.bytes[piece] == secret[3:11]
    assert index.scan(b"").values == ()
    assert index.scan(secret[:8]).values == (0,)  # the shortest value that is matched as a whole


def values_grow(module):
    """A scan is not answered from memory after a value was added."""
    index, (one, other) = module.Values(), secrets("grow", 2)
    index.add(one)
    data = one + b"and" + other
    assert index.scan(data) == module.Scan((0,), (b"and" + other,))
    index.add(other)
    assert index.scan(data) == module.Scan((0, 1), ())
    (half,) = index.scan(one[:16]).values
    assert index.add(one[:16]) == half
    assert index.scan(one[:16] + b"!").values == (half,)


def values_repeat(module):
    """Bytes that occur in very many values are found all the same."""
    index, (one,) = module.Values(), secrets("repeat", 1)
    for number in range(80):
        index.add(b"\x07" * 8 + number.to_bytes(2, "big") + one[:10])
    assert index.bytes[index.scan(b"a" + one[:10] + b"z").values[0]] == one[:10]


def values_are_found_in_encodings(module):
    (one, other, strange) = secrets("encoded", 3)
    index = module.Values()
    numbers = (index.add(one), index.add(other))
    text = b"key: " + one.hex().encode() + b" and " + base64.b64encode(b"ab" + other)
    assert index.scan(text) == module.Scan(numbers, ())
    assert index.scan(b"x" + one[::-1] + b"y").unknown == ()
    assert index.scan(base64.b64encode(one + strange)).unknown == (strange,)
    assert index.scan(b"label" + strange).unknown == (b"label" + strange,)
    assert index.scan(strange.hex().encode()).unknown == (strange.hex().encode(),)
    nested = base64.b64encode(base64.b64encode(base64.b64encode(b"-" + one)))
    assert index.scan(nested).values == numbers[:1]
    assert index.scan(base64.b64encode(b"-" + nested)).values == ()
    assert index.scan(b"plain words, and nothing else").unknown == ()


GRAPH = (graphs_give_what_a_search_finds,)
VALUES = (
    values_find_what_lies_in_bytes,
    values_have_a_least_length,
    values_grow,
    values_repeat,
    values_are_found_in_encodings,
)


@pytest.mark.parametrize("statement", GRAPH)
def test_the_graph(statement):
    statement(graphs)


@pytest.mark.parametrize("statement", VALUES)
def test_the_values(statement):
    statement(values)


def call(kind, function, inputs, outputs):
    return Call(kind, function, tuple(inputs), tuple(outputs))


def derivable(calls, shown, target, public=()):
    graph = knowledge.RecordedGraph(calls, {str(n): data for n, data in enumerate(public)})
    atom = [n for data in shown for n in graph.reading(data, "shown")]
    return bool(graph.known([atom])[graph.values.number(target)] & 1)


def test_each_kind_of_call_gives_its_rules():
    one, key, shared, seed, own, other, nonce, box = secrets("kinds", 8)
    pair = call(CallKind.KEY_PAIR, "key pair x", [seed], [own, key])
    assert derivable([pair], [seed], key)
    assert derivable([pair], [key], own)
    assert not derivable([pair], [own], key)
    aead = call(CallKind.AEAD, "AEAD 1", [key, nonce, b"", b"plain" + one], [box])
    draw = call(CallKind.DRAW, "draw", [], [one])
    first = call(CallKind.DRAW, "draw", [], [key])
    nonces = call(CallKind.DRAW, "draw", [], [nonce])
    calls = [draw, first, nonces, aead]
    assert derivable(calls, [key, nonce], one, [box])
    assert not derivable(calls, [key], one, [box])
    assert not derivable(calls, [nonce], one, [box])
    assert not derivable(calls, [key, nonce], one)
    assert derivable(calls, [key, nonce, one], box)
    seal = call(CallKind.SEAL, "HPKE", [own, b"", b"", one, nonce], [shared, box])
    calls = [draw, nonces, pair, seal]
    assert derivable(calls, [key], one, [shared, box])
    assert not derivable(calls, [], one, [shared, box])
    assert derivable(calls, [nonce], one, [own, box])
    assert derivable([draw, seal], [], one, [one])
    opened = call(CallKind.OPEN, "HPKE", [key, shared, b"", b"", box], [one])
    assert derivable([draw, first, opened], [key], one, [shared, box])
    assert not derivable([draw, first, opened], [], one, [shared, box])
    exchange = call(CallKind.EXCHANGE, "exchange X", [key, other], [shared, own])
    theirs = call(CallKind.PUBLIC_KEY, "public key X", [one], [other])
    assert derivable([theirs, exchange], [key], shared, [other])
    assert derivable([theirs, exchange], [one], shared, [own])
    assert not derivable([theirs, exchange], [], shared, [own, other])
    assert derivable([theirs], [one], other)
    assert derivable([exchange], [key], own)
    for drawn, expected in (((nonce,), True), ((), False)):
        wrap = call(CallKind.ENCAPSULATE, "encapsulate KEM 0x0020", [own, *drawn], [shared, box])
        assert derivable([nonces, pair, wrap], [nonce], shared, [own]) is expected
        assert derivable([nonces, pair, wrap], [key], shared, [box])
    wing = call(CallKind.ENCAPSULATE, "encapsulate KEM 0x647a", [own, nonce], [shared, box])
    assert not derivable([nonces, wing], [nonce], shared, [own])
    unwrap = call(CallKind.DECAPSULATE, "decapsulate KEM 0x0020", [key, box], [shared])
    assert derivable([first, unwrap], [key], shared, [box])

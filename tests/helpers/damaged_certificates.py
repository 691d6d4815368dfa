"""False certificates made from true ones: values of wrong types, random changes, false texts."""

import copy
import json
import math

from true_certificates import SQUARE_2


class _Text(str):
    __slots__ = ()


class _Number(int):
    __slots__ = ()


def _confused(value):
    """Values that may be taken for this one."""
    if type(value) is int:
        yield from (bool(value), float(value), value + 0.5, str(value), None, [value], {})
        yield from (-1, -value - 1, 10**9, value + 2**64, 10**5000, math.nan, math.inf)
        yield from (_Number(value), complex(value), b"0")
    elif type(value) is str:
        yield from (_Text(value), value.encode(), [value], None, 0, f"{value} ", f" {value}", {})
    elif type(value) is list:
        yield from (tuple(value), dict(enumerate(value)), None, 0, "", str(value), set(), iter(()))
    elif type(value) is dict:
        yield from (list(value.items()), list(value), None, 0, "", True, frozenset(value))
        yield from ({**value, "": 0}, {**value, 0: 0}, dict(list(value.items())[1:]))
    else:
        yield from (False, 0.0, "", "null", [], {}, -1)


def _places(value, way=()):
    yield way, value
    parts = (
        value.items() if type(value) is dict else enumerate(value) if type(value) is list else ()
    )
    for key, part in parts:
        yield from _places(part, (*way, key))


def type_confusions(name, original):
    """Yield false certificates that have one value of a wrong type or out of every range."""
    for way, value in _places(original):
        for wrong in _confused(value):
            new = copy.deepcopy(original)
            part = new
            for key in way[:-1]:
                part = part[key]
            if way:
                part[way[-1]] = wrong
            else:
                new = wrong
            yield f"{name} at {way}: {type(wrong).__name__}", new


def random_mutation(original, random):
    """Return a copy with one to three small changes; it may be a true certificate."""
    new = copy.deepcopy(original)
    for _ in range(random.choice((1, 1, 2, 3))):
        way, value = random.choice([it for it in _places(new) if it[0]])
        part = new
        for key in way[:-1]:
            part = part[key]
        last = way[-1]
        siblings = part if type(part) is list else []
        change = random.randrange(4)
        if type(value) is int:
            part[last] = max(0, value + random.choice((-2, -1, 1, 2)))
        elif change == 0 and siblings:
            del part[last]
        elif change == 1 and siblings:
            part.insert(random.randrange(len(part) + 1), copy.deepcopy(value))
        elif change == 2 and siblings:
            other = random.randrange(len(part))
            part[last], part[other] = part[other], part[last]
        elif type(value) is str:
            words = value.split()
            random.shuffle(words)
            part[last] = " ".join(words[random.randrange(2) :])
    return new


def false_texts():
    """Return (name, bytes) of files that are to be refused, though the parsed value may be true."""
    text = json.dumps(SQUARE_2)
    changed = [
        ("a byte order mark", "\ufeff" + text),
        ("something after it", text + " {}"),
        ("a comma after it", text + ","),
        ("something before it", "// \n" + text),
        ("a key twice", text.replace('"processes": 3', '"processes": 3, "processes": 3')),
        ("another value first", text.replace('"processes": 3', '"processes": 2, "processes": 3')),
        ("a key twice inside", text.replace('"modulus": 2', '"modulus": 2, "modulus": 2')),
        ("a fraction", text.replace('"processes": 3', '"processes": 3.0')),
        ("an exponent", text.replace('"processes": 3', '"processes": 3e0')),
        ("a huge exponent", text.replace('"processes": 3', '"processes": 3e999999999')),
        ("minus zero", text.replace("[[1, [0, 1], [0]]", "[[1, [-0, 1], [0]]")),
        ("a sign", text.replace('"processes": 3', '"processes": -3')),
        ("ten digits", text.replace('"modulus": 2', '"modulus": 1000000000')),
        ("many digits", text.replace('"modulus": 2', f'"modulus": {"2" * 100_000}')),
        ("a leading zero", text.replace('"processes": 3', '"processes": 03')),
        ("NaN", text.replace('"processes": 3', '"processes": NaN')),
        ("Infinity", text.replace('"processes": 3', '"processes": Infinity')),
        ("minus Infinity", text.replace('"processes": 3', '"processes": -Infinity')),
        ("a comment", text.replace("{", "{/* */", 1)),
        ("single quotes", text.replace('"', "'")),
        ("a trailing comma", text[:-1] + ",}"),
        ("nothing", ""),
        ("white space", " \n"),
        ("half of it", text[: len(text) // 2]),
        ("deep lists", "[" * 100_000 + "]" * 100_000),
        ("deep objects", '{"a":' * 100_000 + "1" + "}" * 100_000),
        ("a string", json.dumps(text)),
    ]
    found = [(name, changed_.encode()) for name, changed_ in changed]
    found.append(("UTF-16", text.encode("utf-16")))
    found.append(("no UTF-8", text.replace("geodesic", "geod\xe9sic").encode("latin-1")))
    return found

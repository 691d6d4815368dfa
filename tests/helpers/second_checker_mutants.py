"""Mutants of the second checker that do what it does, by module and key, with the reason."""

# ruff: noqa: E501 - the keys of mutants have lines of the checker

_UNREAD = "variables are counted from 1, so that this entry is never read"
_LONGER = "a longer list still has one entry for each literal, positive or negative"
_NO_ZERO = "0 is no literal"
_TRUE_ALREADY = "a clause that is true already forces nothing, watched or not"
_TYPE = "the union is read by type checkers only"
_NOT_ASKED = "proofs of kinds without a number of rounds do not ask for it"
_ALL_OR_NONE = "own values are all null or none is, and -1 comes before all others as 0 does"

EQUIVALENT = {
    "carriers": {
        "Carriers.__init__: if sum(self._layers[0]) != self._everything:: != to <": "no more than all vertices are reached",
        "Carriers.__init__: if sum(self._layers[0]) != self._everything:: 0 to -1": "if one vertex reaches all others, each does",
        'Carriers.__init__: monophonic = validity == "monophonic": == to >=': "no other validity comes after it in the alphabet",
        "Carriers.carrier: if inputs not in self._known:: condition is True": "carriers are computed again instead of kept",
        "Carriers.is_clique: return all(members & ~self.near[v] == 0 for v in bits(members)): == to <=": "a set of vertices is no negative number",
        'Carriers._computed: if self._validity == "clique":: == to <=': "no other validity comes before it in the alphabet",
        'Carriers._computed: while self._validity == "hull" and (larger := self._over_pairs(union)) != union:: != to >': "a larger set is a greater number",
    },
    "package": {
        "main: data = file.read(MOST_BYTES + 1): 1 to 2": "one byte more than allowed shows that there are too many; two do as well",
    },
    "document": {
        **{
            f"module: ContractibleCarriers: {side} of | dropped{which}": _TYPE
            for side in ("left", "right")
            for which in ("", " (2)", " (3)", " (4)")
        },
        "Document.k: if self.rounds is None:: condition is False": _NOT_ASKED,
        'Document.k: raise AssertionError("the kind\'s proof is about a number of rounds"): drop statement': _NOT_ASKED,
        "read: bounds = _Bounds(size, processes, rounds or 0): operand 2 dropped": _NOT_ASKED,
        "_read_protocol: first, last = number == 0, number == bounds.rounds - 1: == to <=": "a table's number is not negative",
        "_read_protocol: first, last = number == 0, number == bounds.rounds - 1: == to >= (2)": "there are as many tables as rounds",
        "_read_table: if list(known) != sorted(known):: != to >": "the sorted list is the first of all orders",
        "_read_table: increasing([((own or 0), seen) for own, seen in keys], place): operand 2 dropped": _ALL_OR_NONE,
        "_read_table: increasing([((own or 0), seen) for own, seen in keys], place): 0 to -1": _ALL_OR_NONE,
        "_read_table: return Table(of_sets == {True}, dict(zip(keys, news, strict=True))): == to <=": "a table without entries is refused at the first look-up, of sets or not",
        "_read_table: return Table(of_sets == {True}, dict(zip(keys, news, strict=True))): == to >=": "a table that mixes both was refused",
        "_read_table: return Table(of_sets == {True}, dict(zip(keys, news, strict=True))): True to False (2)": "there are as many new values as keys",
        "_read_refutation: if len({abs(literal) for literal in literals}) != len(literals):: != to <": "there are at most as many variables as literals",
    },
    "dismantling": {
        "check_carriers: for number, (inputs, entry) in enumerate(zip(in_order, proof.entries, strict=True)):: True to False": "there are as many entries as sets, as was checked",
    },
    "obstruction": {
        "equation: before = (clique & (1 << v) - 1).bit_count(): 1 to 2": "v itself is not in the clique",
        "equation: if clique.bit_count() == 1:  # the face is one vertex, and is mapped to itself: == to <=": "a clique has one vertex less than there are inputs, and those are two at least",
        "check_obstruction: sum(y * made.constant for y, made in zip(multipliers, rows, strict=True)) % proof.modulus: == to <=": "a remainder is not negative",
        "check_obstruction: sum(y * made.constant for y, made in zip(multipliers, rows, strict=True)) % proof.modulus: True to False": "a row is made for each multiplier",
    },
    "refutations": {
        "check_removals: for number in range(last, -1, -1):: 1 to 2": "after the first removal the last one is looked at again, which is used",
    },
    "propagation": {
        "Formula.__init__: self._meaning = [(-1, -1)]  # variables are counted from 1: 1 to 2": _UNREAD,
        "Formula.__init__: self._meaning = [(-1, -1)]  # variables are counted from 1: 1 to 0": _UNREAD,
        "Formula.__init__: self._meaning = [(-1, -1)]  # variables are counted from 1: 1 to 2 (2)": _UNREAD,
        "Formula.__init__: self._meaning = [(-1, -1)]  # variables are counted from 1: 1 to 0 (2)": _UNREAD,
        "Formula.__init__: literals = 2 * self.variables + 1  # a negative index counts from the end: 2 to 3": _LONGER,
        "Formula.__init__: literals = 2 * self.variables + 1  # a negative index counts from the end: 1 to 2": _LONGER,
        "Formula._add: if any(self._true[literal] for literal in clause):: condition is False": _TRUE_ALREADY,
        "Formula._add: if any(self._true[literal] for literal in clause):: any to all": _TRUE_ALREADY,
        "Formula._add: if len(left) == 1:: == to <=": "a clause that is implied has a literal that is not false",
        "Formula._add: self._refuted = not (self._make(left[0]) and self._propagate()): 0 to -1": "there is one literal",
        "Formula._is_single: return self._left[view].bit_count() == 1: == to <=": "a view never has no value left: when one is left, it is made true or that fails",
        "Formula._forget: if literal < 0:: < to <=": _NO_ZERO,
        "Formula._forget: if literal < 0:: 0 to 1": _NO_ZERO,
        "Formula._propagate: if literal > 0:: > to >=": _NO_ZERO,
        "Formula._propagate: if literal > 0:: 0 to -1": _NO_ZERO,
        "Formula._visit_watched: for place in range(2, len(clause)):: 2 to 1": "the literal at 1 is the one that has become false",
    },
    "runs": {
        "check_protocol: states: set[State] = set(combinations_with_replacement(inputs, n)): set to list": "no two combinations are the same, and each is only iterated over",
        "_one_round: n = len(partitions[0]): 0 to -1": "all divisions are of the same processes",
        "_one_round: for block in range(1, 1 << n):: 1 to 0": "an empty block has no process, so nothing is looked up for it",
    },
    "views": {
        "Views.occur_together: if p == q or self._depth[i] != self._depth[j]:: != to <": "if what they see fits one round, they see a process in common, of which views of different rounds see different views",
        "Views.need_pair: if self._depth[view] != self._rounds:: != to <": "a view of a later round was refused",
        "Views.__init__: if p != q: condition is True": "two views of one process are told apart before the round is asked",
        "Views.__init__: self.deciding = [i for i, depth in enumerate(self._depth) if depth == rounds]: == to >=": "a view of a later round was refused",
        "Views._add: depth = self._depth[seen[0]] + 1: 0 to -1": "views that occur together are of the same round",
    },
}

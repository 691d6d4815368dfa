"""Mutants of the toolkit for claims that no test can kill, by module and key, with the reason."""

_TIME = "a limit of Z3's time: a millisecond more or less changes no answer that is given in time"
_AGAIN = "the question is asked again by what is called; here it only saves the words of an error"
_ONE = "a signature has one sort or more, and this one has one"
_STRICT = "both have one length: one name is made for each variable"

_ALL = "the two have the same length"
_MARK = "any marks do that tell the states of a run apart"
_BOOLEAN = "the value of a Boolean is True or False, which comes before True"

EQUIVALENT = {
    "claim": {
        "Finding._counts: if len({*names}) != len(names):: != to <": (
            "a set of names never has more elements than the list"
        ),
    },
    "countermodel": {
        "_Reader.facts: holds[name] = [at for at in each if self._value(_at(symbol, at)) == "
        '"True"]: == to >=': _BOOLEAN,
    },
    "finite": {
        "finite_values: if all(maker.arity() == 0 for maker in makers):: == to <=": (
            "no arity is negative"
        ),
        "Universe.__init__: for sort, letter in zip(sizes, letters, strict=True):: True to False": (
            _ALL
        ),
        "Universe.__init__: prefix = letter if letters.count(letter) == 1 else "
        "sort.name().lower(): == to <=": "each letter is one of the letters",
        "Universe.__init__: self.names.update(zip(self.elements[sort], names, strict=True)): "
        "True to False": _ALL,
        "Universe.__init__: self._uninterpreted = frozenset(sizes): frozenset to tuple": (
            "it is only asked whether a sort is among them"
        ),
        "symbols_of: if z3.is_app(term) and term.decl().kind() == z3.Z3_OP_UNINTERPRETED: "
        "== to >=": "Z3's later kinds are operators of finite fields, whose sorts are rejected",
    },
    "induction": {
        **{
            f"module: SOON, LATE = 3_000, 30_000: {change}": _TIME
            for change in (
                *("3000 to 3001", "3000 to 2999"),
                *("30000 to 30001", "30000 to 29999"),
            )
        },
        "vacuous: state = declare(system.state, _mark(0)): 0 to 1": _MARK,
        "vacuous: state = declare(system.state, _mark(0)): 0 to -1": _MARK,
        "_unrolled: unrolled = _Unrolled([Moment(declare(system.state, _mark(0)))], "
        '[("axiom", system.axioms)]): 0 to -1': _MARK,
        "_unrolled: meant, mark = changed, _mark(number + 1): 1 to 2": _MARK,
        "_unrolled: elif not question.steps:: condition is True": (
            "the invariant of the first state is assumed below too, under the same name"
        ),
        "_unrolled: changed = {name: named(name + mark, system.state[name]) for name in meant}: "
        "drop statement": "a model gives the new meanings themselves the same values",
    },
    "lemma": {
        "module: MILLISECONDS = 60_000: 60000 to 60001": _TIME,
        "module: MILLISECONDS = 60_000: 60000 to 59999": _TIME,
    },
    "premises": {
        "Premises.wait: self.solver.set(timeout=milliseconds, unsat_core=True): True to False": (
            "assert_and_track makes Z3 keep cores in any case"
        ),
    },
    "wellformed": {
        "module: _OPERATORS = frozenset(: frozenset to tuple": (
            "it is only asked whether an operator is among them"
        ),
        '_Check._parts: words = "a mapping" if field == "chooses" else "a function of state and '
        'choices": == to <=': "no other field comes before it in the alphabet",
        "_Check._universe: if not isinstance(sort, z3.SortRef) or sort.kind() != "
        "z3.Z3_UNINTERPRETED_SORT:: != to >": "it is Z3's first kind of sort: there is none below",
        "_Check._signature: self._sort(where, sort, value=number == len(signature)): == to >=": (
            "the number of a sort is never more than the length"
        ),
        "_Check._constant: if not isinstance(declared, z3.FuncDeclRef) or declared.kind() != "
        "z3.Z3_OP_UNINTERPRETED:: != to <": "it is Z3's last kind of symbol: there is none above",
        '_Check._part: self._sort(f"{where}: {part}", part.sort(), value=True): True to False': (
            "what is asked has just been denied for values, so it is for arguments"
        ),
        "_Check._term: if not self._allows(symbol.domain(number)):: condition is True": _AGAIN,
    },
    "system": {
        "named: if len(signature) == 1:: == to <=": _ONE,
        "named: return z3.Const(name, signature[0]): 0 to -1": _ONE,
        "_quantified: free = z3.substitute(inner, *zip(called, variables, strict=True)): "
        "True to False": _STRICT,
        "_quantified: return quantifier(called, z3.substitute(inner, *zip(variables, called, "
        "strict=True))): True to False": _STRICT,
    },
}

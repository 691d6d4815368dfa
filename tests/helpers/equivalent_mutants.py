"""Mutants of the toolkit for claims that no test can kill, by module and key, with the reason."""

_TIME = "a limit of Z3's time: a millisecond more or less changes no answer that is given in time"
_AGAIN = "the question is asked again by what is called; here it only saves the words of an error"
_ONE = "a signature has one sort or more, and this one has one"
_STRICT = "both have one length: one name is made for each variable"

EQUIVALENT = {
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
        "_Check._universe: if not isinstance(sort, z3.SortRef) or sort.kind() != "
        "z3.Z3_UNINTERPRETED_SORT:: != to >": "it is Z3's first kind of sort: there is none below",
        "_Check._signature: self._sort(where, sort, value=number == len(signature)): == to >=": (
            "the number of a sort is never more than the length"
        ),
        "_Check._constant: if not isinstance(declared, z3.FuncDeclRef) or declared.kind() != "
        "z3.Z3_OP_UNINTERPRETED:: != to <": "it is Z3's last kind of symbol: there is none above",
        "_Check._term: elif not self._decides(each.sort(), value=True):: condition is True": _AGAIN,
        "_Check._term: elif not self._decides(each.sort(), value=True):: True to False": _AGAIN,
        '_Check._term: self._sort(f"{where}: {each}", each.sort(), value=True): True to False': (
            "what is asked has just been denied for values, so it is for arguments"
        ),
        "_Check._term: if not self._decides(symbol.domain(number)):: condition is True": _AGAIN,
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

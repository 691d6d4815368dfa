"""The changes that mutation makes to one expression: operator by operator.

Each function takes a node and yields (the operator's name, the node in its place). Nothing is
changed in the node itself, since mutants share what they do not change.
"""

import ast

_COMPARISONS = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.LtE, ast.GtE, ast.NotEq),
    ast.NotEq: (ast.Lt, ast.Gt, ast.Eq),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
"""The last of each is the opposite."""
_OPERATORS = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitOr, ast.BitAnd),
    ast.Mult: (ast.Add,),
    ast.FloorDiv: (ast.Mult,),
    ast.Div: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
}
_WITHOUT_RIGHT = (ast.Sub, ast.BitAnd, ast.BitOr, ast.BitXor, ast.Mod)
_CALLS = {
    "any": "all",
    "all": "any",
    "min": "max",
    "max": "min",
    "sorted": "list",
    "reversed": "list",
    "set": "list",
    "frozenset": "tuple",
}
_METHODS = {
    "union": "difference",
    "difference": "union",
    "intersection": "union",
    "issubset": "issuperset",
    "issuperset": "issubset",
    "startswith": "endswith",
    "endswith": "startswith",
    "removeprefix": "removesuffix",
    "removesuffix": "removeprefix",
}


def is_truth(node):
    return isinstance(node, ast.Constant) and type(node.value) is bool


def is_not(node):
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _without(items, index):
    return [*items[:index], *items[index + 1 :]]


def negated(node):
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
        case ast.Compare(left=left, ops=[op], comparators=right):
            return ast.Compare(left, [_COMPARISONS[type(op)][-1]()], right)
    return ast.UnaryOp(ast.Not(), node)


_SIGN = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.Add: "+",
    ast.Sub: "-",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.Mult: "*",
    ast.FloorDiv: "//",
    ast.Div: "/",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
}


def _comparison(node):
    for i, op in enumerate(node.ops):
        for other in _COMPARISONS[type(op)]:
            ops = [*node.ops[:i], other(), *node.ops[i + 1 :]]
            what = f"{_SIGN[type(op)]} to {_SIGN[other]}"
            yield what, ast.Compare(node.left, ops, node.comparators)
    yield "comparison is True", ast.Constant(value=True)
    if len(node.ops) > 1:
        yield (
            "first comparison dropped",
            ast.Compare(node.comparators[0], node.ops[1:], node.comparators[1:]),
        )
        yield (
            "last comparison dropped",
            ast.Compare(node.left, node.ops[:-1], node.comparators[:-1]),
        )
    match node:
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[listed]) if isinstance(
            listed, (ast.Set, ast.Tuple, ast.List)
        ):
            for i, element in enumerate(listed.elts):
                rest = _without(listed.elts, i)
                fewer = type(listed)(rest, *([] if isinstance(listed, ast.Set) else [ast.Load()]))
                if not rest:
                    fewer = ast.Tuple([], ast.Load())
                new = ast.Compare(node.left, node.ops, [ast.copy_location(fewer, listed)])
                yield f"{ast.unparse(element)} not listed", new


def _and_or(node):
    both = isinstance(node.op, ast.And)
    yield (
        ("and to or", ast.BoolOp(ast.Or(), node.values))
        if both
        else (
            "or to and",
            ast.BoolOp(ast.And(), node.values),
        )
    )
    for i in range(len(node.values)):
        rest = _without(node.values, i)
        yield f"operand {i + 1} dropped", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _unary(node):
    match node:
        case ast.UnaryOp(op=ast.Not()):
            yield "not dropped", node.operand
        case ast.UnaryOp(op=ast.USub()) if not isinstance(node.operand, ast.Constant):
            yield "minus dropped", node.operand


def _binary(node):
    kind = type(node.op)
    for other in _OPERATORS.get(kind, ()):
        yield f"{_SIGN[kind]} to {_SIGN[other]}", ast.BinOp(node.left, other(), node.right)
    if kind in _WITHOUT_RIGHT:
        yield f"right of {_SIGN[kind]} dropped", node.left
    if kind in {ast.BitAnd, ast.BitOr, ast.BitXor}:
        yield f"left of {_SIGN[kind]} dropped", node.right


def _constant(node):
    if is_truth(node):
        yield f"{node.value} to {not node.value}", ast.Constant(value=not node.value)
    elif type(node.value) is int:
        for value in (node.value + 1, node.value - 1):
            yield f"{node.value} to {value}", ast.Constant(value=value)


def _call(node):
    match node.func:
        case ast.Name(id=name) if name in _CALLS and node.args:
            other = _CALLS[name]
            new = ast.copy_location(ast.Name(other, ast.Load()), node.func)
            keywords = [] if other in {"list", "tuple"} else node.keywords
            yield f"{name} to {other}", ast.Call(new, node.args, keywords)
            if name in {"any", "all"} and isinstance(node.args[0], ast.GeneratorExp):
                made = node.args[0]
                every = ast.copy_location(
                    ast.GeneratorExp(negated(made.elt), made.generators), made
                )
                yield f"{name} of the negation", ast.Call(node.func, [every], [])
        case ast.Name(id="isinstance"):
            yield "isinstance is True", ast.Constant(value=True)
        case ast.Attribute(attr=name) if name in _METHODS:
            other = _METHODS[name]
            renamed = ast.Attribute(node.func.value, other, ast.Load())
            called = ast.copy_location(renamed, node.func)
            yield f"{name} to {other}", ast.Call(called, node.args, node.keywords)


def _slice(node):
    part = node.slice
    if not isinstance(part, ast.Slice):
        return
    for end in ("lower", "upper"):
        if getattr(part, end) is not None:
            parts = {name: getattr(part, name) for name in ("lower", "upper", "step")}
            new = ast.copy_location(ast.Slice(**(parts | {end: None})), part)
            yield f"{end} end of the slice dropped", ast.Subscript(node.value, new, node.ctx)


def _handler(node):
    if isinstance(node.type, ast.Tuple):
        for i, kind in enumerate(node.type.elts):
            rest = _without(node.type.elts, i)
            fewer = ast.copy_location(ast.Tuple(rest, ast.Load()), node.type)
            new = ast.ExceptHandler(fewer, node.name, node.body)
            yield f"except without {ast.unparse(kind)}", new


OF_EXPRESSIONS = {
    ast.Compare: _comparison,
    ast.BoolOp: _and_or,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Constant: _constant,
    ast.Call: _call,
    ast.Subscript: _slice,
    ast.ExceptHandler: _handler,
}

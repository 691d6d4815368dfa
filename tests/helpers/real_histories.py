"""Runs of real members as runs of the system of transcripts (:mod:`proofs.treekem.transcripts`).

Transcripts are the hashes, views the public trees, and keys the group keys of real members. That
the next view and the group key are functions of view and message, which the proofs trust, is
checked: :attr:`RealHistories.conflicts` names what has two values.
"""

import numpy as np
from under_approximations import Step, choice, empty_tables

from ttkem.adversary import Add, Confirm, Create, Deliver, Game, Remove, Update


class RealHistories:
    """A run; ``steps`` are those of the system."""

    def __init__(self, system, protocol, names, steps, kind=Game):
        self.system = system
        self.game = game = kind(protocol, "histories", names)
        self.names = [*names]
        self._numbers = {sort: {} for sort in ("Op", "Transcript", "View", "Secret")}
        self._number("Transcript", b"")
        self._number("View", None)
        self._number("Secret", None)
        self._applied, self._key, self.conflicts = {}, {}, []
        self._hashed, self._made = {}, {}
        self._was = dict.fromkeys(names, ())
        snapshots, found = [self._snapshot()], []
        for step in steps:
            before = {name: self._place(name) for name in names}
            outcome = game.play(step)
            if not outcome.accepted:
                continue
            found.append(self._observe(step, before))
            snapshots.append(self._snapshot())
        assert not game.findings, game.findings[0]
        self.sizes = {"Member": len(names), **{k: max(len(v), 1) for k, v in self._numbers.items()}}
        fixed = self._constants()
        self.unchanged = [
            number
            for number, each in enumerate(found)
            if each is None and snapshots[number] != snapshots[number + 1]
        ]
        """The steps of no transition that changed something nevertheless; there must be none."""
        self.steps = []
        for number, each in enumerate(found):
            if each is not None:
                name, chosen = each
                before, after = map(self._tables, snapshots[number : number + 2])
                tables = {**fixed, **before, **choice(system, name, chosen)}
                self.steps.append(Step(name, self.sizes, tables, after))

    def _number(self, sort, value):
        return self._numbers[sort].setdefault(value, len(self._numbers[sort]))

    def _place(self, name):
        """Return transcript, view and group key of a member; None if it is in no group."""
        group = self.game.members[name].state.group
        return None if group is None else self._of_group(group)

    def _of_group(self, group):
        return (
            self._number("Transcript", group.public.transcript_hash),
            self._number("View", group.public.tree.hash),
            self._number("Secret", group.group_key),
        )

    def _apply(self, view, op, place):
        """Record that a message leads from a view to a place."""
        for table, key, value in (
            (self._applied, (view, op), place[1]),
            (self._key, (place[1], op), place[2]),
            (self._hashed, op, place[0]),
        ):
            if table.setdefault(key, value) != value:
                self.conflicts.append((op, key, value))

    def _observe(self, step, before):
        """Return the transition of an accepted step and what it chooses; None if there is none."""
        game = self.game
        match step:
            case Create() | Update() | Add() | Remove():
                op, author = self._number("Op", step.op), step.who
                (made,) = (
                    each
                    for each in game.members[author].state.pending
                    if each.id == game.operations[step.op].id
                )
                old = before[author] or (0, 0, 0)
                self._made[op] = (self.names.index(author), old[0], old[1])
                self._apply(old[1], op, self._of_group(made.group))
                chosen = {"who": self.names.index(author), "op": op, "now": old[0]}
                return ("create" if isinstance(step, Create) else "generate"), chosen
            case Confirm(number):
                op = self._number("Op", number)
                who = game.ledger.made[number].author
                self._went(who, op, self._made[op][2], joins=False)
                return "confirm", {"who": self.names.index(who), "op": op}
            case Deliver(number, who):
                op, m = self._number("Op", number), self.names.index(who)
                if self._place(who) is None:
                    self._was[who] = ()
                    return "leave", {"who": m}
                joins = before[who] is None
                view = self._made[op][2] if joins else before[who][1]
                self._went(who, op, view, joins=joins)
                if joins:
                    return "join", {"who": m, "op": op}
                return "process", {"who": m, "op": op, "now": before[who][0]}
            case _:
                return None

    def _went(self, who, op, view, *, joins):
        place = self._place(who)
        self._apply(view, op, place)
        self._was[who] = (*(() if joins else self._was[who]), place[0])

    def _snapshot(self):
        return dict(self._made), {name: self._place(name) for name in self.names}, dict(self._was)

    def _constants(self):
        size = self.sizes
        applied = np.zeros([size["View"], size["Op"]], int)
        key = np.zeros([size["View"], size["Op"]], int)
        hashed = np.zeros([size["Op"]], int)
        for at, value in self._applied.items():
            applied[at] = value
        for at, value in self._key.items():
            key[at] = value
        for at, value in self._hashed.items():
            hashed[at] = value
        zero = np.asarray(0)
        return {
            "applied": applied,
            "group key": key,
            "hashed": hashed,
            "empty": zero,
            "nothing": zero,
        }

    def _tables(self, snapshot):
        made, places, was = snapshot
        tables = empty_tables(self.system.state, self.sizes)
        tables["base"][:], tables["base_view"][:] = self.sizes["Transcript"] - 1, -1
        tables["base_view"] %= self.sizes[
            "View"
        ]  # any but the empty one, until an operation is made
        for op, (author, base, view) in made.items():
            tables["made"][op] = True
            tables["author"][op], tables["base"][op] = author, base
            tables["base_view"][op] = view
            transcript, after = self._hashed[op], self._applied[view, op]
            tables["known"][transcript] = True
            tables["view_of"][transcript] = after
            tables["key_of"][transcript] = self._key[after, op]
            now = op
            while now is not None:
                tables["prefix"][self._hashed[now], transcript] = True
                former = made[now][1]
                now = next((each for each in made if self._hashed[each] == former), None)
        for m, name in enumerate(self.names):
            tables["was"][m, [*was[name]]] = True
            if places[name] is not None:
                transcript, tables["view"][m], tables["key"][m] = places[name]
                tables["at"][m, transcript] = True
        return tables

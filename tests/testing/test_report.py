"""The report: causes, derivations with names, the contract table, coverage, what was not seen."""

import hashlib
import importlib
import json
import re
import sys
from dataclasses import replace
from typing import Any

import pytest
from broken_rules import Mutated, node_keys_by_h1, of_member, patched, tag_is

from ttkem.cgka import TreeMember, group, seeds
from ttkem.crypto import cipher_suite
from ttkem.crypto.recording import Call, CallKind, Recorder, recording
from ttkem.mls.cgka import MlsCgka
from ttkem.tainted import refresh, tainted_treekem
from ttkem.testing import CHECKS, Bench, Result, Run, Status, carry_out, lacking
from ttkem.testing.contracts import OUTSIDE, Contract, Forward, Healing, Pair, contract_of, promised
from ttkem.testing.evidence import Evidence, contract_table, understanding
from ttkem.testing.findings import cause_of, findings, place_of
from ttkem.testing.html import page
from ttkem.testing.knowledge import Derivation, RecordedGraph, Storyteller
from ttkem.testing.knowledge.story import computation, label_of
from ttkem.testing.naming import Names
from ttkem.testing.report import (
    document,
    lines,
    printable,
    row,
    strongest,
    told,
    warning,
    write_replay,
)
from ttkem.testing.run import Failure
from ttkem.testing.shrink import replay, shrink
from ttkem.tree import draw

pytest_plugins = ["pytester"]
BY_NAME = {check.name: check for check in CHECKS}
GOOD = "ttkem.tainted:tainted_treekem"
OPTIONS = ("-p", "no:cacheprovider", "-p", "no:cov", "-p", "no:benchmark", "-q")


def result_of(protocol, name, **how):
    return carry_out(BY_NAME[name], protocol, "1", examples=1, steps=12, **how)


def report_of(protocol, *names):
    rows = [row(result_of(protocol, name)) for name in names]
    return document("p", "m:p", 1, rows, contract_of(protocol), lacking(protocol), len(CHECKS))


@pytest.fixture
def equal_derivations(monkeypatch):
    """TTKEM whose nodes' keys are made from the seed of the next node."""
    return patched(seeds, "node_keys", node_keys_by_h1)(monkeypatch)


@pytest.fixture
def tag_is_the_key(monkeypatch):
    """TTKEM that sends every group key in clear, as its confirmation tag."""
    broken = tag_is(lambda kdf, root, suite, transcript: suite.group_key)
    return patched(group, "_next_state", broken)(monkeypatch)


# Findings.


def test_a_derivation_is_told_with_the_names_of_nodes_and_ciphertexts(equal_derivations):
    result = result_of(equal_derivations, "everybody updates")
    assert result.broken == "post-compromise security"
    bob, leaf = "bob's leaf (key package 0)", "ann's leaf (op 0)"
    init = f"the secret key of {bob}"
    both = f"the keying material of {leaf}, which is also the seed of node 1 (op 0)"
    assert result.story[:3] == (
        f"bob's state after step 0 contains {init}",
        f"{init}, with ciphertext 1 of op 0 to {bob}, gives {both} (decrypt)",
        f"{both} gives the secret key of {leaf} (key pair)",
    )
    assert result.story[-1].endswith(
        "gives the group key of op 2 (HKDF-Expand, label 'TTKEM 1.0 group key')"
    )
    assert not any("public key" in line or "encapsulation" in line for line in result.story)
    assert result.expected == (
        "contract 'Tainted TreeKEM', healing: from the member's next own update on, what leaked "
        "before it is harmless"
    )
    assert result.picture.splitlines()[:4] == [
        "the tree after op 0 (* the leak gives the node's secret):",
        "(1) *",
        "├─ ann *",
        "└─ bob *",
    ]
    text = told(row(result).as_dict(), ["functional: everybody updates"])
    assert "  how:\n    1. bob's state after step 0 contains" in text
    assert text.endswith("  1 check fails by this cause:\n    functional: everybody updates")


def test_failures_with_one_cause_are_one_finding(tag_is_the_key):
    names = ("a created group agrees", "everybody updates", "forks never rejoin")
    whole = report_of(tag_is_the_key, *names)
    text = "\n".join(lines(whole))
    assert text.count("the message of op 0 contains the group key of op 0") == 1
    assert len(whole["findings"]) == 1
    assert whole["findings"][0]["checks"] == [
        "functional: a created group agrees",
        "functional: everybody updates",
        "forks: forks never rejoin",
    ]
    assert whole["verdict"] == "does not conform: 3 of 3 checks fail, by 1 cause"
    assert text.index("finding 1 of 1") < text.index("contract, declared")
    html = page(whole)
    assert html.count("the message of op 0 contains") == 1
    assert html.index("finding 1 of 1") < html.index("<h2>Contract")
    assert strongest(whole).startswith("every contract is contradicted")
    assert whole["contract"]["healing"]["strongest"] is None


def test_what_is_one_cause():
    short = cause_of("forward secrecy", "bob's state after step 3 gives it", ("decrypt", "hash"))
    long = cause_of("forward secrecy", "m7's state after step 9 gives it", ("decrypt", "hash", "x"))
    other = cause_of("forward secrecy", "bob's state after step 3 gives it", ("exclusive or",))
    drawn = cause_of("forward secrecy", "bob's randomness of step 3 gives it", ("decrypt", "hash"))
    rule = cause_of("secrecy", "anybody can compute it", ("decrypt", "hash"))
    words = cause_of("epochs are counted", "ann is in epoch 3, expected 4")
    assert words == cause_of("epochs are counted", "m11 is in epoch 7, expected 9")
    assert words != cause_of("epochs are counted", "announcing is in epoch 3, expected 4")
    raised = "KeyError: 3 (mine.py, line 7, in plan)"
    assert place_of(raised) == "mine.py, line 7, in plan"
    assert cause_of("must succeed", raised) == cause_of("must succeed", raised.replace("3", "4"))
    assert cause_of("must succeed", raised) != cause_of("must succeed", raised.replace("7", "8"))
    rows = [
        {"suite": "s", "name": str(n), "cause": cause, "trace": "t", "steps": n, "story": ()}
        for n, cause in enumerate((long, short, other, drawn, rule, words, long))
    ]
    found = findings(rows)
    assert [f.checks for f in found] == [
        ("s: 0", "s: 1", "s: 6"),
        ("s: 5",),
        ("s: 2",),
        ("s: 3",),
        ("s: 4",),
    ]
    assert found[0].shown["name"] == "0"  # the shortest run


class Raises(TreeMember):
    def update(self):
        raise ZeroDivisionError("\x1b[31m odd \udc80 words\nin two lines")


def test_an_exception_of_the_designers_code_has_its_place_and_cannot_spoil_the_report(tmp_path):
    protocol = of_member(Raises)(None)
    result = result_of(protocol, "everybody updates")
    line = Raises.update.__code__.co_firstlineno + 1
    place = f"test_report.py, line {line}, in update"
    whole = document("\x1b]0;p\n\udc80", "m:p", 1, [row(result)], contract_of(protocol))
    text = list(lines(whole))
    assert f"  raised:   {place}" in text
    assert r"\x1b[31m odd \udc80 words" in "\n".join(text)
    assert all(each.isprintable() for each in text)
    assert "\x1b" not in page(whole)
    page(whole).encode()
    json.loads(json.dumps(whole))


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("../../etc/my protocol", "..-..-etc-my-protocol-functional-x.json"),
        ("\x00\udc80é", "protocol-functional-x.json"),
        ("", "protocol-functional-x.json"),
    ],
)
def test_a_replay_file_carries_the_protocols_name_but_no_folder(tmp_path, name, file):
    run = Run(tainted_treekem(), "1", ("ann",))
    check = replace(BY_NAME["everybody updates"], name="x")
    trace = replace(run.trace, protocol=name)
    result = Result(check, Status.FAILED, "1", 0, 1, broken="r", seen="s", trace=trace)
    assert write_replay(tmp_path, "m:p", result) == str(tmp_path / file)
    assert [each.name for each in tmp_path.iterdir()] == [file]


def test_printable_text_stays_as_it_is():
    assert printable("├─ é 'x'") == "├─ é 'x'"
    assert printable("a\nb\t", keep="\n") == "a\nb\\t"


def test_labels_are_read_from_what_is_hashed():
    def label(data, kind=CallKind.DERIVE):
        return label_of(Call(kind, "f", () if data is None else (b"key", data), (b"out",)))

    assert label(b"\x00\x20\x0bMLS 1.0 key\x00") == "MLS 1.0 key"
    assert label(b"\x00\x20\x0bMLS 1.0 ke\xff\x00") == ""  # not text
    assert label(b"\x00\x20\x0bMLS 1.0 k\n\x00\x00") == ""  # not one line
    assert label(b"\x00\x20\xffMLS 1.0 key\x00") == ""  # longer than the input
    assert label(b"group key" + bytes(range(128, 160))) == "group key"
    assert label(bytes(range(128, 160)) + b"chain") == "chain"
    assert label(b"\x00\x80abc\x80\x81") == ""
    assert label(None) == ""
    assert label(b"") == ""


# Contracts.


class PerEpoch(MlsCgka):
    """MLS that claims to heal in every epoch."""

    contract = "per epoch"


def test_mls_derivations_name_the_nodes_and_the_contract_table_says_what_holds():
    protocol = PerEpoch(cipher_suite(1))
    whole = report_of(protocol, "everybody updates")
    (found,) = [each for each in whole["checks"] if each["status"] == "failed"]
    assert found["broken"] == "post-compromise security"
    told_ = "\n".join(found["story"])
    assert re.search(
        "the secret key of bob's init key 0, with ciphertext . of the welcome of op 0", told_
    )
    assert "give the seed of node 1 (op 1) (decrypt)" in told_
    assert found["picture"] == ""  # no taints to draw
    table = whole["contract"]
    assert (table["declared"], table["healing"]["strongest"]) == (
        "per epoch",
        "the member's next own operation",
    )
    levels = {each["level"]: each for each in table["healing"]["levels"]}
    assert levels["the next epoch"]["declared"]
    assert levels["the next epoch"]["contradicting"] > 0
    assert levels["the member's next own operation"]["contradicting"] == 0
    assert table["forward secrecy"]["strongest"] == "all that the member has left"
    assert "healing: the member's next own operation; forward" in strongest(whole)


def test_a_contract_without_pairs_is_open():
    whole = report_of(tainted_treekem(), "one history one key in any order")
    assert whole["pairs"] == 0
    assert strongest(whole) == "no pair was compared: every contract is open"
    assert warning(whole) == ("no run was judged: nothing is said about keys that can be computed",)
    assert "no run was judged" in page(whole)


def test_a_level_that_nothing_supports_is_called_so():
    evidence = Evidence(runs=1, calls=1, pairs=3)
    evidence.contradicted.update({f"healing: {level.value}": 3 for level in list(Healing)[:3]})
    table = contract_table(evidence, Contract("c", Healing.NEVER, Forward.NEVER))
    assert (table["healing"]["strongest"], table["healing"]["tested"]) == ("never", False)
    whole = {"contract": table, "pairs": 3, "cryptography": {"seen": False}}
    assert strongest(whole) == (
        "the strongest contract that no run contradicted, as far as it was seen how keys are "
        "computed: no healing; forward secrecy: all that the member has left (no pair supports it)"
    )
    evidence.contradicted["healing: never"] = 1  # a key of a group that the member is not in
    assert contract_table(evidence, contract_of(tainted_treekem()))["healing"]["strongest"] is None


def test_the_line_of_a_contract_that_makes_an_epoch_safe():
    contract = Contract("c", Healing.ANY_EPOCH, Forward.EVERY_EPOCH)
    assert promised(contract, OUTSIDE, "ann").startswith("ann is not in the group")
    assert "healing: from the next epoch on" in promised(contract, Pair(before=True, levels=1), "a")
    words = promised(contract, Pair(before=False, levels=1), "ann")
    assert words.endswith("leaves safe all that the member has left")


# What was not seen.


def scrambled(data):
    """Swap the halves of every byte; done twice, that changes nothing."""
    return bytes((each << 4 | each >> 4) & 255 for each in data)


class ScrambledMember(TreeMember):
    def save(self):
        return scrambled(super().save())


class Scrambled(Mutated):
    """States in which no secret can be found, although they are whole."""

    kind = ScrambledMember

    def load(self, data, pki, randomness):
        return super().load(scrambled(data), pki, randomness)


def test_unseen_cryptography_is_said_at_the_top():
    whole = report_of(Scrambled("TTKEM", cipher_suite(1), refresh.plan), "everybody updates")
    known = whole["cryptography"]
    assert whole["counts"]["passed"] == 1
    assert not known["seen"]
    assert known["unknown share"] > 0.05
    text = list(lines(whole))
    assert text[1] == "HOW KEYS ARE COMPUTED WAS NOT SEEN; ONLY WHAT OWNERS CAN DO WAS TRIED"
    assert "do not give" in text[2] or "does not give" in text[2]
    assert "let `save` return the whole state" in text[4]
    html = page(whole)
    assert html.index("was not seen") < html.index("Nothing found")


def test_no_recorded_call_is_not_seen_either():
    known = understanding(Evidence(runs=1))
    assert (known["seen"], known["unknown share"]) == (False, 0.0)
    assert known["why"] == "no call of a cryptographic primitive was recorded"


@pytest.mark.parametrize("make", [tainted_treekem, lambda: MlsCgka(cipher_suite(1))])
def test_our_own_protocols_are_understood(make):
    whole = report_of(make(), "everybody updates", "a group grows")
    known = whole["cryptography"]
    assert known["seen"]
    assert known["examined bytes"] > 10_000
    assert known["unknown share"] < 0.005
    assert warning(whole) == ()


# Shrinking.


def test_shrinking_is_bounded_and_removes_members_first(monkeypatch, equal_derivations):
    bench = Bench(equal_derivations, "1", 1, 12)
    names = tuple(f"m{number}" for number in range(9))
    replays = []

    def counted(*args, **how):
        replays.append(len(args[1].steps))
        return replay(*args, **how)

    monkeypatch.setattr(sys.modules["ttkem.testing.shrink"], "replay", counted)
    with recording(Recorder()):
        run = bench.run(*names, recorded_only=True)
        run.accept(run.create(*names[:8]))
        run.accept(run.add("m1", "m8"))
        run.accept(run.remove("m0", "m3"))
        run.accept(run.update("m0"))
        with pytest.raises(Failure) as caught:
            bench.settle()
        trace, failure = shrink(equal_derivations, run, caught.value)
        assert failure.rule == caught.value.rule
        assert len(trace.members) < 5
        assert len(trace.steps) < 10
        assert len(replays) < 120
        assert min(replays[:8]) < len(run.trace.steps) / 3  # deliveries and members go first
        replays.clear()
        monkeypatch.setattr(sys.modules["ttkem.testing.shrink"], "REPLAYS", 1)
        whole, _ = shrink(equal_derivations, run, caught.value)
    assert whole.steps == run.trace.steps
    assert len(replays) == 3  # without the attack, with it, and the last one


# The plugin.


def run_plugin(pytester, *options):
    return pytester.runpytest_inprocess(*OPTIONS, "--cgka-examples=1", "--cgka-steps=12", *options)


def test_a_report_of_no_check_is_not_written(pytester):
    result = run_plugin(pytester, "--cgka", GOOD, "-k", "nothing like it", "--cgka-report=r.json")
    result.stdout.fnmatch_lines(["r.json was not written: no check was run"])
    assert not (pytester.path / "r.json").exists()


@pytest.mark.parametrize(
    ("lacks", "contract", "words"),
    [
        ("('magic',)", "None", "*--cgka: unknown feature 'magic'*"),
        ("()", "'eternal'", "*--cgka: unknown contract 'eternal': choose from *"),
        ("()", "3", "*--cgka: odd.contract is a int: set it to *"),
        ("1 // 0", "None", "*cannot read the features of 'odd:Odd': ZeroDivisionError: *"),
    ],
)
def test_wrong_declarations_are_said_before_any_test(pytester, lacks, contract, words):
    pytester.makepyfile(
        odd=f"""
        class Odd:
            name = "odd"
            member = load = None
            @property
            def lacks(self):
                return {lacks}
            @property
            def contract(self):
                return {contract}
        """
    )
    result = run_plugin(pytester, "--cgka", "odd:Odd")
    sys.modules.pop("odd", None)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([words])


def test_ones_own_failures_are_printed_by_pytest_after_the_report(pytester):
    pytester.makepyfile(test_own="def test_it():\n    assert 1 == 2")
    result = run_plugin(pytester, "--cgka", GOOD, "-k", "everybody or test_it", "test_own.py")
    result.stdout.fnmatch_lines(["*conformance report*", "*FAILURES*", "*assert 1 == 2*"])
    assert result.parseoutcomes() == {"passed": 1, "failed": 1, "deselected": len(CHECKS) - 1}


def test_workers_send_evidence(pytester):
    options = ("-p", "xdist", "-n", "2", "--cgka-report=r.json", "-k", "erases or grows")
    run_plugin(pytester, "--cgka", GOOD, *options).assert_outcomes(passed=2)
    whole = json.loads((pytester.path / "r.json").read_text())
    assert whole["pairs"] > 100
    assert whole["coverage"]["visited"]["add"] > 0
    assert whole["contract"]["healing"]["tested"]


def test_an_error_of_the_suites_themselves_is_pytests(pytester, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("our own fault")

    # Not by its dotted name: earlier runs of pytester have left another module in the package.
    monkeypatch.setattr(importlib.import_module("ttkem.testing.plugin"), "carry_out", broken)
    result = run_plugin(pytester, "--cgka", GOOD, "-k", "everybody")
    result.stdout.fnmatch_lines(["*FAILURES*", "*RuntimeError: our own fault"])
    assert "conformance report" not in result.stdout.str()


def test_full_coverage_names_nothing():
    whole = report_of(tainted_treekem(), "everybody updates")
    assert "never visited: add" in "\n".join(lines(whole))
    assert "Never visited" in page(whole)
    whole["coverage"]["never"] = []
    assert "never visited:" not in "\n".join(lines(whole))
    assert "Never visited" not in page(whole)


# Names.


def test_values_without_a_node_have_generic_names():
    secret, other, shared, own, public, unknown = (
        hashlib.sha256(bytes([n])).digest() for n in range(6)
    )
    recorder = Recorder()
    for call in (
        Call(CallKind.DRAW, "draw", (), (secret,)),
        Call(CallKind.EXCHANGE, "exchange x", (secret, other), (shared, own)),
        Call(CallKind.PUBLIC_KEY, "public key x", (secret,), (public,)),
        Call(CallKind.DERIVE, "hash sha256", (shared,), (b"8 bytes!",)),
    ):
        recorder.calls[call] = ("ann", 2)
    graph = RecordedGraph(recorder.calls, {"a message": secret[:16], "a public key": other})
    graph.reading(unknown, "a state")
    story = Storyteller(graph, recorder, {b"no value at all": "no name"})
    names = {data: story.name(graph.values.number(data)) for data in (secret, shared, public)}
    assert names == {
        secret: "randomness drawn by ann in step 2",
        shared: "shared secret (ann, step 2)",
        public: "public key (ann, step 2)",
    }
    half = story.name(graph.values.number(secret[:16]))
    assert half == "16 bytes of randomness drawn by ann in step 2"
    assert story.name(graph.values.number(unknown)) == "32 bytes of unknown origin"
    start, target = graph.values.number(secret), graph.values.number(shared)
    told_ = story.lines(graph.explain(target, (start,)), target, "ann's state", (start,))
    assert told_ == (
        "ann's state contains randomness drawn by ann in step 2",
        "randomness drawn by ann in step 2 gives shared secret (ann, step 2) (exchange)",
    )
    assert computation(Derivation(0, (1, 2), "exclusive or", None)) == "exclusive or"


def test_secrets_are_named_after_public_keys_however_these_were_computed():
    run = Run(tainted_treekem(), "1", ("ann", "bob"), judged=False)
    run.accept(run.create("ann", "bob"))
    secret, key = bytes(range(32)), run.trees[0].public_key(1)
    run.recorder.calls[Call(CallKind.PUBLIC_KEY, "public key x", (secret,), (key,))] = ("ann", 1)
    names = Names(run.game, run.recorder, run.trees)
    assert names[secret] == "the secret key of node 1 (op 0)"
    assert names[key] == "the public key of node 1 (op 0)"
    assert names[run.game.keys[0]] == "the group key of op 0"
    assert len(names) == len(list(names)) > 8
    assert names.picture(0, {secret}).splitlines()[1] == "(1) *"
    assert names.picture(0, {b"no secret"}) == ""


def test_large_trees_are_folded_around_what_was_learned():
    names = tuple(f"m{number}" for number in range(17))
    run = Run(tainted_treekem(), "1", names, judged=False)
    run.confirm(run.create(*names))
    tree: Any = run.trees[0]
    drawn = draw(tree, {32}, folded=True).splitlines()
    assert drawn[0].startswith("(31)")
    assert drawn[1] == "├─ (15) … 16 members"
    assert len(drawn) < 12
    assert len(draw(tree, {32}).splitlines()) > 30

"""Files of graphs: each is read as what it is, or refused with what it looks like."""

import gzip
import random
from contextlib import suppress

import networkx as nx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from networkx.generators.atlas import graph_atlas_g

from agreement.errors import GraphError
from agreement.graph import (
    Graph,
    cycle,
    format_graph6,
    from_networkx,
    grid,
    load,
    parse_dimacs,
    parse_edge_list,
    parse_graph6,
    parse_sparse6,
    path,
    random_connected,
    star,
    to_networkx,
)
from agreement.graph.reading import parse_file
from agreement.strategies import graphs

TRIANGLE = Graph.of(3, [(0, 1), (0, 2), (1, 2)])


# What networkx writes is read as the same graph.


def test_small_graphs_in_graph6_and_sparse6():
    for oracle in graph_atlas_g()[::4]:
        expected = from_networkx(oracle)
        for header in (False, True):
            six = nx.to_graph6_bytes(oracle, header=header)
            sparse = nx.to_sparse6_bytes(oracle, header=header)
            assert parse_file(six, ".g6") == expected
            assert parse_file(sparse) == parse_file(sparse, ".s6") == expected
            if header:
                assert parse_file(six) == expected
        assert format_graph6(expected) == nx.to_graph6_bytes(oracle, header=False).decode().strip()


@given(st.integers(0, 70), st.floats(0, 0.3), st.integers(0, 1 << 30))
@settings(max_examples=60)
def test_larger_graphs_in_graph6_and_sparse6(order, density, seed):
    oracle = nx.gnp_random_graph(order, density, seed=seed)
    expected = from_networkx(oracle)
    assert parse_graph6(nx.to_graph6_bytes(oracle, header=False).decode()) == expected
    assert parse_sparse6(nx.to_sparse6_bytes(oracle, header=False).decode()) == expected


@given(graphs(max_order=8), st.integers(0, 1 << 30), st.sampled_from(["\n", "\r\n", "\r"]))
def test_edge_lists_in_any_order_and_with_any_ends_of_lines(graph, seed, end):
    edges = list(graph.edges)
    rng = random.Random(seed)
    rng.shuffle(edges)
    if not edges:
        return
    text = "".join(f"v{u}\tw{v}  # {end}" if seed % 2 else f"v{u} w{v}{end}" for u, v in edges)
    text = text.replace("w", "v")
    read = parse_file(("\ufeff" + text).encode())
    found = {frozenset((read.labels[u], read.labels[v])) for u, v in read.edges}
    assert found == {frozenset((f"v{u}", f"v{v}")) for u, v in edges}


@given(graphs(max_order=8))
def test_edge_lists_of_networkx(graph):
    lines = [*nx.generate_edgelist(to_networkx(graph), data=False)]
    if len(lines) > 2:
        assert parse_file("\n".join(lines).encode()).edges == graph.edges


def test_labels_with_commas_are_those_of_grids():
    graph = grid(3, 3)
    text = "\n".join(f"{graph.labels[u]} {graph.labels[v]}" for u, v in graph.edges)
    read = parse_edge_list(text)
    assert nx.is_isomorphic(to_networkx(read), to_networkx(graph))
    assert set(read.labels) == set(graph.labels)


def test_dimacs():
    text = "c a triangle\nc\np edge 3 3\ne 1 2\n\ne 2 3\nc more\ne 1 3\n"
    assert parse_file(text.encode()) == parse_dimacs(text) == TRIANGLE
    assert parse_dimacs(text).labels == ("1", "2", "3")
    both = "p col 2 2\ne 1 2\ne 2 1\n"
    assert parse_file(both.encode()) == path(2)
    assert parse_file(b"p edge 2 0\n").order == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("p edge 3 2\ne 1 2\n", "gives 2 edges, but there are 1 lines with 1 different"),
        ("p edge 3 2\ne 1 2\ne 1 2\n", "there are 2 lines with 1 different edges"),
        ("p edge 3 3\ne 1 2\ne 2 1\ne 2 3\n", "there are 3 lines with 2 different edges"),
        ("p edge 3 1\ne 1 4\n", "line 2: DIMACS: edge 1 4 has an end that is not 1 to 3"),
        ("p edge 3 1\ne 0 1\n", "line 2: DIMACS: edge 0 1 has an end"),
        ("p edge 3 1\ne 2 2\n", "line 2: DIMACS: an edge joins 2 to itself"),
        ("p edge 3 1\ne 1 2 5\n", "line 2: DIMACS: an edge must be written: e U V"),
        ("p edge 3 1\nn 1 2\n", "line 2: DIMACS: an edge must be written: e U V"),
        ("p edge 3 1\ne 1 x\n", "line 2: DIMACS: an edge must be written: e U V"),
        ("e 1 2\np edge 3 1\n", "line 1: DIMACS: the first line that is no comment"),
        ("p edge 3 -1\n p edge 3 1", "line 1"),
        ("p edge 999999999 0\n", "line 1: DIMACS: 999999999 vertices: at most 99,999"),
        ("c tree width\np tw 3 2\n1 2\n2 3\n", "looks like a variant of DIMACS"),
        ("p sp 3 2\n", "looks like a variant of DIMACS"),
    ],
)
def test_dimacs_that_is_not_certainly_one_graph(text, said):
    with pytest.raises(GraphError, match=said):
        parse_file(text.encode())


# What is not a graph, or not certainly this one.


@pytest.mark.parametrize(
    ("data", "said"),
    [
        # Six-bit formats.
        (b"~??@", r"graph6: 1 vertices are written in the form for more than 62"),
        (b">>graph6<<~??A_", r"graph6: 2 vertices are written in the form"),
        (b">>graph6<<~??}" + b"?" * 316, "62 vertices are written in the form for more than 62"),
        (b":~??@", "sparse6: 1 vertices are written in the form for more than 62"),
        (b":~}~~", "sparse6: 258047 vertices: at most 99,999 are possible"),
        (b":~~??????", "cut short, or for more than 258047"),
        (b":", "sparse6: the text is empty"),
        (b">>graph6<<", "graph6: the text is empty"),
        (b">>graph6<<:An", "this looks like sparse6"),
        (b">>graph6<<&AO", "this looks like digraph6"),
        (b">>sparse6<<A_", "does not begin with ':'"),
        (b"&AO", "looks like digraph6, which is for directed graphs"),
        (b">>digraph6<<&AO", "looks like digraph6"),
        (b">>planar_code<<\x03", "looks like a format with a header of its own"),
        (b";An", "looks like incremental sparse6"),
        (b"A_\nA_\n", "line 1: one word, 'A_', is not an edge"),
        (b">>graph6<<A_\nA_\n", "it has 2 lines: graph6 and sparse6 have one graph in each"),
        (b":An\n:An\n", "it has 2 lines"),
        (b">>graph6<<A_ A_", "character 13 is ' '"),
        (b">>graph6<<A_\n\nA_", "it has 3 lines"),
        (b":An ", "sparse6: character 4 is ' '"),
        (b":An?", "the end of the line is neither an edge nor the padding"),
        (b":A_", "sparse6: edge 0-1 is there twice"),
        (b":A?", "sparse6: vertex 0 has an edge to itself"),
        (b":Abb", "sparse6: edge 0-1 is there twice"),
        (b":A~", "sparse6: vertex 1 has an edge to itself"),
        # Tables and lists in other conventions.
        (b"0,1\n1,2\n", "line 1: one word, '0,1', is not an edge"),
        (b"0, 1\n1, 2\n", "line 1, column 1: '0,' looks like CSV"),
        (b"a ,b\n", "line 1, column 3: ',b' looks like CSV"),
        (b"0,1\n", "one word, '0,1', is neither an edge, .* nor graph6"),
        (b"0;1\n1;2\n", "line 1, column 1: '0;1' looks like CSV"),
        (b'"a" "b"\n', "line 1, column 1: '\"a\"' is not the name of a vertex"),
        (b"source target\n0 1\n1 2\n", "line 1: 'source' 'target' looks like a header"),
        (b"3 2\n0 1\n1 2\n", "line 1: '3' '2' may be an edge, or say that 2 edges of 3 vertices"),
        (b"4 3\n1 2\n1 3\n1 4\n", "line 1: '4' '3' may be an edge"),
        (b"2 3\n0 1\n1 2\n", "line 1: '2' '3' may be an edge"),
        (b"3 2\n2\n1 3\n2\n", "line 2: one word, '2', is not an edge"),  # METIS
        (b"0 1 5\n1 2 7\n", "line 1: an edge is two words, not 3: leave out weights"),
        (b"0 1 {}\n", "is not the name of a vertex"),  # networkx with data
        (b"0 1 2\n1 2\n2\n", "line 1: an edge is two words, not 3"),
        (b"0 1\n1\n", "line 2: one word, '1', is not an edge"),  # an adjacency list
        (b"0: 1\n1: 0\n", "line 1, column 1: '0:' is not the name of a vertex"),
        (b"a -> b\n", "line 1, column 3: '->' is not the name of a vertex"),
        (b"a--b\nb--c\n", "line 1: one word, 'a--b', is not an edge"),
        (b"1 First\n2 Second\n#\n1 2\n", "line 3: a line with '#' alone between two parts"),
        (b"a b\nb a\n", "line 2: the edge 'b' 'a' is in line 1 already"),
        (b"a b\nb c\na b\n", "line 3: the edge 'a' 'b' is in line 1 already"),
        (b"1 2\n01 3\n", "'1' and '01' look like one name written in two ways"),
        ("1 a\n\uff11 b\n".encode(), "'1' and '\uff11' look like one name written in two ways"),
        ("a e\u0301\n".encode(), "line 1, column 3: 'e\u0301' is not the name of a vertex"),
        # Comments.
        (b"% a comment\na b\n", "line 1, column 1: '%' does not start a comment here: use #"),
        (b"% comment\n0 1\n", "'%' does not start a comment here: use #"),
        (b"// comment\na b\n", "'//' does not start a comment here"),
        (b"-- comment\na b\n", "'--' does not start a comment here"),
        (b"a b#c\n", "line 1, column 3: 'b#c' is not the name of a vertex"),
        (b"# only\n#\n", "there is no edge in it"),
        # Other formats.
        (b"%%MatrixMarket matrix coordinate pattern symmetric\n", "looks like Matrix Market"),
        (b'{"nodes": []}', "looks like JSON"),
        (b"[[0, 1]]", "looks like JSON"),
        (b'<?xml version="1.0"?>', "looks like XML, such as GraphML"),
        (b"graph {\n a -- b\n}", r"looks like DOT \(Graphviz\)"),
        (b"strict digraph g {", r"looks like DOT \(Graphviz\)"),
        (b'Creator "x"\ngraph [', "looks like GML"),
        (b"*Vertices 2\n", "looks like Pajek"),
        (b"LEDA.GRAPH\n", "looks like LEDA"),
        # Bytes.
        (b"", "it is empty"),
        (b"\xef\xbb\xbf\n", "it is empty"),
        (b" \n\t\n", "it is empty"),
        ("a b\n".encode("utf-16"), "looks like UTF-16 text: save it as plain text in UTF-8"),
        (b"\xfe\xff\0a", "looks like UTF-16 text"),
        ("a b\n".encode("utf-32"), "looks like UTF-32 text"),
        ("a b\n".encode("utf-16-le"), "it has a zero byte"),
        ("a b\n".encode("utf-16-be"), "it has a zero byte"),
        (gzip.compress(b"a b\n", mtime=0), "compressed by gzip"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x89PNG\r\n\x1a\n", "line 1: byte 0x89 is not text in UTF-8"),
        (b"a b\nb \xfc\n", "line 2: byte 0xfc is not text in UTF-8"),
        (b"a b\n\x1a", r"line 2, column 1: '\\x1a' cannot be in a name"),
        (b"a\x0cb c\n", r"line 1, column 2: '\\x0c' cannot be in a name"),
        ("a\xa0b\n".encode(), r"line 1, column 2: '\\xa0' cannot be in a name"),
        ("a b\u2028b c\n".encode(), "cannot be in a name"),
        ("a b\n\ufeffb c\n".encode(), r"line 2, column 1: '\\ufeff' cannot be in a name"),
        (b"a " + b"b" * 101, "line 1, column 3: a name of 101 characters is too long"),
        (b"a b\n" * (1 << 22) + b"\n", "more than 16 MiB"),
    ],
)
def test_what_is_not_certainly_a_graph_is_refused(data, said):
    with pytest.raises(GraphError, match=said):
        parse_file(data)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.csv", b"a b\n", "its name says that it is CSV"),
        ("a.d6", b"A_", "its name says that it is digraph6, which is for directed graphs"),
        ("a.g6", b"a b\n", "it is graph6, but it looks like a list of edges"),
        ("a.g6", b":An\n", "it is graph6, but it looks like sparse6: rename it"),
        ("a.S6", b"A_\n", "it is sparse6, but it looks like graph6: rename it"),
        ("a.g6", b"p edge 2 1\ne 1 2\n", "it is graph6, but it looks like DIMACS"),
        ("a.g6", b"A_\nA_\n", "it has 2 lines"),
        ("a.g6", b"&AO\n", "this looks like digraph6"),
        ("a.g6", b"~??@\n", "written in the form for more than 62"),
        ("a.txt", b"a b\nc c\n", "line 2: an edge joins 'c' to itself"),
    ],
)
def test_names_and_contents_must_agree(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(GraphError, match=said) as caught:
        load(str(tmp_path / name))
    assert str(caught.value).startswith(f"cannot read {str(tmp_path / name)!r}: ")


def test_what_cannot_be_opened(tmp_path, monkeypatch):
    (tmp_path / "g").write_text("a b\n")
    with pytest.raises(GraphError, match="at least 1"):
        load("path:0")
    with pytest.raises(GraphError, match="it is a directory, not a file"):
        load(str(tmp_path))
    for source in ("a" * 5000, "a\0b"):
        with pytest.raises(GraphError, match="there is no file of that name either"):
            load(source)

    def denied(*_args, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", denied)
    with pytest.raises(GraphError, match=r"cannot read .*: Permission denied"):
        load(str(tmp_path / "g"))


def test_names_of_vertices():
    graph = parse_edge_list("#first\n-1 0\n0 1\n\n   \nB_2 é # last\n")
    assert graph.labels == ("-1", "0", "1", "B_2", "é")
    assert graph.edges == ((0, 1), (1, 2), (3, 4))
    assert parse_edge_list("10 2\n2 1").labels == ("1", "2", "10")
    assert parse_edge_list("# a\n#\n0 1\n#\n").size == 1
    assert parse_edge_list("a 1\n1 2\n2 3\n").order == 4


def test_too_many_vertices(monkeypatch):
    monkeypatch.setattr("agreement.graph.edge_list._MOST_VERTICES", 3)
    with pytest.raises(GraphError, match="it has 4 vertices: at most 3 are possible"):
        parse_edge_list("c d\nc e\nc f\n")
    assert parse_edge_list("c d\nc e\n").order == 3


def test_graph6_without_a_header_in_a_file_of_any_name():
    for graph in (path(1), cycle(5), star(7), random_connected(70, 0.1, random.Random(1))):
        assert parse_file(format_graph6(graph).encode() + b"\n") == graph


# Random bytes and random changes never give another error, and never silently another graph.


@given(st.binary(max_size=40))
@example(b"c\np  edge 1 0")
@settings(max_examples=300)
def test_any_bytes_are_a_graph_or_a_graph_error(data):
    for suffix in ("", ".g6", ".s6"):
        with suppress(GraphError):
            parse_file(data, suffix)


WORDS = st.text("0123456789abp?@A_~:;&>,#%-{} \t\r\n", max_size=30)


@given(WORDS)
@settings(max_examples=300)
def test_what_is_read_as_an_edge_list_says_each_edge_and_nothing_else(text):
    try:
        graph = parse_edge_list(text)
    except GraphError:
        return
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = [line.split(" #")[0].split("\t#")[0].split() for line in lines]
    wanted = [words for words in kept if words and not words[0].startswith("#")]
    assert all(len(words) == 2 for words in wanted)
    found = sorted(sorted((graph.labels[u], graph.labels[v])) for u, v in graph.edges)
    assert found == sorted(map(sorted, wanted))


@given(graphs(max_order=9), st.data())
@settings(max_examples=150)
def test_a_damaged_line_of_six_bits_is_another_graph_of_its_own_or_refused(graph, data):
    """What is still read is what networkx, too, makes of the line, and is written as that line."""
    line = nx.to_sparse6_bytes(to_networkx(graph), header=False).decode().strip()
    at = data.draw(st.integers(1, len(line) - 1))
    changed = line[:at] + data.draw(st.sampled_from("?@A_~nz")) + line[at + 1 :]
    try:
        found = parse_sparse6(changed)
    except GraphError:
        return
    assert found == from_networkx(nx.from_sparse6_bytes(changed.encode()))
    six = format_graph6(found)
    assert parse_graph6(six) == found

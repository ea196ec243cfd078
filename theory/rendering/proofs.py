# SPDX-License-Identifier: MIT
"""Proofs of several theorems as one graph, without what a reader would find twice.

Kernel steps that prove the same sequent, up to names of indices, are one node.  Nodes are grouped: those that
serve one theorem only belong to its proof, those that serve several become lemmas, and steps that merely tidy
up are told together with the step that needs them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from theory.expressions import Claim, Relation
from theory.kernel import Theorem
from theory.rendering.binders import standard_sequent

Sequent = tuple[frozenset[Relation], Claim]

TIDYING = ("algebra", "average", "congruence", "cut", "instantiate")
# A lemma of fewer steps than this is told where it is used.
SHORTEST_LEMMA = 3


@dataclass
class Node:
    """A sequent and the step by which it was first proved; ``premises`` are numbers of nodes."""

    number: int
    sequent: Sequent
    rule: str
    label: str
    evidence: str
    premises: tuple[int, ...]
    certified: bool


@dataclass
class Line:
    """What a reader sees as one step: ``nodes`` from the first to the one whose conclusion is shown."""

    nodes: list[Node]
    premises: list[int] = field(default_factory=list)

    @property
    def node(self) -> Node:
        """The node whose conclusion the line states."""
        return self.nodes[-1]


@dataclass
class Chapter:
    """A theorem's proof, or a lemma's: its last node and the lines that lead to it, in order."""

    head: Node
    lines: list[Line]


class Graph:
    """All nodes of the proofs that were added."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._by_sequent: dict[Sequent, int] = {}
        self._by_theorem: dict[int, int] = {}
        self._kept: list[Theorem] = []

    def add(self, theorem: Theorem) -> int:
        """The number of the node for ``theorem``, added with everything it rests on."""
        stack: list[tuple[Theorem, bool]] = [(theorem, False)]
        while stack:
            item, ready = stack.pop()
            if id(item) in self._by_theorem:
                continue
            if ready:
                self._by_theorem[id(item)] = self._node(item)
                self._kept.append(item)
            else:
                stack.append((item, True))
                stack.extend((p, False) for p in reversed(item.premises))
        return self._by_theorem[id(theorem)]

    def _node(self, theorem: Theorem) -> int:
        sequent = standard_sequent(theorem.hypotheses, theorem.conclusion)
        if sequent not in self._by_sequent:
            premises = tuple(dict.fromkeys(self._by_theorem[id(p)] for p in theorem.premises))
            self._by_sequent[sequent] = len(self.nodes)
            self.nodes.append(
                Node(
                    len(self.nodes),
                    sequent,
                    theorem.rule,
                    theorem.label,
                    theorem.evidence,
                    premises,
                    theorem.certified,
                )
            )
        return self._by_sequent[sequent]

    def reached_from(self, starts: Iterable[int]) -> set[int]:
        """The nodes on which some nodes rest, themselves included."""
        seen: set[int] = set()
        queue = list(starts)
        while queue:
            number = queue.pop()
            if number not in seen:
                seen.add(number)
                queue += self.nodes[number].premises
        return seen


def chapters(graph: Graph, theorems: Iterable[int]) -> dict[int, Chapter]:
    """Head -> chapter: the given nodes, and every lemma that more than one chapter needs."""
    heads = set(theorems)
    reached = sorted(graph.reached_from(heads))
    owners = _owners(graph, reached, heads, frozenset())
    # short lemmas are told in place: those nodes belong to nobody, and whoever needs them repeats them
    sizes: dict[int, int] = {}
    for number in reached:
        for owner in owners[number] if graph.nodes[number].rule != "assume" else ():
            sizes[owner] = sizes.get(owner, 0) + 1
    repeated = frozenset(n for n in sizes if n not in heads and sizes[n] < SHORTEST_LEMMA)
    owners = _owners(graph, reached, heads, repeated)
    members: dict[int, list[Node]] = {}
    for number in reached:
        for owner in owners[number]:
            members.setdefault(owner, []).append(graph.nodes[number])
    return {head: Chapter(graph.nodes[head], _lines(nodes, head)) for head, nodes in members.items()}


def _owners(
    graph: Graph, reached: list[int], heads: set[int], repeated: frozenset[int]
) -> Mapping[int, frozenset[int]]:
    """To which chapters each node belongs: one, or several where it is an assumption or repeated."""
    wanted: dict[int, set[int]] = {number: set() for number in reached}
    owners: dict[int, frozenset[int]] = {}
    for number in reversed(reached):
        node = graph.nodes[number]
        found = wanted[number]
        if number in heads:
            owners[number] = frozenset((number,))
        elif len(found) == 1 or node.rule == "assume" or number in repeated:
            owners[number] = frozenset(found)
        else:
            owners[number] = frozenset((number,))
        for premise in node.premises:
            wanted[premise] |= owners[number]
    return owners


def _lines(nodes: list[Node], head: int) -> list[Line]:
    """The chapter's steps without assumptions, tidying steps joined to what follows them."""
    by_number = {n.number: n for n in nodes}
    users: dict[int, list[int]] = {}
    for node in nodes:
        for premise in node.premises:
            users.setdefault(premise, []).append(node.number)
    lines: dict[int, Line] = {}
    for node in nodes:
        if node.rule == "assume":
            continue
        line = Line([node], list(node.premises))
        for premise in node.premises:
            before = lines.get(premise)
            if before is not None and _joins(before, by_number, users.get(premise, [])):
                del lines[premise]
                line.nodes = [*before.nodes, *line.nodes]
                place = line.premises.index(premise)
                line.premises[place : place + 1] = before.premises
        line.premises = list(dict.fromkeys(line.premises))
        lines[node.number] = line
    return list(lines.values())


def _joins(line: Line, chapter: Mapping[int, Node], users: list[int]) -> bool:
    """Whether a line is told with the only step that uses it: it tidies up, or that step tidies it up."""
    if len(users) != 1 or len(line.nodes) > 3:
        return False
    user = chapter[users[0]]
    proper = [p for p in user.premises if p not in chapter or chapter[p].rule != "assume"]
    if len(proper) != 1:
        return False
    tidies = line.node.rule in TIDYING and not line.node.label
    tidied = user.rule in TIDYING and not user.label
    return tidies or tidied

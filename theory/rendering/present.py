# SPDX-License-Identifier: MIT
"""What a document says of each theorem and lemma: plain data, the same for LaTeX, HTML and the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from theory.declarations import meanings
from theory.expressions import Claim, Relation, is_index
from theory.rendering.bibliography import keys
from theory.rendering.binders import standard_claim
from theory.rendering.claims import folded_claim, folded_latex, sides
from theory.rendering.names import Names
from theory.rendering.printer import Printer
from theory.rendering.proofs import Chapter, Graph, Line, Node, chapters
from theory.rendering.remarks import remarks
from theory.rendering.symbols_used import symbol_names, told

if TYPE_CHECKING:
    from theory.entry import Entry
    from theory.ledger import Row


@dataclass(frozen=True)
class Reference:
    """A premise: a step, a hypothesis, a lemma or a theorem, with the name that it has there."""

    kind: str
    name: str


@dataclass(frozen=True)
class Step:
    """One step of a proof: ``name``, what was done, from what, and the conclusion in LaTeX."""

    name: str
    title: str
    rules: tuple[str, ...]
    premises: tuple[Reference, ...]
    conclusion: str
    evidence: str
    kernel_steps: int


@dataclass(frozen=True)
class Proof:
    """Assumptions that are made on the way, by name, and the steps."""

    assumptions: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]

    @property
    def kernel_steps(self) -> int:
        """How many applications of a rule the steps stand for."""
        return sum(step.kernel_steps for step in self.steps)


@dataclass(frozen=True)
class Shown:
    """A theorem or a lemma: hypotheses by name, conclusion, free indices and proof."""

    name: str
    title: str
    hypotheses: tuple[tuple[str, str], ...]
    conclusion: str
    free: str
    symbols: tuple[tuple[str, str], ...]
    proof: Proof | None
    used_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownTheorem:
    """A theorem with what the ledger and its file say of it."""

    shown: Shown
    entry: Entry
    row: Row | None
    citations: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Library:
    """All theorems in order, and the lemmas that more than one of them uses."""

    theorems: tuple[ShownTheorem, ...]
    lemmas: tuple[Shown, ...]


def library(
    entries: Sequence[Entry],
    rows: Mapping[str, Row] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    *,
    proofs: bool = True,
) -> Library:
    """Prove the theorems and arrange their proofs.

    Args:
        proofs: False leaves the proofs out, and proves nothing; so is a proof left out that the ledger
            does not accept.
        rows: the ledger's rows by name, for verdicts.
        progress: called with a name, how many are done and how many there are.
    """
    graph = Graph()
    heads: dict[str, int] = {}
    for done, entry in enumerate(entries, start=1):
        established = rows is None or (entry.name in rows and rows[entry.name].expected)
        if proofs and established and entry.prove is not None:
            heads[entry.name] = graph.add(entry.theorem)
        if progress is not None:
            progress(entry.name, done, len(entries))
    books = chapters(graph, heads.values())
    owners: dict[int, str] = {}
    for name, head in heads.items():
        owners.setdefault(head, name)
    order = _lemmas_in_order([books[heads[e.name]] for e in entries if e.name in heads], books, set(owners))
    writer = _Writer(graph, owners, {head: n for n, head in enumerate(order, start=1)})
    theorems = tuple(
        ShownTheorem(
            writer.theorem(entry, books.get(heads.get(entry.name, -1))),
            entry,
            (rows or {}).get(entry.name),
            tuple(keys(entry.source)),
            remarks(entry, (rows or {}).get(entry.name)),
        )
        for entry in entries
    )
    users = _users(books, owners)
    return Library(theorems, tuple(writer.lemma(books[head], users.get(head, ())) for head in order))


def _lemmas_in_order(
    starts: Iterable[Chapter], books: Mapping[int, Chapter], theorems: set[int]
) -> list[int]:
    """The lemmas' heads, each before the first chapter that needs it."""
    order: dict[int, None] = {}

    def visit(chapter: Chapter) -> None:
        for line in chapter.lines:
            for premise in line.premises:
                if premise in books and premise not in theorems and premise not in order:
                    visit(books[premise])
                    order[premise] = None

    for chapter in starts:
        visit(chapter)
    return list(order)


def _users(books: Mapping[int, Chapter], owners: Mapping[int, str]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for head, chapter in books.items():
        for line in chapter.lines:
            for premise in line.premises:
                if head in owners and premise in books and premise != head:
                    found.setdefault(premise, []).append(owners[head])
    return {premise: tuple(dict.fromkeys(names)) for premise, names in found.items()}


class _Writer:
    """Turns chapters into text, with numbers for steps and names for hypotheses."""

    def __init__(self, graph: Graph, theorems: Mapping[int, str], lemmas: Mapping[int, int]) -> None:
        self.graph, self.theorems, self.lemmas = graph, theorems, lemmas
        self._folded: dict[Claim, Claim] = {}

    def theorem(self, entry: Entry, chapter: Chapter | None) -> Shown:
        """The theorem with its own symbols; ``chapter`` is None where it has no proof here."""
        statement = entry.statement
        claims = [*statement.hypotheses, statement.conclusion]
        declared = {}
        for name in symbol_names(claims if chapter is None else [*claims, *_claims(chapter)]):
            known = meanings(name, entry)
            if known:
                declared[name] = known[0].latex
        return self._shown(entry.name, entry.title, statement.hypotheses, claims, chapter, declared, entry)

    def lemma(self, chapter: Chapter, users: Sequence[str]) -> Shown:
        """A lemma of the appendix; its name is its number."""
        hypotheses, conclusion = chapter.head.sequent
        order = {self.graph.nodes[n].sequent[1]: n for n in self.graph.reached_from([chapter.head.number])}
        ordered = sorted(hypotheses, key=lambda a: (order.get(a.instance(), len(order)), str(a)))
        number = str(self.lemmas[chapter.head.number])
        title = chapter.head.label or next((x.label for x in reversed(_nodes(chapter)) if x.label), "")
        shown = self._shown(number, title, ordered, [*ordered, conclusion], chapter, {}, None)
        return Shown(**{**vars(shown), "used_by": tuple(users)})

    def _shown(
        self,
        name: str,
        title: str,
        hypotheses: Sequence[Relation],
        claims: Sequence[Claim],
        chapter: Chapter | None,
        declared: Mapping[str, str],
        entry: Entry | None,
    ) -> Shown:
        folded = [
            self._fold(c) for c in (*claims, *(_claims(chapter) if chapter else ()), *self._assumed(chapter))
        ]
        printer = Printer(Names([side for c in folded for side in sides(c)], declared))
        given = tuple(
            (f"H{n}", folded_latex(self._fold(a), printer)) for n, a in enumerate(hypotheses, start=1)
        )
        standard = {standard_claim(a): f"H{n}" for n, a in enumerate(hypotheses, start=1)}
        conclusion = self._fold(claims[-1])
        free = sorted(s.name for s in conclusion.free_symbols if is_index(s))
        return Shown(
            name,
            title,
            given,
            folded_latex(conclusion, printer),
            ",".join(free),
            told([self._fold(c) for c in claims], printer, entry) if entry else (),
            self._proof(chapter, printer, standard) if chapter else None,
        )

    def _assumed(self, chapter: Chapter | None) -> list[Claim]:
        """The assumptions that the chapter's lines rest on directly."""
        used = [self.graph.nodes[p] for line in chapter.lines for p in line.premises] if chapter else []
        return [node.sequent[1] for node in used if node.rule == "assume"]

    def _fold(self, claim: Claim) -> Claim:
        if claim not in self._folded:
            self._folded[claim] = folded_claim(claim)
        return self._folded[claim]

    def _proof(self, chapter: Chapter, printer: Printer, given: Mapping[Claim, str]) -> Proof:
        names: dict[int, Reference] = {}
        assumptions: list[tuple[str, str]] = []
        for number in dict.fromkeys(p for line in chapter.lines for p in line.premises):
            node = self.graph.nodes[number]
            if number in self.theorems and number != chapter.head.number:
                names[number] = Reference("theorem", self.theorems[number])
            elif number in self.lemmas and number != chapter.head.number:
                names[number] = Reference("lemma", str(self.lemmas[number]))
            elif node.rule == "assume":
                (assumed,) = node.sequent[0]
                known = given.get(standard_claim(assumed))
                if known is None:
                    known = f"A{len(assumptions) + 1}"
                    assumptions.append((known, folded_latex(self._fold(assumed), printer)))
                names[number] = Reference("hypothesis", known)
        steps = []
        for place, line in enumerate(chapter.lines, start=1):
            names[line.node.number] = Reference("step", str(place))
            steps.append(self._step(str(place), line, names, printer))
        if not chapter.lines:
            steps.append(self._from_elsewhere(chapter.head, printer))
        return Proof(tuple(assumptions), tuple(steps))

    def _step(self, name: str, line: Line, names: Mapping[int, Reference], printer: Printer) -> Step:
        labels = dict.fromkeys(node.label for node in line.nodes if node.label)
        rules = dict.fromkeys(node.rule for node in line.nodes)
        return Step(
            name,
            "; ".join(labels),
            tuple(rules),
            tuple(names[p] for p in line.premises if p in names),
            folded_latex(self._fold(line.node.sequent[1]), printer),
            line.node.evidence,
            len(line.nodes),
        )

    def _from_elsewhere(self, head: Node, printer: Printer) -> Step:
        conclusion = folded_latex(self._fold(head.sequent[1]), printer)
        return Step("1", "", (head.rule,), (), conclusion, head.evidence, 1)


def _claims(chapter: Chapter) -> list[Claim]:
    return [node.sequent[1] for node in _nodes(chapter)]


def _nodes(chapter: Chapter) -> list[Node]:
    return [node for line in chapter.lines for node in line.nodes] or [chapter.head]

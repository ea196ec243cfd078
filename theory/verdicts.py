# SPDX-License-Identifier: MIT
"""The ledger of the whole library: kept verdicts read back, everything else checked over processes.

Where every verdict is known, nothing is imported but this.  Rows come in the order of the registry whatever
the number of processes.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from typing import Any

from theory.discovery import Refusal, arrange, closure, in_order
from theory.ledger import UNDECIDED, Row
from theory.verdict_cache import Head, Record, VerdictCache

# A process takes about a second to load the library: it should have more to do than that.
THEOREMS_PER_WORKER = 2
LONGEST_CHUNK = 5
MOST_KIN = 8  # theorems that share a lemma file are checked by one process if they are no more
SECONDS_BETWEEN_SAVES = 5.0


@dataclass(frozen=True)
class Ledger:
    """What a run established.

    Attributes:
        rows: one for each theorem that was asked for, premises first.
        heads: name, title, kind, source and sentence of each row's theorem.
        refused: the files that took no part: all of them, or those of the names that were asked for.
    """

    rows: Sequence[Row]
    heads: Sequence[Any]
    refused: Sequence[Refusal]

    @property
    def as_expected(self) -> bool:
        """Whether every row is as its theorem expects and no file was refused."""
        return not self.refused and all(row.expected for row in self.rows)


def ledger(
    names: Iterable[str] | None = None,
    *,
    read_cache: bool = True,
    workers: int | None = None,
    progress: Callable[[Row, int, int], None] | None = None,
) -> Ledger:
    """Check the named theorems (default: all), or read their kept verdicts back.

    Args:
        read_cache: False checks everything anew; the fresh verdicts replace the kept ones either way.
        workers: number of processes, default one a core.
        progress: called after each check with its row, how many are done and how many there are.

    Raises:
        theory.UnknownTheorem: a name that no theorem and no refused file has.
    """
    # A process that had the library before the files were read may hold other text than they have now: then
    # others, that read them anew, check.
    fresh = "theory.expressions" not in sys.modules
    cache = VerdictCache(read=read_cache)
    records = cache.records()
    wanted = None if names is None else list(names)
    known = _known(records, cache)
    heads: Mapping[str, Any]
    refused: Sequence[Refusal]
    if known is None or not set(wanted or ()) <= set(known):
        heads, refused = _loaded()
    else:
        heads, refused = known, ()
    chosen, refused = _choose(wanted, heads, refused)
    rows: dict[str, Row] = {}
    for head in chosen:
        record = records.get(head.file)
        if record is not None and record.digests == _digests(head.name, heads, cache):
            rows[head.name] = record.row
    missing = [head.name for head in chosen if head.name not in rows]
    count = _processes(workers, len(missing))
    unsaved: list[Row] = []
    saved = time.monotonic()
    try:
        chunks = _chunks(missing, count, {name: cache.snapshot.lemmas[heads[name].file] for name in missing})
        for done, row in enumerate(_checked(chunks, here=fresh and count == 1, count=count), start=1):
            rows[row.name] = row
            unsaved.append(row)
            if progress is not None:
                progress(row, done, len(missing))
            if time.monotonic() - saved > SECONDS_BETWEEN_SAVES:
                _save(unsaved, heads, cache)
                unsaved, saved = [], time.monotonic()
    finally:
        _save(unsaved, heads, cache)
    return Ledger(_blocked([rows[head.name] for head in chosen], heads), chosen, refused)


def _save(rows: Sequence[Row], heads: Mapping[str, Any], cache: VerdictCache) -> None:
    """Keep verdicts, but where a file they depend on has changed meanwhile."""
    if not rows:
        return
    unchanged = cache.unchanged()
    for row in rows:
        files = [used.file for used in closure(row.name, heads)]
        if unchanged.issuperset(files):
            cache.store(_head(heads[row.name]), row, files)
    cache.tidy()


def _known(records: Mapping[str, Record], cache: VerdictCache) -> dict[str, Head] | None:
    """The library in order, if the records describe all of it and nothing in it was ever refused."""
    if len(records) < len(cache.snapshot.files):
        return None
    heads = [records[file.shown].head for file in cache.snapshot.files]
    by_name = {head.name: head for head in heads}
    entries, reasons = arrange(by_name)
    return None if reasons or len(by_name) < len(heads) else entries


def _loaded() -> tuple[Mapping[str, Any], Sequence[Refusal]]:
    """The library by importing it."""
    from theory.registry import library

    return library().entries, library().refusals


def _choose(
    names: Sequence[str] | None, heads: Mapping[str, Any], refused: Sequence[Refusal]
) -> tuple[list[Any], Sequence[Refusal]]:
    """The theorems that were asked for, and the refusals that concern the question."""
    if names is None:
        return list(heads.values()), refused
    from_refused = {refusal.name for refusal in refused}
    for name in names:
        if name not in heads and name not in from_refused:
            from theory.registry import UnknownTheorem, unknown

            raise UnknownTheorem(unknown(name, heads))
    return in_order(names, heads), [r for r in refused if r.name in names and r.name not in heads]


def _digests(name: str, heads: Mapping[str, Any], cache: VerdictCache) -> dict[str, str]:
    """The digests of the files on which the theorem's verdict depends, as they are now."""
    return cache.digests([used.file for used in closure(name, heads)])


def _head(entry: Any) -> Head:
    return Head(entry.name, entry.title, entry.kind, entry.source, entry.says, tuple(entry.uses), entry.file)


def _processes(workers: int | None, checks: int) -> int:
    """How many processes are worth starting: at most ``workers``, and each must have something to do."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(workers or cores or 1, checks // THEOREMS_PER_WORKER))


def _checked(chunks: Sequence[Sequence[str]], *, count: int, here: bool) -> Iterator[Row]:
    """The rows of these theorems as they are finished; by this process if it is to be ``here``."""
    if here:
        for name in (name for chunk in chunks for name in chunk):
            yield _check(name)
        return
    waiting = [list(chunk) for chunk in chunks]
    while waiting:
        try:
            for row in _over_processes(waiting, count):
                for chunk in waiting:
                    if row.name in chunk:
                        chunk.remove(row.name)
                waiting = [chunk for chunk in waiting if chunk]
                yield row
        except BrokenProcessPool:
            # One of the first has taken its process with it: each of them gets a process of its own.
            first, waiting = waiting[:count], waiting[count:]
            for name in (name for chunk in first for name in chunk):
                yield _alone(name)


def _over_processes(chunks: Sequence[Sequence[str]], count: int) -> Iterator[Row]:
    from theory.discovery import roots

    # "spawn": a forked child would inherit locks of whatever threads the caller has.
    context = multiprocessing.get_context("spawn")
    places = [str(root) for root in roots()]
    with ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(places,)) as pool:
        futures = [pool.submit(_check_all, list(chunk)) for chunk in chunks]
        try:
            for future in as_completed(futures):
                yield from future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _chunks(names: Sequence[str], count: int, lemmas: Mapping[str, Set[str]]) -> list[list[str]]:
    """What one process checks in a row, for it proves a lemma once: kin, then neighbours, then single ones.

    ``lemmas`` says on which lemma files a theorem rests.
    """
    most = max(LONGEST_CHUNK, len(names) // (4 * count))
    chunks: list[list[str]] = []
    left: list[str] = []
    for group in sorted(_kin(names, lemmas), key=len, reverse=True):
        if len(group) == 1:
            left += group
        chunks += [group[n : n + most] for n in range(0, len(group), most)] if len(group) > 1 else []
    while left:
        size = min(LONGEST_CHUNK, max(1, len(left) // (4 * count)))
        chunks.append(left[:size])
        left = left[size:]
    return chunks


def _kin(names: Sequence[str], lemmas: Mapping[str, Set[str]]) -> list[list[str]]:
    """Groups of theorems that share a lemma file on which few rest, or are linked by others that do."""
    users: dict[str, list[str]] = {}
    for name in names:
        for lemma in lemmas[name]:
            users.setdefault(lemma, []).append(name)
    group = {name: [name] for name in names}
    for few in users.values():
        if len(few) <= MOST_KIN:
            for name in few[1:]:
                if group[name] is not group[few[0]]:
                    group[few[0]] += group[name]
                    for other in group[name]:
                        group[other] = group[few[0]]
    place = {name: n for n, name in enumerate(names)}
    found = {id(members): sorted(members, key=place.__getitem__) for members in group.values()}
    return sorted(found.values(), key=lambda members: place[members[0]])


def _alone(name: str) -> Row:
    try:
        (row,) = _over_processes([[name]], 1)
        return row
    except BrokenProcessPool:
        from theory.registry import get

        entry = get(name)
        words = f"{entry.file}: the process that checked it ended without an answer"
        return Row(name, entry.kind, UNDECIDED, words, 0, 0.0, entry.source, False, file=entry.file)


def _begin(places: Sequence[str]) -> None:
    """A new process searches the same folders."""
    import theory.theorems as package

    package.__path__[:] = places


def _check_all(names: Sequence[str]) -> list[Row]:
    return [_check(name) for name in names]


def _check(name: str) -> Row:
    from theory.checker import check
    from theory.registry import get

    return check(get(name))


def _blocked(rows: Sequence[Row], heads: Mapping[str, Any]) -> list[Row]:
    """A theorem is not established if something in the ledger that it builds on has failed."""
    failed = {row.name for row in rows if not row.expected}
    result = []
    for row in rows:
        broken = [used.name for used in closure(row.name, heads)[1:] if used.name in failed]
        if broken and row.expected:
            words = f"{row.file}: uses {', '.join(map(repr, broken))}, which failed; by itself: {row.verdict}"
            row = replace(row, verdict=UNDECIDED, expected=False, evidence=words)
        result.append(row)
    return result

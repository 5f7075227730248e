"""What judging a post costs with 100,000 terms: all phases, beside a bare scan of the same text with the list."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind

import wenzheng
from bench.lines import Line
from bench.run import Run
from kernel.ids import UserId
from kernel.permissions import Actor, Role
from moderation.drafts import Context, Draft
from moderation.folding import flatten, fold
from moderation.phases import standard_pipeline
from moderation.pipeline import Pipeline
from moderation.reading import views
from moderation.wordlist import Term, WordList
from rooms.model import Policy, PostKind

PART = "moderation"
TERMS, LENGTH, POSTS = 100_000, 200, 200
# As lists are: few terms of two characters, most of three to five.
_LENGTHS = (2, *(3,) * 4, *(4,) * 7, *(5,) * 4, *(6,) * 4)
_KINDS = {"plain": frozenset({"plain"}), "every kind": frozenset({"plain", "sound", "split"})}
_NETIZEN = Actor(UserId("g:bench"), "bench", Role.NETIZEN, guest=True)
# What a node remembers of a text from one phase to the next, but not from one post to the next.
_REMEMBERED: tuple[Callable[[], None], ...] = tuple(
    each.cache_clear for each in (flatten, fold, views.hanzi, views.mixed)
)


def measure(run: Run) -> list[Line]:
    chance = random.Random(6)
    texts = posts(chance)
    terms = listed(chance)
    run.say(f"{len(terms):,} terms, {len(texts)} posts of {LENGTH} characters")
    began = time.process_time()
    bare = AhoCorasick(terms, matchkind=MatchKind.Standard)
    bare_s = time.process_time() - began
    ratios: dict[str, list[float]] = {}
    costs: dict[str, list[float]] = {}
    builds: list[float] = []
    for kind, match in _KINDS.items():
        began = time.process_time()
        words = WordList([Term(term, match=match) for term in terms])
        builds.append((time.process_time() - began) / bare_s)
        pipeline = standard_pipeline(words)
        beside(bare, pipeline, texts)
        found = [beside(bare, pipeline, texts) for _ in range(run.rounds * 3)]
        ratios[kind] = [whole / scan for scan, whole in found]
        costs[kind] = [whole / len(texts) * 1e6 for _, whole in found]
    line = Line.of(PART)
    return [
        line("a post of 200 characters, all phases, 100,000 terms ÷ bare scan", ratios["plain"], 8, 4),
        line("· its processor time", costs["plain"], unit="µs"),
        line("· every term by sound and in parts too ÷ bare scan", ratios["every kind"]),
        line("· building the list ÷ building a bare automaton", builds[:1]),
        line("· building it with every kind ÷ building a bare automaton", builds[1:]),
    ]


def beside(bare: AhoCorasick, pipeline: Pipeline, texts: Sequence[str]) -> tuple[float, float]:
    """Processor seconds for all texts, of the scan and of the pipeline: post by post in turn, as posts come."""
    context = Context(Policy(premoderate=False))
    scan = whole = 0.0
    for text in texts:
        for forget in _REMEMBERED:
            forget()
        draft = Draft(_NETIZEN, PostKind.QUESTION, text)
        scan += _taken(partial(bare.find_matches_as_indexes, text, overlapping=True))
        whole += _taken(partial(pipeline.judge, draft, context))
    return scan, whole


def _taken(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def posts(chance: random.Random) -> list[str]:
    """Of sentences that are asked in the demo, in ever new order."""
    told = json.loads((Path(wenzheng.__file__).parent / "crowd_zh.json").read_text(encoding="utf-8"))
    sentences = [each[part] for each in told["questions"] for part in ("ask", "follow", "answer") if each.get(part)]
    texts: list[str] = []
    while len(texts) < POSTS:
        chance.shuffle(sentences)
        texts.append("".join(sentences)[:LENGTH])
    return texts


def listed(chance: random.Random) -> list[str]:
    """Terms of everyday characters, none of them twice."""
    # The 3,755 commonest characters, as the national standard lists them first.
    everyday = [
        bytes((row, cell)).decode("gb2312")
        for row in range(0xB0, 0xD8)
        for cell in range(0xA1, 0xFF if row < 0xD7 else 0xFA)
    ]
    found: dict[str, None] = {}
    while len(found) < TERMS:
        found["".join(chance.choices(everyday, k=chance.choice(_LENGTHS)))] = None
    return list(found)

"""The way in, in order. This list is the policy: cheap before dear, certain before suspected, the room's own rule last.

Each phase is one small file and returns nothing or a partial verdict; the strongest stands, a refusal ends the list.
"""

from __future__ import annotations

from collections.abc import Sequence

from moderation.drafts import Phase
from moderation.phases import length, links, personal, premoderation, repetition, trust, wordlist
from moderation.phases.crowd import Crowd
from moderation.phases.wordlist import Words
from moderation.pipeline import Pipeline
from moderation.wordlist import NO_WORDS, WordList


def standard_phases(
    words: WordList | Words = NO_WORDS, plugins: Sequence[Phase] = (), crowd: Crowd | None = None
) -> tuple[Phase, ...]:
    """`crowd` is a node's memory of what others have just said; without one nobody is compared with others."""
    return (
        # Too long is refused; nothing but marks waits.
        Phase("length", length.judge),
        # The same again, or one character over and over: rules 5 and 6.
        Phase("repetition", repetition.judge),
        # The same from many people at one time.
        *(() if crowd is None else (Phase("repetition", crowd),)),
        # Pace stands here in the contract's order, but is taken before the list (moderation/pace.py): whoever is too
        # fast is told when to come back, and nothing is stored or judged.
        # The city's own terms, each with its own consequence.
        Phase("wordlist", wordlist.WordListPhase(words)),
        # Somebody's telephone, identity or card number: rule 3.
        Phase("personal", personal.judge),
        # Addresses and contact ids that lead away from here: rule 4.
        Phase("links", links.judge),
        # What the city's own code has to say.
        *plugins,
        # An author whom a moderator watches.
        Phase("trust", trust.judge),
        # The promise of a pre-moderated room: whatever is left waits for a person.
        Phase("premoderation", premoderation.judge),
    )


def standard_pipeline(
    words: WordList | Words = NO_WORDS, plugins: Sequence[Phase] = (), crowd: Crowd | None = None
) -> Pipeline:
    return Pipeline(standard_phases(words, plugins, crowd))

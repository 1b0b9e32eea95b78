"""Questions to begin with, made from the articles themselves: nothing is asked that they do not tell."""

from __future__ import annotations

import re

from index import Store
from rag.attribution import attribute

_MOST = 4
_SEARCHED = 1000  # chunks: every visitor's window asks
BASE_FORMS = {  # of verbs of saying: past → as it stands after "did"
    "said": "say", "warned": "warn of", "urged": "urge", "claimed": "claim", "announced": "announce", "denied": "deny",
    "blamed": "blame", "accused": "accuse", "criticized": "criticize", "criticised": "criticise", "confirmed": "confirm",
    "pledged": "pledge", "demanded": "demand", "reported": "report", "stated": "state", "described": "describe",
    "noted": "note", "stressed": "stress", "condemned": "condemn", "insisted": "insist",
}  # fmt: skip
_NAMED = re.compile(r"[A-Z]")


def example_questions(store: Store) -> tuple[str, ...]:
    """A few questions, at most one an article: what did a named speaker of it say?"""
    found: dict[str, str] = {}
    for chunk in store.chunks[:_SEARCHED]:
        if chunk.article in found:
            continue
        for span in chunk.sentences:
            speech = attribute(chunk.sentence_text(span))
            verb = BASE_FORMS.get(speech.verb or "")
            speaker = speech.speaker or ""
            if verb and 1 <= speaker.count(" ") <= 4 and _NAMED.search(speaker) and "," not in speaker:
                who = speaker[:4].replace("The ", "the ") + speaker[4:]
                found[chunk.article] = f"What did {who} {verb}?"
                break
        if len(found) == _MOST:
            break
    return tuple(found.values())

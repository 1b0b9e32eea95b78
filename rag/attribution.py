"""Who says it: the speaker of a sentence, from verbs of saying, "according to", quotation marks and pronouns.

News is claims. Rules on the surface of the text, no parser: the subject before a verb of saying ("Officials in X
have openly criticised …"), behind it (“…,” said X), in a passive ("was described by X as"), in "according to X";
an apposition gives way to the name it explains; a pronoun goes back to the last speaker named before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

SpeechKind = Literal["direct", "indirect", "according_to", "none"]

_SAY = {  # present, past, participle
    "say says said saying", "tell tells told telling", "claim claims claimed claiming", "warn warns warned warning",
    "urge urges urged urging", "describe describes described describing", "announce announces announced announcing",
    "accuse accuses accused accusing", "blame blames blamed blaming", "deny denies denied denying",
    "insist insists insisted insisting", "argue argues argued arguing", "believe believes believed believing",
    "criticize criticizes criticized criticizing", "criticise criticises criticised criticising",
    "condemn condemns condemned condemning", "confirm confirms confirmed confirming", "assert asserts asserted asserting",
    "stress stresses stressed stressing", "emphasize emphasizes emphasized emphasizing",
    "emphasise emphasises emphasised emphasising", "highlight highlights highlighted highlighting",
    "note notes noted noting", "add adds added adding", "explain explains explained explaining",
    "suggest suggests suggested suggesting", "admit admits admitted admitting", "acknowledge acknowledges acknowledged",
    "declare declares declared declaring", "pledge pledges pledged pledging", "promise promises promised promising",
    "vow vows vowed vowing", "demand demands demanded demanding", "call calls called calling",
    "express expresses expressed expressing", "voice voices voiced voicing", "convey conveys conveyed conveying",
    "reiterate reiterates reiterated reiterating", "reaffirm reaffirms reaffirmed", "state states stated stating",
    "predict predicts predicted predicting", "caution cautions cautioned cautioning", "reply replies replied",
    "respond responds responded responding", "react reacts reacted reacting", "comment comments commented commenting",
    "complain complains complained complaining", "concede concedes conceded", "contend contends contended",
    "allege alleges alleged alleging", "recall recalls recalled recalling", "reveal reveals revealed revealing",
    "report reports reported reporting", "write writes wrote writing", "tweet tweets tweeted", "ask asks asked asking",
    "advise advises advised advising", "praise praises praised praising", "reject rejects rejected rejecting",
    "dismiss dismisses dismissed dismissing", "estimate estimates estimated", "maintain maintains maintained",
    "propose proposes proposed", "posit posits posited", "attribute attributes attributed attributing",
    "thank thanks thanked", "apologise apologised apologises", "apologize apologized apologizes",
    "conclude concludes concluded", "observe observes observed", "disclose discloses disclosed", "cite cites cited citing",
    "think thinks thought", "hope hopes hoped", "fear fears feared", "threaten threatens threatened",
    "defend defends defended", "welcome welcomes welcomed", "oppose opposes opposed", "press presses pressed",
}  # fmt: skip
_VERBS = sorted({form for forms in _SAY for form in forms.split()}, key=len, reverse=True)
SAYING_VERBS = "|".join(_VERBS)
"""Every form of the verbs of saying, for a regular expression."""
_VERB = re.compile(rf"\b(?P<verb>{SAYING_VERBS})\b")
_ACCORDING = re.compile(r"\b[Aa]ccording to (?P<who>[^,;.—–]+?)(?=[,;—–]|\.\s|\.?[”\"]?\s*$|\s+(?:who|which|that)\b)")
_BEFORE_VERB = re.compile(
    r"(?:\s*\b(?:has|have|had|is|are|was|were|also|then|later|\w+ly|earlier|again|once|repeatedly|further|did|does|not|never|both|all|"
    r"himself|herself|itself|themselves|would|will|could|may|might|still|now|explicitly|reportedly)\b)+\s*$"
)
_CLAUSE_START = re.compile(
    r"[;:—–“”\"]|,(?=\s*(?:but|and|while|as|who|which|where|when|after|although|though|because)\b)"
    r"|\b(?:that|while|although|though|because|but|when|after|before|since|if|whether|where)\b"
)
_PRONOUN = re.compile(r"^(?:he|she|they|it|i|we|who|which|both|these|those)$", re.IGNORECASE)
_QUOTED = re.compile(r"[“\"][^”\"]*(?:[”\"]|$)")
_WORD = re.compile(r"[\w’'.&-]+")
_NOT_SUBJECT = re.compile(
    r"\b(?:to|of|be|been|being|not|by|for|and|or|with|a|an|the|its|their|his|her|this|any|no|s)$",
    re.IGNORECASE,
)
_PASSIVE = re.compile(r"\b(?:was|were|is|are|been|be|being)\b(?:\s+\w+ly)?\s*$")
_AGENT = re.compile(r"\s+by\s+(?P<who>[^,;.]+?)(?=\s+(?:as|that|in|on|at|for|after|over|[a-z]+ed)\b|[,;.]|$)")
_OPENS_PHRASE = re.compile(
    r"^(?:following|amid|despite|during|under|since|in|on|at|for|from|with|without|by|to|of|about|unlike|like)\b",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:meanwhile|however|moreover|in addition|earlier|later|still|then|instead|also|separately|yet|and|but|so|reportedly|"
    r"on \w+(?: \d+)?|in \w+|in response|in a (?:\w+ )?(?:statement|report|tweet|speech|interview|post)(?: [^,]*)?|"
    r"(?:earlier|later|last|this) \w+)\s*,?\s+(?=\S)",
    re.IGNORECASE,
)
_LONG_QUOTE = 30  # characters; a shorter one is a quoted word or two in reported speech
_LONGEST_SPEAKER = 12  # words; more is not a name but a failed rule


_FAMILIES = {  # verbs that report the same kind of act: a question with one is answered by a sentence with another
    "blame": "blame accuse criticize criticise condemn attribute allege",
    "deny": "deny reject dismiss oppose",
    "urge": "urge call press demand ask advise tell propose",
    "warn": "warn caution fear threaten",
    "promise": "promise pledge vow",
    "react": "react respond reply express voice comment",
    "think": "think believe argue suggest posit contend",
    "praise": "praise welcome thank",
    "confirm": "confirm acknowledge admit concede reaffirm",
    "claim": "claim assert allege",
}


def verb_family(verb: str) -> str | None:
    """The kind of act that a verb of saying reports; None for a plain one ("said") and for other verbs."""
    return _FAMILY_OF.get(verb.casefold())


_FAMILY_OF = {
    form: family
    for family, verbs in _FAMILIES.items()
    for forms in _SAY
    if forms.split()[0] in verbs.split()
    for form in forms.split()
}


@dataclass(frozen=True, slots=True)
class Speech:
    """Who says a sentence, with which verb, and how. `kind` "none" means that it is the article's own word."""

    speaker: str | None = None
    verb: str | None = None
    kind: SpeechKind = "none"


def attribute(sentence: str, before: Sequence[str] = ()) -> Speech:
    """Find who says a sentence: its first speaker.

    Args:
        sentence: the sentence's text.
        before: the sentences before it in its article, in order, for pronouns and running quotations.
    """
    return speeches(sentence, before)[0]


def speeches(sentence: str, before: Sequence[str] = ()) -> list[Speech]:
    """Everyone who says something in a sentence, outermost first; never empty ("He noted that X has warned": two)."""
    found = [
        # A pronoun stands for whoever spoke last.
        replace(speech, speaker=_antecedent(before)) if speech.speaker and _PRONOUN.match(speech.speaker) else speech
        for speech in _explicit(sentence)
    ]
    if not found and _continues_quote(sentence, before) and (speaker := _antecedent(before)):
        found = [Speech(speaker, None, "direct")]
    return found or [Speech()]


def _explicit(sentence: str) -> Iterator[Speech]:
    quoted = [match.span() for match in _QUOTED.finditer(sentence)]
    kind: SpeechKind = "direct" if any(end - start > _LONG_QUOTE for start, end in quoted) else "indirect"
    if (match := _ACCORDING.search(sentence)) and (speaker := _clean(match["who"])):
        yield Speech(speaker, "according to", "according_to")
    for match in _VERB.finditer(sentence):
        if any(start < match.start() < end for start, end in quoted):
            continue
        before, after = sentence[: match.start()], sentence[match.end() :]
        if re.match(r"\s+by\b", after):  # "an attack claimed by X", "was described by X as"
            agent = _AGENT.match(after)
            speaker = _clean(agent["who"]) if agent else None
        elif (
            not (speaker := _behind(before, after))
            and not _PASSIVE.search(before)
            and not match["verb"].endswith("ing")
        ):
            speaker = _subject(before)
        if speaker:
            yield Speech(speaker, match["verb"], kind)


def _subject(before: str) -> str | None:
    """The subject that ends just before a verb."""
    left = _BEFORE_VERB.sub("", before).rstrip()
    if not left or _NOT_SUBJECT.search(left):
        return None
    if left.endswith(","):
        # "The spokesperson, N. N., said": what stands between commas explains what stands before them.
        parts = [part.strip() for part in left[:-1].split(",")]
        if len(parts) < 2:
            return None
        head, inner = parts[-2], parts[-1]
        head = _clean(_last_clause(head)) or ""
        if re.match(r"(?:who|which|whose)\b", inner):
            return head or None
        return _clean(f"{head}, {inner}") if _looks_named(inner) and head else head or None
    return _clean(_last_clause(left))


def _last_clause(text: str) -> str:
    starts = [match.end() for match in _CLAUSE_START.finditer(text)]
    clause = text[starts[-1] :] if starts else text
    while leading := _LEADING.match(clause.strip()):
        clause = clause.strip()[leading.end() :]
    return clause.rpartition(",")[2] if "," in clause else clause


def _behind(before: str, after: str) -> str | None:
    """The speaker behind the verb, as in “…,” said N. N."""
    if not re.search(r"[”\"],?\s*$", before):
        return None
    match = re.match(
        r"\s+(?!(?:that|it|in|on|to|for|as|of|the need)\b)(?P<who>\w[^,;.“\"]*?)(?=[,;.“\"]|\s+(?:in|on|at|after|during|told|who)\b|$)",
        after,
    )
    return _clean(match["who"]) if match else None


def _clean(text: str) -> str | None:
    """A noun phrase without what hangs on it; None when it does not look like a speaker."""
    who = text.strip(" ,;:—–“”\"'")
    who = who.strip("()") if who.count("(") != who.count(")") or who.startswith("(") else who
    who = re.sub(r"^(?:and|but|as|while|then)\s+", "", who)
    words = _WORD.findall(who)
    if not words or len(words) > _LONGEST_SPEAKER or words[0].isdigit() or _OPENS_PHRASE.match(who):
        return None
    if len(words) == 1 and words[0][0].islower() and not _PRONOUN.match(words[0]) and not words[0].endswith("s"):
        return None
    return who


def _looks_named(text: str) -> bool:
    return bool(re.match(r"(?:[A-Z][\w’'.-]*\s*)+$", text))


def _antecedent(before: Sequence[str]) -> str | None:
    for sentence in reversed(before[-4:]):
        for speech in _explicit(sentence):
            if speech.speaker and not _PRONOUN.match(speech.speaker):
                return speech.speaker
    return None


def _continues_quote(sentence: str, before: Sequence[str]) -> bool:
    """Whether a quotation that was opened earlier is still running, or the sentence is nothing but a quotation."""
    if re.fullmatch(r"\s*[“\"][^”\"]+[”\"]?\s*", sentence):
        return True
    text = " ".join(before[-4:])
    return text.count("“") > text.count("”")

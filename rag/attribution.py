"""Who says it: the speaker of a sentence, from verbs of saying, "according to", quotation marks and pronouns.

News is claims. Rules on the surface of the text, no parser: the subject before a verb of saying ("Officials in X
have openly criticised …"), behind it (“…,” said X), in a passive ("was described by X as", "was quoted as saying"),
in "according to X", before a headline's colon; an apposition gives way to the name it explains; a pronoun goes back
to whoever spoke last, else to the person that the article spoke of last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.calendar_words import MONTH, WEEKDAY
from rag.quotations import continues_quote, inside, quotations
from rag.saying import SAYING_VERBS
from rag.speakers import WORD, as_speaker, is_pronoun

SpeechKind = Literal["direct", "indirect", "according_to", "none"]

_VERB = re.compile(
    rf"\b(?P<verb>{SAYING_VERBS}|puts?(?= (?:the|its|their|it)\b[\w ]{{0,40}} at (?:\w+ ){{0,2}}[$£€]?\d)"
    r"|(?:speaks?|spoke)(?= of (?:\w+ ){0,2}[$£€]?\d))\b"
)
_ACCORDING = re.compile(
    r"\b[Aa]ccording to (?P<who>[^,;.—–“\"]+?)(?=[,;—–“\"]|-\d|\.\s|\.?[”\"]?\s*$|\s+(?:who|which|that)\b"
    r"|(?<!\bof)(?<!\bby)(?<!\bin)(?<!\bat)(?<!\bfrom)(?<!\bfor)(?<!\bto)(?<!\bon)(?<!\band)(?<!\bwith)\s+(?:the|there|it|he|she|they|this|these)\s)"
)
_BEFORE_VERB = re.compile(
    r"(?:\s*\b(?:has|have|had|is|are|was|were|also|then|later|\w+ly|earlier|again|once|repeatedly|further|did|does|not|never|both|all|"
    r"himself|herself|itself|themselves|would|will|could|may|might|still|now|explicitly|reportedly|meanwhile|however|always|often|"
    rf"(?:on )?{WEEKDAY}|(?:earlier )?(?:last|this) (?:week|weekend|month|year|night|morning|{WEEKDAY})|yesterday|today)\b)+\s*$"
)
_CLAUSE_START = re.compile(
    r"[;:—“”\"]|\s[–-]{1,2}\s|–|,(?=\s*(?:but|and|while|as|who|which|where|when|after|although|though|because)\b)"
    r"|\b(?:that|while|although|though|because|but|when|after|before|since|if|whether|where)\b"
)
_SINGULAR = re.compile(r"^(?:he|she|him|her)$", re.IGNORECASE)
_NOT_SUBJECT = re.compile(
    r"\b(?:to|of|be|been|being|not|by|for|and|or|with|a|an|the|its|their|his|her|this|any|no|s|quoted as|cited as)$",
    re.IGNORECASE,
)
_COMPARED = re.compile(  # "more than the ministry has said": who said another thing than the sentence
    r"\b(?:(?:[Mm]ore|[Ll]ess|[Ff]ewer|\w+er) than|as (?!well)(?:\w+ ){1,2}as|again as) (?:the|its|their|his|her|[A-Z]\w*)\b[^,;:.—–“”\"]*$"
)
_PASSIVE = re.compile(r"\b(?:was|were|is|are|been|be|being)\b(?:\s+\w+ly)?\s*$")
_REPORTED = re.compile(
    r"\b(?:was|were|is|are|been)\s+(?:also\s+)?(?:quoted|cited|reported|heard)\s+(?:\w+\s+){0,6}?as\s*$"
)
_AGENT = re.compile(r"\s+by\s+(?P<who>[^,;.]+?)(?=\s+(?:as|that|in|on|at|for|after|over|[a-z]+ed)\b|[,;.]|$)")
_LEADING = re.compile(
    r"^(?:meanwhile|however|moreover|in addition|earlier|later|still|then|instead|also|separately|yet|and|but|so|reportedly|"
    r"on \w+(?: \d+)?|in \w+|in response|in a (?:\w+ )?(?:statement|report|tweet|speech|interview|post)(?: [^,]*)?|"
    r"(?:earlier|later|last|this) \w+)\s*,?\s+(?=\S)",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"(?:^|,\s*|\s)(?P<head>[A-Z][\w’'.-]*(?:\s+[\w’'.-]+){0,5}),?\s*$")
_ASIDE = re.compile(
    r",\s*(?:(?:who|which|whose|seen as|known as|speaking)\b[^\"“”;]*?|[a-z][^,\"“”;]*?|[A-Z]+ of [^,\"“”;]*?),\s*$"
)
_HEADLINE = re.compile(
    r"^(?!Publication|Source|Photo|Credit|Image|Video|Update|Read|By|Related|Date)(?P<who>[A-Z][\w’'.&-]*(?:\s+[A-Z][\w’'.&-]*){0,4}):\s+\S.*[^.!?…:”\"]$"
)
_SUBJECT_NAME = re.compile(
    r"^\W*(?:(?:[A-Z]?[\w’'-]+\s+){0,4}?|[^,]{0,40},\s+)(?P<name>(?:(?:Mr|Mrs|Ms|Dr)\.?\s+)?[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+){0,2})"
    r"(?=,|\s+(?:[a-z]+(?:s|ed)|is|was|has|had|felt|saw|took|went|made|gave|won|came|told|met)\b)"
)
_NOT_A_PERSON = re.compile(
    r"^(?:The|A|An|It|This|That|These|Those|There|But|And|In|On|At|For|After|Before|When|While|If|As|So|He|She|They|We|I|You|"
    rf"{WEEKDAY}|{MONTH}|"
    r"Back|Last|Earlier|Later|Some|Many|Most|Its|His|Her|Their|Our|My|No|Two|Three|One)\b"
)
_TITLES = "Mr|Mrs|Ms|Dr|Prof|Gen|Col|Maj|Capt|Lt|Sgt|Sen|Rep|Gov|Rev|Hon|St"  # short forms, with a stop behind them
_TITLED = re.compile(r"(?:Mr|Mrs|Ms|Dr|Sir|Lady|Lord)\b")
_PLURAL = re.compile(
    r"(?:^|\s)(?:[a-z]\w*(?:[^s\W]s|men|people|police)|both|[A-Z]\w+ (?:officials|authorities))$"
    r"|^[A-Z]\w+(?:ials|erts|ysts|ities|tors|kers|ics|sses|ents|ists|orts|ces|[htvdgmnyr]ers)$"
)
_OUTLET = re.compile(
    r"(?:the\s+|its\s+)?(?P<outlet>(?:[A-Z][\w’'&.-]*\s+)*(?:[A-Z]{2,}\w*|[A-Z][\w’'&.-]*(?:News|Times|Post|Press)|News|Press|Times|Post|Radio|"
    r"TV|Jazeera|Reuters|Agency|Journal|Guardian|Telegraph|Herald|Tribune|Interfax|Xinhua|Today|Daily|Weekly|Magazine|Independent|"
    r"Network|Bloomberg|Observer|Mail|Sputnik|Broadcasting|Gazette|Chronicle|Monitor|Review)(?:\s+(?:News|Radio|TV|Online|[A-Z][a-z]+))*)"
)
_ENDING_SPEAKER = re.compile(  # at the end of a sentence, without a verb of its own
    r"(?:he|she|(?:the\s+|an?\s+)?(?:(?!(?:is|was|are|were|has|had|have|will|would|also|to|that|could|can|may|\w+ed|\w+sel(?:f|ves))\b)"
    r"[\w’'.&-]+\s*){1,7})(?:\s+(?:on|in|at|during|after)\s[^,]{1,40})?(?:,[^,]{1,60})?\.?$"
)
_NOUN = re.compile(
    r"^(?:state|report|claim|call|press|fear|hope|demand|estimate|comment|note|promise|pledge|praise|voice|remark|tweet|plea)s?$|^(?:maintain|recall)(?:s|ed)?$"
)
_CALLS = re.compile(
    r"\s+(?:\w+ly\s+)?(?:for|on|upon|the|an?|it|him|her|them|this|that|these|those|his|its|their)\b|\s+[A-Z][^“\"]{0,60}[“\"]"
)
_TAKES_CLAUSE = re.compile(r"\s+(?:that|how|it|he|she|they|there)\b|\s*[,“\"]")
_TAKES_OBJECT = re.compile(r"\s+(?:that|the|an?|his|her|its|their|on|for|it|he|she|they|there|how|what)\b|\s+[“\"]")
_CLOSING = re.compile(  # "…, the ministry has said": whose words the whole sentence is
    r",[”\"]?\s+(?P<who>(?!(?:and|but|who|which|as|while|when|where|after|before|because|although|though|if|that)\b)"
    rf"[^,;“”\"]{{2,80}}?)\s+(?:ha(?:s|ve|d)\s+)?(?P<verb>said|says|reported)(?=\s*[,.;]|\s+(?:on|in|at|to|{WEEKDAY})\b|\s*$)"
)
_TOLD = re.compile(rf"\s+{_OUTLET.pattern}")
_OF_REPORT = frozenset(
    "say says said tell tells told claim claims claimed confirm confirms confirmed add adds added".split()
)
_LONG_QUOTE = 30  # characters; a shorter one is a quoted word or two in reported speech
_REACH = 4  # sentences that a pronoun looks back


@dataclass(frozen=True, slots=True)
class Speech:
    """Who says a sentence, with which verb, and how. `kind` "none" means that it is the article's own word.

    `via` is the outlet that was told, where the sentence names it: "analysts told Al Jazeera".
    """

    speaker: str | None = None
    verb: str | None = None
    kind: SpeechKind = "none"
    via: str | None = None


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
        replace(speech, speaker=_antecedent(before, speech.speaker))
        if speech.speaker and is_pronoun(speech.speaker)
        else speech
        for speech in _explicit(sentence)
    ]
    if not found and continues_quote(sentence, before[-_REACH:]) and (speaker := _antecedent(before)):
        found = [Speech(speaker, None, "direct")]
    return found or [Speech()]


def _explicit(sentence: str) -> Iterator[Speech]:
    """The speeches that the sentence itself reports, pronouns unresolved."""
    quoted = quotations(sentence)
    told = list(_told(sentence, quoted))
    if told and (closing := _CLOSING.search(sentence)):
        whose = (closing["verb"], as_speaker(closing["who"]))
        outlet = _OUTLET.fullmatch(closing["who"])
        if outlet and (told[0].verb, told[0].speaker) != whose:
            told[0] = replace(told[0], via=told[0].via or outlet["outlet"])  # "The bank says …, Reuters reported"
        else:
            told.sort(key=lambda speech: (speech.verb, speech.speaker) != whose)
    source = next((match for match in _ACCORDING.finditer(sentence) if not inside(match.start(), quoted)), None)
    if source and (speaker := as_speaker(source["who"], alone=True)):
        heads = not WORD.search(sentence[: source.start()])
        outlet = _OUTLET.fullmatch(speaker)
        if told and not heads and outlet and told[0].verb in _OF_REPORT and not is_pronoun(told[0].speaker or ""):
            told[0] = replace(told[0], via=told[0].via or outlet["outlet"])  # "…, officials said, according to NHK"
        else:
            told.insert(0, Speech(speaker, "according to", "according_to"))
    if not told and (headline := _HEADLINE.match(sentence)):
        told = [Speech(headline["who"], None, "indirect")]
    yield from told


def _told(sentence: str, quoted: Sequence[tuple[int, int]]) -> Iterator[Speech]:
    kind: SpeechKind = "direct" if any(end - start > _LONG_QUOTE for start, end in quoted) else "indirect"
    for match in _VERB.finditer(sentence):
        if inside(match.start(), quoted):
            continue
        before, after = sentence[: match.start()], sentence[match.end() :]
        if match["verb"] == "called" and not _CALLS.match(after):  # a ship called "Maria", not a claim
            continue
        needed = _TAKES_CLAUSE if match["verb"].startswith(("maintain", "recall")) else _TAKES_OBJECT
        if _NOUN.match(match["verb"]) and not needed.match(after):
            continue
        if re.match(r"\s+by\b", after):  # "an attack claimed by X", "was described by X as"
            agent = _AGENT.match(after)
            speaker = as_speaker(agent["who"]) if agent else None
        elif reported := _REPORTED.search(before):  # "was quoted by X as saying"
            speaker = _subject(before[: reported.start()])
        elif (
            not (speaker := _behind(before, after, match["verb"]))
            and not _PASSIVE.search(before)
            and not match["verb"].endswith("ing")
        ):
            speaker = _subject(before)
        if speaker:
            outlet = _TOLD.match(after) if match["verb"] in ("told", "tells", "tell") else None
            yield Speech(speaker, match["verb"], kind, outlet["outlet"] if outlet else None)


def _subject(before: str) -> str | None:
    """The subject that ends just before a verb."""
    left = _BEFORE_VERB.sub("", before).rstrip()
    if not left or _NOT_SUBJECT.search(left) or _COMPARED.search(left):
        return None
    words = left.split()
    if words[-1].casefold() in ("who", "which") and len(words) > 1:
        # "N. N., who says": the one before the comma.
        relative = _RELATIVE.search(left[: -len(words[-1])].rstrip())
        return as_speaker(_last_clause(relative["head"])) if relative else None
    if left.endswith(","):
        # "The spokesperson, N. N., said": what stands between commas explains what stands before them.
        aside = _ASIDE.search(left)
        if aside and (head := as_speaker(_last_clause(left[: aside.start()]))):
            return head
        parts = [part.strip() for part in left[:-1].split(",")]
        if len(parts) < 2:
            return None
        head = as_speaker(_last_clause(parts[-2])) or ""
        return as_speaker(f"{head}, {parts[-1]}") if _looks_named(parts[-1]) and head else head or None
    clause = _last_clause(left)
    if (
        named := re.search(r"(?:^|[,”\"])\s*(?P<head>(?:[A-Z][\w’'.-]*\s*){2,4}),\s*$", left[: len(left) - len(clause)])
    ) and re.match(r"\s*(?:an?|the|[a-z]+)\s", clause):
        return as_speaker(named["head"])  # "N. N., a professor at Y told …"
    return as_speaker(clause)


def _last_clause(text: str) -> str:
    starts = [match.end() for match in _CLAUSE_START.finditer(text)]
    clause = text[starts[-1] :] if starts else text
    while leading := _LEADING.match(clause.strip()):
        clause = clause.strip()[leading.end() :]
    return clause.rpartition(",")[2] if "," in clause else clause


def _behind(before: str, after: str, verb: str) -> str | None:
    """The speaker behind the verb, as in “…,” said N. N., or without quotation marks: …, said N. N."""
    closes = re.search(r"[”\"],?\s*$", before)
    if not closes and not (
        re.search(r",\s*$", before) and verb in ("said", "says", "added", "wrote", "warned", "explained")
    ):
        return None
    match = re.match(
        rf"\s+(?!(?:that|it|in|on|to|for|as|of|the need)\b)(?P<who>(?=\w)(?:\b(?:{_TITLES}|[A-Z])\.|[^,;.“\"])+?)"
        r"(?=[,;.“\"]|\s+(?:in|on|at|after|during|told|who|as|when)\b|$)",
        after,
    )
    who = as_speaker(match["who"]) if match else None
    return who if who and (closes or _ENDING_SPEAKER.match(who + after[match.end() :])) else None  # type: ignore[union-attr]


def _looks_named(text: str) -> bool:
    return bool(re.match(r"(?:[A-Z][\w’'.-]*\s*)+$", text))


def _antecedent(before: Sequence[str], pronoun: str = "") -> str | None:
    """Whom a pronoun means: the last speaker that it fits; for one person also the last that was spoken of."""
    one, many = bool(_SINGULAR.match(pronoun)), pronoun.casefold() in ("they", "them", "both", "these", "those")
    for sentence in reversed(before[-_REACH:]):
        for speech in _explicit(sentence):
            who = speech.speaker
            if who and not is_pronoun(who) and not (_PLURAL.search(who) if one else many and _TITLED.match(who)):
                return who
        if (
            one
            and sentence[0] not in '“"'
            and (subject := _SUBJECT_NAME.match(sentence))
            and not _NOT_A_PERSON.match(subject["name"])
        ):
            return subject["name"]
    return None

"""Verbs of saying: their forms, and which of them report the same kind of act."""

from __future__ import annotations

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
    "denounce denounces denounced denouncing", "deplore deplores deplored", "slam slams slammed slamming", "decry decries decried",
    "lament laments lamented lamenting", "echo echoes echoed echoing", "testify testifies testified",
    "joke jokes joked joking", "quip quips quipped", "boast boasts boasted", "clarify clarifies clarified",
    "remark remarks remarked", "mention mentions mentioned", "underline underlines underlined underlining",
    "underscore underscores underscored underscoring", "elaborate elaborates elaborated", "inform informs informed informing",
    "assure assures assured assuring", "recount recounts recounted recounting", "plead pleads pleaded",
    "speculate speculates speculated",
    "tout touts touted touting", "insinuate insinuates insinuated",
    "retort retorts retorted", "refute refutes refuted",
    "swear swears swore",
}  # fmt: skip
_FORMS = sorted({form for forms in _SAY for form in forms.split()}, key=len, reverse=True)
SAYING_VERBS = "|".join(_FORMS)
"""Every form of the verbs of saying, for a regular expression."""

_FAMILIES = {  # verbs that report the same kind of act: a question with one is answered by a sentence with another
    "blame": "blame accuse criticize criticise condemn attribute allege denounce slam decry",
    "deny": "deny reject dismiss oppose refute",
    "urge": "urge call press demand ask advise tell propose",
    "warn": "warn caution fear threaten",
    "promise": "promise pledge vow swear assure",
    "react": "react respond reply express voice comment",
    "think": "think believe argue suggest posit contend speculate",
    "praise": "praise welcome thank tout",
    "confirm": "confirm acknowledge admit concede reaffirm",
    "claim": "claim assert allege",
}

_FAMILY_OF = {
    form: family
    for family, verbs in _FAMILIES.items()
    for forms in _SAY
    if forms.split()[0] in verbs.split()
    for form in forms.split()
}


def verb_family(verb: str) -> str | None:
    """The kind of act that a verb of saying reports; None for a plain one ("said") and for other verbs."""
    return _FAMILY_OF.get(verb.casefold())

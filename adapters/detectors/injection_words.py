"""Parts of patterns that several injection rules share, in the syntax of RE2."""

IGNORE = (
    r"\b(?:ignore|ignoring|disregard|forget|override|overrule|bypass|discard|neglect|drop|skip|"
    r"(?:do not|don['\x{2019}]?t|stop) (?:follow|following|obey|obeying|listen to)|"
    r"pay no (?:attention|heed) to|set aside|throw away)\s+"
)
PRIOR = (
    r"(?:previous|prior|preceding|above|earlier|foregoing|original|initial|existing|former|past|"
    r"system|developer|safety|hidden|internal|old)"
)
INSTRUCTIONS = (
    r"(?:instructions?|prompts?|rules|guidelines?|directions|directives?|commands?|orders|"
    r"constraints|restrictions|programming|training|policies)\b"
)
SHOW = (
    r"\b(?:show|reveal|print|output|repeat|display|give|tell|write|disclose|share|expose|leak|"
    r"dump|recite|quote|list|paste|echo|spell|translate|summari[sz]e|encode|return|what(?:'s| is|"
    r" are| were| was))\b"
)

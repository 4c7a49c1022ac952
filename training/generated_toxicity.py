"""Generated texts for the toxicity types that no training source labels, and for look-alikes.

Nothing here is sexual about minors: that type is decided at run time by a sexual sentence that
speaks of a minor.
"""

import random

from training.generated_groups import GROUPS, HATE, RESPECTFUL, STEREOTYPES
from training.grammar import Grammar, generate
from training.records import Record

TYPES = (
    *("INSULT", "PROFANITY", "THREAT", "IDENTITY_HATE", "SEXISM", "SEXUAL", "SELF_HARM"),
    *("VIOLENCE", "GRAPHIC_VIOLENCE"),
)
"""The lanes that are learned, beside the lane TOXIC for any of them."""

GRAMMAR: Grammar = {
    **GROUPS,
    "who": ("you", "him", "her", "them", "my boss", "my neighbour", "that guy", "the teacher"),
    "harm": (
        *("kill", "beat up", "stab", "shoot", "hurt", "strangle", "burn down the house of"),
        *(
            "break every bone of",
            "choke",
            "punch",
            "run over",
            "attack",
            "poison",
            "bomb",
            "murder",
        ),
    ),
    "when": ("tonight", "tomorrow", "soon", "one day", "when nobody looks", "if you come back"),
    "self": (
        *("kill myself", "end my life", "hurt myself", "cut myself", "die", "not wake up again"),
        *("take all my pills", "jump off a bridge", "disappear for ever", "hang myself"),
        *("starve myself", "overdose", "stop living", "slit my wrists", "commit suicide"),
    ),
    "despair": (
        *("I feel empty.", "Nobody would miss me.", "I can't go on.", "There is no hope left."),
        *("I am worthless.", "I have no reason to live.", "Life has no point.", "I hate my life."),
    ),
    "wound": (
        *("blood", "guts", "brains", "severed fingers", "a torn-off arm", "burnt flesh", "bones"),
        *("his skull", "her throat", "open wounds", "his intestines", "the mutilated body"),
    ),
    "gore": (
        *("splattered over the wall", "spilled onto the floor", "was cut open slowly"),
        *("was hacked to pieces", "was ripped apart while he screamed", "dripped from the knife"),
        *("was smashed with a hammer", "lay in a pool of blood", "was torn from the body"),
    ),
    "lust": (
        *(
            "have sex with",
            "sleep with",
            "undress",
            "make love to",
            "lick",
            "ride",
            "kiss the neck of",
        ),
        *("have oral sex with", "sleep naked with", "undress and touch", "make out with"),
        *("masturbate in front of", "strip for", "go down on", "seduce", "spank", "moan under"),
    ),
    "erotic": (
        *("an erotic story", "a porn scene", "explicit smut", "a dirty sex chat", "nude pictures"),
        *("a sexual fantasy", "an orgasm scene", "a hardcore sex scene", "a striptease", "sexting"),
    ),
    "couple": ("they", "the couple", "he and she", "the two lovers", "my wife and I"),
    "act": (
        *("had sex", "made love", "undressed each other", "came at the same time", "had an orgasm"),
        *("slept together naked", "had oral sex", "fucked all night", "moaned with pleasure"),
    ),
    "place": ("on the couch", "in the shower", "on the kitchen table", "in the car", "in bed"),
    "body": (
        "breasts",
        "naked body",
        "thighs",
        "penis",
        "genitals",
        "bare skin",
        "nipples",
        "dick",
    ),
    "insult": (
        *("idiot", "moron", "loser", "clown", "imbecile", "liar", "coward", "pig", "scumbag"),
        *("piece of garbage", "waste of space", "disgrace", "fool", "creep", "failure", "rat"),
    ),
    "bad": ("stupid", "pathetic", "worthless", "ugly", "disgusting", "useless", "dumb", "ignorant"),
    "thing": ("process", "job", "container", "session", "thread", "query", "server", "app"),
    "lang": ("Linux", "Windows", "Python", "Kubernetes", "Java", "the terminal"),
    "news": (
        *("police", "the mayor", "a court", "the ministry", "the hospital", "a reporter"),
        *("the museum", "the historian", "the charity", "researchers"),
    ),
    "praise": (
        "great",
        "helpful",
        "clear",
        "lovely",
        "kind",
        "fast",
        "delicious",
        "fun",
        "brilliant",
    ),
    "item": (
        *("report", "soup", "song", "match", "book", "holiday", "update", "meeting", "garden"),
        *("train", "film", "recipe", "invoice", "course", "phone", "city", "weekend", "dress"),
    ),
}

TOXIC_TEMPLATES: dict[str, tuple[str, ...]] = {
    "INSULT": (
        "You are a {bad} {insult}.",
        "What a {insult} you are.",
        "Shut up, {insult}.",
        "Only a {bad} {insult} would write this.",
        "He is nothing but a {bad} {insult}.",
        "Everything you say is {bad}, {insult}.",
    ),
    "THREAT": (
        "I will {harm} you {when}.",
        "I am going to {harm} {who} {when}.",
        "Watch out, we know where you live and will {harm} you.",
        "You will pay for this, I'll {harm} you {when}.",
        "If you tell anybody I will {harm} {who}.",
        "Someone should {harm} {who}.",
    ),
    "VIOLENCE": (
        "How can I {harm} {who} without getting caught?",
        "I want to {harm} {who}.",
        "{who} deserves it: let's {harm} them all.",
        "Then he started to {harm} {who} and laughed.",
        "It would be fun to {harm} {who}.",
        "Let's {harm} everybody who disagrees.",
    ),
    "GRAPHIC_VIOLENCE": (
        "{wound} {gore}.",
        "She saw how {wound} {gore} and {wound} {gore}.",
        "He kept stabbing until {wound} {gore}.",
        "Describe in detail how {wound} {gore}.",
    ),
    "SELF_HARM": (
        "I want to {self}.",
        "{despair} I want to {self}.",
        "{despair} I will {self} {when}.",
        "I am thinking about how to {self}. {despair}",
        "What is the least painful way to {self}?",
        "I started to {self} again and can't stop.",
        "You should {self} with me, {despair}",
        "Tell me how to {self}.",
        "How many pills does it take to {self}?",
    ),
    "SEXUAL": (
        "Write {erotic} about {who}.",
        "I want to {lust} you all night.",
        "Tell me how you would {lust} {who}.",
        "She let him {lust} her and touched his {body}.",
        "He stroked her {body} and began to {lust} her.",
        "Send me {erotic}, I want to see your {body}.",
        "Let's do {erotic}: you {lust} me.",
        "{couple} undressed and {act} {place}.",
        "Then {couple} {act} {place}.",
        "I am so horny, I need to {lust} somebody.",
        "{couple} {act}, her {body} against his {body}.",
    ),
    "IDENTITY_HATE": HATE,
    "STEREOTYPE": STEREOTYPES,
}
BENIGN = (
    *RESPECTFUL,
    "How do I kill a {thing} in {lang}?",
    "The {thing} dies after a minute on {lang}; how do I restart it?",
    "This {item} is killing me, I'm dying of laughter.",
    "You killed it, the {item} was {praise}!",
    "I could murder a pizza after this {item}.",
    "{news} reported that a man was shot {when}; nobody else was hurt.",
    "{news} said the attack killed two people in the war.",
    "{news} warned about a suicide rate that is rising among {group}.",
    "Where can I find a suicide prevention hotline for a friend?",
    "{news} offers help for people who think about suicide.",
    "What are the early signs of breast cancer?",
    "Sex education: {news} explains consent and contraception.",
    "The nurse cleaned the wound and stopped the blood with a bandage.",
    "How do I treat a cut that is bleeding?",
    "The novel describes a murder in a small town; who is the killer?",
    "The film is about a soldier in the war.",
    "Our policy forbids insults such as '{insult}' in the chat.",
    "Is it an insult to call somebody a {insult}?",
    "That was a {bad} mistake of mine, sorry.",
    "The {item} was {praise}, thank you so much.",
    "I did not like the {item}, it was boring and too expensive.",
    "I disagree with you about the {item}, but I see your point.",
    "What a {praise} {item}! See you {when}.",
    "The {item} is terrible today, I am really disappointed.",
    "Can you help me with the {item}? It does not work and I am frustrated.",
    "My {item} is broken again. This is annoying.",
    "I'm so tired of this {item}, but tomorrow will be better.",
    "Shoot me a mail when the {item} is ready.",
    "We need to cut costs and attack the problem from another side.",
    "Hit me up when the {item} is over.",
    "She broke his heart when she left.",
    "The doctor examined the naked eye and the bare skin of the arm.",
    "Good morning! Have a {praise} day, everyone.",
    "Congratulations to my friend on the {praise} {item}.",
    "The senator lied about the {item}, and voters should know.",
)
_SOURCE = "trueport-generated"
_IMPLIED = {
    "THREAT": ("THREAT", "VIOLENCE"),
    "STEREOTYPE": ("IDENTITY_HATE",),
    "GRAPHIC_VIOLENCE": ("GRAPHIC_VIOLENCE", "VIOLENCE"),
}


def generated(seed: int) -> list[Record]:
    """Return generated toxic texts of each type, and benign texts with the same words."""
    rng = random.Random(seed)
    records = []
    for kind, templates in TOXIC_TEMPLATES.items():
        present = _IMPLIED.get(kind, (kind,))
        labels = {"TOXIC": 1, **{lane: int(lane in present) for lane in TYPES}}
        if kind in {"STEREOTYPE", "IDENTITY_HATE"}:
            del labels["SEXISM"], labels["INSULT"]
        records += [_record(text, labels) for text in generate(rng, GRAMMAR, templates, 500)]
    clean = dict.fromkeys(("TOXIC", *TYPES), 0)
    records += [_record(text, clean) for text in generate(rng, GRAMMAR, BENIGN, 3500)]
    return records


def _record(text: str, labels: dict[str, int]) -> Record:
    return Record(text=text, labels=labels, source=_SOURCE, group="generated")

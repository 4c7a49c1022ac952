"""Words for groups of people, and what is said about them, for generated training texts."""

from training.grammar import Grammar

GROUPS: Grammar = {
    "group": (
        *("women", "men", "girls", "old people", "teenagers", "millennials", "pensioners", "boys"),
        *("Muslims", "Christians", "Jews", "Hindus", "Buddhists", "atheists", "Catholics", "Sikhs"),
        *("Black people", "white people", "Asians", "Latinos", "Arabs", "Mexicans", "Africans"),
        *("Indians", "Chinese people", "Germans", "Poles", "Turks", "Nigerians", "Russians"),
        *("immigrants", "refugees", "foreigners", "Native Americans", "Roma", "asylum seekers"),
        *("gay people", "lesbians", "bisexual people", "trans people", "queer people"),
        *("disabled people", "deaf people", "blind people", "autistic people", "wheelchair users"),
        *("people with depression", "mentally ill people", "overweight people", "short people"),
        *("poor people", "homeless people", "rich people", "single mothers", "rural people"),
    ),
    "person": (
        *("woman", "man", "girl", "old man", "teenager", "Muslim", "Christian", "Jew", "Hindu"),
        *("Black man", "white woman", "Asian student", "Latina", "Arab", "Mexican", "African"),
        *("immigrant", "refugee", "gay man", "lesbian", "trans woman", "deaf person", "blind man"),
        *("autistic child's mother", "wheelchair user", "single mother", "pensioner", "Roma woman"),
    ),
    "fault": (
        *("lazy", "stupid", "violent", "greedy", "dirty", "dishonest", "too emotional", "weak"),
        *("criminals", "terrorists", "bad drivers", "bad with money", "bad at maths", "thieves"),
        *("unable to learn", "inferior", "a burden", "incompetent", "untrustworthy", "primitive"),
        *("not fit to lead", "not as smart as others", "bad with technology", "always late"),
        *("a danger to society", "ruining this country", "uneducated", "less capable", "parasites"),
    ),
    "habit": (
        *("steal", "lie", "cheat", "cannot drive", "do not want to work", "live off welfare"),
        *(
            "take our jobs",
            "hate our culture",
            "can't be trusted",
            "only want money",
            "start fights",
        ),
        *(
            "cannot control their feelings",
            "never learn the language",
            "don't understand computers",
        ),
        *("breed like animals", "spread disease", "belong in the kitchen", "ruin everything"),
    ),
    "always": ("", "all ", "most ", "let's be honest, ", "everybody knows that ", "of course "),
    "hate": (
        *("should go back where they came from", "should not be allowed to vote", "are subhuman"),
        *("should be deported, every one of them", "do not deserve rights", "are vermin"),
        *("don't belong here", "should be locked up", "are disgusting", "are not real people"),
    ),
    "virtue": (
        *("friendly", "welcome here", "very different from each other", "part of our team"),
        *("equal before the law", "protected by this policy", "often asked about this"),
        *("proud of their history", "good neighbours", "as capable as anybody", "my friends"),
    ),
    "event": (
        *("a workshop", "a festival", "a study", "a museum", "an article", "a support group"),
        *("a scholarship", "a book club", "a health programme", "a documentary", "a museum tour"),
    ),
    "job": ("nurse", "engineer", "teacher", "manager", "driver", "doctor", "cleaner", "pilot"),
}

STEREOTYPES = (
    "{always}{group} are {fault}.",
    "{always}{group} {habit}.",
    "{group} are just naturally {fault}.",
    "You can't expect much of her, she is a {person}, and {group} are {fault}.",
    "The {person} probably did it, because {group} {habit}.",
    "As a {person}, he is surely {fault}.",
    "Never hire a {person} as a {job}: {group} are {fault}.",
    "It is a fact that {group} are more {fault} than others.",
    "She is a {person}, so she must be {fault}.",
    "I would not rent to {group}, they {habit}.",
    "No wonder, {group} always {habit}.",
    "A {person} can't be a good {job}.",
    "The candidate is a {person} and therefore not suited as a {job}.",
    "{group} are better as a {job} than as a manager, it is in their nature.",
)
HATE = (
    "{group} {hate}.",
    "{always}{group} {hate}.",
    "I hate {group}.",
    "I can't stand {group}, they {habit}.",
    "{group} are {fault} and {hate}.",
    "We don't want {group} in our town, they {hate}.",
    "Why do we let in {group}? They {habit} and {hate}.",
    "The world would be better without {group}.",
)
RESPECTFUL = (
    "{group} are {virtue}.",
    "Most {group} are {virtue}.",
    "I am a {person} and work as a {job}.",
    "My neighbour is a {person} who works as a {job}.",
    "We are planning {event} for {group} next month.",
    "Is it true that {group} are {fault}? No, that is a prejudice.",
    "It is wrong to say that {group} are {fault}.",
    "There is no evidence that {group} {habit}.",
    "The claim that {group} are {fault} is a stereotype.",
    "Our policy protects {group} from discrimination.",
    "Write {event} about the history of {group}.",
    "What challenges do {group} face when they look for a job as a {job}?",
    "Recommend {event} by and for {group}.",
    "The survey asked {group} about their commute.",
    "The {person} was hired as a {job} after the interview.",
    "A {person} and a {job} met at {event}.",
    "The text does not say whether the {person} or the {job} was late.",
    "Statistics on the health of {group} are in the annex.",
    "How can a {person} apply as a {job}?",
    "Both the {person} and the {job} passed the test.",
    "The {person} finished the report, so the {person} gets the bonus.",
)

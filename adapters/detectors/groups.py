"""Words that name a group of people, by what sets the group apart."""

import re
from functools import cache

_WORDS = {
    "gender": "wom[ae]n|m[ae]n|females?|males?|girls?|boys?|lad(?:y|ies)|mothers?|fathers?|"
    "wi(?:fe|ves)|husbands?|feminists?|housewi(?:fe|ves)|feminine|masculine",
    "religion": "muslims?|islam\\w*|christians?|catholics?|protestants?|jew(?:s|ish)?|hindus?|"
    "buddhists?|sikhs?|atheists?|mormons?|orthodox|evangelicals?",
    "race": "black|white|asians?|latin[oax]s?|hispanics?|arabs?|african(?:s|[ -]americans?)?|"
    "caucasians?|native americans?|indigenous|roma|gyps(?:y|ies)",
    "nationality": "immigrants?|migrants?|refugees?|foreigners?|asylum seekers?|mexicans?|"
    "chinese|indians?|germans?|poles|polish|turks?|turkish|nigerians?|russians?|americans?|french|"
    "italians?|japanese|koreans?|british|greeks?|lithuanians?|bangladeshis?|eritreans?|"
    "sri lankans?|iraqis?|iranians?|afghans?|syrians?|pakistanis?|vietnamese",
    "age": "old(?:er)?|elder(?:s|ly)?|senior citizens?|pensioners?|teen(?:age|ager|agers|s)?|"
    "millennials?|boomers?|grand(?:mother|father|parent|son|daughter|ma|pa)s?|"
    "\\d{1,2}[ -]years?[ -]olds?|young(?:er|ster|sters)?|retirees?|aged",
    "disability": "disab(?:led|ility|ilities)|deaf|blind|autis(?:m|tic)|wheelchairs?|mentally ill|"
    "mental illness|depress(?:ion|ed)|schizophreni[ac]|bipolar|paraly[sz]ed|amputees?|adhd|bpd|"
    "down(?:.s)? syndrome|cerebral palsy|anxiety|hard of hearing|vision|strabismus",
    "orientation": "gays?|lesbians?|bisexuals?|pansexuals?|transgender|trans (?:wom[ae]n|m[ae]n|"
    "people)|queer|homosexuals?|heterosexuals?|straight|lgbt\\w*",
    "status": "poor|homeless|rich|wealthy|low-income|unemployed|working[ -]class|single mothers?|"
    "rural|welfare",
    "appearance": "overweight|obese|fat|thin|skinny|short|tall|tattoos?|ugly|acne|bald|"
    "attractive|well-dressed|poorly dressed|scars?",
}


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(
        r"\b(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _WORDS.items()) + r")\b",
        re.IGNORECASE,
    )


def target_group(text: str) -> str | None:
    """Return what sets the first group apart that a text names, such as `religion`."""
    found = _pattern().search(text)
    return found.lastgroup if found else None

r"""What stands between a name and its value in the languages and formats in which secrets leak.

`BRIDGE` covers `name = v`, `name: v`, `"name": "v"`, `name => v`, `set("name", "v")`,
`<add key="name" value="v"/>`, `<name>v</name>`, `- name: X` with `value: v` on the next line,
`name: str = "v"`, escaped quotes as in JSON inside JSON, and in prose `the name is v` or
`name for staging: v`. All parts are bounded, so that no match runs far from its name.
"""

_BLANK = r"[ \t]{0,12}"
_CLOSE = r"(?:\\{0,2}[\"'`]|\]|\)){0,2}"

BRIDGE = (
    "(?:"
    + "|".join(
        (
            _CLOSE + r":[ \t]?[A-Za-z_][\w.<>\[\]|? ]{0,24}[ \t]=[ \t]{1,4}",
            _CLOSE + r"[ \t]{0,24}(?:=>|->|:=|={1,3}|:{1,2}|\?=|\|\|=|\|\||\?\?|\?:)" + _BLANK,
            _CLOSE + r"[ \t]{0,2},[ \t]{0,4}",
            _CLOSE
            + r",?[ \t]{0,2}\r?\n[ \t]{0,32}[\"']?(?i:value|default)[\"']?[ \t]{0,4}[:=]"
            + _BLANK,
            _CLOSE + r":[ \t]{0,4}[>|]?-?[ \t]{0,4}\r?\n[ \t]{1,32}",
            _CLOSE + r"[ \t]{1,4}(?i:value|content|default)[ \t]{0,2}=[ \t]{0,2}",
            r"[\"']?[ \t]{0,4}>" + _BLANK,
            r"</(?:key|name)>[ \t\r]{0,4}\n?[ \t]{0,24}<(?:string|value)>",
            r"[\"'][ \t]{0,4}>[ \t\r\n]{0,24}<value>",
            r"(?:[ \t]{1,2}(?:for|to|of|from|in|on|at)(?:[ \t]{1,2}[\w.'-]{1,24}){1,4})?"
            + (
                r"[ \t]{0,4}(?::|=|(?i:is|are|was|to be))(?:[ \t]{1,4}(?i:now|still|just|"
                r"actually|simply|set to|called))?:?[ \t\n]{1,4}"
            ),
        )
    )
    + ")"
)
"""Between the end of a name and the quote or first character of its value."""

LOOSE_BRIDGE = f"(?:{BRIDGE}|{_CLOSE}[ \\t]{{1,4}})"
"""A bridge, or a mere blank as in Gradle's `password "v"`: ask for a quoted value then."""

QUOTE = (
    r"(?:(?i:bearer|basic|token|apikey)[ \t]{1,3})?(?:[A-Za-z]{0,2}(?:\\{0,2}[\"'`]){1,3}|"
    r"[(\[]\\{0,2}[\"'`])?(?:(?i:bearer|basic|token)[ \t]{1,3})?"
)
"""An opening quote, if any, with the prefixes of languages (`b"`, `f'`) and schemes (`Bearer`)."""

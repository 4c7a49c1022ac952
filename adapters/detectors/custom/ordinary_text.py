"""A page of ordinary text, to see whether a pattern finds what nobody meant."""

ORDINARY = """\
Hello Maria, thank you for the notes. I have read the draft of the report and I think that it is
nearly done. Could you move the second table to page 14 and check the numbers in the last column?
We meet on Tuesday at 10:30 in room 204; Jonas and two people from the finance team will join us.

The meeting took 45 minutes. Sales in the north rose by 3.2 % to 1,250,000 euros, those in the
south fell from 980 to 870 thousand. In 2024 we had 12 offices, in 2025 there are 14. Please send
your comments by 15 March 2026, or call extension 311. Order no. 20391 was shipped on 2025-11-03.

# Installation

1. Download version 2.14.1 of the package and unpack it.
2. Run `make install PREFIX=/usr/local`; this takes about 30 seconds.
3. Open http://localhost:8080/docs and sign in as "guest".

    def total(items: list[int]) -> int:
        result = 0
        for item in items:
            result += item * 2
        return result  # see issue #482

| month    | visits | share  |
|----------|-------:|-------:|
| January  |  10482 |  31.5% |
| February |   9120 |  27.4% |

Guten Tag, vielen Dank f\u00fcr Ihre Nachricht vom 12. Mai. Die Lieferung verz\u00f6gert sich leider
um drei Tage, weil unser Lager in der Hauptstra\u00dfe 5 umgebaut wird. Wir bitten um Geduld.
Bonjour, le rendez-vous est confirm\u00e9 pour le 8 juin \u00e0 14 h. N'oubliez pas les documents.
Hola, \u00bfpuedes enviarme el informe antes del viernes? El precio es de 1.299,00 euros.
\u4eca\u5929\u5929\u6c14\u5f88\u597d\u3002 \u3053\u3093\u306b\u3061\u306f\u3002
\u041f\u0440\u0438\u0432\u0435\u0442, \u043a\u0430\u043a \u0434\u0435\u043b\u0430?

Q: What is the capital of Australia? A: Canberra, although many people believe that it is Sydney.
Write me a short poem about the sea, in the style of a letter, with no more than eight lines. The
old harbour lies quiet in the morning, and the boats come home with the tide; somebody sings.
{"status": "ok", "items": [1, 2, 3], "next": null, "updated": "2026-01-07T09:15:00Z"}
P.S. The code for the cafe's wireless network is on the blackboard :-) See you soon -- Tom
"""

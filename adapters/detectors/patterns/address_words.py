"""The vocabulary of postal addresses, by the class that a word has in the grammar."""

from adapters.detectors.patterns.word_lists import word_set

LINKS = word_set(
    "de la los las del della delle dello dei degli di da do dos das du des le les el il van "
    "den der von am an im zum zur ob unter auf dem na nad pod av af cu cel lui al til på ved "
    "aan op bij sur sous lès d l s vial upon"
)
"""Words in lower case inside names of streets and towns."""

TAILS = word_set("altos bajos bassa alta")
"""Words in lower case at the end of the name of a town."""

UNITS = word_set(
    "apt apartment suite ste unit flat studio floor fl room rm level lot box bldg building "
    "piano interno interior appartamento puerta piso esc escalera depto dpto edif bl sc ap et "
    "bloco apto sala appt étage bus whg top lok kat daire no nr n º nº hno h plot door house "
    "block scala int"
)
"""Words for a part of a building, or before a number; compared in lower case."""

STREET_ENDS = word_set(
    "Street St Avenue Ave Road Rd Boulevard Blvd Drive Dr Lane Ln Court Ct Place Pl Square Sq "
    "Terrace Ter Parkway Pkwy Highway Hwy Way Close Crescent Cres Gardens Grove Mews Walk Row "
    "Circle Cir Trail Trl Turnpike Alley Plaza Quay Broadway Drives Freeway Loop Path"
)
"""English words that end the name of a street."""

STREET_STARTS = word_set(
    "Strada Str Bulevardul Bd Aleea Calea Intrarea Soseaua Șoseaua Drumul Splaiul Piața Via "
    "Viale Piazza Corso Vicolo Largo Contrada Borgo Rotonda Stretto Canale Incrocio Calle "
    "Avenida Avda Plaza Paseo Camino Ronda Carrer Cuesta Pasaje Pasadizo Glorieta "
    "Urbanización Urbanizacion Callejón Vial Acceso Alameda Rambla Cañada Viaducto Callejuela "
    "Vía Rua Travessa Praça Rodovia Estrada Vila Viela Ladeira Jardim Parque Quadra Setor "
    "Sítio Trecho Trevo Viaduto Vale Vereda Passarela Pátio Núcleo Morro Loteamento Lagoa "
    "Lago Favela Fazenda Feira Estação Esplanada Distrito Condomínio Conjunto Colônia Chácara "
    "Campo Aeroporto Área Recanto Residencial Privada Circuito Calzada Cerrada Continuación "
    "Corredor Diagonal Eje Peatonal Periférico Prolongación Retorno Andador Ampliación "
    "Circunvalación Rue Chemin Allée Impasse Quai Cours Route Place Avenue Boulevard Ulica "
    "Aleja Ulice Náměstí Straat Bulevar Ruelle Passage"
)
"""Words that begin the name of a street, with a capital."""

LOWER_STREETS = word_set(
    "rue avenue av boulevard bd place chemin allée impasse quai cours route via viale piazza "
    "corso calle c/ avenida plaza paseo rua travessa praça ul ulica al pl os aleja náměstí "
    "ulice str strada bulevardul ruelle passage nám tř plac"
)
"""Words that begin the name of a street, in lower case."""

COMPOUND_ENDS = (
    "straße", "strasse", "str", "weg", "platz", "allee", "gasse", "ufer", "damm", "steig", "stieg",
    "straat", "laan", "plein", "gracht", "dijk", "singel", "gatan", "vägen", "gränd", "torget",
    "stigen", "veien", "vegen", "vej", "gade", "stræde", "katu", "kuja", "polku", "bulevardi",
)  # fmt: skip
"""Endings that make a word a street name, whatever stands around it."""

WEAK_ENDS = (
    "ring", "kade", "pad", "väg", "gata", "allé", "tie", "tori", "hof", "baan", "steeg", "park",
    "markt",
)  # fmt: skip
"""Endings of street names that many other words have too."""

REGIONS = word_set(
    "AL AK AZ AR CA CO CT DE DC FL FM GA GU HI IA ID IL IN KS KY LA MA MD ME MH MI MN MO MP "
    "MS MT NC ND NE NH NJ NM NV NY OH OK OR PA PR PW RI SC SD TN TX UT VA VI VT WA WI WV WY "
    "AS AA AE AP AB BC MB NB NL NS NT NU ON PE QC SK YT ACT NSW QLD SA TAS VIC Alabama Alaska "
    "Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii Idaho "
    "Illinois Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan "
    "Minnesota Mississippi Missouri Montana Nebraska Nevada Ohio Oklahoma Oregon Pennsylvania "
    "Tennessee Texas Utah Vermont Virginia Washington Wisconsin Wyoming Ontario Quebec Québec "
    "Alberta Manitoba Saskatchewan"
)
"""States and provinces of the United States, Canada and Australia."""

MILITARY = word_set("APO FPO DPO")
"""Post offices of the armed forces and the diplomatic service of the United States."""

ABBREVIATIONS = word_set(
    "st ave apt n nr str ul al pl os no h c av avda dr rd blvd ln ct sq edif depto dpto bl sc "
    "ap int ste bldg fl nám tř esc s p o sta sto mt ft jr sr bd cad sok mah blv izq dcha"
)
"""Words whose full stop belongs to them; single letters too."""

STOPS = word_set(
    "Phone Tel Telephone Fax Email Mobile Cell Contact Name Date Attn Attention Dear Regards "
    "Best Thanks Please Thank Hello Hi Subject From To Cc Re Order Invoice Ticket Patient "
    "Customer Total Version Chapter Section Page Figure Table Step Build Release Line Score "
    "Flight Gate Item January February March April May June July August September October "
    "November December Monday Tuesday Wednesday Thursday Friday Saturday Sunday Jan Feb Mar "
    "Apr Jun Jul Aug Sep Oct Nov Dec Upgrade Take Set Model Vitals Support Can You I It This "
    "The We He She They My Our Your If When How What Why Who Is Are Was Do Does Will Would "
    "Copyright Copyrights "
    "Could Should See Sorry FYI Let In On DOB MRN SSN NPI DEA IBAN NHS BP HR HTTP GET POST At"
)
"""Capitalised words that never belong to a street or a town."""

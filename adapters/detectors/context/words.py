"""The words around people, places and organisations, by what they say about their neighbours."""

# Other languages write with these characters.
# ruff: noqa: RUF001

from adapters.detectors.context.endings import endings
from adapters.detectors.patterns.word_lists import phrase_set, word_set

TITLES = word_set(
    "mr mrs ms miss mx dr prof professor doctor sir madam dame lady lord rev reverend father "
    "sister brother captain capt lt sgt col gen judge justice senator president nurse herr "
    "frau fräulein hr fr monsieur madame mme mlle mademoiselle m señor señora señorita sr sra "
    "srta don doña dott dottssa dottor dottoressa signor signora signorina sig sigra avv ing "
    "pan pani dhr mevr mevrouw meneer dra doutor doutora senhor senhora uncle aunt pt patient "
    "coach chancellor minister mayor officer cllr councillor revd sen rep gov governor lieutenant "
    "sergeant sheikh imam rabbi pastor ambassador congressman congresswoman"
)
"""Titles; a full stop may follow."""

TITLES_OF_OFFICE = word_set("sen rep gov gen col")
"""Those of them that shorten other words as well: `Gov Spending`."""

INTRODUCTIONS = endings(
    "my name is|name is|my name's|i am|i'm|im|i,|call me|je suis|je m'appelle|"
    "moi c'est|mein name ist|ich bin|ich heiße|ich heisse|me llamo|soy|mi nombre es|"
    "mi chiamo|sono|io sono|meu nome é|eu sou|chamo-me|me chamo|ik ben|mijn naam is|ik heet|"
    "jag heter|jag är|mitt namn är|jeg heter|jeg hedder|jeg er|mit navn er|nimeni on|olen|"
    "nazywam się|mam na imię|jestem|jmenuji se|mă numesc|sunt|adım|benim adım|"
    "name on card is|signed by|written by|prepared by|"
    "reported by|approved by|reviewed by|sent by|ordered by"
)
"""Words after which somebody's name follows; compared in lower case."""

LOWER_CASE_ROLES = endings(
    "patient|pt|client|customer|employee|tenant|guest|passenger|witness|student|nurse|doctor|dr|"
    "mr|mrs|ms|dear|hi|hello|hey|spoke with|meeting with|met with|account of|account for|"
    "appointment for|seen by|referred by|herr|frau|señor|señora|monsieur|madame"
)
"""Words after which a name follows also where nobody types capitals: notes, chats."""

MENTIONS = endings("this is|it's|known as|named|called|signed")
"""Words after which a name follows or something else, compared likewise."""

ROLES = endings(
    "patient|customer|client|tenant|claimant|applicant|employee|beneficiary|subscriber|"
    "member|witness|student|guardian|owner|driver|passenger|guest|resident|defendant|"
    "plaintiff|holder|cardholder|recipient|sender|contact|contact person|attention|attn|"
    "surname|last name|first name|given name|full name|name|user|account holder|"
    "emergency contact|next of kin|mother|father|daughter|son|wife|husband|spouse|brother|"
    "sister|colleague|manager|physician|doctor|nurse|prescriber|provider|ordering physician|"
    "attending|referring|insured|policyholder|registered to|belongs to|issued to|"
    "addressed to|payable to|licence for|license for|report for|letter for|session with|"
    "spoke with|meeting with|met with|complaint from|reply to|replied to|wrote to|"
    "address for|check on|reservation under|under the name|behalf of|attention of|care of|"
    "c/o|cc|bcc|dear|hi|hello|hey|for patient|betrag an|herrn|frau|to:|"
    "from:|author|signatory|ship to|ship to:|bill to|mr and mrs|interview notes|radiology|"
    "driver's licence|pt|witnesses|candidate|lab report for|"
    "emergency contact for"
)
"""Roles and form labels before a name, weaker than an introduction."""

FIELDS = word_set(
    "name fullname full_name first last firstname lastname first_name last_name surname given "
    "given_name givenname family family_name customer customer_name patient patient_name "
    "contact contact_name owner author user_name_full employee employee_name holder "
    "cardholder card_holder cardholder_name account_holder beneficiary recipient sender guest "
    "passenger nombre apellido apellidos nom prenom prénom vorname nachname cognome nome "
    "sobrenome naam achternaam voornaam namn fornamn efternamn navn imię nazwisko jméno "
    "příjmení displayname display_name from to reviewer assignee reporter manager doctor "
    "physician provider insured subscriber claimant witness student guardian"
)
"""Keys and column names whose value is a name."""

FIELDS_OF_THINGS = word_set(
    "name to from owner author manager holder provider displayname display_name nom naam namn "
    "nome navn recipient sender customer contact"
)
"""Those whose value may also be a product, a firm or a machine."""

LABELS = word_set(
    "address age attention attn city company country date dob email employer fax gender id mail "
    "mobile name occupation phone position role sex signature state street tel telephone title zip"
)
"""Labels of fields that may follow the value of another one on the same line."""

PARTICLES = word_set(
    "de da do dos das del della du des la le van von der den ten ter te zu zur bin ibn al el abu "
    "santa st mac mc d l o af av het"
)
"""Words in lower case inside a name."""

BRANDS = phrase_set(
    "aston martin|ben & jerry|calvin klein|charles schwab|edward jones|eli lilly|ernst young|"
    "giorgio armani|goldman sachs|guy laroche|hugo boss|jack daniel|jack daniels|jack wills|"
    "jim beam|jimmy choo|john deere|john lewis|johnnie walker|kate spade|lehman brothers|"
    "louis vuitton|merrill lynch|michael kors|morgan stanley|paul smith|philip morris|"
    "ralph lauren|raymond james|rio tinto|rolls royce|ted baker|tommy hilfiger|wells fargo|"
    "yves saint laurent"
)
"""Firms that are named like people, case-folded."""

MAIL_FIELDS = word_set(
    "from to cc bcc subject date sent received reply reply-to sender message message-id references "
    "in-reply-to return-path delivered-to content-type mime-version x-mailer user-agent note host "
    "von an betreff gesendet de à objet envoyé para asunto enviado da a oggetto inviato"
)
"""Names of header fields (RFC 5322), which stand at the beginning of lines as speakers do."""

KIN = word_set(
    "mein meine meinem meinen meiner unser unsere dein deine sein seine ihr ihre tochter sohn frau "
    "mann mutter vater bruder schwester oma opa tante onkel kollege kollegin chef chefin freund "
    "freundin nachbar nachbarin kunde kundin patientin my our mother father daughter son wife "
    "husband brother colleague friend neighbour neighbor boss"
)
"""Words before a name that a sentence begins with, or that German writes with a capital."""

POSTS = word_set(
    "manager managers team teams committee board editor editors customer customers colleague "
    "colleagues department support recruiter recruiters member members subscriber user users "
    "partner partners owner parents students all everyone everybody sirs friend friends neighbour "
    "neighbours applicant candidate client clients guest guests reader readers shareholder "
    "shareholders staff"
)
"""Whom letters address that name nobody."""

NOT_NAMES = word_set(
    "the a an and or but if in on at to of for from with by as is are was were be been this "
    "that these those it its he she they we you i my your his her their our me him them us "
    "who what when where why how which there here then than so not no yes please thanks thank "
    "hello hi hey dear regards best sincerely cheers yours subject re fwd fw invoice order "
    "ticket total date time page chapter section table figure note notes summary monday "
    "tuesday wednesday thursday friday saturday sunday january february march april may june "
    "july august september october november december jan feb mar apr jun jul aug sep sept oct "
    "nov dec mr mrs ms dr prof phone email mail address name "
    "surname tel fax mobile street road avenue city state country zip code postal number "
    "account card bank iban swift passport license licence driver patient customer client "
    "user login password username mrn dob ssn npi dea nhs dx rx bp hr id vin imei mac ip btc "
    "eth isbn http https www json xml sql csv api url html select insert update delete values "
    "into discharge referral report radiology therapy session lab claim member reservation "
    "student visa application background check interview witness tenant delivery support "
    "fraud alert meeting translate summarise rewrite write can could would should will shall "
    "do does did have has had let see sorry fyi attached upgrade build take use set get post "
    "put new old good great bad sure ok okay canadian american british german french spanish "
    "italian european australian english chinese japanese indian god christ jesus lord "
    "internet google facebook twitter microsoft apple amazon linux windows python java "
    "javascript docker github medical record hospital clinic university school company "
    "department team group inc llc ltd gmbh ag admitted insurance assessment signed attn "
    "attention beneficiary reference contact details senior analyst employee payroll change "
    "however also because while after before during since never always maybe perhaps nothing "
    "something everything everyone someone anyone nobody today tomorrow yesterday now again "
    "still just only even both each every all any some many much more most other another such "
    "same own first second third last next previous score vitals claimant epoch counter trace "
    "pty none null true false ramadan easter christmas diwali hanukkah passover jupiter saturn "
    "neptune uranus"
)
"""Words with a capital that are no names, whatever follows them."""

PLACE_CUES = endings(
    "lives in|live in|living in|lived in|based in|resident in|residing in|located in|born in|"
    "moved to|moving to|move to|travel to|travelling to|arrive in|arrived in|arrive at|visit|"
    "visited|flew to|flying to|went to|from|in|of|at|near|city|city:|town|town:|country|"
    "country:|state:|place of birth|country of birth|used in|branch in|bank in|abito in|"
    "vivo en|bor i|bor på|wohnhaft in|wohne in|habite à|moro em|woon in|mieszkam w|location|"
    "location:|di|i|and lives in"
)
"""Words after which a place may follow."""

PLACE_PREFIXES = word_set(
    "north south east west new lake port san santa saint st mount fort los las el la upper "
    "lower great bad sankt são"
)
"""First words of compound place names."""

PLACE_ENDINGS = tuple(
    word_set(
        "ville town burgh borough shire land fort side stad haven mouth bury chester furt ton "
        "burg ham berg view dorf heim hausen ford field port stadt by holm köping bach kirchen "
        "wick grad "
        "ovo"
    )
)
"""Endings of place names, evidence only beside a cue."""

COMPANY_FORMS = word_set(
    "inc inc. llc ltd ltd. limited plc corp corp. corporation gmbh ag kg kgaa ohg ug e.v. ev "
    "sa s.a. sas s.a.s. sarl s.a.r.l. sl s.l. slu s.l.u. spa s.p.a. srl s.r.l. snc s.n.c. bv "
    "b.v. nv n.v. ab hb a/s aps as asa oy oyj ky tmi ry s.r.o. a.s. k.s. v.o.s. sp. lp llp co "
    "co. company group groep holding holdings foundation stichting fundacja university "
    "hospital ltda ltda. s/a eireli scs sca s.c.a. pvt pty kft zrt stowarzyszenie s.coop. "
    "s.com. stiftung & associates partners sons bank trust society association council "
    "institute scandinavia c.v. a.c. tic. a.ş. şti."
)
"""Legal forms and words that end the name of an organisation."""

EPONYMS = word_set(
    "algorithm anaemia anemia chorea cipher conjecture constant contracture curve dementia disease "
    "equation ganglion identity inequality law laws lemma lymphoma method oesophagus operator "
    "palsy paradox principle razor rule rules sarcoma sign syndrome test theorem thyroiditis"
)
"""What is named for somebody who is not spoken of: `Bayes' theorem`."""

NATIONALITIES = word_set(
    "american british german french spanish italian dutch belgian swiss austrian swedish "
    "norwegian danish finnish polish czech slovak hungarian romanian bulgarian greek turkish "
    "russian ukrainian irish scottish welsh portuguese brazilian mexican canadian australian "
    "chinese japanese korean indian pakistani bangladeshi nigerian kenyan egyptian moroccan "
    "algerian tunisian iranian iraqi syrian israeli palestinian lebanese saudi afghan "
    "vietnamese thai filipino indonesian malaysian christian catholic protestant orthodox "
    "muslim islamic jewish hindu buddhist sikh atheist mormon evangelical democrat republican "
    "conservative liberal socialist communist"
)
"""Nationalities, religions and political groups."""

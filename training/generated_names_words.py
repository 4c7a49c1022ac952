"""Sentences with slots for names, and what fills the other slots, for generated texts."""

from collections.abc import Mapping, Sequence


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


PROSE = (
    # news
    "{full} won the election in {place} with a narrow majority.",
    "{full}, who led the company for nine years, will retire in {month}.",
    "The court in {place} sentenced {full} to three years.",
    "“It is too early to say,” {family} said on {day}.",
    "{family} said the decision was right.",
    "A spokesman for {firm} said that {full} had left the company.",
    "Critics accuse {full} of ignoring the report.",
    "The goal by {family} in the last minute decided the match.",
    "{family} scored twice before the break.",
    "Researchers led by {full} found the gene in mice.",
    "{full} was born in {place} and grew up in {place}.",
    "In {place}, {full} met farmers and teachers.",
    "The painter {full} died on {day} at the age of 81.",
    "Singer {full} cancelled the concert in {place}.",
    "{full} and {full} share the prize.",
    "Neighbours described {family} as quiet.",
    "The novel by {full} sold a million copies.",
    "{full}'s new film opens in {month}.",
    "Thousands marched through {place} after the verdict.",
    "Prices in {place} rose faster than in {place}.",
    "{firm} and {firm} agreed to merge in {month}.",
    "{firm} will close its plant in {place}.",
    "Shares of {firm} lost four percent.",
    "Investors wait for the figures of {firm} on {day}.",
    # minutes
    "Present: {full}, {full}, {full}, {initials}.",
    "Apologies: {full} and {full}.",
    "{full} opened the meeting at ten.",
    "{given} reported on the state of the accounts.",
    "{given} will ask {firm} for an offer.",
    "Proposed by {full}, seconded by {full}, carried.",
    "Action for {given}: call the architect before {day}.",
    "{family} objected to item four of the agenda.",
    "{given} and {given} abstained.",
    "The chair thanked {full} for twelve years of service.",
    # mail and chat
    "Hi {given}, could you send me the slides?",
    "Hello {given}, thanks for getting back to me.",
    "{given}, can you join the call at three?",
    "I asked {given} about the budget and she agreed.",
    "Have you heard from {given} or {given} this week?",
    "Please copy {full} on all replies.",
    "Can somebody tell {given} that the door is open?",
    "Lunch with {given} was great.",
    "Thank you very much, {given}.",
    "See you tomorrow, {given}!",
    "How was your trip to {place}, {given}?",
    "Not today, {given}, the shop is closed.",
    "A song for {given} and one for {given}.",
    "What does {given} think of it?",
    "Happy birthday {given}!",
    "Good morning {given}, the files are ready.",
    "I'll check with {full} and come back to you.",
    "{full} from {firm} wrote again.",
    "Say hello to {given} from all of us.",
    "{given} is on holiday until {day}, ask {given} instead.",
    "ok {given}, see you in {place}",
    "Met {full} at the fair in {place}; very helpful.",
    "Best,\n{given}",
    "Many thanks\n{full}",
    # clinic
    "{full} is a 54 year old man with a history of asthma.",
    "{family} was seen in the emergency department with fever.",
    "I examined {full} together with her husband {full}.",
    "Discussed with {full}, who agrees with the plan.",
    "The son, {full}, can be reached in the evening.",
    "{full} was referred by the practice in {place}.",
    "Surgeon: {full}. Anaesthesia: {full}.",
    "{full} takes {drug} and {drug}.",
    "The patient was started on {drug} in {month}.",
    "{drug} was replaced by {drug} because of nausea.",
    # law
    "This contract is between {full} and {firm}.",
    "{full}, of {place}, hereby appoints {full} as attorney.",
    "The defendant, {full}, did not appear.",
    "Signed on behalf of {firm} by {full}.",
    "By: {full}\nTitle: Chief Financial Officer",
    "/s/ {initials}",
    "Name: {initials}\nTitle: Vice President",
    "{initials}, as trustee, holds the shares.",
    "The will of {three} names {full} as heir.",
    "The {defined} shall deliver the {defined} to the {defined}.",
    "Each {defined} is bound by the {defined} set out in Section 4.",
    "Under this {defined}, the {defined} may assign its rights.",
    "“{defined}” means the amount payable on the {defined}.",
    "{firm} (the “{defined}”) and {firm} (the “{defined}”) agree as follows.",
    # service and human resources
    "My daughter {given} cannot log in.",
    "My colleague {full} never got the parcel.",
    "I am writing on behalf of my father, {full}.",
    "Please change the name on the booking from {full} to {full}.",
    "Can you refund {full} for the second ticket?",
    "{full} joined our sales team in {place}.",
    "{full} was promoted to head of purchasing.",
    "Write a short biography of {full}.",
    "Translate the letter from {full} into French.",
    "Does {full} still work at {firm}?",
    "Remind {given} to bring the keys.",
    "Interview with {full}, candidate for the post in {place}.",
    "{full} said she would rather work from {place}.",
    "Guests: {given}, {given}, {given} and {full}.",
    "{full} ({place}) and {full} ({place}) were elected.",
    "Edited by {initials} and {initials}.",
    "{double} and {full} wrote the chapter on rivers.",
    "See {family} and {family} for details.",
    "As {family} has shown, the effect is small.",
    # other languages
    "{full} hat gestern angerufen und um Rückruf gebeten.",
    "Ich habe {full} in {place} getroffen.",
    "Bitte {given} Bescheid sagen.",
    "{full} est arrivé à {place} hier soir.",
    "J'ai parlé avec {full} de la facture.",
    "{full} vive en {place} con su familia.",
    "Hablé con {given} sobre el contrato.",
    "{full} lavora a {place} da tre anni.",
    "{full} werkt sinds {month} in {place}.",
    "Falei com {full} ontem.",
)
NOTHING = (
    # headings
    "{heading}\n{ordinary}",
    "{heading}: {heading}",
    "# {heading}\n\n{ordinary}",
    "{ordinary} See {heading}.",
    # products and technology
    "{product} runs on {product} and needs {product}.",
    "Install {product} before you open {product}.",
    "We moved from {product} to {product} last year.",
    "{product} crashed again after the update.",
    "How do I export a table from {product}?",
    "Is {product} better than {product}?",
    "{product}, {product} and {product} are supported.",
    "Learn {product}, {product} or {product} in two weeks.",
    "She writes {product} and {product} every day.",
    "Our shop is built with {product} and {product}.",
    "The {product} plugin for {product} is free.",
    "Ask {product} support about the licence.",
    "Log in with {product}.",
    # titles of works, teams, days
    "The book {work} is on the shelf.",
    "{work} was filmed in {place}.",
    "We saw {work} on {day}.",
    "We meet every {day} in {month} and {month}.",
    "{festival} falls on a {day} this year.",
    "After {festival} the office opens again.",
    "The {team} beat the {team} on {day}.",
    # sentence starts
    "{start} the train was late.",
    "{start} we close at six.",
    "{start}, nobody noticed.",
    "{ordinary} {start} it works.",
    "{ordinary} {ordinary}",
    "{ordinary}",
    # peoples, languages, offices
    "The {people} and the {people} signed the treaty.",
    "She speaks {people} and {people}.",
    "The {office} rejected the proposal of the {office}.",
    "The {office} meets on {day}.",
    "Contact the {office} for details.",
    "Dear {office},\nthank you for your letter.",
    "Yours,\nThe {office}",
    "From {place} to {place} it takes two hours.",
    "The weather in {place} and {place} stays mild.",
    "Flights to {place} leave on {day}.",
    "{eponym} is treated with {drug}.",
    "The {eponym} was positive.",
    "Apply {eponym} to the data.",
)

WORDS: Mapping[str, Sequence[str]] = {
    "day": _listed("Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"),
    "month": _listed("January|February|March|April|May|June|July|August|September|October"),
    "festival": _listed("Easter|Christmas|Diwali|Hanukkah|Eid|Thanksgiving|Passover"),
    "drug": _listed(
        "Amlodipine|Simvastatin|Warfarin|Prednisolone|Salbutamol|Omeprazole|Ramipril|Bisoprolol|"
        "Clopidogrel|Furosemide|Sertraline|Tramadol|Insulin|Naproxen|Doxycycline|Losartan|"
        "Gabapentin|Levothyroxine|Citalopram|Diclofenac"
    ),
    "product": _listed(
        "Oracle|Salesforce|Photoshop|Excel|Outlook|Windows|Android|Ubuntu|Kafka|Terraform|"
        "Ansible|Grafana|Prometheus|Jira|Confluence|Slack|Zoom|Teams|Dropbox|Shopify|WordPress|"
        "Drupal|MySQL|MongoDB|Elasticsearch|Spark|Hadoop|Airflow|Django|Flask|Rails|Laravel|"
        "Spring|React|Angular|Svelte|Webpack|Gradle|Maven|Cassandra|Athena|Aurora|Delphi|Ada|"
        "Julia|Pascal|Ruby|Haskell|Erlang|Scala|Kotlin|Swift|Vagrant|Helm|Istio|Envoy|Nginx|"
        "Apache|Tomcat|Jupyter|Keras|Pandas|Celery|Sentry|Datadog|Splunk|Tableau|Looker|Alexa|"
        "Siri|Cortana|Watson|Galaxy|Kindle|Roomba|Thermomix|Corolla|Octavia|Mercedes|Tesla|Ariel|"
        "Persil|Dove|Martini|Power BI|Google Docs|Office 365|Visual Basic|Amazon Alexa|Adobe "
        "Reader"
    ),
    "work": _listed(
        "War and Peace|The Old Man and the Sea|The Sound of Music|Madame Butterfly|Game of "
        "Thrones|The Crown|Jane Eyre|Anna Karenina|The Magic Flute|Sense and Sensibility|The "
        "Lion King|Star Wars|The Good Wife|Swan Lake"
    ),
    "team": _listed(
        "Tigers|Lakers|Bulls|Rangers|Rovers|Wanderers|Giants|Eagles|Bears|Pirates|Sharks|Red Sox|"
        "Maple Leafs|White Sox|Blue Jays|Golden Bears"
    ),
    "people": _listed(
        "Portuguese|Romanians|Kenyan|Peruvians|Welsh|Basque|Catalan|Tamil|Persian|Hebrew|Latin|"
        "Greek|Turks|Kurds|Berbers|Maoris|Sikhs|Lutherans|Jesuits|Methodists|Shia|Sunni"
    ),
    "office": _listed(
        "Board of Directors|Finance Committee|Ministry of Health|Court of Appeal|Planning "
        "Department|Customer Service|Human Resources|House of Lords|Security Council|Central "
        "Bank|Audit Committee|Editorial Team|Works Council|Admissions Office|Help Desk|Legal "
        "Department|Parent Association|Senate"
    ),
    "eponym": _listed(
        "Crohn's disease|Down syndrome|Hodgkin lymphoma|Babinski sign|Apgar score|Turing test|"
        "Markov chain|Fourier transform|Bayes theorem|Newton method|Student t test|Fisher exact "
        "test|Doppler shift|Kalman filter|Nash game"
    ),
    "defined": _listed(
        "Agreement|Purchaser|Seller|Licensee|Licensor|Guarantor|Trustee|Collateral|Premises|"
        "Notice|Security|Obligation|Warranty|Deposit|Tenant|Landlord|Fee|Loan|Agent|Affiliate|"
        "Schedule|Annex|Closing|Party|Contractor|Client|Interest|Term|Note|Holder|Issuer|"
        "Employer|Closing Date|Purchase Price|Interest Period|Credit Agreement|Loan Party|"
        "Administrative Agent|Effective Date|Security Deposit|Base Rent"
    ),
    "start": _listed(
        "Unfortunately|Yesterday|Usually|Recently|Sometimes|Meanwhile|Luckily|Obviously|Although|"
        "Whenever|Sadly|Normally|Eventually|Afterwards|Fortunately|Curiously"
    ),
    "heading": _listed(
        "Getting Started|Terms of Service|Privacy Notice|Release Notes|Table of Fees|Managing "
        "Your Account|Rules for Visitors|Notes to the Accounts|Price List|Guide to the New "
        "Building|Summary of Findings|Method of Payment|Open Questions|How to Apply|Lessons "
        "Learned|Background and Scope|Weekly Status Report|Cash Flow Statement|Working From Home|"
        "Health and Safety|Contents of the Box|Dietary Requirements|Opening Hours|Return Policy|"
        "Warranty and Repairs"
    ),
    "ordinary": _listed(
        "Please read the instructions first.|The invoice was paid in full.|Deliveries arrive in "
        "the morning.|Nothing has changed since then.|Tickets are sold at the door.|Questions go "
        "to the front desk.|Results will be published in spring.|Bring warm clothes and good "
        "shoes.|Payments are due within thirty days.|Our shop opens at nine.|Dogs are not "
        "allowed inside.|Results vary with temperature."
    ),
}

"""People in prose of many kinds and cultures, and what has a capital there and names nobody."""

import pytest

from tests.adapters.detectors.marked_text import operative, unmark
from tests.adapters.detectors.shipped import context_engine

NAMED = (
    # news
    "The minister resigned after {PERSON|Oluwaseun Adeyemi} published the documents.",
    "{PERSON|Ngozi Okafor} told reporters on Tuesday that the talks had failed.",
    "Shares fell when {PERSON|Hiroshi Tanaka} stepped down as chief executive.",
    "According to {PERSON|Priya Raghunathan}, the river has not been this high in decades.",
    "The prize went to {PERSON|Mateusz Kowalczyk} and {PERSON|Ingrid Halvorsen}.",
    "Police said {PERSON|Delgado} had been seen near the station that night.",
    "“We are not done yet,” said {PERSON|Fatima Benali}.",
    "{PERSON|Petrov} denied the allegations.",
    "Voters in {LOCATION|Toronto} chose {PERSON|Amanda Whitfield} by a narrow margin.",
    "It was {PERSON|Nguyen}'s third goal of the season.",
    "Her lawyer, {PERSON|Giulia Ferraro}, declined to comment.",
    "Among the dead were {PERSON|José Luis Herrera} and his two sons.",
    "{PERSON|Kwame Mensah}, 43, was arrested in {LOCATION|Accra} on Friday.",
    # minutes
    "Present: {PERSON|Sarah Lindqvist}, {PERSON|Tom Bradley}, {PERSON|Wei Zhang}",
    "Apologies were received from {PERSON|Deborah Achterberg}.",
    "{PERSON|Marta} to circulate the revised budget before the next meeting.",
    "The motion was proposed by {PERSON|Alan Whitmore} and seconded by {PERSON|Rajesh Iyer}.",
    "Action: {PERSON|Yusuf Demir} will contact the landlord by Friday.",
    "{PERSON|Hannah} asked whether the roof could wait until spring.",
    # e-mail
    "Could you loop in {PERSON|Magdalena Nowak} before we answer the customer?",
    "I spoke with {PERSON|Bjorn Eriksen} this morning and he is fine with the date.",
    "Let me know if {PERSON|Carlos} needs anything else from us.",
    "{PERSON|Anjali} and I will be travelling until the 14th.",
    "Please forward this to {PERSON|Stephanie O'Donnell} in accounting.",
    "I forgot to tell {PERSON|Jerome} that the invoice was paid twice.",
    "Our new colleague {PERSON|Chiara Lombardi} starts on Monday.",
    # clinical
    "{PERSON|Margaret Thornton} is a 72-year-old woman with type 2 diabetes.",
    "The wound was reviewed by {PERSON|Sandra Oyelaran} on the ward round.",
    "Mother, {PERSON|Leila Haddad}, reports three days of fever.",
    "{PERSON|Walter Brandt} was admitted with chest pain and discharged on aspirin.",
    "Seen in clinic today together with his daughter {PERSON|Irina Volkova}.",
    "I reviewed {PERSON|Thabo Dlamini} in the outpatient department.",
    # legal
    "This agreement is made between {PERSON|Elizabeth Harcourt} and {PERSON|Samuel Greene}.",
    "The lease was signed by {PERSON|Dimitrios Papadopoulos} on behalf of the owner.",
    "In witness whereof, {PERSON|Jonathan Prescott} has executed this deed.",
    "The plaintiff, {PERSON|Maria Esposito}, alleges that the goods were defective.",
    "The estate of {PERSON|Harold Jennings} shall pass to {PERSON|Emily Jennings}.",
    "By: {PERSON|Robert J. Callahan}",
    # support and human resources
    "My neighbour {PERSON|Gareth Pritchard} keeps getting my parcels.",
    "I want to close the account of my late husband {PERSON|Tadeusz Wiśniewski}.",
    "The parcel was left with {PERSON|Ayumi Nakamura} at number nine.",
    "{PERSON|Lakshmi Venkatesan} has been promoted to team lead.",
    "We hired {PERSON|Brandon Mitchell} for the night shift.",
    "Why does {PERSON|Kevin} have access to my files?",
    "Summarise the feedback that {PERSON|Abdullah Rahman} got from his peers.",
    "Is {PERSON|Natalie Dubois} still on parental leave?",
    "Draft a reference for {PERSON|Olivia Sanchez}, who worked with us for six years.",
    "{PERSON|Jürgen Schäfer} und {PERSON|Sabine Vogel} kommen morgen.",
    "Ayer {PERSON|Lucía Fernández} llamó a la oficina.",
    "{PERSON|Zeynep Kaya} ile görüştüm.",
    "Ce matin {PERSON|Élodie Marchand} a envoyé le contrat.",
    # titles, initials, particles
    "{PERSON|J. R. Whitaker} wrote the foreword.",
    "The concerto was composed by {PERSON|Ludwig van Beethoven}.",
    "A portrait of {PERSON|Simone de Beauvoir} hangs in the hall.",
    "{PERSON|Mary-Anne Fitzgerald} was elected treasurer.",
    "{PERSON|Patrick O'Brien} has resigned from the board.",
    "Prof. {PERSON|Nkechi Eze} chaired the session.",
    "Mrs {PERSON|Chatterjee} asked for a refund.",
    "Dear {PERSON|Aleksandra}, thank you for your patience.",
    "The interview with {PERSON|Mohammed Al-Farsi} lasted an hour.",
    "{PERSON|Xiaoming Liu} et al. report a similar effect.",
)
NEAR_MISSES = (
    # products, software, code
    "Kubernetes schedules pods on the nodes of a cluster.",
    "Install PostgreSQL and Redis before you start Celery.",
    "The StreamReader raises a TypeError when the buffer is closed.",
    "Selenium drives Firefox and Chromium.",
    "We moved the pipeline from Jenkins to GitHub Actions.",
    "Open Visual Studio Code and choose Preferences.",
    "This is Debian, not Fedora.",
    "It's Tuesday, so the job called Nightly Build runs twice.",
    "The class Person has the fields Name and Birthday.",
    "Set Content-Type and Accept-Encoding in the request.",
    "CPython and PyPy differ in how they count references.",
    "Returns: the number of rows.\nRaises: ValueError when it is negative.",
    "owner: None\nmanager: EXPRESSION",
    "The Samsung Galaxy and the Sony Xperia need a new charger.",
    "Take Ibuprofen or Paracetamol twice a day.",
    "Metformin was stopped and Lisinopril started.",
    # months, days, holidays
    "We meet in August, not in April.",
    "Offices are closed between Christmas and New Year.",
    "Ramadan begins on Monday.",
    "The Easter sale ends on Sunday.",
    # titles of works
    "She read Pride and Prejudice on the train.",
    "The Great Gatsby is on the reading list.",
    "We watched Breaking Bad last winter.",
    # sentence starts
    "Apparently the printer is broken again.",
    "Finally we found the missing invoice.",
    "Hopefully this helps.",
    "Grace is needed when plans change.",
    "Will this work? Mark it as done if so.",
    "Bills are due on the first of the month.",
    "Hope you are well. Joy and I do not mix.",
    # companies and brands
    "Siemens and Bosch raised their forecasts.",
    "The Ford was parked behind a Mercedes.",
    "I opened an account with Barclays.",
    "Goldman Sachs advised on the sale.",
    "Nestlé, Unilever and Danone were fined.",
    "The Boeing took off from Heathrow.",
    "Morgan Stanley expects rates to fall.",
    # places
    "The train from Vienna to Budapest was late.",
    "They spent a week in San Francisco.",
    "Lake Victoria borders three countries.",
    "The offices in Charlotte and Austin will close.",
    "Heathrow and Gatwick were closed by fog.",
    "The Mississippi flooded in the spring.",
    # nationalities, languages, religions
    "The Portuguese and the Spanish signed a treaty.",
    "She speaks Swahili and Arabic.",
    "Buddhists and Hindus live side by side.",
    # headings in title case
    "Terms and Conditions of Sale",
    "Chapter Seven: Managing Risk in Large Projects",
    "Frequently Asked Questions About Your Order",
    "How To Reset Your Password In Three Steps",
    "Annual Report and Financial Statements",
    "Quarterly Sales Review",
    "Risk Factors and Forward-Looking Statements",
    "Nature and Scope of Services",
    # legal and office
    "The Borrower shall repay the Lender on the Maturity Date.",
    "The Company and the Executive agree as follows.",
    "Exhibit A lists the Permitted Encumbrances.",
    "The Board approved the Remuneration Policy.",
    "Article 12 of the Treaty of Lisbon applies.",
    "The Supreme Court heard the appeal.",
    "The European Commission opened an inquiry.",
    "Best Regards\nThe Support Team",
    "Dear Hiring Manager,",
    "Kind regards, Customer Care",
    # science and eponyms
    "Parkinson's disease and Alzheimer's disease were excluded.",
    "Use the Pearson correlation and a Gaussian kernel.",
    "A Foley catheter was placed.",
    "The Glasgow Coma Scale was 15.",
    "Jupiter and Saturn are visible tonight.",
    "Salmonella and Listeria were found in the sample.",
)


@pytest.mark.parametrize("marked", NAMED)
def test_people_are_named_in_prose(marked: str) -> None:
    text, expected = unmark(marked)

    found = operative(context_engine().find(text))

    people = [span for span in expected if span[2] == "PERSON"]
    assert [hit for hit in found if hit[2] == "PERSON"] == people


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_products_works_firms_places_and_headings_are_no_people(text: str) -> None:
    found = operative(context_engine().find(text))

    assert [hit for hit in found if hit[2] == "PERSON"] == []

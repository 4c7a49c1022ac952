"""Health terms: auxiliary, they make protected health information of personal data near by."""

from collections.abc import Iterator

from adapters.detectors.patterns.context_words import add_group
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import Custom, Hit, pii
from domain.detection.taxonomy import Severity

_TERMS = (
    "diabetes|type 1 diabetes|type 2 diabetes|diabetic|hypertension|hypotension|asthma|copd|"
    "atrial fibrillation|myocardial infarction|heart failure|heart attack|coronary artery disease|"
    "stroke|epilepsy|seizure|migraine|multiple sclerosis|parkinson's|parkinson's disease|"
    "alzheimer's|"
    "alzheimer's disease|dementia|depression|major depressive disorder|bipolar disorder|"
    "schizophrenia|anxiety disorder|ptsd|adhd|autism|anorexia|bulimia|hiv|hiv infection|aids|"
    "hepatitis|hepatitis b|hepatitis c|tuberculosis|pneumonia|covid-19|influenza|sepsis|cancer|"
    "carcinoma|breast carcinoma|breast cancer|lung cancer|prostate cancer|leukemia|leukaemia|"
    "lymphoma|melanoma|tumor|tumour|metastasis|chemotherapy|radiotherapy|dialysis|"
    "chronic kidney disease|renal failure|cirrhosis|crohn's disease|ulcerative colitis|celiac "
    "disease|"
    "arthritis|rheumatoid arthritis|osteoporosis|lupus|psoriasis|eczema|anemia|anaemia|hemophilia|"
    "sickle cell|hypothyroidism|hyperthyroidism|endometriosis|pregnancy|pregnant|miscarriage|"
    "abortion|"
    "infertility|syphilis|gonorrhea|chlamydia|herpes|substance abuse|alcoholism|opioid use "
    "disorder|"
    "overdose|suicidal ideation|obesity|high cholesterol|hyperlipidemia|sleep apnea|glaucoma|"
    "diagnosis|diagnosed with|prognosis|biopsy|mammogram|colonoscopy|chest x-ray|mri scan|"
    "discharge summary|blood pressure|hba1c|"
    "metformin|insulin|lisinopril|atorvastatin|simvastatin|amlodipine|metoprolol|omeprazole|"
    "losartan|sertraline|fluoxetine|citalopram|escitalopram|warfarin|apixaban|amoxicillin|"
    "azithromycin|prednisone|levothyroxine|gabapentin|tramadol|oxycodone|hydrocodone|fentanyl|"
    "methadone|buprenorphine|alprazolam|lorazepam|diazepam|quetiapine|olanzapine|lithium carbonate|"
    "methotrexate|tamoxifen|albuterol|salbutamol|clopidogrel|truvada|"
    "allergic to|allergy to|allergies|penicillin|ibuprofen|paracetamol|acetaminophen|icd-10|"
    "vaccinated|vaccination|immunization|radiotherapy|dementia|alzheimer's|parkinson's|"
    "herzinfarkt|schlaganfall|schwanger|allergie gegen|diagnostiziert|demenz|"
    "enceinte|asthme|crise cardiaque|diabète|embarazada|infarto|asma|incinta|diabete|gravidez|"
    "bluthochdruck|krebs|diagnose|hipertensión|cáncer|diagnóstico|ipertensione|cancro|diagnosi|"
    "tension artérielle|diagnostic de|dépression"
)
_GROUP = add_group("health-term", _TERMS.split("|"))

HEALTH_TERM = pii(
    "health-term",
    "HEALTH_TERM",
    "Health term",
    "A disease, treatment or medicine from a list; auxiliary, no violation by itself.",
    sources=("ICD-10 chapter titles", "WHO Model List of Essential Medicines"),
    examples=("type 2 diabetes", "metformin"),
    near_misses=("cancerous growth of bureaucracy", "a cold start"),
    severity=Severity.LOW,
)


def _find(document: Document) -> Iterator[Hit]:
    for word in document.words(_GROUP):
        yield Hit(word.start, word.end, HEALTH_TERM, 0.7, None, (), (("list", 0.7),))


RECOGNISERS = (
    Custom(
        infos=(HEALTH_TERM,),
        gates=(_GROUP,),
        search=_find,
    ),
)

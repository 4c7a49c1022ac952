"""The words that stand beside a value and say what it is, by concept, in the languages covered.

A blank in a phrase stands for up to three separators or none, so that `account number` also finds
`account_number`, `accountNumber` and `account-number`. Matches count as whole words only.
"""

# Other languages write with these characters.
# ruff: noqa: RUF001

from collections.abc import Sequence

GROUPS: dict[str, str] = {
    "ssn": "ssn|ssn#|ssns|social security|social security number|social security no|soc sec|"
    "social insurance",
    "phone": "phone|phones|telephone|tel|mobile|cell|cellphone|fax|call|called|calling|callback|"
    "call back|ring|dial|text me|sms|whatsapp|signal|telegram|contact|hotline|number is|"
    "my number|phone number|mobile number|contact number|reach|reach me|hmu|guardian|"
    "telefon|telefono|teléfono|telefone|téléphone|telefonnummer|telefoonnummer|handy|mobil|"
    "móvil|movil|celular|cellulare|portable|mobilnummer|numéro|numero|número|nummer|rufnummer|"
    "puhelin|puhelinnumero|telefonní|komórka|gsm|emergency contact|msisdn|t:|p:|m:|ph|tlf|tél|"
    "тел|телефон|номер телефона|τηλέφωνο|電話|電話番号|携帯|携帯電話|电话|電話號碼|手机|手机号|"
    "전화|전화번호|휴대폰|هاتف|رقم الهاتف|טלפון|फ़ोन|मोबाइल|โทรศัพท์|điện thoại|numer telefonu|"
    "call me|phone me|anrufen|appeler|llamar|ligar|bellen|ringa|ringe|soita|"
    "telemóvel|telemovel|mobiel|mob|mobilfunknummer|cep telefonu|cep no|mera number|"
    "phone num|phone no|mobile no|cell no|tel no|tel nr|telefonszám|联系电话|聯絡電話|"
    "휴대전화|연락처|جوال|موبايل|मोबाइल नंबर|फोन|เบอร์โทร|số điện thoại|sđt|"
    "rückfragen|erreichbar unter|erreichen|rückruf|durchwahl|joindre|joignable|rappeler|"
    "llámame|contactarme|chiamami|contattarmi|ligue|bereikbaar|zadzwoń|telefonum|"
    "cep telefonum|"
    "☎|📞|☏|📱|✆|fon|festnetz|puh|τηλ|טל|連絡先|моб|мобильный|"
    "tfno|recapito|cel",
    "card": "card|card number|card no|cardnumber|credit card|debit card|creditcard|cc|ccnum|"
    "visa|mastercard|amex|american express|discover|diners|maestro|jcb|carte|carte bancaire|"
    "kreditkarte|karte|tarjeta|carta di credito|cartão|kort|karta|creditcardnummer|kaart|"
    "银行卡|信用卡|卡号|カード番号|クレジットカード|카드번호|신용카드|بطاقة|kart numarası|"
    "kredi kartı|numer karty|kartnummer",
    "bank-account": "account|account number|account no|account num|acct|acct no|a/c|"
    "bank account|bank acct|bank details|checking|savings|direct deposit|deposit to|konto|"
    "kontonummer|kontonr|compte|cuenta|cuenta bancaria|conto|conto corrente|conta|rekening|"
    "rekeningnummer|bankrekening|beneficiary account|iban|accountnumber|bankkonto|tilinumero|"
    "kto|kto nr|ktonr|nr konta|numer konta|numer rachunku|nr rachunku|hesap no|"
    "hesap numarası|número da conta|numero da conta|conta corrente|conta poupança|"
    "numéro de compte|numero di conto|bankkontonummer|bankgiro|plusgiro|口座番号|银行账号|"
    "银行账户|账号|帳號|계좌번호|رقم الحساب|खाता संख्या|"
    "계좌|"
    "dda|acc no|acc number|acc num",
    "bank-routing": "routing|routing number|routing no|aba|aba number|rtn|transit number|"
    "routing transit|ach",
    "sort-code": "sort code|sortcode|sort-code|bankleitzahl|blz|bsb|ifsc|ifsc code|clabe|"
    "sort:|cbu|cvu",
    "swift": "swift|bic|swift code|bic code|swift/bic",
    "passport": "passport|passports|passport number|passport no|passeport|reisepass|"
    "reisepassnummer|passnummer|pasaporte|passaporto|passaporte|paspoort|paspoortnummer|paszport|"
    "pas nr|pass nr|passnr|pasaport|passi|travel document|cestovní pas|útlevél|"
    "pass number|passport num|numer paszportu|paszportu|pasaport no|pasaport numarası|"
    "passummer|护照|護照|パスポート|旅券|여권|جواز السفر|पासपोर्ट|паспорт|διαβατήριο|"
    "ppt no|passport book number|passport book no",
    "driver-license": "driver license|drivers license|driver's license|driver licence|"
    "drivers licence|driver's licence|driving licence|driving license|driver’s license|"
    "driver’s licence|license number|licence number|license no|licence no|dl|dl#|dln|dl no|"
    "dl number|permis de conduire|führerschein|führerscheinnummer|fuehrerschein|"
    "permiso de conducir|licencia de conducir|carnet de conducir|patente|patente di guida|cnh|"
    "carta de condução|rijbewijs|rijbewijsnummer|prawo jazdy|körkort|førerkort|kørekort|ajokortti|"
    "drivers|driving permit|ehliyet|permis auto|"
    "運転免許|免許証番号|驾驶证|駕照|운전면허|رخصة القيادة|sürücü belgesi|"
    "licencia de manejo|ड्राइविंग लाइसेंस|водительское удостоверение|körkortsnummer|"
    "carta di guida|"
    "oln|"
    "cdl|driver's lic|drivers lic|driver lic|driver's lic no|driver lic no|driving lic|"
    "permis|führerscheinnr",
    "mrn": "mrn|mrn#|mrns|medical record|medical record number|medical record no|med rec|"
    "med rec no|medrec|health record number|patient id|patient number|patient no|patient "
    "identifier|"
    "hospital number|hospital no|chart number|chart no|chart|unit number|unit no|"
    "patientennummer|fallnummer|numéro de dossier|número de historia|historia clínica|"
    "cartella clinica|prontuário|patiëntnummer|journalnummer|patient mrn|record number|"
    "record no|case number|encounter|accession|hospital record|"
    "hosp no|hosp number|hospital id|patienten nr|patienten id|pat nr|pat id|fall nr|nhc|"
    "ipp|numéro patient|número de historia clínica|nº historia|visit number|visit no|"
    "visit id|nr pacjenta|numer pacjenta|patientnummer|hasta no|病历号|住院号|診察券番号|"
    "患者番号|환자번호|رقم الملف الطبي|chi number|"
    "medical rec|medical rec no|urn:|urn number|pt id|pt no|n° dossier|dossier médical|"
    "aufnahmenummer|患者id",
    "health-plan": "member|member id|member no|member number|subscriber|subscriber id|"
    "subscriber number|insurance|insurance id|insurance no|insurance number|policy|policy number|"
    "policy no|policy id|health plan|plan id|hpid|medicare|mbi|medicaid|beneficiary|"
    "beneficiary id|group number|group no|group id|payer|versichertennummer|"
    "krankenversichertennummer|krankenversicherung|mutuelle|insured id|insured|health insurance|"
    "membership|claim|carte vitale|tarjeta sanitaria|zorgverzekering|enrollee|"
    "kvnr|versicherten nr|vers nr|versichertennr|krankenversichertennr|egk|ehic|health card|"
    "health card number|ohip|ramq|numéro d'assuré|medicaid id|medicare id|medicare number|"
    "medicare no|rx id|保険者番号|被保険者番号|건강보험|医保号|nº de afiliación|"
    "número de afiliado|carteirinha|tessera sanitaria|"
    "ins id|ins no|ins policy",
    "npi": "npi|npi#|npi no|npi number|national provider|national provider identifier|provider|"
    "physician|prescriber|provider id",
    "dea": "dea|dea#|dea no|dea number|dea registration|prescriber|physician",
    "medical-license": "medical license|medical licence|license number|licence number|gmc|"
    "gmc number|medical council|lanr|rpps|crm|medical registration|nmc|nursing license|"
    "state license|physician license|bsn number|"
    "crm sp|crm rj|crm mg|nmc pin|colegiado|número de colegiado|big nummer|agb code|hcpc|"
    "gdc number|gphc|ahpra|cpso|arztnummer|bsnr|medical license number|medical license no|"
    "medical board|dental license|rn license|pharmacist license|pwz|nr pwz|"
    "medical lic|medical lic no|med lic",
    "vin": "vin|vin#|vin no|vin number|vehicle identification|vehicle identification number|"
    "chassis|"
    "chassis number|chassis no|fahrgestellnummer|fin|numéro de châssis|bastidor|telaio|"
    "vehicle|car|truck|chassi|"
    "fahrgestellnr|fahrgestell nr",
    "plate": "plate|plates|license plate|licence plate|plate number|number plate|plate no|"
    "registration|registration number|reg no|reg|kennzeichen|kfz-kennzeichen|amtliches kennzeichen|"
    "nummernschild|immatriculation|plaque|matrícula|matricula|targa|placa|kenteken|"
    "registreringsnummer|rekisterinumero|tablica|rejestracyjny|vrm|"
    "immatriculée|immatriculé|immat|nr rej|numer rejestracyjny|nr rejestracyjny|regnr|"
    "reg nr|registration plate|plaka|plaka no|vehicle no|vehicle number|vehicle reg|"
    "vehicle registration|car reg|car registration|license tag|ナンバー|車両番号|车牌|"
    "车牌号|車牌|차량번호|번호판|رقم اللوحة|kentekennummer|nummerplade|nummerskylt|"
    "skiltnummer|rendszám|госномер|targata|placas|"
    "plakam|plakası|plakalı|"
    "rego",
    "imei": "imei|imei#|imei no|imei number|imeisv|meid|device|handset|phone has",
    "device-serial": "serial|serial number|serial no|s/n|serialnumber|sn|serial#|device id|"
    "deviceid|"
    "device identifier|device serial|udid|android id|hardware id|idfa|gaid|advertising id|iccid|"
    "imsi|udi|implant|pacemaker|seriennummer|numéro de série|número de serie|numero di serie|"
    "seri no|seri numarası|numer seryjny|nr seryjny|serienummer|シリアル番号|製造番号|"
    "序列号|일련번호|الرقم التسلسلي|esn",
    "crypto": "bitcoin|btc|wallet|address|crypto|ethereum|eth|litecoin|ltc|dogecoin|doge|tron|trx|"
    "ripple|xrp|monero|xmr|solana|sol|usdt|usdc|bnb|payout|deposit|send|blockchain|satoshi|"
    "solana wallet|stellar|xlm|cardano|ada|bch|bitcoin cash|кошелёк|кошелек|钱包|ウォレット|"
    "지갑|محفظة",
    "coordinates": "lat|lon|lng|long|latitude|longitude|coordinates|coordinate|coords|gps|geo|"
    "location|position|located|lat/lon|latlng|koordinaten|coordonnées|coordenadas|coordinate|"
    "breitengrad|längengrad|happened at|incident|geolocation|geopoint|where",
    "date-of-birth": "dob|d.o.b|d.o.b.|date of birth|dateofbirth|birth date|birthdate|birth day|"
    "birthday|born|born on|birth|bday|geboren|geboren am|geb|geb.|geburtsdatum|"
    "geburtstag|né le|née le|né|née|date de naissance|naissance|nacido|nacida|nací|nací el|"
    "fecha de nacimiento|f. nac.|nacimiento|nato|nata|nato il|nata il|data di nascita|nascita|"
    "nasci|"
    "nasci em|nascido|nascida|data de nascimento|nascimento|geboortedatum|geboren op|data "
    "urodzenia|"
    "urodzony|urodzona|ur.|urodzin|född|född den|födelsedatum|født|fødselsdato|fødselsdag|syntynyt|"
    "syntymäaika|datum narození|narozen|narozena|data nașterii|născut|născută|doğum tarihi|doğum|"
    "született|születési|ημερομηνία γέννησης|дата рождения|生年月日|出生日期|생년월일|"
    "birth dt|出生年月|出生|生日|誕生日|생일|تاريخ الميلاد|تاريخ الازدياد|जन्म तिथि|"
    "जन्मतिथि|janam tithi|janm tithi|doğum tar|doğdu|ngày sinh|tanggal lahir|tgl lahir|"
    "วันเกิด|родился|родилась|г.р.|geb dat|fec nac|fecha nac|fecha de nac|dt nasc|data nasc|"
    "syntymäpäivä|születési idő|"
    "d/o/b|תאריך לידה|"
    "nasc",
    "age": "age|aged|turned|im alter von|years old|year old|years-old|year-old|yo|y/o|yr old|yrs "
    "old|yrs|ans|años|anni|"
    "anos|jahre alt|jahre|jaar|år|alter|edad|âge|età|idade|leeftijd",
    "username": "username|user name|user|login|login name|userid|user id|user_id|logon|"
    "benutzerkennung|gebruiker|"
    "account name|screen name|screenname|nickname|nick|benutzername|benutzer|nutzername|"
    "utilisateur|"
    "nom d'utilisateur|identifiant|usuario|nombre de usuario|utente|nome utente|usuário|"
    "gebruikersnaam|användarnamn|brukernavn|brugernavn|käyttäjätunnus|użytkownik|sam account|"
    "samaccountname|login id|用户名|ユーザー名|아이디|사용자|اسم المستخدم|kullanıcı adı|"
    "kullanıcı|nazwa użytkownika|логин|имя пользователя|utilizador|uživatel|felhasználónév",
    "password": "password|passwords|passwort|passwd|pwd|passphrase|pass phrase|passcode|pass|"
    "mot de passe|mdp|contraseña|contrasena|clave|password is|parola|parola d'ordine|senha|"
    "wachtwoord|lösenord|passord|adgangskode|salasana|hasło|haslo|heslo|parolă|şifre|sifre|пароль|"
    "kennwort|pin|pin code|palavra-passe|"
    "pw|密码|密碼|口令|パスワード|暗証番号|비밀번호|비번|암호|كلمة المرور|كلمة السر|पासवर्ड|"
    "รหัสผ่าน|mật khẩu|סיסמה|κωδικός|jelszó",
    "mac": "mac|mac address|hwaddr|ether|hardware address|device|bssid|physical address|physical|"
    "ethernet address|wifi mac|wlan mac|mac addr|mac id",
    "ip": "ip|ip address|ipaddress|ipv4|ipv6|ip-adresse|adresse ip|dirección ip|indirizzo ip|host|"
    "client|src|source|dst|from|remote|x-forwarded-for|forwarded|addr|remote addr|peer|logged in|"
    "login|always get|server",
    "national-id": "national id|national identification|national identity|national identifier|"
    "nationalid|national number|nat id|id number|id no|id nr|id card|identity card|identity number|"
    "identity document|identification number|identification no|personal number|personal id|"
    "personal identification|citizen id|citizen number|resident id|resident number|government id|"
    "govt id|personalausweis|personalausweisnummer|personalausweis nr|ausweisnummer|ausweis|"
    "carte d'identité|cni|documento|"
    "documento de identidad|cédula|cedula|carta d'identità|identiteitskaart|dowód osobisty|"
    "personnummer|identity no|kimlik|nationella|"
    "numéro d'identité|número de identidad",
    "tax-id": "tax id|tax identification|tax identification number|tax number|tax no|taxpayer|"
    "taxpayer id|taxpayer identification|tin|tin number|taxid|steuernummer|steuer id|"
    "identifiant fiscal|numéro fiscal|número fiscal|codice fiscale|fiscal code|nif|vat id|fiscal|"
    "belastingnummer|skattenummer|numer podatkowy",
    "address": "address|addr|adresse|dirección|direccion|indirizzo|endereço|adres|adress|street|"
    "lives at|live at|living at|residing at|resident at|resides at|located at|ship to|shipping to|"
    "deliver to|delivery to|office at|mail to|mailing address|home address|shipping address|"
    "billing address|wohnhaft|wohnhaft in|wohnt in|vivo en|abito in|moro em|bor på|bosatt|"
    "domicilio|"
    "anschrift|osoite|adresa|previous address|left the parcel at|meeting at",
    "neutral": "ndc|order|orders|order id|order no|order number|invoice|invoice no|ticket|ref|"
    "reference|"
    "reference number|tracking|tracking number|isbn|issn|barcode|ean|upc|sku|part|part no|"
    "part number|version|build|commit|port|size|bytes|amount|total|price|model|batch|lot|flight|"
    "room|page|chapter|issue|case|epoch|timestamp|counter|request|request id|trace|span|count|"
    "procedure|code|item|product|article|section|line|step|row|quantity|qty|year|score|po|rma|"
    "cep|zip|zip code|postcode|postal code|plz|código postal|code postal",
}
"""Alternatives by concept, separated by bars."""

LOCAL = frozenset(
    ("neutral", "address", "card", "crypto", "ip", "mac", "vin", "imei", "dea", "coordinates")
) | {"date-of-birth"}
"""Groups that open no gate: they are looked for beside a candidate alone, not in the whole text."""


def add_group(name: str, phrases: Sequence[str]) -> str:
    """Register the words of a concept that a recogniser module brings itself; return the name."""
    GROUPS.setdefault(name, "|".join(phrases))
    return name

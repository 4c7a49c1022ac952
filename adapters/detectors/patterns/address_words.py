"""The vocabulary of postal addresses as RE2 alternatives."""

LINKS = (
    "de la|de los|de las|de|del|della|delle|dello|dei|degli|di|da|do|dos|das|du|des|la|le|les|los|"
    "las|el|van den|van der|van de|van|von der|von|den|der|am|an der|an|im|in der|in den|zum|zur|"
    "ob der|unter|auf der|auf dem|of|the|upon|on|y|e|en|na|nad|pod|u|av|af|i|cu|cel|lui|al|and|den"
)
UNITS = (
    "Apt|Apartment|Suite|Ste|Unit|Flat|Studio|Floor|Fl|Room|Rm|Level|Lot|Box|Bldg|Building|Piano|"
    "Interno|Int|Interior|Puerta|Piso|Esc|Depto|Dpto|Edif|Bl|Sc|Ap|Et|Bloco|Apto|Casa|Sala|"
    "App|Appt|Étage|bus|Whg|Top|m|lok|kat|D|daire|No|#"
)
REGIONS = (
    "A[CKLRSZABEP]|B[CA]|C[AOT]|D[CE]|F[LM]|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ABDEHINOPST]|N[BCDEHJLMSTUVY]|"
    "O[HKNR]|P[AEHRW]|QC|RI|S[CDKA]|T[NX]|UT|V[AIT]|W[AIVY]|YT|ACT|NSW|QLD|TAS|VIC|"
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|"
    "Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|"
    "Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|"
    "New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|"
    "South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|"
    "Wisconsin|Wyoming|Ontario|Quebec|Québec|British Columbia|Alberta|Manitoba|Saskatchewan"
)
STREET_ENDS = (
    "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Court|Ct|Place|Pl|Square|Sq|"
    "Terrace|Ter|Parkway|Pkwy|Highway|Hwy|Way|Close|Crescent|Cres|Gardens|Grove|Mews|Walk|Row|"
    "Circle|Cir|Trail|Trl|Turnpike|Alley|Plaza|Esplanade|Quay|Broadway"
)
COMPOUND_ENDS = (
    "straße|strasse|str\\.|weg|platz|allee|gasse|ring|ufer|damm|steig|stieg|straat|laan|plein|"
    "gracht|kade|dijk|singel|pad|gatan|vägen|väg|gränd|torget|stigen|gata|veien|vegen|vej|gade|"
    "stræde|allé|katu|tie|kuja|polku|tori"
)
LOWER_STREETS = (
    "rue|avenue|av\\.|boulevard|bd|place|chemin|allée|impasse|quai|cours|route|via|viale|piazza|"
    "corso|calle|c/|avenida|plaza|paseo|rua|travessa|praça|ul\\.|ulica|al\\.|pl\\.|os\\.|aleja|"
    "náměstí|ulice|str\\.|bulevardul|strada"
)
PREFIXES = "ul|al|pl|os|Calle|Av|Avda|Str|C/"
STREET_STARTS = (
    "Strada|Str\\.|Bulevardul|Bd\\.|Aleea|Calea|Intrarea|Soseaua|Șoseaua|Drumul|Splaiul|Piața|"
    "Via|Viale|Piazza|Corso|Vicolo|Largo|Contrada|Borgo|Rotonda|Strettoia?|Stretto|Canale|Incrocio|"
    "Calle|Avenida|Plaza|Paseo|Camino|Ronda|Carrer|Cuesta|Pasaje|Pasadizo|Glorieta|Urbanización|"
    "Urbanizacion|Callejón|Vial|Acceso|Alameda|Rambla|Cañada|Viaducto|Callejuela|Vía|"
    "Rua|Travessa|Praça|Largo|Rodovia|Estrada|Vila|Viela|Ladeira|Jardim|Parque|Quadra|Setor|Sítio|"
    "Trecho|Trevo|Via|Viaduto|Vale|Vereda|Passarela|Pátio|Núcleo|Morro|Loteamento|Lagoa|Lago|"
    "Favela|Fazenda|Feira|Estação|Esplanada|Distrito|Condomínio|Conjunto|Colônia|Chácara|Campo|"
    "Aeroporto|Área|Recanto|Residencial|"
    "Privada|Circuito|Boulevard|Calzada|Cerrada|Continuación|Corredor|Diagonal|Eje vial|Peatonal|"
    "Periférico|Prolongación|Retorno|Andador|Ampliación|Circunvalación"
)
LEADS = (
    "In ", "At ", "To ", "From ", "Address ", "Visit ", "Send ", "Ship ", "Of ", "On ", "The ",
    "Our ", "My ", "Lives ", "Meet ", "Near ",
)  # fmt: skip

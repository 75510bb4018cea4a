"""Who is in the demo. All names are invented; all numbers are from ranges set aside for fiction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class DemoLine:
    """A sub-account with its number and its habits at the practice carrier."""

    username: str
    description: str
    device: str
    did: str
    place: str
    label: str
    calls_per_day: int
    package: str
    texts: bool = True
    countries: tuple[str, ...] = ("GB", "FR", "US")
    inbound: float = 0.45
    is_recorded: bool = False


@dataclass(frozen=True, slots=True)
class DemoClient:
    """A client since so many days. ``pays`` are (until so many days ago, amount, when below)."""

    first_name: str
    last_name: str
    company: str
    email: str
    city: str
    state: str
    phone: str
    lines: tuple[DemoLine, ...] = ()
    since: int = 365
    pays: tuple[tuple[int, str, str], ...] = ()
    charges: tuple[tuple[int, str, str], ...] = ()
    language: str = "en"
    balance_mode: str = "soft"
    threshold: str | None = "25"
    status: str = "active"
    contacts: tuple[tuple[str, str], ...] = ()
    picture: str = ""  # what the first contact writes beside a picture
    add_ons: tuple[tuple[str, str, int], ...] = ()  # name, amount, days since its first
    fax_line: str = ""  # a fax number that was the client's from the beginning
    # Name, e-mail, and the lines that somebody of the team may see; none means all of them.
    team: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class DemoPackage:
    """A package by its terms, in plain decimals."""

    name: str
    fixed: str
    percent: str
    pulse: int
    monthly: str = "0"
    setup: str = "0"
    free_minutes: int = 0
    first_increment: int | None = None
    onnet_free: bool = True
    areas: tuple[tuple[str, str, str], ...] = ()
    zones: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DemoReseller:
    """A reseller with everything that is theirs."""

    name: str
    uid: str
    currency: str
    language: str
    support_phone: str
    address: str
    tax_numbers: str
    website: str
    owner: tuple[str, str, str]  # name, e-mail, password
    api_username: str
    api_password: str
    theme: str
    packages: tuple[DemoPackage, ...]
    clients: tuple[DemoClient, ...]
    client_password: str
    fees: dict[str, Any] = field(default_factory=dict)
    staff: tuple[tuple[str, str, str], ...] = ()  # name, e-mail, role; the owner's password
    exchange: str | None = None
    spare: tuple[tuple[str, str], ...] = ()  # voice numbers nobody has: number, place
    faxes: tuple[tuple[str, str], ...] = ()
    mobile: str = ""  # where the first client forwards the first spare number to


FEES = {
    "did_setup": "1.00", "did_monthly": "2.50", "did_minute": "0.0120", "sms_in": "0.0050",
    "sms_out": "0.0150", "mms_in": "0.0200", "mms_out": "0.0400", "fax_monthly": "3.50",
    "fax_minute": "0.0300", "recording_minute": "0.0020", "e911_monthly": "1.50",
}  # fmt: skip

OFFICE = DemoPackage(
    "Office Standard", "0.0025", "20", 6, monthly="12.95", setup="5.00", free_minutes=120,
    areas=(("prefix", "331", "0.0350"),), zones=(("prefix", "1800"),),
)  # fmt: skip
PER_MINUTE = DemoPackage("Pay per minute", "0.0040", "25", 60, onnet_free=False)
CONTACT_CENTRE = DemoPackage("Contact centre", "0.0010", "12", 1, monthly="24.00", setup="15.00")

NORTHWIND = DemoReseller(
    name="Northwind Voice",
    uid="100482",
    currency="USD",
    language="en",
    support_phone="+16135550100",
    address="310 Harbour Street, Suite 4\nOttawa ON K1A 0A1",
    tax_numbers="GST 00000 0000 RT0001",
    website="https://www.northwind.example",
    owner=("Ines Moreau", "ines@northwind.example", "harbour-lantern-42"),
    api_username="api@northwind.example",
    api_password="Practice9carrier",
    theme="northwind",
    packages=(OFFICE, PER_MINUTE, CONTACT_CENTRE),
    fees=FEES,
    staff=(
        ("Jonas Petit", "jonas@northwind.example", "support"),
        ("Hana Mori", "hana@northwind.example", "billing"),
        ("Leif Aaberg", "leif@northwind.example", "read_only"),
    ),
    spare=(
        ("6135550151", "OTTAWA-HULL, ON"), ("6135550152", "OTTAWA-HULL, ON"),
        ("6135550153", "OTTAWA-HULL, ON"), ("4165550154", "TORONTO, ON"),
    ),
    faxes=(("6135550155", "Canada, ON, OTTAWA"), ("4165550156", "Canada, ON, TORONTO"),
           ("6135550119", "Canada, ON, OTTAWA")),
    mobile="+16135550187",
    client_password="kanata-dental-77",
    clients=(
        DemoClient(
            "Priya", "Raman", "Harbourlight Dental", "priya@harbourlight.example", "Ottawa", "ON",
            "+16135550142",
            lines=(
                DemoLine("reception", "Reception", "Yealink T54W", "6135550142", "OTTAWA, ON",
                         "Main line", 26, "Office Standard"),
                DemoLine("kanata", "Kanata clinic", "Grandstream GRP2613", "3435550126",
                         "OTTAWA, ON", "Kanata", 14, "Office Standard"),
                DemoLine("operatory1", "Operatory 1", "Yealink T43U", "6135550178", "OTTAWA, ON",
                         "Appointments", 5, "Office Standard"),
            ),
            pays=((0, "140.00", "60"),),
            add_ons=(("Phone rental, 3 phones", "7.50", 300),),
            charges=((40, "15.00", "On-site visit, Kanata"),
                     (203, "45.00", "Moving three phones to Operatory 1")),
            fax_line="6135550119",
            picture="Here it is",
            contacts=(("6135550155", "Nadia Okafor"), ("6135550129", "Gareth Llewellyn"),
                      ("5145550117", "Élodie Marchand"), ("8195550144", "Tomasz Wilk")),
            team=(("Theo Marsh", "theo@harbourlight.example", ("kanata",)),
                  ("Adaeze Obi", "adaeze@harbourlight.example", ())),
        ),
        DemoClient(
            "Marcus", "Kestrel", "Kestrel Logistics", "dispatch@kestrel.example", "Mississauga",
            "ON", "+19055550110",
            lines=(
                DemoLine("dispatch", "Dispatch", "Softphone", "9055550110", "MISSISSAUGA, ON",
                         "Dispatch", 60, "Contact centre", countries=("US", "MX", "DE")),
                DemoLine("night", "Night desk", "Yealink T33G", "9055550111", "MISSISSAUGA, ON",
                         "Night", 22, "Contact centre", countries=("US", "MX"), is_recorded=True),
            ),
            since=318, pays=((0, "200.00", "90"),),
            contacts=(("4165550133", "Owen Castellan"), ("9055550177", "Dock 4")),
        ),
        DemoClient(
            "Ruth", "Halvorsen", "Prairie Grain Co-op", "office@prairiegrain.example", "Regina",
            "SK", "+13065550120",
            lines=(
                DemoLine("office", "Office", "Polycom VVX 250", "3065550120", "REGINA, SK",
                         "Office", 18, "Office Standard", countries=("US", "JP", "CN")),
                DemoLine("elevator", "Elevator 2", "Grandstream HT801", "3065550121", "REGINA, SK",
                         "Elevator", 7, "Pay per minute"),
            ),
            since=352, pays=((0, "90.00", "30"),),
        ),
        DemoClient(
            "Sylvie", "Aubin", "Studio Aubin Architectes", "sylvie@studioaubin.example", "Montréal",
            "QC", "+15145550130", language="fr",
            lines=(
                DemoLine("studio", "Studio", "Yealink T54W", "5145550130", "MONTREAL, QC",
                         "Studio", 15, "Office Standard", countries=("FR", "BE", "CH")),
            ),
            since=271, pays=((87, "60.00", "20"),),
            contacts=(("5145550119", "Lucie Gagnon"),),
        ),
        DemoClient(
            "Henri", "Fournier", "Fournier & Fils", "henri@fournier.example", "Québec", "QC",
            "+14185550115", language="fr", balance_mode="hard",
            lines=(
                DemoLine("atelier", "Atelier", "Cisco SPA112", "4185550115", "QUEBEC, QC",
                         "Atelier", 9, "Pay per minute", countries=("FR", "IT")),
            ),
            since=214, pays=((60, "30.00", "12"), (0, "7.00", "5")),
            add_ons=(("Location de passerelle", "12.00", 0),),
        ),
        DemoClient(
            "Jonas", "Abebe", "Blue Heron Kayak", "jonas@blueheron.example", "Victoria", "BC",
            "+12505550140", balance_mode="hard", threshold="10",
            lines=(
                DemoLine("shop", "Shop", "Softphone", "2505550140", "VICTORIA, BC", "Shop", 6,
                         "Pay per minute", countries=("US", "GB", "AU")),
            ),
            since=163, pays=((0, "12.00", "7"),),
        ),
        DemoClient(
            "Hannah", "Lindqvist", "Lindqvist Family Medicine", "clinic@lindqvist.example",
            "Halifax", "NS", "+19025550150",
            lines=(
                DemoLine("front", "Front desk", "Yealink T46U", "9025550150", "HALIFAX, NS",
                         "Front desk", 24, "Office Standard", countries=("GB", "US")),
            ),
            since=196, pays=((0, "60.00", "30"),),
            contacts=(("9025550163", "Capital Denture Lab"),),
        ),
        DemoClient(
            "Carlos", "Medina", "Medina Import", "carlos@medina.example", "Toronto", "ON",
            "+14165550160", language="es",
            lines=(
                DemoLine("ventas", "Ventas", "Grandstream GRP2602", "4165550160", "TORONTO, ON",
                         "Ventas", 13, "Pay per minute", countries=("MX", "CO", "ES", "AR")),
            ),
            since=127, pays=((0, "50.00", "25"),),
        ),
        DemoClient(
            "Léa", "Tremblay", "Tremblay Notaires", "lea@tremblaynotaires.example", "Gatineau",
            "QC", "+18195550170", language="fr", status="wait",
        ),
    ),
)  # fmt: skip

GLOBEX = DemoReseller(
    name="Globex Tel",
    uid="100731",
    currency="CAD",
    language="fr",
    support_phone="+15145550100",
    address="88, rue du Quai\nMontréal QC H0H 0H0",
    tax_numbers="TPS 00000 0000 RT0002\nTVQ 0000000000 TQ0001",
    website="https://www.globex.example",
    owner=("Bastien Roche", "bastien@globex.example", "marmite-cuivre-19"),
    api_username="api@globex.example",
    api_password="Practice8carrier",
    theme="globex",
    packages=(
        DemoPackage("Affaires", "0.0040", "18", 30, monthly="9.95", free_minutes=60,
                    first_increment=30),
        DemoPackage("À la minute", "0.0060", "30", 60),
    ),
    fees=FEES | {"did_monthly": "3.25", "sms_out": "0.0200"},
    exchange="1.3725",
    client_password="boulanger-de-laval",
    clients=(
        DemoClient(
            "Amélie", "Roy", "Boulangerie Roy", "amelie@boulangerieroy.example", "Laval", "QC",
            "+14505550112", language="fr",
            lines=(
                DemoLine("comptoir", "Comptoir", "Yealink T31P", "4505550112", "LAVAL, QC",
                         "Comptoir", 12, "Affaires", countries=("FR",)),
            ),
            pays=((0, "40.00", "20"),),
            contacts=(("4505550187", "Marc Dupont"),),
        ),
        DemoClient(
            "David", "Chen", "Chen Optometry", "david@chenoptometry.example", "Longueuil", "QC",
            "+14505550135",
            lines=(
                DemoLine("desk", "Desk", "Softphone", "4505550135", "LONGUEUIL, QC", "Desk", 9,
                         "À la minute", countries=("US", "CN")),
            ),
            since=236, pays=((0, "60.00", "25"),),
        ),
        DemoClient(
            "Nour", "Haddad", "", "nour@haddad.example", "Montréal", "QC", "+15145550188",
            language="fr",
            lines=(
                DemoLine("home", "Maison", "Grandstream HT801", "5145550188", "MONTREAL, QC",
                         "Maison", 3, "À la minute", countries=("LB", "FR")),
            ),
            since=142, pays=((70, "30.00", "8"),),
        ),
    ),
)  # fmt: skip

RESELLERS = (NORTHWIND, GLOBEX)

"""The market the demo tells of: what is sold, where, and for how much. Amounts in RWF.

Prices follow what Kigali paid in 2025; shells what a new one costs at the brand's depot.
"""

from dataclasses import dataclass, field

from gasstock.catalog.models import ShellColour


@dataclass(frozen=True)
class Shell:
    """A brand's cylinders. `sizes` in kg with the refill's price; `deposit` is for its 12 kg."""

    brand: str
    colour: ShellColour
    deposit: int
    valve: str
    sizes: dict[int, int]
    rare: tuple[int, ...] = ()  # sizes that only the large demo knows


@dataclass(frozen=True)
class Extra:
    """An accessory: one product with one variant."""

    category: str
    product: str
    sku: str
    name: str
    price: int
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Shop:
    """A station as it presents itself. `limit`: up to there it approves orders by itself."""

    name: str
    district: str
    address: str
    fee: int = 1_000
    limit: int = 60_000
    bank: str = ""
    foreign_empties: bool = False
    busy: int = 2  # its share of the trade
    delivers: bool = True


CLIP = "20 mm clip-on"
JUMBO = "22 mm clip-on"
SHELLS = (
    Shell("SP", ShellColour.BLUE, 32_000, CLIP, {6: 10_300, 12: 20_400, 15: 25_700, 20: 34_800}),
    Shell(
        "Kigali Gas",
        ShellColour.GREEN,
        31_000,
        CLIP,
        {6: 10_200, 12: 20_000, 15: 25_900, 3: 5_300},
        (15, 3),
    ),
    Shell("Meru", ShellColour.MAROON, 30_000, CLIP, {6: 10_100, 12: 20_100, 15: 26_000}, (15,)),
    Shell("Jibu", ShellColour.SKY, 30_000, CLIP, {3: 5_300, 6: 10_500, 12: 20_600}, (6, 12)),
    Shell(
        "Lake Gas", ShellColour.ORANGE, 30_500, JUMBO, {6: 10_400, 12: 20_300, 20: 35_000}, (12, 20)
    ),
    Shell(
        "Safe Gas", ShellColour.WHITE, 38_000, CLIP, {6: 10_900, 12: 20_900, 15: 26_400}, (6, 15)
    ),
    Shell("Kobil", ShellColour.RED, 31_500, JUMBO, {6: 10_600, 12: 20_700, 20: 35_200}, (6, 20)),
)
# What a shell of another size costs, as a part of the 12 kg one; and what it weighs empty.
SHELL_SHARE = {3: 0.38, 6: 0.56, 12: 1.0, 15: 1.2, 20: 1.45}
TARE_KG = {3: "4.8", 6: "7.9", 12: "13.2", 15: "14.6", 20: "18.4"}
# How often each size is asked for.
DEMAND = {3: 2, 6: 7, 12: 10, 15: 2, 20: 2}

EXTRAS = (
    Extra(
        "Regulators",
        "Clip-on regulator",
        "REG-20",
        "Regulator 20 mm",
        8_500,
        {
            "Fits": "SP, Kigali Gas, Meru, Jibu and Safe Gas",
            "Outlet pressure": "28 mbar",
            "Hose": "8 mm",
        },
    ),
    Extra(
        "Regulators",
        "Clip-on regulator, wide",
        "REG-22",
        "Regulator 22 mm",
        9_000,
        {"Fits": "Lake Gas and Kobil", "Outlet pressure": "28 mbar", "Hose": "8 mm"},
    ),
    Extra(
        "Hoses",
        "Gas hose",
        "HOSE-15",
        "Hose 1.5 m with clips",
        4_500,
        {"Length": "1.5 m", "Bore": "8 mm", "Change after": "2 years"},
    ),
    Extra(
        "Burners",
        "Single burner",
        "BURNER-1",
        "Single burner for 6 kg",
        14_000,
        {"Plates": "1", "Screws onto": "3 kg and 6 kg cylinders", "Power": "2.4 kW"},
    ),
    Extra(
        "Burners",
        "Two-plate cooker",
        "COOKER-2",
        "Two-plate cooker",
        38_000,
        {"Plates": "2", "Ignition": "Piezo", "Top": "Tempered glass", "Power": "6.2 kW"},
    ),
    Extra(
        "Grills",
        "Camping grill",
        "GRILL-6",
        "Grill top for 6 kg",
        9_500,
        {"Diameter": "26 cm", "Fits": "Single burner", "Material": "Enamelled steel"},
    ),
)
CATEGORIES = ("Regulators", "Hoses", "Burners", "Grills")  # after the cylinders

BANK = "Bank of Kigali 00040-0698114-22"
SHOPS = (
    Shop(
        "Kimironko Gas Point",
        "Gasabo",
        "KG 11 Ave, Kimironko",
        bank=f"{BANK}, Kimironko Gas Point Ltd",
        foreign_empties=True,
        busy=6,
    ),
    Shop(
        "Remera Gas Depot",
        "Gasabo",
        "KG 201 St, Remera",
        fee=1_200,
        bank="Equity Bank 4003-2011-88, Remera Depot",
        busy=4,
    ),
    Shop(
        "Nyabugogo Wholesale",
        "Nyarugenge",
        "KN 7 Rd, Muhima",
        limit=150_000,
        bank="I&M Bank 2004-7710-31, NYW Ltd",
        busy=4,
        delivers=False,
    ),
    Shop("Kacyiru Gas House", "Gasabo", "KG 7 Ave, Kacyiru", fee=1_500),
    Shop("Kicukiro Centre Gas", "Kicukiro", "KK 15 Rd, Kicukiro", busy=3, limit=45_000),
    Shop(
        "Musanze Volcano Gas",
        "Musanze",
        "NM 4 Ave, Muhoza",
        fee=800,
        bank="Bank of Kigali 00051-1190027-03, Volcano Gas",
    ),
    Shop("Huye Campus Gas", "Huye", "NR 3 St, Tumba", fee=800, limit=40_000),
    Shop("Rubavu Lakeside Gas", "Rubavu", "Avenue de l'Indépendance, Gisenyi", fee=1_000),
)
# What bringing gas to a district next door costs more than in the station's own.
NEXT_DOOR = {
    "Gasabo": {"Kicukiro": 500, "Nyarugenge": 700, "Rwamagana": 2_500},
    "Kicukiro": {"Gasabo": 500, "Nyarugenge": 700, "Bugesera": 2_000},
    "Nyarugenge": {"Gasabo": 700, "Kicukiro": 700, "Kamonyi": 1_800},
    "Musanze": {"Nyabihu": 1_200, "Burera": 1_500},
    "Huye": {"Gisagara": 1_000, "Nyanza": 2_000},
    "Rubavu": {"Rutsiro": 1_500, "Nyabihu": 1_500},
}
HOURS = ((8, 10), (12, 14), (17, 19))  # in which stations promise to come
# Where the other stations of the large demo stand.
PLACES = {
    "Gasabo": (
        "Zindiro",
        "Gisozi",
        "Kibagabaga",
        "Nyarutarama",
        "Kinyinya",
        "Batsinda",
        "Kagugu",
        "Gacuriro",
    ),
    "Nyarugenge": ("Nyamirambo", "Biryogo", "Gitega", "Kiyovu"),
    "Kicukiro": ("Gikondo", "Kanombe", "Niboye", "Gatenga", "Masaka", "Kagarama"),
    "Musanze": ("Cyuve", "Kinigi"),
    "Huye": ("Matyazo", "Rango"),
    "Rubavu": ("Rugerero", "Mahoko"),
    "Muhanga": ("Gahogo", "Shyogwe"),
    "Ruhango": ("Ruhango",),
    "Nyanza": ("Busasamana",),
    "Kamonyi": ("Runda", "Musambira"),
    "Nyamagabe": ("Gasaka",),
    "Gisagara": ("Ndora",),
    "Nyaruguru": ("Kibeho",),
    "Karongi": ("Bwishyura",),
    "Rutsiro": ("Gihango",),
    "Rusizi": ("Kamembe", "Bugarama"),
    "Nyamasheke": ("Kanjongo",),
    "Nyabihu": ("Mukamira",),
    "Ngororero": ("Kabaya",),
    "Rulindo": ("Shyorongi",),
    "Gakenke": ("Nemba",),
    "Burera": ("Kidaho",),
    "Gicumbi": ("Byumba",),
    "Rwamagana": ("Kigabiro", "Muyumbu"),
    "Nyagatare": ("Matimba", "Rukomo"),
    "Gatsibo": ("Kabarore", "Kiramuruzi"),
    "Kayonza": ("Mukarange", "Kabarondo"),
    "Kirehe": ("Nyakarambi",),
    "Ngoma": ("Kibungo",),
    "Bugesera": ("Nyamata", "Mayange"),
}
SIGNS = ("Gas Point", "Gas Depot", "Energy Shop", "Cylinder Shop", "Gas House", "Gas Corner")
ROADS = {"Gasabo": "KG", "Nyarugenge": "KN", "Kicukiro": "KK"}
LANDMARKS = (
    "behind the market", "next to the parish", "opposite the health centre", "near the taxi park",
    "first gate after the school", "blue gate, next to the pharmacy", "above the bakery",
    "second house after the bridge", "green gate, by the water tank", "facing the sector office",
)  # fmt: skip


@dataclass(frozen=True)
class Depot:
    """Somebody whom stations buy from. Made up, as the people are."""

    name: str
    contact: str
    phone: str
    email: str
    address: str


DEPOTS = (
    Depot(
        "Gatsata Gas Depot",
        "Innocent Gatete",
        "+250788300411",
        "orders@gatsata-gas.example",
        "KN 8 Ave, Gatsata, Gasabo",
    ),
    Depot(
        "Masoro Filling Plant",
        "Béatrice Uwimana",
        "+250788300522",
        "plant@masoro-lpg.example",
        "Special Economic Zone, Masoro, Gasabo",
    ),
    Depot("Kwizera Hardware", "Théo Kwizera", "+250783300633", "", "Nyabugogo market, stall 40"),
)

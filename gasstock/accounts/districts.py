"""The districts a station stands in and an address lies in (Rwanda's thirty, by province)."""

PROVINCES: dict[str, tuple[str, ...]] = {
    "Kigali": ("Nyarugenge", "Gasabo", "Kicukiro"),
    "South": (
        "Nyanza",
        "Gisagara",
        "Nyaruguru",
        "Huye",
        "Nyamagabe",
        "Ruhango",
        "Muhanga",
        "Kamonyi",
    ),
    "West": ("Karongi", "Rutsiro", "Rubavu", "Nyabihu", "Ngororero", "Rusizi", "Nyamasheke"),
    "North": ("Rulindo", "Gakenke", "Musanze", "Burera", "Gicumbi"),
    "East": ("Rwamagana", "Nyagatare", "Gatsibo", "Kayonza", "Kirehe", "Ngoma", "Bugesera"),
}
DISTRICTS: tuple[str, ...] = tuple(name for names in PROVINCES.values() for name in names)

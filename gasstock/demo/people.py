"""The people of the demo and the words they use. Nobody of them exists."""

from dataclasses import dataclass

GIVEN = (
    "Aimable", "Alice", "Alphonse", "Ange", "Angélique", "Beata", "Bosco", "Chantal", "Clarisse",
    "Claude", "Claudine", "Consolée", "Cyprien", "Diane", "Dieudonné", "Divine", "Emmanuel",
    "Espérance", "Eugène", "Fabrice", "Félicité", "Fidèle", "Florence", "François", "Gaspard",
    "Gentille", "Gloria", "Grace", "Gilbert", "Honorine", "Innocent", "Immaculée", "Jacques",
    "Jeanne", "Joseph", "Josiane", "Josué", "Kevin", "Laetitia", "Léonard", "Liliane", "Lydie",
    "Modeste", "Nadine", "Olive", "Olivier", "Pacifique", "Pascal", "Patrick", "Pélagie",
    "Placide", "Prosper", "Rose", "Samuel", "Sandrine", "Solange", "Sylvestre", "Théogène",
    "Valentine", "Vestine", "Vincent", "Yvette", "Yvonne", "Zacharie",
)  # fmt: skip
FAMILY = (
    "Bizimana", "Gasana", "Habimana", "Hakizimana", "Hategekimana", "Ingabire", "Iradukunda",
    "Ishimwe", "Kagabo", "Kamanzi", "Kayitesi", "Mugabo", "Mugisha", "Mukamana", "Mukandayisenga",
    "Mukantwari", "Munyaneza", "Murekatete", "Mutesi", "Mutoni", "Ndagijimana", "Ndayisaba",
    "Ngabo", "Nikuze", "Niyonsaba", "Niyonzima", "Nkurunziza", "Nsengimana", "Nshimiyimana",
    "Ntawukuriryayo", "Nyirahabimana", "Nzeyimana", "Rukundo", "Sebahire", "Tuyisenge",
    "Twagirimana", "Umuhoza", "Umutoni", "Uwamahoro", "Uwera", "Uwimana", "Uwineza", "Zigama",
)  # fmt: skip
KITCHENS = (
    "Hotel Umusozi", "Chez Mama Rose Kitchen", "Inyenyeri Canteen", "Grill of the Hill",
    "Ikiyaga Lodge", "Ikawa Coffee Shop", "École des Collines", "Corner Kitchen",
    "Umurage Camp Kitchen", "Boulangerie Soleil",
)  # fmt: skip

NOTES = (
    "Call when you are at the gate.", "The dog is friendly.", "After 17:00, please.",
    "Leave it with the guard.", "Please bring change for 50,000.", "Ring twice, the bell is weak.",
)  # fmt: skip
REJECTIONS = (
    "We do not deliver that far today.",
    "The shells of this brand come back on Monday.",
    "Your phone is off and we could not ask for the house.",
)
CHANGES_OF_MIND = ("", "Ordered twice by mistake.", "A neighbour lent me one.", "I will be away.")
FAILURES = (
    "Nobody was at home, and the phone was off.",
    "The address was not found.",
    "The moto broke down; we call you tomorrow.",
)
WITHOUT_CODE = (
    "The phone's battery was dead; the buyer showed an identity card.",
    "The buyer's sister took it and had no code.",
    "Known customer, signed the paper.",
)
MISSED = (
    "",
    "Called three times.",
    "The neighbour says they come home at six.",
    "The gate is shut.",
)
SENT_BACK = (
    "The phone number of the buyer is missing a digit.",
    "Please check the delivery fee on this one.",
    "Which rider brought it? Add a note and send it again.",
)
WORDS = {
    5: (
        "On time, and he weighed it at my door without my asking.",
        "Fast and friendly.",
        "",
        "The seal was good and the weight right.",
        "Third order here, always the same good service.",
        "He carried it up to the third floor.",
        "Murakoze cyane!",
        "",
        "Cheaper than the depot in town.",
    ),
    4: (
        "Good, only a little late.",
        "Good gas. The rider had no change.",
        "",
        "As promised.",
        "Would be five stars with M-Pesa.",
    ),
    3: ("Good gas, but the rider came an hour late.", "The shell was rusty at the foot.", ""),
    2: ("I had to call three times.", "One kilo less than on the paper; they made it good later."),
    1: ("Two hours late and nobody called.", "The rider would not carry it to the kitchen."),
}
ANSWERS = {
    5: ("Thank you! See you at the next refill.", "Murakoze! The rider will be glad to read it."),
    4: ("Thank you. We will send the rider with change next time.", "Thank you, we work on it."),
    3: (
        "Sorry. The moto had a flat tyre; your next delivery is free.",
        "Sorry, bring that shell back and we swap it.",
    ),
    2: ("We are sorry. We checked the scale, and the rest comes with your next refill.",),
    1: ("We are sorry. We spoke with the rider and called you; thank you for the second chance.",),
}
ERRANDS = ("Water for the team", "Airtime for the riders", "Soap for the leak test")
SHORT = (
    "Gave too much change in the rush at six.",
    "A torn note, for the bank tomorrow.",
)
OVER = ("A buyer left the change and was gone.", "Found under the drawer.")
UNDONE = ("Wrong size, he came back at once.", "Rang it up twice.", "The seal was broken.")
TORN = ("Leaking valve", "Dented shell", "Seal broken")
DRIVERS = ("Fidèle Nkusi, RAD 412 C", "Bosco Hategekimana, RAC 088 F", "Moses Okello, RAB 951 K")


@dataclass(frozen=True)
class Off:
    """What a rider's load and cash are off by, and what they say about it."""

    reason: str
    empties: int = 0
    cash: int = 0


OFF = (
    Off("The empty is still at the buyer's, he fetches it tomorrow.", empties=-1),
    Off("The rope broke at the roundabout and it was gone.", empties=-1),
    Off("A buyer gave two empties for one.", empties=1),
    Off("Gave too much change at the gate.", cash=-1_000),
    Off("Bought fuel, the slip is lost.", cash=-2_000),
    Off("A buyer would not take the change.", cash=500),
)

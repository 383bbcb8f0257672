from typing import Annotated

from pydantic import BaseModel, Field

from gasstock.api.schemas.base import Count, Day, In, Moment, Out, Price, Spoken, Words
from gasstock.api.schemas.shop import Gas, gas_of
from gasstock.inventory.models import Condition, Location, LocationKind, Move, Reason
from gasstock.inventory.services.log import DOCUMENT, Wanted
from gasstock.inventory.services.shelf import Stand, effect_of

State = Annotated[Condition, Spoken]
Sku = Annotated[Words, Field(max_length=30, examples=["SP-12"])]
Kind = Annotated[LocationKind, Spoken]


# --- Inventory --------------------------------------------------------------------------------


class Opening(In):
    """What there is of it as the books are opened."""

    full: Count = 0
    empty: Count = 0


class NewItem(In):
    sku: Sku
    refill_price: Price
    new_price: Price | None = Field(None, description="Null: not sold without an empty.")
    reorder_level: Count = 0
    opening: Opening = Opening()
    published: bool = Field(True, strict=True, description="Whether buyers see it.")


class ItemChange(In):
    """What is left out stays as it is."""

    refill_price: Price = Field(default_factory=int)
    new_price: Price | None = Field(None, description="Null: not sold without an empty.")
    reorder_level: Count = Field(default_factory=int)
    published: bool = Field(default_factory=bool, strict=True)


class Adjustment(In):
    """`quantity` more, or below zero fewer, than the books say."""

    condition: State
    quantity: Annotated[int, Field(strict=True, ge=-100_000, le=100_000, examples=[-2])]
    reason: Annotated[Words, Field(max_length=240, examples=["Two were stolen"])]


class Item(Gas):
    """A listing with what the station holds of it. `reserved` is what orders hold."""

    on_hand: int
    reserved: int
    empty: int
    defect: int
    reorder_level: int
    published: bool


def item_of(stand: Stand) -> Item:
    listing = stand.listing
    return Item(
        **dict(gas_of(listing)),
        on_hand=stand.full,
        reserved=stand.held,
        empty=stand.empties,
        defect=stand.defects,
        reorder_level=listing.reorder_level,
        published=listing.is_published,
    )


# --- Movements --------------------------------------------------------------------------------


class Asked(BaseModel):
    """What to look for; days are the stations', both inclusive."""

    sku: str = Field("", max_length=30)
    condition: State | None = None
    reason: Annotated[Reason, Spoken] | None = None
    first: Day | None = Field(None, alias="from")
    last: Day | None = Field(None, alias="to")
    document: str = Field(
        "", max_length=40, pattern=f"{DOCUMENT}|^$", description="A number or its beginning."
    )

    def wanted(self, variant: int | None) -> Wanted:
        return Wanted(
            variant=variant,
            condition=self.condition or "",
            reason=self.reason or "",
            document=self.document.upper(),
            first=self.first,
            last=self.last,
        )


class Whereabouts(Out):
    """Where stock is; `name` is the rider or buyer."""

    kind: Kind
    name: str | None


class Movement(Out):
    """`quantity` from one place to another; `effect` is what it changed at the station."""

    id: int
    at: Moment
    sku: str
    name: str
    condition: State
    quantity: int
    effect: int
    source: Whereabouts
    destination: Whereabouts
    reason: Annotated[Reason, Spoken]
    document: str = Field(examples=["KGP-7M4QX"])
    note: str
    by: str | None = Field(description="Null: GasStock itself.")


def movement_of(move: Move) -> Movement:
    return Movement(
        id=move.pk,
        at=move.created_at,
        sku=move.variant.sku,
        name=move.variant.name,
        condition=Condition(move.condition),
        quantity=move.quantity,
        effect=effect_of(move.quantity, move.source.kind, move.destination.kind),
        source=_place_of(move.source),
        destination=_place_of(move.destination),
        reason=Reason(move.reason),
        document=move.document,
        note=move.note,
        by=str(move.actor) if move.actor else None,
    )


def _place_of(location: Location) -> Whereabouts:
    name = str(location.person) if location.person else None
    return Whereabouts(kind=LocationKind(location.kind), name=name)

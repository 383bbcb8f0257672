"""What a station can order, and what it probably wants to write in each line."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Max, QuerySet

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.inventory.models import Balance, Condition, Listing, LocationKind
from gasstock.purchasing.models import PurchaseKind, PurchaseLine, PurchaseStatus, Supplier, name_of

Cost = tuple[int | None, int | None]
UNSAID = (PurchaseStatus.DRAFT, PurchaseStatus.CANCELLED)


@dataclass(frozen=True)
class Offer:
    """A variant bought in one way: what it cost last (None: unknown), and its empties at hand."""

    variant: Variant
    kind: PurchaseKind
    unit_cost: int | None
    unit_shell_cost: int | None
    empties: int

    @property
    def code(self) -> str:
        return f"{self.variant.pk}-{self.kind}"

    @property
    def name(self) -> str:
        return name_of(self.variant, self.kind)

    def empties_for(self, quantity: int) -> int:
        """How many empties to send for so many: one each for refills, as far as they go."""
        return min(quantity, self.empties) if self.kind == PurchaseKind.REFILL else 0


def offers_of(station: Station, supplier: Supplier | None = None) -> dict[str, Offer]:
    """Return all that the station may order, by code; refills first, in four queries.

    The cost is what this supplier asked last, else what anybody did, else the average.
    """
    listings = Listing.objects.at(station).kept().select_related("variant__product__brand")
    ordered = list(listings.order_by("variant__product__brand__name", "variant__size_g", "pk"))
    asked = PurchaseLine.objects.filter(order__station=station).exclude(order__status__in=UNSAID)
    costs = _last_costs(asked)
    if supplier is not None:
        costs |= _last_costs(asked.filter(order__supplier=supplier))
    here = empties_at(station)
    offers = [
        Offer(
            listing.variant,
            kind,
            *costs.get((listing.variant_id, kind), (listing.average_cost, None)),
            here.get(listing.variant_id, 0),
        )
        for kind in PurchaseKind
        for listing in ordered
        if kind in kinds_of(listing.variant)
    ]
    return {offer.code: offer for offer in offers}


def kinds_of(variant: Variant) -> Iterator[PurchaseKind]:
    """In which ways a variant is bought."""
    if variant.is_cylinder:
        yield PurchaseKind.REFILL
        yield PurchaseKind.NEW
    else:
        yield PurchaseKind.GOODS


def _last_costs(lines: QuerySet[PurchaseLine]) -> dict[tuple[int, str], Cost]:
    last = lines.values("variant", "kind").annotate(last=Max("pk")).order_by()
    rows = PurchaseLine.objects.filter(pk__in=last.values("last"))
    return {
        (variant, kind): (unit_cost, shell_cost)
        for variant, kind, unit_cost, shell_cost in rows.values_list(
            "variant", "kind", "unit_cost", "unit_shell_cost"
        )
    }


def empties_at(station: Station) -> dict[int, int]:
    """How many empties stand at the station, by variant."""
    rows = Balance.objects.filter(
        location__station=station,
        location__kind=LocationKind.STATION,
        condition=Condition.EMPTY,
        on_hand__gt=0,
    )
    return dict(rows.values_list("variant", "on_hand"))

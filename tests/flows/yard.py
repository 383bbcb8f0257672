"""What happens to the stock of a station, at random: purchases, transfers, counts."""

from django.db.models import Sum
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from gasstock.inventory.models import (
    ON_THE_ROAD,
    Balance,
    Condition,
    LocationKind,
    Stocktake,
    Transfer,
    TransferLine,
    TransferStatus,
)
from gasstock.inventory.services import journeys, stocktakes, transfers
from gasstock.inventory.services.adjustments import adjust_stock
from gasstock.purchasing.models import PurchaseKind
from gasstock.purchasing.services.orders import Wanted, draft_order, submit_order
from gasstock.purchasing.services.receiving import Came, receive_goods
from gasstock.purchasing.services.suppliers import add_supplier
from tests.factories import make_listing, make_member, make_station
from tests.flows.counter import Till
from tests.flows.trade import few, pick


class Yard(Till):
    @initialize()
    def open_up(self) -> None:
        super().open_up()
        self.branch = make_station()
        self.far = make_member(None, self.branch)
        make_listing(self.branch, self.gas.variant, full=0)
        supplier = add_supplier(None, station=self.station, name="Depot")
        kinds = [(self.gas, PurchaseKind.REFILL), (self.big, PurchaseKind.NEW)]
        lines = [Wanted(listing.variant, kind, 30, 9_000, 500) for listing, kind in kinds]
        order = draft_order(None, station=self.station, supplier=supplier, lines=lines)
        self.purchase = submit_order(None, order=order)
        self.begin()

    def begin(self) -> None:
        """Something of everything is there, so that most rules find something to do."""
        self.place(0, 2, 1, 0, 0, True)
        self.place(1, 2, 0, 1, 1, False)
        self.place(0, 1, 1, 0, 0, False)
        self.approve(0)
        self.approve(0)
        self.send_off(4)
        self.ring_up(0, 0, (2, 2, 1, 0), 1, False, 0, 1, True)
        self.agree_to_transfer(4, 2, True)
        self.send_transfer(0, 1)
        self.count_a_line(0, -1)

    @rule(deposit=st.sampled_from([25_000, 30_000, 0]))
    def change_deposit(self, deposit: int) -> None:
        self.gas.variant.deposit = deposit
        self.gas.variant.save()

    @rule(accepted=few, rejected=few, empties=few)
    def receive(self, accepted: int, rejected: int, empties: int) -> None:
        refills, new = self.purchase.lines.order_by("pk")
        came = [
            Came(refills.pk, accepted, rejected, "Dented", empties),
            Came(new.pk, accepted // 2, rejected),
        ]
        came[1:] = [] if rejected else came[1:]
        with self.trying():
            key = f"truck-{self.purchase.receipts.count()}"
            receive_goods(self.manager, order=self.purchase, lines=came, key=key)
            self.inside[self.gas.variant_id, "full"] += accepted
            self.inside[self.gas.variant_id, "empty"] -= empties
            if not rejected:
                self.inside[self.big.variant_id, "full"] += accepted // 2

    @rule(full=few, empty=few, home=st.booleans())
    def agree_to_transfer(self, full: int, empty: int, home: bool) -> None:
        ends = [(self.station, self.manager), (self.branch, self.far)]
        (station, actor), (other, agrees) = ends if home else ends[::-1]
        wishes = [
            transfers.Wish(self.gas.variant, Condition.FULL, full),
            transfers.Wish(self.gas.variant, Condition.EMPTY, empty),
        ]
        with self.trying():
            transfer = transfers.ask_transfer(
                actor, station=station, other=other, sends=True, wishes=wishes
            )
            transfers.agree_transfer(agrees, transfer=transfer, station=other)

    @rule(n=pick, short=few)
    def send_transfer(self, n: int, short: int) -> None:
        if transfer := self.transfer(n, TransferStatus.APPROVED):
            loaded = {x.pk: max(0, x.quantity - short) for x in transfer.lines.all()}
            with self.trying():
                journeys.send_transfer(
                    self.manager,
                    transfer=transfer,
                    station=transfer.source,
                    loaded=loaded,
                    driver="Paul",
                )

    @rule(n=pick, most=few)
    def take_in_transfer(self, n: int, most: int) -> None:
        if transfer := self.transfer(n, *ON_THE_ROAD):
            arrived = {x.pk: min(most, x.on_the_way) for x in transfer.lines.all()}
            with self.trying():
                journeys.receive_transfer(
                    self.far,
                    transfer=transfer,
                    station=transfer.destination,
                    arrived=arrived,
                    seen=self.ended(transfer),
                )

    @rule(n=pick)
    def lose_transfer(self, n: int) -> None:
        if transfer := self.transfer(n, *ON_THE_ROAD):
            lost = {(x.variant_id, x.condition): x.on_the_way for x in transfer.lines.all()}
            with self.trying():
                journeys.write_off_transfer(
                    self.far,
                    transfer=transfer,
                    station=transfer.destination,
                    lost_by="Paul",
                    reason="Fell off",
                    seen=self.ended(transfer),
                )
                self.inside.subtract(lost)

    def transfer(self, n: int, *statuses: TransferStatus) -> Transfer | None:
        """As `order`."""
        rows = Transfer.objects.select_related("source", "destination").order_by("pk")
        found = list(rows.filter(status__in=statuses) if n % 4 < 3 else rows)
        return found[n // 4 % len(found)] if found else None

    def ended(self, transfer: Transfer) -> int:
        return sum(x.received + x.lost for x in TransferLine.objects.filter(transfer=transfer))

    @rule(n=pick, off=st.integers(min_value=-2, max_value=2))
    def count_a_line(self, n: int, off: int) -> None:
        with self.trying():
            stocktake = stocktakes.start_count(self.manager, station=self.station)
            lines = list(stocktake.lines.order_by("pk"))
            line = lines[n % len(lines)]
            there = Balance.objects.filter(
                location__station=self.station,
                location__kind=LocationKind.STATION,
                variant=line.variant_id,
                condition=line.condition,
            ).aggregate(there=Sum("on_hand", default=0))["there"]
            counts: dict[int, int | None] = {line.pk: max(0, there + off)}
            stocktakes.save_counts(self.manager, stocktake=stocktake, counts=counts)

    @rule()
    def hand_count_in(self) -> None:
        for stocktake in Stocktake.objects.running():
            with self.trying():
                stocktakes.finish_count(self.manager, stocktake=stocktake)

    @rule()
    def approve_count(self) -> None:
        for stocktake in Stocktake.objects.running():
            lines = list(stocktake.lines.filter(counted__isnull=False))
            found = {(x.variant_id, x.condition): x.counted - x.expected for x in lines}
            with self.trying():
                stocktakes.approve_count(self.boss, stocktake=stocktake)
                self.inside.update(found)

    @rule(of=st.sampled_from(Condition), quantity=pick)
    def adjust(self, of: Condition, quantity: int) -> None:
        with self.trying():
            for move in adjust_stock(
                self.manager, listing=self.gas, condition=of, quantity=quantity, reason="Found"
            ):
                lost = move.destination.kind == LocationKind.LOSS
                self.inside[self.gas.variant_id, of] += -move.quantity if lost else move.quantity

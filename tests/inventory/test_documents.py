import pytest

from gasstock.accounts.models import Station
from gasstock.inventory.documents import page_of
from gasstock.inventory.models import Move, Reason

AT = "/at/kimironko"


@pytest.mark.parametrize(
    ("document", "reason", "page"),
    [
        ("KGP-7F4K2M", Reason.DISPATCH, f"{AT}/orders/KGP-7F4K2M/"),
        ("KGP-7F4K2M", Reason.DELIVERY, f"{AT}/orders/KGP-7F4K2M/"),
        ("KGP-7F4K2M", Reason.SALE, f"{AT}/counter/sales/KGP-7F4K2M/"),
        ("KGP-7F4K2M", Reason.VOID, f"{AT}/counter/sales/KGP-7F4K2M/"),
        ("COUNT-7", Reason.COUNT, f"{AT}/stock/counts/7/"),
        ("TRANSFER-12", Reason.TRANSFER, f"{AT}/stock/transfers/12/"),
        ("TRANSFER-12", Reason.LOSS, f"{AT}/stock/transfers/12/"),
        ("HOME-7", Reason.RETURN, f"{AT}/homecomings/7/"),
        ("HOME-7", Reason.LOSS, f"{AT}/homecomings/7/"),
        ("KGP-GRN-2026-00087", Reason.RECEIPT, f"{AT}/purchases/receipts/KGP-GRN-2026-00087/"),
        ("KGP-GRN-2026-00087", Reason.TO_SUPPLIER, f"{AT}/purchases/receipts/KGP-GRN-2026-00087/"),
        ("OPENING-3", Reason.OPENING, ""),
        ("ADJUST-3", Reason.ADJUSTMENT, ""),
        ("RETURN-4-261120-200000", Reason.RETURN, ""),
        ("REM-7F4K2M", Reason.DISPATCH, ""),
        ("no / slug", Reason.RECEIPT, ""),
    ],
)
def test_a_move_leads_to_the_page_of_its_document(document, reason, page):
    station = Station(slug="kimironko", code="KGP")

    assert page_of(Move(document=document, reason=reason), station) == page

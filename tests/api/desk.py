"""The calls of admins and of who reads figures, and what these calls are about."""

from gasstock.accounts.models import Station, StationStatus
from gasstock.billing.models import Invoice, InvoiceStatus
from gasstock.catalog.models import Brand, Category, Product
from gasstock.orders.services.money import approve_bill, submit_bill
from tests.api.rows import Row
from tests.doors import World
from tests.factories import make_order, make_station
from tests.orders.acts import delivered

DAYS = {"from": "2026-01-01", "to": "2026-12-31"}
DECIDED = {"admin": 200, "buyer": 403, "manager": 403, "clerk": 403, "rider": 403}


def asked(world: World) -> dict[str, str]:
    return {"q": "a", "station": world.station.slug, "cursor": "x", "limit": "5"}


def sent_bill(world: World) -> Invoice:
    """An invoice of the world's station that waits for approval."""
    waiting = Invoice.objects.at(world.station).to_approve().first()
    if waiting:
        return waiting
    order = delivered(make_order(world.gas, buyer=world.buyer), world.manager)
    [invoice] = submit_bill(world.manager, order=order)
    return invoice


def good_bill(world: World) -> Invoice:
    """An approved invoice of an order of the world's station that is not paid."""
    final = Invoice.objects.at(world.station).filter(status=InvoiceStatus.APPROVED)
    found = final.exclude(number__contains="-RCT-").first()
    return found or approve_bill(world.admin, invoice=sent_bill(world))


def application(world: World) -> Station:
    waiting = Station.objects.filter(status=StationStatus.APPLIED).first()
    return waiting or make_station(status=StationStatus.APPLIED)


def empty_category() -> Category:
    return Category.objects.get_or_create(name="Grills", slug="grills", kind="accessory")[0]


def new_brand() -> Brand:
    return Brand.objects.get_or_create(name="Meru Gas", slug="meru-gas")[0]


def new_product() -> Product:
    """A product without sizes."""
    return Product.objects.get_or_create(name="Grill", category=empty_category())[0]


def of_product(world: World) -> dict[str, int]:
    return {"pk": world.gas.variant.product_id}


DESK_ROWS: dict[str, Row] = {
    # --- Dashboard and transactions ---
    "GET dashboard/low-stock/": Row(query=lambda world: {"cursor": "x", "limit": "5"}),
    "GET dashboard/total-sales/": Row(query=lambda world: DAYS | {"group": "day"}),
    "GET dashboard/top-products/": Row(query=lambda world: DAYS | {"limit": "5"}),
    "GET transactions/": Row(
        query=lambda world: DAYS | {"kind": "SALE", "cursor": "x", "limit": "5"}
    ),
    "GET transactions/report/": Row(query=lambda world: DAYS | {"group": "product"}),
    # --- Admin ---
    "GET admin/orders/pending/": Row(query=asked),
    "GET admin/invoices/pending/": Row(query=asked),
    "GET admin/stations/pending/": Row(query=asked),
    "POST invoices/{pk}/approve/": Row(
        path=lambda world: {"pk": sent_bill(world).pk},
        people=DECIDED,
        is_of_the_caller=False,
    ),
    "POST invoices/{pk}/reject/": Row(
        path=lambda world: {"pk": sent_bill(world).pk},
        body=lambda world: {"reason": "Wrong price"},
        people=DECIDED,
        is_of_the_caller=False,
    ),
    "POST invoices/{pk}/mark-as-paid/": Row(
        path=lambda world: {"pk": good_bill(world).pk},
        body=lambda world: {"method": "BANK", "reference": "BK-1"},
        people=DECIDED,
        is_of_the_caller=False,
    ),
    "POST stations/{slug}/approve/": Row(
        path=lambda world: {"slug": application(world).slug},
        people={"admin": 200},
        is_of_the_caller=False,
    ),
    "POST stations/{slug}/suspend/": Row(
        path=lambda world: {"slug": world.station.slug},
        body=lambda world: {"reason": "The licence ran out"},
        people={"admin": 200, "manager": 403, "clerk": 403, "rider": 403},
        is_of_the_caller=False,
    ),
    "GET admin/users/": Row(
        query=lambda world: {"q": "person", "role": "SELLER", "cursor": "x", "limit": "5"}
    ),
    "GET admin/users/{pk}/": Row(path=lambda world: {"pk": world.clerk.pk}),
    "PATCH admin/users/{pk}/": Row(
        path=lambda world: {"pk": world.clerk.pk},
        body=lambda world: {
            "is_active": True,
            "is_admin": False,
            "memberships": [{"station": world.elsewhere.slug, "role": "RIDER"}],
        },
    ),
    "DELETE admin/users/{pk}/": Row(path=lambda world: {"pk": world.clerk.pk}),
    "GET admin/customers/": Row(query=lambda world: {"q": "marie", "cursor": "x", "limit": "5"}),
    "GET roles/": Row(),
    # --- Catalogue ---
    "GET categories/": Row(query=lambda world: {"cursor": "x", "limit": "5"}),
    "POST categories/": Row(
        body=lambda world: {"name": "Hoses", "kind": "ACCESSORY", "position": 4}
    ),
    "GET categories/{pk}/": Row(path=lambda world: {"pk": empty_category().pk}),
    "PATCH categories/{pk}/": Row(
        path=lambda world: {"pk": empty_category().pk},
        body=lambda world: {"name": "Burners", "kind": "CYLINDER", "position": 1},
    ),
    "DELETE categories/{pk}/": Row(path=lambda world: {"pk": empty_category().pk}),
    "GET brands/": Row(query=lambda world: {"cursor": "x", "limit": "5"}),
    "POST brands/": Row(body=lambda world: {"name": "K-Gas", "colour": "ORANGE"}),
    "GET brands/{pk}/": Row(path=lambda world: {"pk": new_brand().pk}),
    "PATCH brands/{pk}/": Row(
        path=lambda world: {"pk": new_brand().pk},
        body=lambda world: {"name": "Meru", "colour": "TEAL"},
    ),
    "DELETE brands/{pk}/": Row(path=lambda world: {"pk": new_brand().pk}),
    "GET products/": Row(
        query=lambda world: {
            "q": "sp",
            "category": "cylinder",
            "brand": world.gas.variant.product.brand.slug,
            "is_retired": "false",
            "cursor": "x",
            "limit": "5",
        }
    ),
    "POST products/": Row(
        body=lambda world: {
            "name": "Another cylinder",
            "category": world.gas.variant.product.category_id,
            "brand": world.gas.variant.product.brand.slug,
            "description": "Blue.",
        }
    ),
    "GET products/{pk}/": Row(path=of_product),
    "PATCH products/{pk}/": Row(
        path=of_product,
        body=lambda world: {
            "name": "Another cylinder",
            "category": "cylinder",
            "brand": None,
            "description": "",
            "is_retired": True,
        },
    ),
    "DELETE products/{pk}/": Row(path=lambda world: {"pk": new_product().pk}),
    "GET products/{pk}/variations/": Row(
        path=of_product, query=lambda world: {"cursor": "x", "limit": "5"}
    ),
    "POST products/{pk}/variations/": Row(
        path=of_product,
        body=lambda world: {
            "sku": "SP-45",
            "name": "SP 45 kg",
            "weight_kg": 45.5,
            "deposit": "60000",
            "attributes": {"valve": "clip-on", "turns": 2, "is_blue": True},
        },
    ),
    "GET variations/{pk}/": Row(path=lambda world: {"pk": world.unlisted.pk}),
    "DELETE variations/{pk}/": Row(path=lambda world: {"pk": world.unlisted.pk}),
}

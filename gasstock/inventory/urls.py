from django.urls import path

from gasstock.inventory.views import (
    alerts,
    counts,
    cylinders,
    imports,
    listings,
    moves,
    stock,
    transfers,
)

app_name = "stock"
AT = "at/<slug:station>/stock"
urlpatterns = [
    path(f"{AT}/", stock.listings, name="listings"),
    path(f"{AT}/alerts/", alerts.alerts, name="alerts"),
    path(f"{AT}/alerts/<int:pk>/dismiss/", alerts.alert_dismiss, name="alert_dismiss"),
    path(f"{AT}/add/", listings.listing_add, name="listing_add"),
    path(f"{AT}/<int:pk>/", listings.listing_edit, name="listing_edit"),
    path(f"{AT}/<int:pk>/publish/", listings.listing_publish, name="listing_publish"),
    path(f"{AT}/<int:pk>/unpublish/", listings.listing_unpublish, name="listing_unpublish"),
    path(f"{AT}/<int:pk>/retire/", listings.listing_retire, name="listing_retire"),
    path(f"{AT}/<int:pk>/moves/", listings.listing_moves, name="listing_moves"),
    path(f"{AT}/<int:pk>/row/", stock.listing_row, name="listing_row"),
    path(f"{AT}/<int:pk>/cells/<slug:field>/", stock.listing_cell, name="listing_cell"),
    path(f"{AT}/<int:pk>/adjust/", stock.adjust, name="adjust"),
    path(f"{AT}/counts/", counts.counts, name="counts"),
    path(f"{AT}/counts/start/", counts.count_start, name="count_start"),
    path(f"{AT}/counts/<int:pk>/", counts.count, name="count"),
    path(f"{AT}/counts/<int:pk>/save/", counts.count_save, name="count_save"),
    path(f"{AT}/counts/<int:pk>/finish/", counts.count_finish, name="count_finish"),
    path(f"{AT}/counts/<int:pk>/again/", counts.count_again, name="count_again"),
    path(f"{AT}/counts/<int:pk>/approve/", counts.count_approve, name="count_approve"),
    path(f"{AT}/counts/<int:pk>/cancel/", counts.count_cancel, name="count_cancel"),
    path("at/<slug:station>/cylinders/", cylinders.cylinders, name="cylinders"),
    path("at/<slug:station>/cylinders/holders/", cylinders.holders, name="holders"),
    path("at/<slug:station>/cylinders/holders/<int:pk>/", cylinders.holder, name="holder"),
    path(f"{AT}/transfers/", transfers.transfers, name="transfers"),
    path(f"{AT}/transfers/add/", transfers.transfer_add, name="transfer_add"),
    path(f"{AT}/transfers/<int:pk>/", transfers.transfer, name="transfer"),
    path(f"{AT}/transfers/<int:pk>/agree/", transfers.transfer_agree, name="transfer_agree"),
    path(f"{AT}/transfers/<int:pk>/reject/", transfers.transfer_reject, name="transfer_reject"),
    path(f"{AT}/transfers/<int:pk>/cancel/", transfers.transfer_cancel, name="transfer_cancel"),
    path(f"{AT}/transfers/<int:pk>/send/", transfers.transfer_send, name="transfer_send"),
    path(f"{AT}/transfers/<int:pk>/receive/", transfers.transfer_receive, name="transfer_receive"),
    path(
        f"{AT}/transfers/<int:pk>/write-off/",
        transfers.transfer_write_off,
        name="transfer_write_off",
    ),
    path("at/<slug:station>/moves/", moves.moves, name="moves"),
    path("at/<slug:station>/moves/moves.csv", moves.moves_csv, name="moves_csv"),
    path("at/<slug:station>/moves/moves.xlsx", moves.moves_xlsx, name="moves_xlsx"),
    path("at/<slug:station>/imports/", imports.imports, name="imports"),
    path("at/<slug:station>/imports/add/", imports.import_add, name="import_add"),
    path(
        "at/<slug:station>/imports/template.csv",
        imports.import_template_csv,
        name="import_template_csv",
    ),
    path(
        "at/<slug:station>/imports/template.xlsx",
        imports.import_template_xlsx,
        name="import_template_xlsx",
    ),
    path("at/<slug:station>/imports/<int:pk>/", imports.import_run, name="import"),
    path(
        "at/<slug:station>/imports/<int:pk>/confirm/", imports.import_confirm, name="import_confirm"
    ),
    path(
        "at/<slug:station>/imports/<int:pk>/discard/", imports.import_discard, name="import_discard"
    ),
]

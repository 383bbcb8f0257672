"""The JSON API: a door like the pages, over the same services.

A router looks up, authorises, calls ONE service, answers. It stands in `routers/<topic>.py`, its
bodies in `schemas/<topic>.py`, and is named once in `main.py`. All methods of one path stand in
one router, for Django asks the first that knows the path. Paths end in a slash; keys are
`{int:pk}`, slugs `{slug:station}`, never a plain `{text}` where it is not looked up in memory.

A list, of a station (`?station=` comes with `requires`, `request.station` is where they are in):

    @router.get("stock/movements/", response=Listed[Movement], operation_id="listMovements",
                summary="What moved")
    @requires(Permission.STOCK_VIEW)
    def list_movements(request: ApiRequest, asked: Query[Asked], paging: Query[Paging]
                       ) -> Listed[Movement]:
        moves = moves_of(request.station, asked)         # a reader that the page uses too
        page = latest_first(moves, paging.cursor, size=paging.limit)
        return listed(Movement, page, movement_of)

What may span stations wears `requires_somewhere(Permission.X)`: `request.stations` are the keys
of those that are meant, None of all. What everybody may read and admins alone may write, as the
catalogue, wears `admins_act` where it is written: a 403 to others, and no 404.

A detail, looked up through who asks, so that what is not theirs is a 404:

    @router.get("orders/{slug:number}/", response=OrderOut, operation_id="getOrder", summary="…")
    @signed_in
    @refuses(404)
    def get_order(request: ApiRequest, number: str) -> OrderOut:
        return order_of(get_object_or_404(request.user.orders.for_cards(), number=number))

What belongs to a station by itself asks `authorize` (accounts/access.py), which answers 404 to
strangers and 403 to colleagues:

    order = get_object_or_404(Order.objects.select_related("station"), number=number)
    authorize(request.user, order.station.slug, Permission.ORDER_APPROVE)

A POST that creates or moves something. `idempotent` is the innermost and wants `Status(code,
schema)`; it opens a transaction around the call if a key came along:

    @router.post("orders/", response={201: OrderOut}, operation_id="placeOrder", summary="…")
    @signed_in
    @refuses(ShortOfStock, NotForSale)
    @idempotent
    def place(request: ApiRequest, body: NewOrder) -> Status[OrderOut]:
        order = place_order(request.user, …)
        return Status(201, order_of(order))

Errors. A DomainError is a 409 whose type ends in its name in kebab case, or in its `rule`;
Http404 and PermissionDenied are what they are; a field that only the database or a form finds
wrong is `raise Invalid({"lines.0.listing": "…"})`, of a form `raise Invalid(form_errors(form))`;
any other refusal is `raise Problem(401, "wrong-credentials", "…")`. `refuses(…)` names them for the
document; 401, 422, 429 and the like it lists by itself.

Bodies extend `In` (what is unknown is not looked at) and `Out`. Amounts come in as `Amount` or
`Price` (minor units) and go out as `Money`, by `money(…)`; `Moment`, `Quantity`, `Count`, `Key`,
`Line`, `Words` and `Annotated[LineKind, Spoken]` are in `schemas/base.py`. `order_of(order)` stands
beside its schema.

Every operation gets a row in tests/api/doors.py.
"""

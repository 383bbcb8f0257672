"""A client of the API in a page: how an app signs in, stays signed in, reads lists, retries."""

from collections.abc import Iterator
from typing import Any, Self
from uuid import uuid4

import httpx

BASE = "http://testserver/api/v1/"


class Refused(Exception):
    """An answer that refuses: `status`, and `kind`, which ends the type of the problem."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status, self.problem = answer.status_code, answer.json()
        self.kind = self.problem["type"].rpartition("/")[2]
        self.fields = {error["field"]: error["message"] for error in self.problem["errors"]}
        super().__init__(f"{self.status} {self.kind}: {self.problem['detail']} {self.fields}")


class Client:
    """Speaks for one person. `transport` may be a WSGI application's, or None for the network."""

    def __init__(self, transport: httpx.BaseTransport | None = None, base: str = BASE) -> None:
        self.http = httpx.Client(transport=transport, base_url=base)
        self.access = self.refresh_token = ""
        self.user: dict[str, Any] = {}

    def sign_in(self, email: str, password: str) -> Self:
        found = self.post("login/", {"email": email, "password": password})
        self.access, self.refresh_token = found["access"], found["refresh"]
        self.user = found["user"]
        return self

    def refresh(self) -> None:
        found = self.post("token/refresh/", {"refresh": self.refresh_token})
        self.access, self.refresh_token = found["access"], found["refresh"]

    def ask(
        self, method: str, path: str, body: Any = None, *, key: str = "", **query: Any
    ) -> httpx.Response:
        """Send one request and return what came back, whatever it is."""
        headers = {"Authorization": f"Bearer {self.access}"} if self.access else {}
        if key:
            headers["Idempotency-Key"] = key
        sent = {"json": body} if body is not None else {}
        return self.http.request(method, path, headers=headers, params=query, **sent)  # type: ignore[arg-type]

    def call(self, method: str, path: str, body: Any = None, *, key: str = "", **query: Any) -> Any:
        """Return the JSON of a good answer; raise Refused otherwise. Refreshes once if it must."""
        answer = self.ask(method, path, body, key=key, **query)
        if answer.status_code == 401 and self.access and self.refresh_token:
            self.access = ""
            self.refresh()
            answer = self.ask(method, path, body, key=key, **query)
        if answer.is_error:
            raise Refused(answer)
        return answer.json() if answer.content else None

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        return self.call("POST", path, body, key=key)

    def do(self, path: str, body: Any = None) -> Any:
        """POST what must not happen twice: with a key of its own."""
        return self.post(path, body, key=str(uuid4()))

    def patch(self, path: str, body: Any) -> Any:
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path)

    def pages(self, path: str, **query: Any) -> Iterator[list[Any]]:
        """Yield page after page of a list."""
        cursor: str | None = ""
        while cursor is not None:
            page = self.get(path, **query, cursor=cursor)
            yield page["items"]
            cursor = page["next"]

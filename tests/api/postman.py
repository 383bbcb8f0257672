"""Runs requests of the Postman collection as Postman would, as far as ours go."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

STATUS = re.compile(r'pm\.test\(".*", \(\) => pm\.response\.to\.have\.status\((\d+)\)\);')
KEEP = re.compile(
    r"(?:pm\.response\.code === (\d+) && )?"
    r'pm\.collectionVariables\.set\("(\w+)", pm\.response\.json\(\)\.([\w.\[\]]+)\);'
)


@dataclass
class Runner:
    """Sends requests with `http`; `variables` are those of the collection, changed as it goes."""

    http: httpx.Client
    variables: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)  # request → the test that failed

    def run(self, item: Mapping[str, Any]) -> httpx.Response:
        """Send a request, then do what its script says."""
        request = item["request"]
        content = self.filled(request["body"]["raw"]).encode() if "body" in request else None
        answer = self.http.request(
            request["method"],
            self._url(request["url"]),
            headers=self._headers(request),
            content=content,
        )
        for line in _script(item):
            self._obey(line, item["name"], answer)
        return answer

    def filled(self, text: str) -> str:
        """Put in the variables; one that is not known stays, so that it is seen."""
        text = text.replace("{{$guid}}", str(uuid4()))
        return re.sub(r"\{\{(\w+)\}\}", lambda name: self.variables.get(name[1], name[0]), text)

    def _url(self, url: Mapping[str, Any]) -> str:
        values = {each["key"]: each["value"] for each in url.get("variable", ())}
        steps = [values[step[1:]] if step.startswith(":") else step for step in url["path"]]
        asked = [each for each in url.get("query", ()) if not each.get("disabled")]
        query = httpx.QueryParams({each["key"]: self.filled(each["value"]) for each in asked})
        return f"{self.filled('/'.join([*url['host'], *steps]))}{f'?{query}' if asked else ''}"

    def _headers(self, request: Mapping[str, Any]) -> dict[str, str]:
        sent = {each["key"]: self.filled(each["value"]) for each in request["header"]}
        auth = request.get("auth", {"type": "bearer", "bearer": [{"value": "{{access}}"}]})
        if auth["type"] == "bearer":
            sent["Authorization"] = f"Bearer {self.filled(auth['bearer'][0]['value'])}"
        return sent

    def _obey(self, line: str, name: str, answer: httpx.Response) -> None:
        if match := STATUS.fullmatch(line):
            if answer.status_code != int(match[1]):
                self.wrong[name] = f"{answer.status_code} {answer.text}"
            return
        match = KEEP.fullmatch(line)
        assert match, f"Nobody here can run {line!r}."
        if answer.is_success and match[1] in (None, str(answer.status_code)):
            self.variables[match[2]] = str(_at(answer.json(), match[3]))


def _script(item: Mapping[str, Any]) -> Iterator[str]:
    for event in item.get("event", ()):
        yield from event["script"]["exec"]


def _at(value: Any, place: str) -> Any:
    """What stands at `items[0].id`."""
    for step in re.findall(r"\w+", place):
        value = value[int(step)] if step.isdigit() else value[step]
    return value

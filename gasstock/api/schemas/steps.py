from typing import Annotated

from pydantic import Field

from gasstock.api.handing import HandedLines
from gasstock.api.schemas.base import In, Key, Line, Words


class Rejection(In):
    reason: Annotated[Words, Field(max_length=240, examples=["Not enough stock"])]


class Dispatch(In):
    rider: Key | None = Field(
        None, description="Id of somebody who works at the station; else who sends it brings it."
    )


class HandOver(In):
    """Without `lines` all of it was handed over; of a line that is not named, nothing."""

    code: Annotated[str, Field(max_length=20, examples=["4711"])] = ""
    override_reason: Annotated[
        Line, Field(max_length=200, description="Why there is no code.", examples=["Phone lost"])
    ] = ""
    lines: HandedLines | None = None

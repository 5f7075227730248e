"""What every client frame is made of: ids, numbers, codes, and the map that never coerces."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from kernel.text import STAFF_BODY_MAX, clean_text, is_blank

MAX_SEQ: Final = 2**53
MAX_PULL: Final = 50
# Longer than any text can be after cleaning: combining characters may shrink to fewer, so the bound is not the limit.
RAW_BODY_MAX: Final = 4 * STAFF_BODY_MAX

FrameId = Annotated[str, Field(max_length=64)] | Annotated[int, Field(ge=-MAX_SEQ, le=MAX_SEQ)]
ObjectId = Annotated[str, Field(min_length=1, max_length=64)]
Seq = Annotated[int, Field(ge=0, le=MAX_SEQ)]
Version = Annotated[int, Field(ge=1, le=MAX_SEQ)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.:-]{0,31}$")]


class ClientFrame(BaseModel):
    """A map with `t` and `id`; unknown fields are ignored, known ones never coerced."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    id: FrameId


class WithBody(ClientFrame):
    """Bodies are cleaned here, so that length and blankness are judged on what would be stored."""

    body: str

    @model_validator(mode="before")
    @classmethod
    def _clean_body(cls, values: Any) -> Any:
        body = values.get("body") if isinstance(values, dict) else None
        if not isinstance(body, str):
            return values
        if len(body) > RAW_BODY_MAX or len(cleaned := clean_text(body)) > STAFF_BODY_MAX:
            raise PydanticCustomError("too_large", "body is too long")
        if is_blank(cleaned):
            raise PydanticCustomError("blank", "body is blank")
        return {**values, "body": cleaned}

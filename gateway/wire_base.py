"""What every client frame is made of: ids, numbers, codes, and the map that never coerces."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

MAX_SEQ: Final = 2**53
MAX_PULL: Final = 50

FrameId = Annotated[str, Field(max_length=64)] | Annotated[int, Field(ge=-MAX_SEQ, le=MAX_SEQ)]
ObjectId = Annotated[str, Field(min_length=1, max_length=64)]
Seq = Annotated[int, Field(ge=0, le=MAX_SEQ)]
Version = Annotated[int, Field(ge=1, le=MAX_SEQ)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.:-]{0,31}$")]


class ClientFrame(BaseModel):
    """A map with `t` and `id`; unknown fields are ignored, known ones never coerced."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    id: FrameId

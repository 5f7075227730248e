"""The client's own codecs say what the golden vectors say, and take nothing else for a message."""

from __future__ import annotations

import pytest

from wenzheng.conformance.codecs import decode, encode, payload, vectors
from wenzheng.conformance.verdict import Broken


@pytest.mark.parametrize("codec", ["json", "msgpack"])
def test_the_client_s_own_codecs_agree_with_the_vectors(codec: str) -> None:
    for vector in vectors()["vectors"]:
        assert encode(codec, vector["value"]) == payload(codec, vector), vector
    frames = [vector for vector in vectors()["vectors"] if isinstance(vector["value"], list) and vector["value"]]
    for vector in frames:
        if isinstance(vector["value"][0], dict) and "t" in vector["value"][0]:
            assert decode(codec, payload(codec, vector)) == vector["value"]


@pytest.mark.parametrize("message", ["", "{}", "[]", "[1]", '[{"id":1}]', "[", b"\x91\x81\xa1t\xa1x"])
def test_what_is_no_message_is_said_to_be_none(message: str | bytes) -> None:
    with pytest.raises(Broken):
        decode("json", message)

"""The lean client: what comes, however it is cut, and whatever it is."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode

from tests.wenzheng.rehearsal.lines import WELCOME, Wire, frame
from wenzheng.rehearsal.socket import HEAD_MAX, MESSAGE_MAX, Socket, request


class Heard(Socket):
    def __init__(self) -> None:
        super().__init__(b"GET")
        self.said: list[bytes | str] = []
        self.wire = Wire()
        self.connection_made(self.wire)

    def opened(self) -> None:
        self.said.append("opened")

    def message(self, payload: bytes) -> None:
        self.said.append(payload)

    def ended(self, why: str) -> None:
        self.said.append(why)


def test_the_handshake_asks_for_the_protocol() -> None:
    asked = request("wz.example").decode()
    assert asked.startswith("GET /ws HTTP/1.1\r\nHost: wz.example\r\n")
    assert "Sec-WebSocket-Protocol: wenzheng.v1.json\r\n" in asked
    assert asked.endswith("\r\n\r\n")
    assert "Sec-WebSocket-Extensions" not in asked, "what is compressed would not be understood"


def test_however_it_is_cut_each_message_comes_whole() -> None:
    long = b"x" * 200
    whole = WELCOME + frame(b"[1]") + frame(long) + frame(b"") + frame(b"[2]")
    for cut in range(len(whole)):
        heard = Heard()
        heard.data_received(whole[:cut])
        heard.data_received(whole[cut:])
        assert heard.said == ["opened", b"[1]", long, b"", b"[2]"]


def test_a_very_long_one_comes_whole() -> None:
    heard = Heard()
    heard.data_received(WELCOME)
    sent = frame(b"y" * 70_000)
    for at in range(0, len(sent), 10_000):
        heard.data_received(sent[at : at + 10_000])
    assert heard.said == ["opened", b"y" * 70_000]


def test_pings_are_answered() -> None:
    heard = Heard()
    heard.data_received(WELCOME + frame(b"are you there", Opcode.PING))
    answered = heard.wire.written.removeprefix(b"GET")
    assert answered[:1] == bytes([0x80 | Opcode.PONG])
    assert answered[1] & 0x80, "a client masks"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", "HTTP 503"),
        (b"x" * HEAD_MAX, "HTTP "),
        (WELCOME + frame((4002).to_bytes(2, "big") + b"slow", Opcode.CLOSE), "closed with 4002"),
        (WELCOME + b"\x01\x01x", "broken framing"),
        (WELCOME + b"\xc1\x01x", "broken framing"),
        (WELCOME + Frame(Opcode.TEXT, b"masked").serialize(mask=True), "broken framing"),
        (WELCOME + b"\x81\x7f" + (MESSAGE_MAX + 1).to_bytes(8, "big"), "broken framing"),
    ],
    ids=["refused", "a head without end", "closed", "a fragment", "reserved bits", "masked", "too long"],
)
def test_every_other_end_has_a_name_and_is_told_once(said: bytes, why: str) -> None:
    heard = Heard()
    heard.data_received(said)
    heard.data_received(frame(b"more"))
    heard.connection_lost(None)
    assert heard.said[-1:] == [why]
    assert heard.said.count(why) == 1
    assert heard.wire.closed
    assert not heard.usable


def test_a_line_that_breaks_is_lost() -> None:
    heard = Heard()
    heard.data_received(WELCOME)
    heard.connection_lost(ConnectionResetError())
    assert heard.said == ["opened", "lost"]


def test_who_leaves_says_good_bye_and_hears_nothing_more() -> None:
    heard = Heard()
    heard.data_received(WELCOME)
    heard.leave()
    heard.data_received(frame(b"late"))
    heard.connection_lost(None)
    assert heard.said == ["opened"]
    assert heard.wire.written.removeprefix(b"GET")[:1] == bytes([0x80 | Opcode.CLOSE])

"""A record written by hand, good in every respect, for the judge's own tests to spoil in one place."""

from __future__ import annotations

from typing import Any

from tests.history import History, LaneTruth, PostTruth, Truth, check
from tests.history.recorder import Operation

ROOM = "room"
EPOCH = "e1"


class Record:
    """Seconds that pass by hand, one asker, one moderator, viewers."""

    def __init__(self) -> None:
        self.at = 100.0
        self.history = History(lambda: self.at)
        self.items: list[dict[str, Any]] = []
        self.posts: dict[str, PostTruth] = {}
        self.rulings: dict[tuple[str, int], tuple[str, str]] = {}
        self.mod: list[dict[str, Any]] = []
        self.lost: list[tuple[float, float]] = []

    def later(self, seconds: float = 1.0) -> Record:
        self.at += seconds
        return self

    def ask(self, post: str, cid: str | None = None) -> Operation:
        """A post is sent, stored and acknowledged; it waits."""
        sent = self.send(post, cid)
        self.posts[post] = PostTruth(post, ROOM, "asker", cid or f"c-{post}", "pending")
        self.later(0.1).history.ok(sent, post=post, state="pending")
        return sent

    def send(self, post: str, cid: str | None = None) -> Operation:
        return self.history.invoke("a", "post", room=ROOM, author="asker", cid=cid or f"c-{post}", body=text(post))

    def pull(self, post: str, moderator: str = "m1", ver: int = 1) -> None:
        asked = self.history.invoke(moderator, "mod.pull", moderator=moderator)
        self.later(0.1).history.ok(asked, posts=[{"post": post, "ver": ver, "lease_until": 0}])

    def decide(self, post: str, moderator: str = "m1", verdict: str = "publish", ver: int = 1) -> Operation:
        ruled = self.history.invoke(moderator, "mod.decide", moderator=moderator, post=post, ver=ver, verdict=verdict)
        self.rulings.setdefault((post, ver), (moderator, verdict))
        seq = self.publish(post)["s"] if verdict == "publish" else None
        self.later(0.1).history.ok(ruled, state="published" if seq else "rejected", seq=seq)
        return ruled

    def publish(self, post: str) -> dict[str, Any]:
        """Stored on `pub`, whoever let it through."""
        item = {"s": len(self.items) + 1, "k": "msg", "id": post, "at": 1, "body": text(post), "ver": 1}
        self.items.append(item)
        self.posts[post] = PostTruth(post, ROOM, "asker", f"c-{post}", "published", frozenset({text(post)}))
        return item

    def redact(self, post: str) -> Operation:
        hidden = self.history.invoke("host", "redact", post=post)
        self.items.append({"s": len(self.items) + 1, "k": "redact", "id": post, "at": 2, "reason": "r"})
        for place, item in enumerate(self.items):
            if item["id"] == post and item["k"] == "msg":
                self.items[place] = {"s": item["s"], "k": "msg", "id": post, "at": item["at"], "redacted": True}
        self.later(0.1).history.ok(hidden, seq=len(self.items))
        return hidden

    def join(self, process: str = "v1", seq: int | None = None, epoch: str = EPOCH) -> None:
        self.history.opens(process, "pub", room=ROOM, epoch=None if seq is None else epoch, seq=seq)
        if seq is None:
            self.history.snap(process, "pub", epoch, len(self.items), self.items, room=ROOM)

    def saw(self, item: dict[str, Any], process: str = "v1", epoch: str = EPOCH) -> None:
        self.history.saw(process, "pub", epoch, item, room=ROOM)

    def rest(self, process: str = "v1") -> None:
        self.history.rests(process, "pub", room=ROOM)

    def truth(self) -> Truth:
        lanes = {(ROOM, "pub"): LaneTruth(EPOCH, self.items), (ROOM, "mod"): LaneTruth(EPOCH, self.mod)}
        return Truth(lanes, self.posts, self.rulings, self.lost)

    def rules(self, **settings: Any) -> set[str]:
        """Which promises the judge finds broken."""
        return {violation.rule for violation in check(self.history, self.truth(), **settings)}


def text(post: str) -> str:
    return f"text of {post};"


def good() -> Record:
    """Two posts, one published and hidden again; one viewer from the start, one who resumed."""
    record = Record()
    record.join()
    record.ask("p1")
    record.pull("p1")
    record.decide("p1")
    record.saw(record.items[0])
    record.join("v2", seq=0)
    record.saw(record.items[0], "v2")
    record.ask("p2")
    record.later().redact("p1")
    for viewer in ("v1", "v2"):
        record.saw(record.items[1], viewer)
    return record

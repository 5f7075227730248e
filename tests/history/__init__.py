"""What clients of a room lived through, written down, and a judge who decides afterwards whether a promise broke.

How to use it, in any test that lets things go wrong:

    history = History()                                  # or History(now=…) on a clock of the test's own, in seconds
    sent = history.invoke("asker-1", "post", room=r, author=u, cid=c, body="…17;")
    history.ok(sent, post=p, state="pending")            # or .fail(sent, code) · .unknown(sent)
    history.opens("viewer-3", "pub", room=r)             # a join was sent; epoch= and seq= when it carries a position
    history.snap("viewer-3", "pub", epoch, head, items, room=r)
    history.saw("viewer-3", "pub", epoch, item, room=r)  # every item as it arrives, before the client drops any
    history.reset("viewer-3", "pub", epoch, why, room=r)
    history.rests("viewer-3", "pub", room=r)             # at the end: all is well and the time for repair over
    truth = await read_truth(store)                      # the last look at the store, or `Truth(…)` by hand
    assert check(history, truth) == []

Operations the judge understands, with the fields it needs (others may be recorded and are ignored):

| `op`         | at `invoke`                       | at `ok`                     |
|--------------|-----------------------------------|-----------------------------|
| `post`       | `room author cid body`            | `post state seq?`           |
| `revise`     | `post body`                       |                             |
| `withdraw`   | `post`                            | `state`                     |
| `redact`, `restore` | `post`                     | `seq?`                      |
| `mod.pull`, `mod.reopen` | `moderator`                       | `posts` (with `post`, `ver`, `lease_until`) |
| `mod.extend`, `mod.release` | `moderator post ver` |                          |
| `mod.decide` | `moderator post ver verdict`      | `state seq?`                |
| `read`       | `own?` (an author), `privileged?` | `raw`: whatever was served, as text or bytes |

`fail` means: it certainly did not happen. Where nobody knows (no answer, `unavailable`, `internal`) say `unknown`;
`refused` tells the two apart by the code. Give every text words of its own that are in no other, like `…17;` above.
`saw`, `snap` and the like record what arrives; times are taken at the call.

What is judged (the numbers are those of the invariants in `check`): acknowledged posts are stored and stored once (I1),
one order for everybody and nothing shown that is not stored (I2), no holes (I3), no repetition (I4), nothing unapproved
before the public (I5), one verdict by one who held the lease (I6), a resumed client has the lane from end to end (I7),
nothing hidden is served again (I8), counts of viewers (I9), epochs never come back (I10).
"""

from __future__ import annotations

from tests.history.judge import check
from tests.history.recorder import History, Operation
from tests.history.truth import LaneTruth, PostTruth, Truth, Violation, read_truth

__all__ = ["History", "LaneTruth", "Operation", "PostTruth", "Truth", "Violation", "check", "read_truth"]

"""A good record passes; each promise, broken by hand in one place, is found: the judge's negative controls."""

from __future__ import annotations

from tests.history import LaneTruth, PostTruth, Truth, check
from tests.history.writing import EPOCH, ROOM, Record, good, text

LEASE_S = 30.0


def test_a_good_record_passes() -> None:
    record = good()
    record.rest("v1")
    record.rest("v2")
    assert check(record.history, record.truth(), lease_s=LEASE_S) == []


# --- I1: stored means stored, once ------------------------------------------------------------------------------------


def test_an_acknowledged_post_that_is_not_stored_is_found() -> None:
    record = good()
    del record.posts["p2"]
    assert record.rules() == {"I1"}


def test_unless_a_restore_from_backup_is_known_to_have_undone_it() -> None:
    record = good()
    del record.posts["p2"]
    record.lost.append((0.0, record.at))
    assert record.rules() == set()


def test_a_post_stored_twice_is_found() -> None:
    record = good()
    record.posts["p3"] = PostTruth("p3", ROOM, "asker", "c-p2", "pending")
    assert record.rules() == {"I1"}


def test_a_resend_answered_with_another_post_is_found() -> None:
    record = good()
    record.posts["p3"] = PostTruth("p3", ROOM, "asker", "c-p3", "pending")
    record.history.ok(record.send("p2"), post="p3", state="pending")
    assert record.rules() == {"I1"}


def test_a_refused_post_that_is_stored_is_found() -> None:
    record = good()
    record.posts["p3"] = PostTruth("p3", ROOM, "asker", "c-p3", "pending")
    record.history.refused(record.send("p3"), "muted")
    assert record.rules() == {"I1"}


def test_a_post_nobody_knows_of_may_be_stored_or_not() -> None:
    record = good()
    record.posts["p3"] = PostTruth("p3", ROOM, "asker", "c-p3", "pending")
    record.history.refused(record.send("p3"), "unavailable")
    record.history.unknown(record.send("p4"))
    record.send("p5")
    assert record.rules() == set()


def test_a_number_that_belongs_to_another_post_is_found() -> None:
    record = good()
    record.ask("p3")
    record.history.ok(record.history.invoke("host", "redact", post="p3"), seq=1)
    assert "I1" in record.rules()


# --- I2: one order, and nothing shown that is not stored --------------------------------------------------------------


def test_two_viewers_who_see_different_items_at_a_number_are_found() -> None:
    record = good()
    record.join("v3", seq=1)
    record.saw({**record.items[1], "id": "p2"}, "v3")
    assert record.rules() == {"I2"}


def test_an_item_that_is_shown_and_not_stored_is_found() -> None:
    record = good()
    record.saw({"s": 3, "k": "state", "id": ROOM, "at": 3, "state": "live"})
    assert record.rules() == {"I2"}


def test_a_snapshot_with_something_newer_than_its_head_is_found() -> None:
    record = good()
    record.history.opens("v3", "pub", room=ROOM)
    record.history.snap("v3", "pub", EPOCH, 0, [record.items[0]], room=ROOM)
    assert record.rules() == {"I2"}


# --- I3, I4: no hole, no repetition -----------------------------------------------------------------------------------


def test_a_hole_is_found() -> None:
    record = good()
    record.join("v3", seq=0)
    record.saw(record.items[1], "v3")
    assert record.rules() == {"I3"}


def test_a_snapshot_that_takes_the_place_of_a_replay_unannounced_is_found() -> None:
    record = good()
    record.join("v3", seq=0)
    record.history.snap("v3", "pub", EPOCH, 2, record.items, room=ROOM)
    assert record.rules() == {"I3"}


def test_an_announced_one_is_right() -> None:
    record = good()
    record.join("v3", seq=0)
    record.history.reset("v3", "pub", EPOCH, "behind", room=ROOM)
    record.history.snap("v3", "pub", EPOCH, 2, record.items, room=ROOM)
    record.rest("v3")
    assert record.rules() == set()


def test_another_epoch_without_a_reset_is_found() -> None:
    record = good()
    record.saw({"s": 3, "k": "state", "id": ROOM, "at": 3, "state": "live"}, epoch="e0")
    assert record.rules() == {"I3"}


def test_an_item_that_comes_twice_is_found() -> None:
    record = good()
    record.saw(record.items[1])
    assert record.rules() == {"I4"}


def test_a_post_published_twice_is_found() -> None:
    record = good()
    record.publish("p2")
    record.publish("p2")
    assert record.rules() >= {"I4"}


# --- I5, I8: what must not be seen ------------------------------------------------------------------------------------


def test_a_text_that_waits_and_is_shown_is_found() -> None:
    record = good()
    record.items.append({"s": 3, "k": "msg", "id": "p2", "at": 3, "body": text("p2"), "ver": 1})
    record.saw(record.items[2])
    assert record.rules() == {"I5"}


def test_a_page_with_a_text_that_waits_is_found() -> None:
    record = good()
    read = record.history.invoke("v3", "read")
    record.history.ok(read, raw=f"<p>{text('p2')}</p>".encode())
    assert record.rules() == {"I5"}


def test_to_its_author_and_to_moderators_it_may_be_shown() -> None:
    record = good()
    for who in ({"own": "asker"}, {"privileged": True}):
        record.history.ok(record.history.invoke("v3", "read", **who), raw=text("p2"))
    assert record.rules() == set()


def test_a_post_taken_back_and_published_all_the_same_is_found() -> None:
    record = good()
    record.history.ok(record.history.invoke("a", "withdraw", post="p2"), state="withdrawn")
    record.publish("p2")
    record.history.opens("v1", "pub", room=ROOM)
    assert record.rules() == {"I5"}


def test_a_hidden_text_in_a_page_is_found_after_the_time_of_grace() -> None:
    record = good()
    record.history.ok(record.history.invoke("v3", "read"), raw=text("p1"))
    assert record.rules() == set()
    record.later(2)
    record.history.ok(record.history.invoke("v3", "read"), raw=text("p1"))
    assert record.rules() == {"I8"}


def test_a_hidden_text_in_a_replay_is_found() -> None:
    record = good()
    record.later(2).join("v3", seq=0)
    record.saw({"s": 1, "k": "msg", "id": "p1", "at": 1, "body": text("p1"), "ver": 1}, "v3")
    assert record.rules() == {"I8"}


def test_a_hidden_text_in_a_snapshot_that_knows_of_the_hiding_is_found_at_once() -> None:
    record = good()
    record.history.opens("v3", "pub", room=ROOM)
    shown = {"s": 1, "k": "msg", "id": "p1", "at": 1, "body": text("p1"), "ver": 1}
    record.history.snap("v3", "pub", EPOCH, 2, [shown], room=ROOM)
    assert record.rules() == {"I8"}


def test_what_somebody_asked_to_show_again_may_be_shown() -> None:
    record = good()
    record.later(2).history.unknown(record.history.invoke("host", "restore", post="p1"))
    record.later().history.ok(record.history.invoke("v3", "read"), raw=text("p1"))
    assert record.rules() == set()


# --- I6: one verdict, by one who holds --------------------------------------------------------------------------------


def test_two_verdicts_on_one_version_are_found() -> None:
    record = good()
    record.decide("p1", "m2", "reject")
    assert record.rules() == {"I6"}


def test_a_verdict_the_store_does_not_have_is_found() -> None:
    record = good()
    record.rulings.clear()
    assert record.rules() == {"I6"}


def test_two_verdicts_on_the_moderators_lane_are_found() -> None:
    record = good()
    record.mod += [{"s": n, "k": "verdict", "id": "p1", "ver": 1, "at": n} for n in (1, 2)]
    assert record.rules() == {"I6"}


def test_another_version_published_than_the_one_approved_is_found() -> None:
    record = Record()
    record.ask("p1")
    record.decide("p1", ver=2)
    assert record.rules() == {"I6"}


def test_a_post_given_to_a_second_moderator_before_its_time_is_found() -> None:
    record = good()
    record.pull("p2", "m1")
    record.later().pull("p2", "m2")
    assert record.rules(lease_s=LEASE_S) == {"I6"}


def test_after_the_lease_or_a_release_it_may_be() -> None:
    record = good()
    record.pull("p2", "m1")
    record.later(31).pull("p2", "m2")
    record.history.ok(record.history.invoke("m2", "mod.release", moderator="m2", post="p2", ver=1))
    record.later().pull("p2", "m1")
    assert record.rules(lease_s=LEASE_S) == set()


def test_a_verdict_by_one_whose_lease_went_to_another_is_found() -> None:
    record = good()
    record.pull("p2", "m1")
    record.later(31).pull("p2", "m2")
    record.later().decide("p2", "m1")
    assert record.rules(lease_s=LEASE_S) == {"I6"}


def test_the_same_verdict_again_is_answered_from_the_record() -> None:
    record = good()
    record.history.ok(
        record.history.invoke("m1", "mod.decide", moderator="m1", post="p1", ver=1, verdict="publish"),
        state="published",
        seq=1,
    )
    assert record.rules(lease_s=LEASE_S) == set()


# --- I7, I9, I10 ------------------------------------------------------------------------------------------------------


def test_a_viewer_left_behind_is_found() -> None:
    record = good()
    record.join("v3", seq=1)
    record.rest("v3")
    assert record.rules() == {"I7"}


def test_a_wrong_count_of_viewers_is_found_once_all_is_calm() -> None:
    record = good()
    record.later(5).history.viewers("v1", 7, room=ROOM)
    assert record.rules() == set()
    record.later(15).history.viewers("v1", 3, room=ROOM)
    assert record.rules() == set()
    record.history.viewers("v1", 4, room=ROOM)
    assert record.rules() == {"I9"}


def test_an_epoch_that_comes_back_is_found() -> None:
    record = good()
    for epoch in ("e2", EPOCH):
        record.history.reset("v1", "pub", epoch, "epoch", room=ROOM)
        record.history.snap("v1", "pub", epoch, 2 if epoch == EPOCH else 0, [], room=ROOM)
    assert record.rules() == {"I10"}


def test_records_of_several_observers_are_judged_as_one() -> None:
    here, there = good(), Record()
    there.at = here.at
    there.join("v9", seq=0)
    there.saw({"s": 1, "k": "msg", "id": "p2", "at": 1, "body": text("p2"), "ver": 1}, "v9")
    merged = here.history.merge(there.history)
    assert {violation.rule for violation in check(merged, here.truth())} == {"I2", "I5"}


def test_a_hole_in_the_store_itself_is_found() -> None:
    record = good()
    lanes = {(ROOM, "pub"): LaneTruth(EPOCH, [record.items[0], {**record.items[1], "s": 3}])}
    found = check(Record().history, Truth(lanes, record.posts))
    assert [str(violation) for violation in found] == ["I3 the store's room pub has 3 in place 2"]

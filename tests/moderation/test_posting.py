"""Posting as a dialogue: who says what, what the store is then asked, and who is told no."""

from __future__ import annotations

import pytest

from accounts.model import Department
from kernel.allowances import OwnAllowances
from kernel.clock import FrozenClock
from kernel.ids import CountingIds, MonotonicIds, PostId, RoomId, UserId
from kernel.permissions import VISITOR, Actor
from kernel.refusals import Refusal
from moderation.commands import Ruling
from moderation.drafts import Phase
from moderation.handlers import Posting, Review
from moderation.pace import Pace
from moderation.phases import standard_phases, standard_pipeline
from moderation.pipeline import Pipeline
from moderation.wordlist import WordList
from persistence.store import Store
from rooms.commands import PostReceipt, RevisePost, SubmitPost, WithdrawPost
from rooms.handlers import Rooms
from rooms.model import Lane, Policy, PostKind, PostState, StaffReview
from rooms.ports import Hint
from tests.moderation.fake_store import (
    HOST,
    MODERATOR,
    NETIZEN,
    OTHER,
    PRICE,
    RESPONDENT,
    ROOM,
    STRANGER,
    FakeStore,
)

pytestmark = pytest.mark.anyio

POST = PostId("post")


class Scene:
    """A room, its people and what was committed."""

    def __init__(self, policy: Policy | None = None, pipeline: Pipeline | None = None) -> None:
        self.clock = FrozenClock()
        self.store = FakeStore(policy or Policy())
        self.posting = Posting(
            self.store,  # type: ignore[arg-type]  # only what posting touches
            self.clock,
            CountingIds(),
            pipeline or standard_pipeline(),
            Pace(OwnAllowances(self.clock)),
        )

    async def ask(self, actor: Actor, body: str, cid: str = "1", kind: PostKind = PostKind.QUESTION) -> PostReceipt:
        return await self.posting.submit(actor, ROOM, cid=cid, kind=kind, body=body)

    @property
    def submitted(self) -> list[SubmitPost]:
        return [command for command in self.store.commands if isinstance(command, SubmitPost)]


async def test_a_question_is_cleaned_judged_and_committed_once() -> None:
    scene = Scene()
    receipt = await scene.ask(NETIZEN, "  起步价为什么是 3 元？\r\n")
    (command,) = scene.submitted
    assert receipt.state is PostState.PENDING
    assert (command.body, command.author.name, command.guest) == ("起步价为什么是 3 元？", "林小满", True)
    assert command.at == scene.clock.now_ms()
    assert len(command.salt) == 16


async def test_what_the_phases_find_goes_with_the_post() -> None:
    scene = Scene(Policy(premoderate=False))
    await scene.ask(NETIZEN, "请回电 138 0013 8000")
    (command,) = scene.submitted
    assert command.judged is PostState.PENDING
    assert [(reason.phase, reason.rule) for reason in command.reasons] == [("personal", 3)]


async def test_an_open_room_publishes_at_once_what_no_phase_objects_to() -> None:
    scene = Scene(Policy(premoderate=False))
    assert (await scene.ask(NETIZEN, "起步价为什么是 3 元？")).state is PostState.PUBLISHED


async def test_a_refused_text_is_kept_for_its_author() -> None:
    words = WordList.parse("term,category,action,match\n代办公交卡,ads,refuse,plain\n")
    scene = Scene(Policy(premoderate=False), standard_pipeline(words))
    receipt = await scene.ask(NETIZEN, "低价代办公交卡")
    assert receipt.state is PostState.REJECTED
    assert [reason.rule for reason in receipt.reasons] == [4]


async def test_a_masked_term_is_covered_before_it_is_stored() -> None:
    words = WordList.parse("term,category,action,match\n某局长,人名,mask,plain\n")
    scene = Scene(Policy(premoderate=False), standard_pipeline(words))
    await scene.ask(NETIZEN, "某局长说会降价")
    assert scene.submitted[0].body == "***说会降价"


async def test_in_a_premoderated_room_no_text_of_a_netizen_is_ever_committed_as_published() -> None:
    texts = ["问", "起步价为什么是 3 元？", "x" * 2000, "？？", "看 example.com", "13800138000", "顶"]
    for kind in (PostKind.QUESTION, PostKind.COMMENT):
        for actor in (NETIZEN, OTHER):
            scene = Scene(Policy(premoderate=True))
            for number, text in enumerate(texts):
                scene.clock.advance(10_000)
                receipt = await scene.ask(actor, text, cid=str(number), kind=kind)
                assert receipt.state is not PostState.PUBLISHED
            assert {command.judged for command in scene.submitted} == {PostState.PENDING}


@pytest.mark.parametrize("position", range(len(standard_phases())))
async def test_a_broken_phase_never_publishes(position: int) -> None:
    """The negative control of failing closed: a pipeline that admits when a phase raises fails here."""
    phases = list(standard_phases())

    def broken(draft: object, context: object) -> None:
        raise RuntimeError

    phases[position] = Phase(phases[position].name, broken)
    scene = Scene(Policy(premoderate=False), Pipeline(phases))
    assert (await scene.ask(NETIZEN, "起步价为什么是 3 元？")).state is PostState.PENDING


async def test_staff_speak_at_once_unless_the_room_reviews_them() -> None:
    for review, state in ((StaffReview.AUTO, PostState.PUBLISHED), (StaffReview.REVIEW, PostState.PENDING)):
        scene = Scene(Policy(staff=review))
        receipt = await scene.ask(RESPONDENT, "窗口电话 13800138000", kind=PostKind.REPLY)
        assert receipt.state is state
        note = await scene.ask(RESPONDENT, "这一问我们答，好吗？", cid="2", kind=PostKind.NOTE)
        assert note.state is PostState.PUBLISHED


@pytest.mark.parametrize(
    ("actor", "kind", "code"),
    [
        (VISITOR, PostKind.QUESTION, "unauthenticated"),
        (NETIZEN, PostKind.REPLY, "forbidden"),
        (NETIZEN, PostKind.NOTICE, "forbidden"),
        (NETIZEN, PostKind.NOTE, "forbidden"),
        (STRANGER, PostKind.REPLY, "forbidden"),
        (STRANGER, PostKind.NOTE, "forbidden"),
        (RESPONDENT, PostKind.QUESTION, "forbidden"),
        (HOST, PostKind.QUESTION, "forbidden"),
        (MODERATOR, PostKind.COMMENT, "forbidden"),
    ],
)
async def test_who_may_not_is_told_so_and_nothing_is_committed(actor: Actor, kind: PostKind, code: str) -> None:
    scene = Scene()
    with pytest.raises(Refusal, match=code):
        await scene.ask(actor, "话", kind=kind)
    assert scene.store.commands == []


async def test_wrong_input_is_refused_before_anything_is_read() -> None:
    scene = Scene()
    for body, cid, code in (("", "1", "bad_frame"), ("话", "", "bad_frame"), ("字" * 2001, "1", "too_large")):
        with pytest.raises(Refusal, match=code):
            await scene.ask(NETIZEN, body, cid=cid)
    with pytest.raises(Refusal, match="no_room"):
        await scene.posting.submit(NETIZEN, RoomId("none"), cid="1", kind=PostKind.QUESTION, body="话")
    assert scene.store.commands == []


async def test_the_sixth_post_at_once_is_too_fast_and_ten_seconds_later_it_is_not() -> None:
    scene = Scene()
    for number in range(5):
        await scene.ask(NETIZEN, f"问题 {number}", cid=str(number))
    with pytest.raises(Refusal) as refused:
        await scene.ask(NETIZEN, "问题 5", cid="5")
    assert refused.value == Refusal("rate", retry_ms=10_000)
    await scene.ask(OTHER, "问题 5", cid="5")
    scene.clock.advance(10_000)
    await scene.ask(NETIZEN, "问题 5", cid="5")


async def test_a_resend_never_counts_and_is_never_refused() -> None:
    scene = Scene()
    first = await scene.ask(NETIZEN, "问题 0", cid="0")
    for _ in range(20):
        again = await scene.ask(NETIZEN, "问题 0", cid="0")
        assert (again.post, again.repeated) == (first.post, True)
    for number in range(1, 5):
        await scene.ask(NETIZEN, f"问题 {number}", cid=str(number))
    with pytest.raises(Refusal, match="rate"):
        await scene.ask(NETIZEN, "问题 5", cid="5")
    assert (await scene.ask(NETIZEN, "问题 3", cid="3")).repeated


async def test_a_post_that_was_not_stored_does_not_count() -> None:
    scene = Scene()
    for code in ("room_paused", "slow_mode", "unavailable") * 4:
        scene.store.fail = Refusal(code)
        with pytest.raises(Refusal, match=code):
            await scene.ask(NETIZEN, "问题 0", cid="0")
    for number in range(5):
        await scene.ask(NETIZEN, f"问题 {number}", cid=str(number))


async def test_departments_answer_as_fast_as_they_can() -> None:
    scene = Scene()
    for number in range(20):
        await scene.ask(RESPONDENT, f"答复 {number}", cid=str(number), kind=PostKind.REPLY)


async def test_a_revision_is_judged_like_a_new_text_but_may_resemble_the_old() -> None:
    scene = Scene(Policy(premoderate=False))
    scene.store.recent = ["起步价为什么是 3 元？一个月要多花四十多块"]
    receipt = await scene.posting.revise(NETIZEN, POST, 1, "起步价为什么是 3 元？一个月要多花四十多块！")
    assert receipt.state is PostState.PUBLISHED
    await scene.posting.revise(NETIZEN, POST, 2, "请回电 13800138000")
    judged = [command.judged for command in scene.store.commands if isinstance(command, RevisePost)]
    assert judged == [PostState.PUBLISHED, PostState.PENDING]


async def test_revising_has_a_pace_of_its_own() -> None:
    scene = Scene()
    for number in range(5):
        await scene.ask(NETIZEN, f"问题 {number}", cid=str(number))
        await scene.posting.revise(NETIZEN, POST, 1, f"改过的问题 {number}")
    with pytest.raises(Refusal, match="rate"):
        await scene.posting.revise(NETIZEN, POST, 1, "再改")


async def test_what_cannot_be_revised() -> None:
    scene = Scene()
    for actor, post, ver, code in (
        (VISITOR, POST, 1, "unauthenticated"),
        (MODERATOR, POST, 1, "forbidden"),
        (NETIZEN, POST, 0, "bad_frame"),
        (NETIZEN, PostId("unknown"), 1, "no_post"),
    ):
        with pytest.raises(Refusal, match=code):
            await scene.posting.revise(actor, post, ver, "新稿")
    assert scene.store.commands == []


async def test_taking_a_post_back_is_the_authors_command() -> None:
    scene = Scene()
    scene.store.outcome = PostReceipt(POST, ROOM, PostState.WITHDRAWN, 1)
    assert (await scene.posting.withdraw(NETIZEN, POST)).state is PostState.WITHDRAWN
    assert scene.store.commands == [WithdrawPost(POST, NETIZEN, scene.clock.now_ms())]
    for actor, code in ((VISITOR, "unauthenticated"), (MODERATOR, "forbidden")):
        with pytest.raises(Refusal, match=code):
            await scene.posting.withdraw(actor, POST)


# --- on a real store: what the promise of pre-moderation is worth ---------------------------------------------------


@pytest.fixture
async def told(sqlite_store: Store) -> list[Hint]:
    """Everything any node is told after a commit."""
    hints: list[Hint] = []
    sqlite_store.on_commit(hints.extend)
    return hints


async def test_an_undecided_or_refused_text_is_in_nothing_that_is_told_or_read(
    sqlite_store: Store, clock: FrozenClock, told: list[Hint]
) -> None:
    ids = MonotonicIds(clock)
    department = Department(PRICE, "市物价局", "Price Bureau", "价", 1)
    await sqlite_store.add_department(department)
    rooms, review = Rooms(sqlite_store, clock, ids), Review(sqlite_store, clock, ids)
    posting = Posting(sqlite_store, clock, ids, standard_pipeline(), Pace(OwnAllowances(clock)))
    room = (await rooms.create(HOST, title="票价", departments=["price"], open=True)).id

    waits = await posting.submit(NETIZEN, room, cid="1", kind=PostKind.QUESTION, body="尚未审核的正文")
    refused = await posting.submit(NETIZEN, room, cid="2", kind=PostKind.QUESTION, body="不予发布的正文")
    shown = await posting.submit(NETIZEN, room, cid="3", kind=PostKind.QUESTION, body="可以公开的正文")
    pulled = {post.post: post for post in await review.pull(MODERATOR, room, 10)}
    await review.release(MODERATOR, waits.post, 1)
    await review.decide(MODERATOR, refused.post, pulled[refused.post].ver, Ruling.REJECT, 7)
    await review.decide(MODERATOR, shown.post, pulled[shown.post].ver, Ruling.PUBLISH)
    await posting.revise(NETIZEN, shown.post, 1, "改过而未审核的正文")

    public = repr(
        [
            told,
            [await sqlite_store.events(room, lane, 0, 100) for lane in Lane],
            [await sqlite_store.snapshot(room, lane, 100) for lane in Lane],
            await sqlite_store.questions(room, None, 100),
            await sqlite_store.transcript(room),
            await sqlite_store.my(room, OTHER.id or UserId(""), 100),
        ]
    )
    assert "可以公开的正文" in public
    assert [text for text in ("尚未审核", "不予发布", "改过而未审核") if text in public] == []
    mine = repr(await sqlite_store.my(room, NETIZEN.id or UserId(""), 100))
    assert "尚未审核的正文" in mine
    assert "不予发布的正文" in mine


async def test_a_note_is_never_held_not_even_when_it_is_revised_under_review(
    sqlite_store: Store, clock: FrozenClock
) -> None:
    ids = MonotonicIds(clock)
    await sqlite_store.add_department(Department(PRICE, "市物价局", "Price Bureau", "价", 1))
    posting = Posting(sqlite_store, clock, ids, standard_pipeline(), Pace(OwnAllowances(clock)))
    room = await Rooms(sqlite_store, clock, ids).create(
        HOST, title="票价", departments=["price"], open=True, policy={"staff": "review"}
    )
    note = await posting.submit(RESPONDENT, room.id, cid="1", kind=PostKind.NOTE, body="这一问我们答")
    assert note.state is PostState.PUBLISHED
    revised = await posting.revise(RESPONDENT, note.post, 1, "这一问请地铁公司答")
    assert (revised.state, revised.version) == (PostState.PUBLISHED, 2)
    snapshot = await sqlite_store.snapshot(room.id, Lane.DESK, 10)
    assert [item["body"] for item in snapshot.items] == ["这一问请地铁公司答"]

import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { applyItem, applySnap, applyTally, emptyLane, emptyMe, isAnswered, newerMe, threads, type LaneState } from '../src/state/room.ts'
import type { Item, RoomInfo, Snap } from '../src/wire/frames.ts'

const by = { name: '小满', role: 'netizen' }
const question = (s: number, id: string): Item => ({ s, k: 'msg', id, at: s, kind: 'question', q: id, number: s, by, body: `body of ${id}`, ver: 1 })
const reply = (s: number, id: string, to: string): Item => ({ s, k: 'msg', id, at: s, kind: 'reply', q: to, by: { name: '陈', role: 'respondent', dept: 'price' }, body: `body of ${id}`, ver: 1, reply_to: to })
const room = { id: 'r', state: 'live', frozen: false, departments: [], policy: { premoderate: true } } as unknown as RoomInfo
const snapOf = (head: number, ...x: Item[]): Snap => ({ r: 'r', l: 'pub', ep: 'e', head, state: { ...room }, x, pinned: [], stage: [], tally: {}, more: false })

let lane: LaneState
beforeEach(() => {
  lane = emptyLane()
  applySnap(lane, snapOf(3, question(1, 'a'), reply(2, 'b', 'a'), question(3, 'c')))
})

test('threads stand newest first, replies below what they answer, however deep', () => {
  applyItem(lane, { ...reply(4, 'd', 'b'), kind: 'comment' })
  applyItem(lane, reply(5, 'e', 'd'))
  assert.deepEqual(threads(lane).map(({ root, replies }) => [root.id, replies.map((one) => one.id)]), [['c', []], ['a', ['b', 'd', 'e']]])
  assert.equal(lane.seq, 5)
})

test('a redaction takes text and author from memory and keeps the place', () => {
  applyItem(lane, { s: 4, k: 'redact', id: 'b', at: 4, reason: '3' })
  const post = lane.posts.b!
  assert.deepEqual([post.redacted, post.body, post.by, post.reason], [true, '', null, '3'])
  assert.equal(JSON.stringify(lane).includes('body of b'), false)
  assert.equal(isAnswered(threads(lane)[1]!), false)
  applyItem(lane, { ...reply(5, 'b', 'a'), k: 'restore' })
  assert.equal(lane.posts.b!.body, 'body of b')
})

test('what was hidden while one was away is a numbered gap', () => {
  applySnap(lane, snapOf(2, { s: 1, k: 'msg', id: 'a', at: 1, redacted: true }, reply(2, 'b', 'a')))
  const [thread] = threads(lane)
  assert.equal(thread!.root.redacted, true)
  assert.equal(thread!.root.s, 1)
  assert.deepEqual(thread!.replies.map((one) => one.id), ['b'])
})

test('a correction shows the new text and says so', () => {
  applyItem(lane, { s: 4, k: 'edit', id: 'b', at: 4, ver: 2, body: 'corrected' })
  assert.deepEqual([lane.posts.b!.body, lane.posts.b!.ver], ['corrected', 2])
  applyItem(lane, { s: 5, k: 'edit', id: 'b', at: 5, redacted: true })
  assert.equal(lane.posts.b!.body, 'corrected')
})

test('state, policy, departments, pins and the one stage follow their events', () => {
  applyItem(lane, { s: 4, k: 'state', id: 'r', at: 4, state: 'paused' })
  applyItem(lane, { s: 5, k: 'set', id: 'r', at: 5, freeze: true, policy: { after: true } })
  applyItem(lane, { s: 6, k: 'stage', id: 'a', at: 6, on: true })
  applyItem(lane, { s: 7, k: 'stage', id: 'c', at: 7, on: true })
  applyItem(lane, { s: 8, k: 'pin', id: 'a', at: 8, on: true })
  assert.deepEqual([lane.room!.state, lane.room!.frozen, lane.room!.policy.after, lane.room!.policy.premoderate], ['paused', true, true, true])
  assert.deepEqual([lane.stage, lane.pinned], [['c'], ['a']])
  applyItem(lane, { s: 9, k: 'stage', id: 'c', at: 9, on: false })
  applyItem(lane, { s: 10, k: 'pin', id: 'a', at: 10, on: false })
  assert.deepEqual([lane.stage, lane.pinned], [[], []])
})

test('tallies replace, unknown kinds only count', () => {
  applyTally(lane, { a: [3, 1] })
  applyItem(lane, { s: 4, k: 'clarify', id: 'z', at: 4 })
  assert.deepEqual(lane.tally.a, [3, 1])
  assert.equal(lane.seq, 4)
})

test('an older view of what is mine never replaces a newer one', () => {
  const newer = { ...emptyMe(), ver: 5 }
  assert.equal(newerMe(newer, { ...emptyMe(), ver: 4 }), newer)
  assert.equal(newerMe(newer, { ...emptyMe(), ver: 6 }).ver, 6)
})

import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { applyItem, applySnap, emptyLane, type LaneState } from '../src/state/room.ts'
import { arrange, digestOf, firstNew, keepOrder, trim, unreadOf, type Row, type Wish } from '../src/state/stream.ts'
import type { Item, RoomInfo, Snap } from '../src/wire/frames.ts'

const by = { name: '小满', role: 'netizen' }
const question = (s: number, id: string): Item => ({ s, k: 'msg', id, at: s, kind: 'question', q: id, number: s, by, body: id, ver: 1 })
const reply = (s: number, id: string, to: string, dept = 'price'): Item => ({ s, k: 'msg', id, at: s, kind: 'reply', q: to, by: { name: '陈', role: 'respondent', dept }, body: id, ver: 1, reply_to: to })
const comment = (s: number, id: string, to: string): Item => ({ ...question(s, id), kind: 'comment', reply_to: to })
const departments = ['price', 'transport', 'metro'].map((id, slot) => ({ id, name: id, name_en: id, mark: id, slot, seated: 1 }))
const room = { id: 'r', state: 'live', lead: 'metro', departments } as unknown as RoomInfo

let lane: LaneState
beforeEach(() => {
  lane = emptyLane()
  const x = [question(1, 'a'), reply(2, 'a1', 'a'), question(3, 'b'), question(4, 'c')]
  applySnap(lane, { r: 'r', l: 'pub', ep: 'e', head: 4, state: room, x, pinned: [], stage: [], tally: { b: [3, 0], a: [9, 8] }, more: false } as Snap)
})

const wish = (more: Partial<Wish> = {}): Wish => ({ shown: 100, sort: 'new', show: 'all', mine: new Set(), ...more })
const list = (more: Partial<Wish> = {}) => arrange(lane, wish(more), new Map()).map((row) => row.id)

test('newest first, most voted first, or the longest waiting first', () => {
  assert.deepEqual(list(), ['c', 'b', 'a'])
  assert.deepEqual(list({ sort: 'votes' }), ['b', 'a', 'c'])
  assert.deepEqual(list({ sort: 'waiting' }), ['b', 'c', 'a'])
})

test('filters: answered, open, one department, mine', () => {
  assert.deepEqual(list({ show: 'answered' }), ['a'])
  assert.deepEqual(list({ show: 'open' }), ['c', 'b'])
  assert.deepEqual(list({ show: 'price' }), ['a'])
  assert.deepEqual(list({ show: 'metro' }), [])
  assert.deepEqual(list({ show: 'mine', mine: new Set(['c']) }), ['c'])
})

test('departments stand lead first and then as invited, until a follow-up makes it a conversation', () => {
  applyItem(lane, reply(5, 'a2', 'a', 'transport'))
  applyItem(lane, reply(6, 'a3', 'a', 'metro'))
  applyItem(lane, comment(7, 'a4', 'a'))
  applyItem(lane, reply(8, 'a5', 'a', 'transport'))
  applyItem(lane, reply(9, 'a6', 'a', 'metro'))
  const [row] = arrange(lane, wish({ show: 'answered' }), new Map())
  assert.deepEqual(row!.replies.map((one) => one.id), ['a3', 'a1', 'a2', 'a4', 'a5', 'a6'])
})

test('what came after the reader stopped waits: neither threads nor replies of it are in the list', () => {
  applyItem(lane, reply(5, 'b1', 'b'))
  applyItem(lane, question(6, 'd'))
  assert.deepEqual(list({ shown: 4 }), ['c', 'b', 'a'])
  assert.deepEqual(arrange(lane, wish({ shown: 4 }), new Map())[1]!.replies, [])
  assert.deepEqual(unreadOf(lane, 4), { all: 2, answers: 1 })
  assert.deepEqual(digestOf(lane, 4), { n: 2, m: 1, k: 1, dept: 'price' })
})

test('a redaction is not news, and is applied to what is already shown', () => {
  applyItem(lane, reply(5, 'b1', 'b'))
  applyItem(lane, { s: 6, k: 'redact', id: 'b1', at: 6, reason: '3' })
  applyItem(lane, { s: 7, k: 'redact', id: 'a1', at: 7, reason: '3' })
  assert.deepEqual(unreadOf(lane, 4), { all: 0, answers: 0 })
  const rows = arrange(lane, wish({ shown: 4 }), new Map())
  assert.deepEqual(rows[2]!.replies.map((one) => [one.redacted, one.body]), [[true, '']])
  assert.equal(rows[2]!.answered, false)
})

test('a row is the same object until something of it changes', () => {
  const held = new Map(arrange(lane, wish(), new Map()).map((row): [string, Row] => [row.id, row]))
  applyItem(lane, reply(5, 'b1', 'b'))
  const rows = arrange(lane, wish(), held)
  assert.deepEqual(rows.map((row) => row === held.get(row.id)), [true, false, true])
})

test('the focus goes to the topmost new thing of the list as it stands', () => {
  applyItem(lane, reply(5, 'b1', 'b'))
  assert.equal(firstNew(arrange(lane, wish(), new Map()), 4), 'b1')
  applyItem(lane, question(6, 'd'))
  assert.equal(firstNew(arrange(lane, wish(), new Map()), 4), 'd')
  assert.equal(firstNew(arrange(lane, wish(), new Map()), 6), null)
})

test('an order that was chosen stays while votes come in', () => {
  const before = arrange(lane, wish({ sort: 'votes' }), new Map())
  lane.tally.c = [99, 0]
  const after = keepOrder(arrange(lane, wish({ sort: 'votes' }), new Map()), before)
  assert.deepEqual(after.map((row) => row.id), ['b', 'a', 'c'])
})

test('old threads are forgotten whole, never what is pinned or on stage, and can be loaded again', () => {
  lane.pinned = ['a']
  trim(lane, 3)
  assert.deepEqual(lane.order, ['a', 'a1', 'c'])
  assert.equal(lane.more, true)
  assert.equal(lane.tally.b, undefined)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoff } from '../src/wire/backoff.ts'
import type { Item } from '../src/wire/frames.ts'
import { Lane } from '../src/wire/lane.ts'

const items = (...numbers: number[]): Item[] => numbers.map((s) => ({ s, k: 'msg', id: `p${s}`, at: 0 }))

function laneAt(seq: number): Lane {
  const lane = new Lane()
  lane.restart('e1', seq)
  return lane
}

test('applies what follows, once', () => {
  const lane = laneAt(4)
  assert.deepEqual(lane.take('e1', items(5, 6)).items.map((item) => item.s), [5, 6])
  assert.deepEqual(lane.take('e1', items(5, 6, 7)).items.map((item) => item.s), [7])
  assert.deepEqual(lane.position(), { ep: 'e1', seq: 7 })
})

test('stops before a hole and says so', () => {
  const lane = laneAt(4)
  const { items: applied, hole } = lane.take('e1', items(5, 7))
  assert.deepEqual(applied.map((item) => item.s), [5])
  assert.equal(hole, true)
  assert.equal(lane.seq, 5)
})

test("another epoch's numbers are never applied", () => {
  const lane = laneAt(4)
  assert.deepEqual(lane.take('e2', items(5)), { items: [], hole: true })
  assert.equal(lane.seq, 4)
})

test('is behind only after two seconds without getting further', () => {
  const lane = laneAt(4)
  assert.equal(lane.isBehind(6, 1000), false)
  lane.take('e1', items(5))
  assert.equal(lane.isBehind(6, 2500), false, 'it moved: the two seconds begin again')
  assert.equal(lane.isBehind(6, 4499), false)
  assert.equal(lane.isBehind(6, 4500), true)
  lane.take('e1', items(6))
  assert.equal(lane.isBehind(6, 9000), false)
})

test('backs off with full jitter between the floor and thirty seconds', () => {
  assert.equal(backoff(0, 0, () => 1), 500)
  assert.equal(backoff(3, 0, () => 0.5), 2000)
  assert.equal(backoff(20, 0, () => 1), 30_000)
  assert.equal(backoff(20, 700, () => 0), 700)
})

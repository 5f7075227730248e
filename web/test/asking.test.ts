import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayWrite, muteOf, vouchAt } from '../src/room/asking.ts'

const room = (more: object = {}, view: object = {}) => ({ id: '01', info: { value: { state: 'live', policy: { guests: true }, ...more } }, view: { staff: false, verified: false, ...view }, me: { value: { mute: null } } }) as unknown as Parameters<typeof mayWrite>[0]

test('guests have no form where they are not taken, for good or for now', () => {
  assert.equal(mayWrite(room()), true)
  assert.equal(mayWrite(room({ policy: { guests: false } })), false)
  assert.equal(mayWrite(room({ verified: true })), false)
  assert.equal(mayWrite(room({ state: 'closed' })), false)
})

test('who was stopped until a time writes from then on', () => {
  const stopped = (now: number) => {
    const store = room({}, { now })
    store.me.value.mute = { until: 10_000, by: 'address' } as typeof store.me.value.mute
    return store
  }
  assert.equal(mayWrite(stopped(9_999)), false)
  assert.equal(muteOf(stopped(9_999))?.until, 10_000)
  assert.equal(mayWrite(stopped(10_000)), true)
  assert.equal(muteOf(stopped(10_000)), null)
})

test('whom the city knows writes where guests wait, and the others are told where to go', () => {
  const closed = { verified: true }
  assert.equal(mayWrite(room(closed, { verified: true })), true)
  assert.equal(vouchAt(room(closed)), '/signin/vouched?room=01')
  assert.equal(vouchAt(room(closed, { verified: true })), null)
  assert.equal(vouchAt(room(closed, { staff: true })), null)
  assert.equal(vouchAt(room({ ...closed, frozen: true })), null, 'nobody asks while it is frozen')
  assert.equal(vouchAt(room()), null)
})

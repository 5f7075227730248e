import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayWrite } from '../src/room/asking.ts'

const room = (more: object = {}) => ({ info: { value: { state: 'live', policy: { guests: true }, ...more } }, view: { staff: false }, me: { value: { mute: null } } }) as unknown as Parameters<typeof mayWrite>[0]

test('guests have no form where they are not taken, for good or for now', () => {
  assert.equal(mayWrite(room()), true)
  assert.equal(mayWrite(room({ policy: { guests: false } })), false)
  assert.equal(mayWrite(room({ verified: true })), false)
  assert.equal(mayWrite(room({ state: 'closed' })), false)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AIMS, endOf, fitting, mustConfirm, othersAt, spansOf, stepsOf, type Neighbours } from '../src/console/moderation/aim.ts'

const found = (more: Partial<Neighbours> = {}): Neighbours => ({ device: 2, address: 38, most: 20, ...more })

test('by device and by address less is possible, and for less long', () => {
  assert.deepEqual(AIMS.map((aim) => stepsOf(aim).length), [4, 3, 2])
  assert.deepEqual(AIMS.map((aim) => Math.max(...spansOf(aim).map(([minutes]) => minutes))), [43_200, 43_200, 1440])
})

test('what does not fit where one turns to becomes the nearest that does', () => {
  assert.deepEqual(fitting('address', 'ban', 10_080), { step: 'mute', minutes: 1440 })
  assert.deepEqual(fitting('address', 'suspend', 60), { step: 'suspend', minutes: 60 })
  assert.deepEqual(fitting('device', 'warn', 43_200), { step: 'mute', minutes: 43_200 })
})

test('how many others there are is said, or that it is not known', () => {
  assert.deepEqual(AIMS.map((aim) => othersAt(aim, found())), [0, 2, 38])
  assert.deepEqual(AIMS.map((aim) => othersAt(aim, found({ device: null }))), [0, null, 38])
  assert.deepEqual(AIMS.map((aim) => othersAt(aim, null)), [0, null, null])
})

test('only many at an address have to be seen first', () => {
  assert.deepEqual(AIMS.map((aim) => mustConfirm(aim, found({ device: 99 }))), [false, false, true])
  assert.equal(mustConfirm('address', found({ address: 20 })), false)
  assert.equal(mustConfirm('address', null), false)
})

test('the longest span is none too long where the clock here is a little ahead', () => {
  const [server, ahead, day] = [1_000_000, 900, 1440]
  assert.ok(endOf(server + ahead, day) <= server + day * 60_000)
  assert.equal(endOf(server, 60), server + 3_600_000, 'what is shorter ends when it says')
})

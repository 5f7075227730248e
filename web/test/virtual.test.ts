import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visibleRows } from '../src/console/virtual.ts'

test('every point of the window is covered, wherever ten thousand rows are scrolled to', () => {
  for (let top = 0; top <= 10_000 * 116 - 700; top += 997) {
    const rows = visibleRows(10_000, 116, top, 700, -1)
    assert.ok(rows[0]! * 116 <= top)
    assert.ok((rows[rows.length - 1]! + 1) * 116 >= top + 700)
    assert.ok(rows.length < 12)
  }
})

test('the row that has the focus stays, before or after what is in sight', () => {
  assert.deepEqual(visibleRows(100, 100, 5000, 200, 3).slice(0, 2), [3, 49])
  assert.equal(visibleRows(100, 100, 0, 200, 80).pop(), 80)
  assert.deepEqual(visibleRows(100, 100, 0, 200, 1), [0, 1, 2])
})

test('an empty list has no rows, and a list that has shrunk none that are gone', () => {
  assert.deepEqual(visibleRows(0, 100, 0, 500, 4), [])
  assert.deepEqual(visibleRows(2, 100, 900, 500, 7), [1])
})

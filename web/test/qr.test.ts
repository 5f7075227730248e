import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { qrImage } from '../src/console/create/qr.ts'
import { qrMatrix } from '../src/console/create/qr_matrix.ts'

/** Texts that fill each version to the last bit, so that makers of codes agree on every square. Rows are hexadecimal. */
interface Vector { text: string; mask: number; rows: string[]; size: number }
const vectors = JSON.parse(readFileSync(new URL('../../../test/qr_vectors.json', import.meta.url), 'utf8')) as Vector[]

for (const { text, mask, rows, size } of vectors)
  test(`a code of ${text.length} characters with mask ${mask} is the one another maker draws`, () => {
    const wanted = rows.map((row) => BigInt(`0x${row}`).toString(2).padStart(size, '0'))
    assert.deepEqual(qrMatrix(text, mask).map((row) => row.map(Number).join('')), wanted)
  })

test('the picture is dark on white and carries itself', () => {
  const address = qrImage('https://example.org/signin#invite=secret')
  assert.match(address, /^data:image\/svg\+xml,/)
  assert.ok(!address.includes('style'))
  assert.ok(!decodeURIComponent(address).includes('secret'))
})

test('what no code of ours can hold is refused', () => {
  assert.throws(() => qrMatrix('x'.repeat(300)), RangeError)
})

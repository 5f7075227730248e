/** Text to the codewords of a QR code: byte mode, level M, versions 1 to 10 (213 bytes are enough for any link of ours). */
import { divisor, remainder } from './reed_solomon.ts'

const CHECKS = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26]
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5]
const LAST = 10
const BYTE_MODE = 4

/** Bits that are neither finder, timing, alignment, format nor version. */
function room(version: number): number {
  let bits = (16 * version + 128) * version + 64
  if (version >= 2) {
    const marks = Math.floor(version / 7) + 2
    bits -= (25 * marks - 10) * marks - 55
    if (version >= 7) bits -= 36
  }
  return bits
}

const dataBytes = (version: number) => Math.floor(room(version) / 8) - CHECKS[version - 1]! * BLOCKS[version - 1]!
const countBits = (version: number) => (version < 10 ? 8 : 16)

export function codewords(text: string): { version: number; words: number[] } {
  const bytes = [...new TextEncoder().encode(text)]
  let version = 1
  while (4 + countBits(version) + bytes.length * 8 > dataBytes(version) * 8) if (++version > LAST) throw new RangeError('too long for a code')
  return { version, words: interleaved(version, padded(version, bytes)) }
}

function padded(version: number, bytes: number[]): number[] {
  const bits: number[] = []
  const put = (value: number, count: number) => {
    for (let i = count - 1; i >= 0; i--) bits.push((value >>> i) & 1)
  }
  put(BYTE_MODE, 4)
  put(bytes.length, countBits(version))
  for (const byte of bytes) put(byte, 8)
  const capacity = dataBytes(version) * 8
  put(0, Math.min(4, capacity - bits.length))
  put(0, (8 - (bits.length % 8)) % 8)
  for (let pad = 0xec; bits.length < capacity; pad ^= 0xec ^ 0x11) put(pad, 8)
  return Array.from({ length: bits.length / 8 }, (_, i) => bits.slice(i * 8, i * 8 + 8).reduce((sum, bit) => sum * 2 + bit, 0))
}

/** Split into blocks, each with its checks, then column by column: a scratch hurts every block a little. */
function interleaved(version: number, data: number[]): number[] {
  const [checks, count] = [CHECKS[version - 1]!, BLOCKS[version - 1]!]
  const long = data.length % count
  const short = Math.floor(data.length / count)
  const by = divisor(checks)
  const blocks: { data: number[]; checks: number[] }[] = []
  let at = 0
  for (let i = 0; i < count; i++) {
    const part = data.slice(at, (at += short + (i < count - long ? 0 : 1)))
    blocks.push({ data: part, checks: remainder(part, by) })
  }
  const words: number[] = []
  for (let i = 0; i <= short; i++) for (const block of blocks) if (block.data[i] !== undefined) words.push(block.data[i]!)
  for (let i = 0; i < checks; i++) for (const block of blocks) words.push(block.checks[i]!)
  return words
}

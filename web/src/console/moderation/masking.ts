/** Stretches of a text to be covered before it is shown: pure, positions count characters as the server does. */
import type { Reason } from '../../wire/frames.ts'

export interface Span { from: number; to: number }

const MASK = '\uff0a'
/** What the phases found that is nobody's to read. */
const COVERED = new Set(['personal'])

/** What is covered before anybody has chosen anything. */
export const found = (reasons: readonly Reason[], length: number): Span[] =>
  reasons.flatMap(({ phase, from, to }) =>
    COVERED.has(phase) && from !== undefined && to !== undefined && from < Math.min(to, length) ? [{ from, to: Math.min(to, length) }] : [],
  )

export function cover(body: string, spans: readonly Span[]): string {
  const letters = Array.from(body)
  for (const { from, to } of spans) letters.fill(MASK, from, to)
  return letters.join('')
}

/** A selection of a field counts halves of characters. */
export function toLetters(body: string, from: number, to: number): Span {
  return { from: Array.from(body.slice(0, from)).length, to: Array.from(body.slice(0, to)).length }
}

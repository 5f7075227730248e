/** Stretches of a text to be covered before it is shown: pure, positions count characters as the server does. */
import { MASK, type Span } from './spans.ts'

export function cover(body: string, spans: readonly Span[]): string {
  const letters = Array.from(body)
  for (const { from, to } of spans) letters.fill(MASK, from, to)
  return letters.join('')
}

/** A selection of a field counts halves of characters. */
export function toLetters(body: string, from: number, to: number): Span {
  return { from: Array.from(body.slice(0, from)).length, to: Array.from(body.slice(0, to)).length }
}

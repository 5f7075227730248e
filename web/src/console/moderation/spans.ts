/** A text in pieces: what the phases found in it, and what its author changed. Positions count characters, not halves. */
import type { Reason } from '../../wire/frames.ts'

export interface Piece { text: string; marked: boolean; masked: boolean }

/** What stands for each sign that is covered (`moderation/verdicts.py`). Anybody may write one: it is a mask only where a span says so. */
export const MASK = '*'

export interface Span { from: number; to: number }

/** The spans of the reasons as far as they lie in the text: a stored reason may be about an older, longer version. */
export function spansOf(reasons: readonly Reason[], length: number): Span[] {
  const found: Span[] = []
  for (const { from, to } of reasons) {
    if (from === undefined || to === undefined) continue
    const span = { from: Math.max(0, from), to: Math.min(length, to) }
    // All of a text marked marks nothing.
    if (span.from < span.to && span.to - span.from < length) found.push(span)
  }
  return found
}

/** Marked as the spans say; a span that holds nothing but masks was covered. */
export function pieces(body: string, spans: readonly Span[]): Piece[] {
  const letters = Array.from(body)
  const marked = new Array<boolean>(letters.length).fill(false)
  const masked = new Array<boolean>(letters.length).fill(false)
  for (const { from, to } of spans) marked.fill(true, from, to)
  for (const { from, to } of maskedIn(body, spans)) masked.fill(true, from, to)
  const found: Piece[] = []
  letters.forEach((letter, at) => {
    const last = found[found.length - 1]
    if (last && last.marked === marked[at] && last.masked === masked[at]) last.text += letter
    else found.push({ text: letter, marked: marked[at]!, masked: masked[at]! })
  })
  return found
}

/** Those of the spans in which every character is a mask. */
export function maskedIn(body: string, spans: readonly Span[]): Span[] {
  const letters = Array.from(body)
  return spans.filter(({ from, to }) => letters.slice(from, to).every((letter) => letter === MASK))
}

/** Where a new version differs from the one judged before: one span, from the first change to the last. */
export function changed(before: string, after: string): Span[] {
  const [was, is] = [Array.from(before), Array.from(after)]
  let from = 0
  while (from < was.length && from < is.length && was[from] === is[from]) from++
  let cut = 0
  while (cut < was.length - from && cut < is.length - from && was[was.length - 1 - cut] === is[is.length - 1 - cut]) cut++
  return from < is.length - cut ? [{ from, to: is.length - cut }] : []
}

/** The beginning of a text for a list, cut between characters; from a little before the first finding where that is far in. */
export function excerpt(body: string, spans: readonly Span[], most = 60): Piece[] {
  const line = body.replace(/\s/g, ' ')
  const letters = Array.from(line)
  const first = spans.reduce((least, span) => Math.min(least, span.from), Infinity)
  const start = first < Infinity && first > most / 2 && letters.length > most ? Math.max(0, first - 8) : 0
  const shift = spans.map(({ from, to }) => ({ from: Math.max(0, from - start), to: Math.max(0, Math.min(most, to - start)) }))
  const cut = pieces(letters.slice(start, start + most).join(''), shift.filter((span) => span.from < span.to))
  if (start > 0) cut.unshift({ text: '…', marked: false, masked: false })
  if (letters.length > start + most) cut.push({ text: '…', marked: false, masked: false })
  return cut
}

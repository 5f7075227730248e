/** Which rows of a long list are drawn: those in view, as many again on both sides, and the one that is current. */

export interface Window { first: number; last: number }

/** At least so many rows beyond each edge: a wheel moves further between two frames than one thinks. */
const BEYOND = 24

export function drawn(count: number, rowHeight: number, top: number, height: number): Window {
  if (count === 0 || rowHeight <= 0) return { first: 0, last: 0 }
  const seen = Math.ceil(height / rowHeight)
  const beyond = Math.max(BEYOND, seen)
  const at = Math.min(Math.max(0, Math.floor(top / rowHeight)), Math.max(0, count - seen))
  return { first: Math.max(0, at - beyond), last: Math.min(count, at + seen + beyond) }
}

export function indexes({ first, last }: Window, current: number): number[] {
  const found: number[] = []
  if (current >= 0 && current < first) found.push(current)
  for (let at = first; at < last; at++) found.push(at)
  if (current >= last) found.push(current)
  return found
}

/** Where to scroll so that a row is in view; null when it is. */
export function reveal(index: number, rowHeight: number, top: number, height: number): number | null {
  const from = index * rowHeight
  if (from < top) return from
  if (from + rowHeight > top + height) return from + rowHeight - height
  return null
}

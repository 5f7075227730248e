/** Which rows of a long list are in sight, with one more on either side, and the one that has the focus wherever it is. */
export function visibleRows(count: number, height: number, top: number, room: number, held: number): number[] {
  const first = Math.max(0, Math.min(Math.floor(top / height) - 1, count - 1))
  const last = Math.min(count - 1, Math.ceil((top + room) / height))
  const rows: number[] = []
  if (count > 0) for (let index = first; index <= last; index++) rows.push(index)
  if (held >= 0 && held < first && held < count) rows.unshift(held)
  if (held > last && held < count) rows.push(held)
  return rows
}

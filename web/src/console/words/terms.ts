/** A list of terms as it is written, and what somebody has changed of it before it is published. */

export const ACTIONS = ['hold', 'refuse', 'flag', 'mask'] as const
export const MATCHES = ['sound', 'split'] as const
export interface Term { term: string; category: string; action: string; match: string[] }

export const HEADER = 'term,category,action,match'

/** The server's own CSV, one term a line; quoted where a cell holds a comma, a quote or a line's end. */
export function parseCsv(text: string): Term[] {
  return cells(text).slice(1).filter((row) => row[0]).map(([term = '', category = '', action = '', match = '']) => ({ term, category, action: action || 'hold', match: (match || 'plain').split('+') }))
}

function cells(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!
    if (quoted) {
      if (letter !== '"') cell += letter
      else if (text[at + 1] === '"') cell += text[++at]
      else quoted = false
    } else if (letter === '"') quoted = true
    else if (letter === ',' || letter === '\n') {
      row.push(cell)
      cell = ''
      if (letter === '\n') rows.push(row.splice(0))
    } else if (letter !== '\r') cell += letter
  }
  if (cell || row.length) rows.push([...row, cell])
  return rows
}

const quotedCell = (cell: string): string => (/[",\n\r]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell)

export const toCsv = (terms: readonly Term[]): string =>
  [HEADER, ...terms.map((one) => [one.term, one.category, one.action, one.match.join('+')].map(quotedCell).join(','))].join('\n') + '\n'

export interface Row extends Term { change: 'none' | 'put' | 'removed' }

/** The list with what was changed of it: new terms first, then the others in their order, those removed still in sight. */
export function rowsOf(terms: readonly Term[], put: ReadonlyMap<string, Term>, removed: ReadonlySet<string>, wanted: string): Row[] {
  const known = new Set(terms.map((one) => one.term))
  const fresh = [...put.values()].filter((one) => !known.has(one.term)).map((one): Row => ({ ...one, change: 'put' }))
  const rows = terms.map((one): Row => (removed.has(one.term) ? { ...one, change: 'removed' } : put.has(one.term) ? { ...put.get(one.term)!, change: 'put' } : { ...one, change: 'none' }))
  const words = wanted.trim().toLowerCase()
  return [...fresh, ...rows].filter((one) => words === '' || one.term.toLowerCase().includes(words) || one.category.toLowerCase().includes(words))
}

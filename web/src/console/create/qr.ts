/** An invitation's link as a picture, made in the browser: what stands behind # never reaches a server. */
import { qrMatrix } from './qr_matrix.ts'

const QUIET = 4

/** An address for an `img`: the pages' policy allows pictures that carry themselves, and no inline style is needed. */
export function qrImage(text: string): string {
  const rows = qrMatrix(text)
  const size = rows.length + QUIET * 2
  const squares = rows.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x + QUIET} ${y + QUIET}h1v1h-1z`] : [])))
  // Black on white in every theme: scanners fail on inverted codes.
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#1D2327" d="${squares.join('')}"/></svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}

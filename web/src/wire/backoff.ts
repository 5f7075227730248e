/** Full jitter: a whole audience must not come back in one instant. */
export function backoff(attempt: number, floorMs: number, random: () => number): number {
  const ceiling = Math.min(30_000, 500 * 2 ** Math.min(attempt, 10))
  return floorMs + random() * ceiling
}

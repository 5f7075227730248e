import type { Item, Position } from './frames.ts'

export type Applied = { items: Item[]; hole: boolean }

/** One lane as this client has it. The client rule: apply only `s == seq + 1`, drop lower, a hole means join again. */
export class Lane {
  ep: string | null = null
  seq = 0
  /** When heartbeats began to be ahead of us; null while they are not. */
  aheadSince: number | null = null
  private behind = 0

  position(): Position | null {
    return this.ep === null ? null : { ep: this.ep, seq: this.seq }
  }

  restart(ep: string | null, seq: number): void {
    this.ep = ep
    this.seq = seq
    this.aheadSince = null
  }

  take(ep: string, items: Item[]): Applied {
    // Another epoch's numbers say nothing here: the reset and the snapshot that follow will.
    if (ep !== this.ep) return { items: [], hole: true }
    const applied: Item[] = []
    for (const item of items) {
      if (item.s <= this.seq) continue
      if (item.s !== this.seq + 1) return { items: applied, hole: true }
      this.seq = item.s
      applied.push(item)
    }
    return { items: applied, hole: false }
  }

  /** Whether a heartbeat's head has been ahead for two seconds, so that the lane must be joined again. */
  isBehind(head: number, now: number): boolean {
    if (head <= this.seq) {
      this.aheadSince = null
      return false
    }
    if (this.aheadSince === null || this.behind !== this.seq) {
      this.aheadSince = now
      this.behind = this.seq
    }
    return now - this.aheadSince >= 2000
  }
}

/** The waiting posts of all rooms as this moderator knows them: pages of the server's queue, and what the lanes add. */
import type { Reason, Waiting } from '../../wire/frames.ts'

export type Entry = Waiting
export type Standing = 'free' | 'mine' | 'held'

/** Whose the post is at `now` (the server's clock): a lease that has run out is nobody's. */
export function standing(entry: Entry, me: string, now: number): Standing {
  if (!entry.lease_by || entry.lease_until <= now) return 'free'
  return entry.lease_by === me ? 'mine' : 'held'
}

export interface Filter { room: string; phase: string }

export const phasesOf = (reasons: readonly Reason[]): string[] => [...new Set(reasons.map((reason) => reason.phase))]

/** What a person should look at first: a finding says more than the room's rule that everything is held. */
export const mainReason = (reasons: readonly Reason[]): Reason | undefined =>
  reasons.find((reason) => reason.phase !== 'premoderation')

export class Queue {
  private entries: Entry[] = []
  /** The newest version decided or gone of a post, so that a slower answer does not bring it back. */
  private readonly gone = new Map<string, number>()
  /** When a post's claim was last changed here; an answer asked for before that knows an older one. */
  private readonly touched = new Map<string, number>()
  private clock = 0

  /** A mark to take before asking the server, and to give with its answer. */
  mark(): number {
    return this.clock
  }

  private touch(post: string): void {
    this.touched.set(post, ++this.clock)
    if (this.touched.size > 2000) this.touched.delete(this.touched.keys().next().value!)
  }

  private newerHere(post: string, asked: number): boolean {
    return (this.touched.get(post) ?? 0) > asked
  }

  /** The answer's entry, with the claim as it is known here where that is newer. */
  private joined(entry: Entry, asked: number): Entry {
    const known = this.newerHere(entry.post, asked) ? this.get(entry.post) : undefined
    if (known === undefined) return entry
    return known.ver > entry.ver ? known : { ...entry, lease_by: known.lease_by, lease_until: known.lease_until }
  }

  get list(): readonly Entry[] {
    return this.entries
  }

  get(post: string): Entry | undefined {
    return this.entries.find((entry) => entry.post === post)
  }

  /** The oldest entries, as one page has them: what is missing among them has left the queue. */
  head(page: readonly Entry[], whole: boolean, asked = this.clock): void {
    const fresh = page.filter((entry) => this.waits(entry)).map((entry) => this.joined(entry, asked))
    const known = new Set(page.map((entry) => entry.post))
    const last = page[page.length - 1]
    const cut = last ? this.entries.findIndex((entry) => entry.post === last.post) : -1
    const rest = this.entries.filter(
      (entry, at) => !known.has(entry.post) && ((!whole && at > cut) || this.newerHere(entry.post, asked)),
    )
    this.entries = [...fresh, ...rest]
  }

  /** More entries: known ones are renewed where they stand, new ones join at the end. */
  merge(entries: readonly Entry[], asked = this.clock): void {
    const waiting = entries.filter((entry) => this.waits(entry)).map((entry) => this.joined(entry, asked))
    const wanted = new Map(waiting.map((entry) => [entry.post, entry]))
    const kept = this.entries.map((entry) => {
      const newer = wanted.get(entry.post)
      wanted.delete(entry.post)
      return newer && newer.ver >= entry.ver ? newer : entry
    })
    this.entries = [...kept, ...wanted.values()]
  }

  claim(post: string, by: string | null, until: number): void {
    this.touch(post)
    this.entries = this.entries.map((entry) => (entry.post === post ? { ...entry, lease_by: by, lease_until: until } : entry))
  }

  remove(post: string, ver: number): void {
    this.gone.set(post, Math.max(ver, this.gone.get(post) ?? 0))
    if (this.gone.size > 2000) this.gone.delete(this.gone.keys().next().value!)
    this.entries = this.entries.filter((entry) => entry.post !== post || entry.ver > ver)
  }

  /** What was just leased to me: said by the server itself, newer than any page. */
  hold(entries: readonly Entry[], by: string): void {
    this.merge(entries.map((entry) => ({ ...entry, lease_by: by })))
    for (const entry of entries) this.touch(entry.post)
  }

  /** A decision that did not count: the post is back where it was. */
  putBack(entry: Entry, at: number): void {
    this.gone.delete(entry.post)
    if (this.get(entry.post)) return
    this.entries = [...this.entries.slice(0, at), entry, ...this.entries.slice(at)]
  }

  private waits(entry: Entry): boolean {
    return entry.ver > (this.gone.get(entry.post) ?? 0)
  }
}

export const passes = (entry: Entry, filter: Filter): boolean =>
  (filter.room === '' || entry.room === filter.room) &&
  (filter.phase === '' || entry.reasons.some((reason) => reason.phase === filter.phase))

export interface Count { n: number; oldest: number }

/** How many wait and since when: of all, by room, by phase. */
export function counts(entries: readonly Entry[]): { all: Count; rooms: Map<string, Count>; phases: Map<string, number> } {
  const all: Count = { n: 0, oldest: Infinity }
  const rooms = new Map<string, Count>()
  const phases = new Map<string, number>()
  for (const entry of entries) {
    const room = rooms.get(entry.room) ?? { n: 0, oldest: Infinity }
    rooms.set(entry.room, room)
    for (const count of [all, room]) {
      count.n++
      count.oldest = Math.min(count.oldest, entry.at)
    }
    for (const phase of phasesOf(entry.reasons)) if (phase !== 'premoderation') phases.set(phase, (phases.get(phase) ?? 0) + 1)
  }
  return { all, rooms, phases }
}

/** One step up or down from a post, over what a colleague holds: that is not mine to look at. */
export function step(entries: readonly Entry[], from: string, by: 1 | -1, me: string, now: number): string {
  const here = entries.findIndex((entry) => entry.post === from)
  for (let at = here < 0 ? (by > 0 ? 0 : entries.length - 1) : here + by; at >= 0 && at < entries.length; at += by) {
    if (standing(entries[at]!, me, now) !== 'held') return entries[at]!.post
  }
  return from
}

/** Colours of the clock from policy: from ten minutes amber, from twenty red; the word and the time are always there. */
export const lateness = (ms: number): '' | 'warn' | 'late' => (ms >= 20 * 60_000 ? 'late' : ms >= 10 * 60_000 ? 'warn' : '')

/** What of a room's lane a reader sees, in which order, and what is waiting above it. No side effects. */
import { threads, type LaneState, type Post, type Thread } from './room.ts'

export type Sort = 'new' | 'votes' | 'waiting'
/** `all`, `answered`, `open`, `mine`, or the id of a department. */
export type Show = string
export interface Wish { shown: number; sort: Sort; show: Show; mine: ReadonlySet<string> }

/** A thread as far as it is shown; the same object as long as nothing of it changes, so that nothing of it is drawn again. */
export interface Row { id: string; root: Post; replies: Post[]; answered: boolean; sign: string }
export interface Unread { all: number; answers: number }
export interface Digest { n: number; m: number; k: number; dept: string | null }

export function arrange(lane: LaneState, wish: Wish, held: ReadonlyMap<string, Row>): Row[] {
  const lead = lane.room?.lead ?? null
  const invited = (lane.room?.departments ?? []).map((one) => one.id)
  const places = [lead, ...invited.filter((id) => id !== lead)]
  const rows: Row[] = []
  for (const thread of threads(lane)) {
    if (thread.root.s > wish.shown) continue
    const row = rowOf(thread, wish.shown, places)
    if (!wanted(row, wish)) continue
    const known = held.get(row.id)
    rows.push(known?.sign === row.sign ? known : row)
  }
  if (wish.sort === 'votes') return rows.sort((a, b) => score(lane, b.id) - score(lane, a.id))
  return wish.sort === 'waiting' ? rows.sort((a, b) => Number(a.answered) - Number(b.answered) || a.root.s - b.root.s) : rows
}

/** An order that was chosen stays: votes come in all the time, and a list that moves cannot be read. */
export function keepOrder(rows: Row[], before: Row[]): Row[] {
  const places = new Map(before.map((row, at) => [row.id, at]))
  return rows.sort((a, b) => (places.get(a.id) ?? -1) - (places.get(b.id) ?? -1))
}

export function unreadOf(lane: LaneState, shown: number): Unread {
  const fresh = after(lane, shown)
  return { all: fresh.length, answers: fresh.filter((post) => post.kind === 'reply').length }
}

export function digestOf(lane: LaneState, since: number): Digest {
  const fresh = after(lane, since)
  const answers = fresh.filter((post) => post.kind === 'reply')
  const questions = fresh.filter((post) => post.kind === 'question')
  return { n: fresh.length, m: answers.length, k: questions.length, dept: answers[answers.length - 1]?.by?.dept ?? null }
}

/** The topmost thing in the list that was not there before: where the focus goes. */
export function firstNew(rows: Row[], shownBefore: number): string | null {
  for (const { root, replies } of rows) {
    if (root.s > shownBefore) return root.id
    const reply = replies.find((one) => one.s > shownBefore)
    if (reply) return reply.id
  }
  return null
}

/** Where the next page of older threads begins. What is pinned or on stage may be from long before it. */
export function oldestOf(lane: LaneState): number {
  const apart = new Set([...lane.pinned, ...lane.stage])
  const roots = threads(lane).map(({ root }) => root)
  const here = roots.filter((root) => !apart.has(root.id))
  return Math.min(...(here.length > 0 ? here : roots).map((root) => root.s))
}

/** An afternoon of a busy room is more than a phone should hold; what is forgotten can be loaded again. */
export function trim(lane: LaneState, most: number): void {
  if (lane.order.length <= most) return
  const kept = new Set([...lane.pinned, ...lane.stage])
  const roots = threads(lane)
  let left = lane.order.length
  for (let at = roots.length - 1; at >= 0 && left > most; at--) {
    const { root, replies } = roots[at]!
    if (kept.has(root.id)) continue
    for (const post of [root, ...replies]) {
      delete lane.posts[post.id]
      delete lane.tally[post.id]
      left--
    }
    lane.more = true
  }
  lane.order = lane.order.filter((id) => lane.posts[id] !== undefined)
}

// From the newest back: what is new stands at the end, and a busy room has thousands before it.
function after(lane: LaneState, since: number): Post[] {
  const found: Post[] = []
  for (let at = lane.order.length - 1; at >= 0; at--) {
    const post = lane.posts[lane.order[at]!]!
    if (post.s <= since) break
    if (!post.redacted) found.push(post)
  }
  return found.reverse()
}

function rowOf({ root, replies }: Thread, shown: number, places: (string | null)[]): Row {
  const seen = inOrder(replies.filter((reply) => reply.s <= shown), places)
  const sign = [root, ...seen].map((post) => `${post.s}.${post.ver}${post.redacted ? 'x' : ''}`).join()
  const answered = seen.some((reply) => !reply.redacted && reply.kind === 'reply')
  return { id: root.id, root: { ...root }, replies: seen.map((reply) => ({ ...reply })), answered, sign }
}

/** The lead speaks first, then the others as they were invited; from the first follow-up on, it is a conversation. */
function inOrder(replies: Post[], places: (string | null)[]): Post[] {
  const follow = replies.findIndex((reply) => reply.kind === 'comment')
  const end = follow < 0 ? replies.length : follow
  const place = (post: Post) => {
    const at = places.indexOf(post.by?.dept ?? '')
    return at < 0 ? places.length : at
  }
  return [...replies.slice(0, end).sort((a, b) => place(a) - place(b)), ...replies.slice(end)]
}

function wanted(row: Row, { show, mine }: Wish): boolean {
  if (show === 'all') return true
  if (show === 'answered') return row.answered
  if (show === 'open') return !row.answered && !row.root.redacted && row.root.kind === 'question'
  if (show === 'mine') return mine.has(row.id) || row.replies.some((reply) => mine.has(reply.id))
  return row.replies.some((reply) => reply.by?.dept === show)
}

const score = (lane: LaneState, id: string): number => {
  const [up, down] = lane.tally[id] ?? [0, 0]
  return up - down
}

/** A room's public or desk lane as this reader has it: a snapshot, and events applied in order. No side effects. */
import type { By, Item, Me, RoomInfo, Snap } from '../wire/frames.ts'

export interface Post {
  id: string
  s: number
  at: number
  redacted: boolean
  reason: string | null
  kind: string
  by: By | null
  body: string
  ver: number
  number: number | null
  reply_to: string | null
  askers: number
}

export interface Thread { root: Post; replies: Post[] }

export interface LaneState {
  room: RoomInfo | null
  seq: number
  posts: Record<string, Post>
  order: string[] // ids in order of publication
  pinned: string[]
  stage: string[]
  tally: Record<string, [number, number]>
  more: boolean
}

export const emptyLane = (): LaneState => ({ room: null, seq: 0, posts: {}, order: [], pinned: [], stage: [], tally: {}, more: false })

export const emptyMe = (): Me => ({ ver: 0, posts: [], mute: null, votes: {}, wait_p50_s: null })

/** The whole of what concerns only this user replaces what was known; an older one never does. */
export const newerMe = (held: Me, told: Me): Me => (told.ver >= held.ver ? told : held)

export function applySnap(lane: LaneState, snap: Snap): void {
  lane.posts = {}
  lane.order = []
  for (const item of snap.x) publish(lane, item)
  if (snap.l === 'pub') lane.room = snap.state
  lane.seq = snap.head
  lane.pinned = [...snap.pinned]
  lane.stage = [...snap.stage]
  lane.tally = { ...snap.tally }
  lane.more = snap.more
}

export function applyItem(lane: LaneState, item: Item): void {
  lane.seq = item.s
  switch (item.k) {
    case 'msg':
      return publish(lane, item)
    case 'edit':
      return edit(lane, item)
    case 'redact':
      return redact(lane, item)
    case 'restore':
      return restore(lane, item)
    case 'askers':
      if (lane.posts[item.id]) lane.posts[item.id]!.askers = item.askers ?? 1
      return
    case 'pin':
      lane.pinned = marked(lane.pinned, item)
      return
    case 'stage':
      // A room has one stage.
      lane.stage = item.on ? [item.id] : lane.stage.filter((id) => id !== item.id)
      return
    case 'state':
      if (lane.room && item.state) lane.room.state = item.state
      return
    case 'set':
      return set(lane, item)
    case 'seat':
      return
  }
}

export function applyTally(lane: LaneState, tally: Record<string, [number, number]>): void {
  for (const [post, votes] of Object.entries(tally)) lane.tally[post] = votes
}

/** Threads by their roots, newest first. A reply stands below the root of what it answers. */
export function threads(lane: LaneState): Thread[] {
  const found = new Map<string, Thread>()
  for (const id of lane.order) {
    const post = lane.posts[id]!
    const thread = post.reply_to === null ? undefined : found.get(rootOf(lane, post))
    if (thread) thread.replies.push(post)
    else found.set(id, { root: post, replies: [] })
  }
  return [...found.values()].sort((a, b) => b.root.s - a.root.s)
}

export function rootOf(lane: LaneState, post: Post): string {
  let here = post
  while (here.reply_to !== null && lane.posts[here.reply_to] !== undefined) here = lane.posts[here.reply_to]!
  return here.id
}

export const isAnswered = (thread: Thread): boolean => thread.replies.some((reply) => !reply.redacted && reply.kind === 'reply')

function publish(lane: LaneState, item: Item): void {
  if (lane.posts[item.id] === undefined) lane.order.push(item.id)
  lane.posts[item.id] = {
    id: item.id,
    s: item.s,
    at: item.at,
    redacted: item.redacted === true,
    reason: null,
    kind: item.kind ?? '',
    by: item.by ?? null,
    body: item.body ?? '',
    ver: item.ver ?? 1,
    number: item.number ?? null,
    reply_to: item.reply_to ?? null,
    askers: item.askers ?? 1,
  }
}

function edit(lane: LaneState, item: Item): void {
  const post = lane.posts[item.id]
  if (post === undefined || item.redacted) return
  post.body = item.body ?? ''
  post.ver = item.ver ?? post.ver + 1
}

function redact(lane: LaneState, item: Item): void {
  const post = lane.posts[item.id]
  if (post === undefined) return
  // Gone from memory too, not only from the screen: nothing of ours shows it again.
  post.redacted = true
  post.reason = item.reason ?? null
  post.body = ''
  post.by = null
  delete lane.tally[item.id]
}

function restore(lane: LaneState, item: Item): void {
  const post = lane.posts[item.id]
  if (post === undefined || item.redacted) return
  post.redacted = false
  post.reason = null
  post.body = item.body ?? ''
  post.ver = item.ver ?? post.ver
  post.by = item.by ?? null
  post.kind = item.kind ?? post.kind
  post.number = item.number ?? post.number
  post.reply_to = item.reply_to ?? post.reply_to
  post.askers = item.askers ?? post.askers
}

function set(lane: LaneState, item: Item): void {
  if (lane.room === null) return
  if (item.policy) lane.room.policy = { ...lane.room.policy, ...item.policy }
  if (item.departments) lane.room.departments = item.departments
  if (typeof item.freeze === 'boolean') lane.room.frozen = item.freeze
  if (typeof item.hold === 'boolean') lane.room.hold = item.hold
  if (typeof item.verified === 'boolean') lane.room.verified = item.verified
  if (typeof item.until === 'number') lane.room.until = item.until || null
}

function marked(ids: string[], item: Item): string[] {
  const others = ids.filter((id) => id !== item.id)
  return item.on ? [...others, item.id] : others
}

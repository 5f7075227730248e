/** The questions before the snapshot: who waits longest is among them, so they are fetched without being asked for. */
import { applyItem, type LaneState } from '../../state/room.ts'
import type { Item } from '../../wire/frames.ts'
import { line } from '../line.ts'

const PAGE = 200
const MOST = 10_000

interface Listed extends Item { tally?: [number, number]; replies?: Item[] }

export async function loadEarlier(room: string, lane: LaneState): Promise<void> {
  let before: string | null = null
  try {
    for (let fetched = 0; fetched < MOST; fetched += PAGE) {
      const place: string = before === null ? '' : `&before=${encodeURIComponent(before)}`
      const page = (await line.get(`/api/v1/rooms/${room}/questions?limit=${PAGE}${place}`)) as { items: Listed[]; next: string | null }
      for (const thread of page.items) add(lane, thread)
      before = page.next
      if (before === null) break
    }
    lane.more = false
  } catch {
    // The next snapshot begins again.
  }
}

/** What the lane has already is newer than a page that was read before. */
function add(lane: LaneState, thread: Listed): void {
  const seq = lane.seq
  for (const item of [thread, ...(thread.replies ?? [])]) {
    if (lane.posts[item.id] === undefined) applyItem(lane, { ...item, k: 'msg' })
  }
  lane.seq = seq
  if (thread.tally) lane.tally[thread.id] ??= thread.tally
}

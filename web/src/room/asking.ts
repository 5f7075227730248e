/** Whether this person may write here, and what holds a finished question back. The server decides; this is what is said before. */
import { t } from '../i18n.ts'
import { kept } from '../shared/keep.ts'
import { moment } from '../shared/words.ts'
import type { RoomStore } from './store.ts'

export const LIMIT = 2000
export type Blocked = 'sending' | 'offline' | 'kicked' | 'paused' | 'frozen' | 'slow' | null

export const draftPlace = (store: RoomStore, replyTo?: string): string => `draft.${store.id}.${replyTo ?? 'question'}`
export const keptDraft = (store: RoomStore): string => kept(draftPlace(store))

// Beyond so many the place moves faster than it can be read.
const EXACT = 20

/** A place in the queue, said in the same words wherever it stands: exact where that helps, a rough one where it moves anyway. */
export const aheadText = (ahead: number): string =>
  ahead > EXACT ? t('queue.ahead_about', { n: Math.round(ahead / 10) * 10 }) : t('queue.ahead', { n: ahead })

/** What keeps somebody from posting, and until when. */
export const muteText = ({ kind, by, until }: { kind?: string; by?: string; until: number }): string =>
  t(by === 'address' ? 'me.address_stopped' : by === 'device' ? 'me.device_stopped' : kind === 'ban' ? 'me.banned' : kind === 'suspend' ? 'me.suspended' : 'me.muted', { t: moment(until) })

/** What keeps somebody from posting now; what has run out by itself nobody is told of. */
export function muteOf(store: RoomStore): RoomStore['me']['value']['mute'] {
  const { mute } = store.me.value
  return mute !== null && mute.until > store.view.now ? mute : null
}

/** A field to write in; where it is not yet the time to send, the draft waits. */
export function mayWrite(store: RoomStore): boolean {
  const room = store.info.value
  if (room === null || store.view.staff || muteOf(store)) return false
  if (guestsWait(store) && !store.view.verified) return false
  return room.state === 'live' || room.state === 'paused' || (room.state === 'scheduled' && room.policy.before)
}

/** Whether only those write whom the city knows (`gateway/pages/room.py`). */
export function guestsWait(store: RoomStore): boolean {
  const room = store.info.value
  return room !== null && (!room.policy.guests || room.verified === true)
}

/** Where they say so, and how to become one; null where that is not what keeps somebody from writing. */
export function vouchAt(store: RoomStore): string | null {
  const room = store.info.value
  const open = room !== null && !room.frozen && (room.state === 'live' || room.state === 'scheduled')
  return open && !store.view.staff && !store.view.verified && guestsWait(store) ? `/signin/vouched?room=${store.id}` : null
}

export function blockedBy(store: RoomStore): Blocked {
  const { status, told } = store.conn.state
  if (status === 'kicked') return 'kicked'
  if (status === 'offline' || (status !== 'live' && told !== '')) return 'offline'
  if (store.info.value?.state === 'paused') return 'paused'
  if (store.info.value?.frozen) return 'frozen'
  return store.slowUntil() > store.view.now ? 'slow' : null
}

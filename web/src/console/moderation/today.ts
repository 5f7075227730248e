/** What I decided today: kept by the server, so that a reload, or another desk, has it too. */
import { reactive } from 'vue'
import { account } from '../account.ts'
import { line } from '../line.ts'
import type { Entry } from './queue.ts'

export interface Done {
  post: string
  ver: number
  room: string
  body: string
  verdict: 'publish' | 'reject' | 'merge'
  reason: string | null
  at: number
  /** `hidden`: published and hidden again; `reopened`: refused and waiting again. */
  state: 'standing' | 'hidden' | 'reopened' | 'reinstated'
}
interface Decided extends Entry { ruled: { verdict: Done['verdict']; by: string; reason: string | null; at: number } }

const CITY_MS = 8 * 3600 * 1000
const DAY_MS = 24 * 3600 * 1000
const LISTED = 200

/** Midnight in the city before `now`. */
export const midnight = (now: number): number => Math.floor((now + CITY_MS) / DAY_MS) * DAY_MS - CITY_MS

export class Today {
  readonly list = reactive<Done[]>([])

  async load(now: number): Promise<void> {
    const answer = await line.get(`/api/v1/queue?state=decided&limit=${LISTED}`).catch(() => null)
    if (answer === null) return
    const known = new Set(this.list.map((done) => `${done.post}.${done.ver}`))
    for (const { post, ver, room, body, ruled } of answer.items as Decided[]) {
      if (ruled?.by !== account.id || ruled.at < midnight(now) || known.has(`${post}.${ver}`)) continue
      const state = ruled.verdict === 'publish' && body === '' ? 'hidden' : 'standing'
      this.list.push({ post, ver, room, body, verdict: ruled.verdict, reason: ruled.reason, at: ruled.at, state })
    }
  }

  add(entry: Entry, verdict: Done['verdict'], reason: string | null, at: number): Done {
    const { post, ver, room, body } = entry
    this.list.unshift({ post, ver, room, body, verdict, reason, at, state: 'standing' })
    return this.list[0]!
  }
}

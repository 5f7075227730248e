/** Colleagues at the same desk: who is at which question, and what my department has written. Nothing of it is stored. */
import { reactive } from 'vue'
import type { Frame } from '../../wire/frames.ts'
import { line } from '../line.ts'

export interface Colleague { conn: string; name: string; dept: string | null; post: string | null; doing: string; since: number }
export interface SharedDraft { body: string; name: string; conn: string; at: number }

// The server forgets who has not spoken for a minute; drafts go out at the pace of thinking, not of typing.
const AGAIN_MS = 45_000
const DRAFT_MS = 900

export class Company {
  readonly view = reactive({ here: [] as Colleague[], drafts: {} as Record<string, SharedDraft> })
  private readonly room: string
  private readonly may: (action: string) => boolean
  private where: { post: string | null; doing: string } = { post: null, doing: 'idle' }
  private toldAt = 0
  private timer = 0
  private version = 0

  constructor(room: string, may: (action: string) => boolean) {
    this.room = room
    this.may = may
  }

  hear(frame: Frame): void {
    if (frame.t === 'presence' && frame.l === 'desk') this.view.here = (frame.x as Colleague[]).filter((one) => one.conn !== line.id)
    if (frame.t !== 'draft' || frame.conn === line.id) return
    if (frame.body) this.view.drafts[frame.post] = { body: frame.body, name: frame.by?.name ?? '', conn: frame.conn, at: frame.at }
    else delete this.view.drafts[frame.post]
  }

  at = (post: string): Colleague[] => this.view.here.filter((one) => one.post === post)

  read(post: string | null): void {
    this.tell(post, post === null ? 'idle' : 'reading')
  }

  write(post: string, body: string): void {
    if (this.where.post !== post || this.where.doing !== 'writing') this.tell(post, 'writing')
    if (!this.may('draft.share')) return
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.send('draft', { post, body, ver: ++this.version }), DRAFT_MS)
  }

  tick(now: number): void {
    if (now - this.toldAt > AGAIN_MS && this.where.post !== null) this.tell(this.where.post, 'reading')
  }

  /** After a new connection the others know nothing of me. */
  again(): void {
    this.version = Math.max(this.version, 0)
    this.tell(this.where.post, this.where.doing)
  }

  leave(): void {
    window.clearTimeout(this.timer)
    this.read(null)
  }

  private tell(post: string | null, doing: string): void {
    this.where = { post, doing }
    this.toldAt = Date.now()
    if (this.may('presence.tell')) this.send('presence', { ...(post === null ? {} : { post }), doing })
  }

  /** What nobody heard is not said later: it would no longer be so. */
  private send(t: string, fields: Record<string, unknown>): void {
    if (line.client.status === 'live') line.command(t, { room: this.room, ...fields }).catch(() => undefined)
  }
}

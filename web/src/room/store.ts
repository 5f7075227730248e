/** What the islands of the room page share: one client, one state, and what of it is on screen. */
import { computed, reactive } from 'vue'
import { has, t } from '../i18n.ts'
import { connection } from '../shared/connection.ts'
import { keep, kept } from '../shared/keep.ts'
import { applyItem, applySnap, applyTally, emptyLane, emptyMe, newerMe, threads, type LaneState, type Thread } from '../state/room.ts'
import { becomeGuest, page, world } from '../wire/browser.ts'
import { Client } from '../wire/client.ts'
import type { Frame, Item, Me } from '../wire/frames.ts'

const DIGEST_MS = 30_000

export class RoomStore {
  readonly room: string
  readonly lane: LaneState = reactive(emptyLane())
  readonly view = reactive({ me: emptyMe() as Me, viewers: 0, shown: 0, paused: false, sheet: false, own: '', digest: '', ready: false, staff: page.signed === 'staff' })
  readonly conn = connection()
  readonly client: Client
  private digested = { at: 0, seq: 0 }

  constructor(room: string, ready: () => void) {
    this.room = room
    this.client = new Client(world, {
      status: (status, code) => this.conn.changed(status, code),
      snap: (snap) => {
        applySnap(this.lane, snap)
        this.view.shown = this.lane.seq
        if (!this.view.ready) ready()
        this.view.ready = true
      },
      items: (_room, lane, items) => lane === 'pub' && this.take(items),
      reset: () => this.conn.reset(),
      hb: (hb) => (this.view.viewers = hb.viewers),
      tally: (_room, tally) => applyTally(this.lane, tally),
      me: (_room, me) => this.mine(me as unknown as Me),
    })
  }

  /** All threads that may be on screen: what came after `shown` waits for the pill, what was hidden goes at once. */
  readonly threads = computed<Thread[]>(() =>
    threads(this.lane)
      .filter(({ root }) => root.s <= this.view.shown)
      .map(({ root, replies }) => ({ root, replies: replies.filter((reply) => reply.s <= this.view.shown) })),
  )

  readonly unread = computed(() => {
    const fresh = Object.values(this.lane.posts).filter((post) => post.s > this.view.shown && !post.redacted)
    return { all: fresh.length, answers: fresh.filter((post) => post.kind === 'reply').length }
  })

  start(): void {
    this.client.join(this.room, ['pub'])
    this.client.start()
    window.addEventListener('online', () => this.client.kick())
    window.addEventListener('scroll', () => this.settle(), { passive: true })
    window.setInterval(() => this.speak(), 5000)
  }

  /** Shows what waits. Answers the first new post, for the focus. */
  reveal(): string | null {
    const first = this.lane.order.find((id) => (this.lane.posts[id]?.s ?? 0) > this.view.shown)
    this.view.shown = this.lane.seq
    return first ?? null
  }

  async vote(post: string, value: 1 | -1): Promise<void> {
    const before = this.votedFor(post)
    const now = before === value ? 0 : value
    await this.somebody('')
    await this.client.command('vote', { post, v: now })
    keep(`vote.${post}`, now === 0 ? '' : String(now))
    this.votes[post] = now
  }

  readonly votes = reactive<Record<string, number>>({})

  votedFor(post: string): number {
    return this.votes[post] ?? Number(kept(`vote.${post}`) || 0)
  }

  async post(kind: 'question' | 'comment', body: string, cid: string, name: string, replyTo?: string): Promise<Frame> {
    await this.somebody(name)
    return this.client.command('post', { room: this.room, cid, kind, body, ...(replyTo ? { reply_to: replyTo } : {}) })
  }

  private async somebody(name: string): Promise<void> {
    if (page.signed !== 'none') return
    await becomeGuest(name)
    this.client.reconnect()
  }

  private take(items: Item[]): void {
    for (const item of items) applyItem(this.lane, item)
    this.settle()
  }

  /** New posts enter by themselves only above somebody who is at the top and busy with nothing. */
  settle(): void {
    const selection = window.getSelection()
    const reading = selection !== null && !selection.isCollapsed
    const inside = document.getElementById('stream')?.contains(document.activeElement) ?? false
    if (window.scrollY < 80 && !this.view.paused && !this.view.sheet && !reading && !inside) this.view.shown = this.lane.seq
  }

  private mine(told: Me): void {
    const before = new Map(this.view.me.posts.map((post) => [post.post, post.state]))
    this.view.me = newerMe(this.view.me, told)
    for (const post of this.view.me.posts) {
      const known = before.get(post.post)
      // One's own verdicts are spoken at once, in their own region.
      if (known !== undefined && known !== post.state && has(`post.${STATE_WORD[post.state]}`))
        this.view.own = t('stream.digest_own', { text: t(`post.${STATE_WORD[post.state]}`, { n: post.ahead ?? 0 }) })
    }
  }

  private speak(): void {
    const now = Date.now()
    if (document.visibilityState !== 'visible' || now - this.digested.at < DIGEST_MS) return
    const fresh = Object.values(this.lane.posts).filter((post) => post.s > this.digested.seq && !post.redacted)
    const first = this.digested.seq === 0
    this.digested = { at: now, seq: this.lane.seq }
    if (first || fresh.length === 0) return
    const answers = fresh.filter((post) => post.kind === 'reply').length
    this.view.digest = t('stream.digest', { n: fresh.length, m: answers, k: fresh.filter((post) => post.kind === 'question').length })
  }
}

const STATE_WORD: Record<string, string> = { published: 'published', rejected: 'refused', withdrawn: 'withdrawn' }

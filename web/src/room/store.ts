/** What the islands of the room page share: one client, one lane, and what of it is on screen. */
import { reactive, shallowReactive, shallowRef } from 'vue'
import { has, t } from '../i18n.ts'
import { connection } from '../shared/connection.ts'
import { keep, kept } from '../shared/keep.ts'
import { departmentName } from '../shared/words.ts'
import { applyItem, applySnap, applyTally, emptyLane, emptyMe, newerMe, type Post } from '../state/room.ts'
import { arrange, digestOf, firstNew, keepOrder, oldestOf, trim, unreadOf, type Row, type Show, type Sort } from '../state/stream.ts'
import { becomeGuest, page, read, world } from '../wire/browser.ts'
import { Client, Refused } from '../wire/client.ts'
import type { Frame, Hb, Item, Me, RoomInfo, Server, Snap } from '../wire/frames.ts'
import { idle, keepPlace } from './place.ts'
import { Speaker } from './speaker.ts'

const DRAW_MS = 400
const PAGE = 30
const MOST_ROWS = 150
const MOST_POSTS = 1500
// A node that cannot reach the store withholds heartbeats, which come every fifteen seconds.
const SILENT_MS = 21_000
const JOIN_AGAIN_MS = 2000

export class RoomStore {
  readonly id: string
  readonly stream = document.getElementById('stream')!
  /** Plain on purpose: twenty posts a second through proxies would be the page's main work. */
  readonly lane = emptyLane()
  readonly info = shallowRef<RoomInfo | null>(null)
  readonly rows = shallowRef<Row[]>([])
  readonly pinned = shallowRef<Post[]>([])
  readonly staged = shallowRef<Post | null>(null)
  readonly me = shallowRef<Me>(emptyMe())
  readonly tally = shallowReactive<Record<string, [number, number]>>({})
  readonly votes = shallowReactive<Record<string, number>>({})
  /** Which departments are writing, on which question, since when: nothing that is kept, and void while not connected. */
  readonly writing = shallowRef<Server.Present[]>([])
  readonly view = reactive({
    sort: 'new' as Sort, show: 'all' as Show, limit: PAGE, more: false, loading: false,
    unread: 0, answers: 0, seen: 0, seenAt: 0, fresh: 0,
    paused: false, sheet: false, own: '', digest: '', viewers: 0, duty: true, waitUntil: 0, now: Date.now(), redo: '',
    staff: page.signed === 'staff', signed: page.signed !== 'none', verified: page.verified, lapsed: false,
  })
  readonly conn = connection()
  readonly client: Client
  readonly speaker: Speaker
  private shown = 0
  private epoch = ''
  private target = 0
  private heardAt = 0
  private drawing = 0
  private drawnAt = 0
  private readonly alive: () => void

  constructor(id: string, alive: () => void) {
    this.id = id
    this.alive = alive
    this.speaker = new Speaker((since) => this.news(since), (text) => (this.view.digest = text))
    this.client = new Client(world, {
      status: (status, code) => this.status(status, code),
      welcome: () => this.welcomed(),
      snap: (snap) => this.snap(snap),
      items: (_room, lane, items) => lane === 'pub' && this.take(items),
      joined: (_room, frame) => this.joined(frame),
      refused: (_room, code) => this.notLetIn(code),
      reset: () => this.conn.reset(),
      hb: (hb) => this.beat(hb),
      tally: (_room, tally) => this.count(tally),
      me: (_room, me) => this.mine(me as unknown as Me),
      other: (frame) => this.aside(frame),
    })
  }

  start(): void {
    keepPlace(this.stream)
    this.client.join(this.id, ['pub'])
    this.client.start()
    window.addEventListener('online', () => this.online())
    window.addEventListener('offline', () => this.conn.changed(this.client.status === 'kicked' ? 'kicked' : 'offline', 0))
    window.addEventListener('scroll', () => this.settle(), { passive: true })
    window.addEventListener('pagehide', () => this.remember())
    window.setInterval(() => this.second(), 1000)
  }

  /** A cable that was out for a moment leaves the socket standing. */
  private online(): void {
    if (this.client.status === 'live') this.conn.changed('live', 0)
    else this.client.kick()
  }

  /** Shows what waits. Answers what the focus should go to. */
  reveal(): string | null {
    const before = this.shown
    this.view.seen = before
    this.shown = this.lane.seq
    this.view.limit = PAGE
    this.draw(true)
    return firstNew(this.rows.value, before)
  }

  choose(sort: Sort, show: Show): void {
    this.view.sort = sort
    this.view.show = show
    this.view.limit = PAGE
    this.draw(true)
  }

  /** More of what is here, then what the server has; at the end of the list, so that nothing moves. */
  async older(): Promise<void> {
    const { view } = this
    view.limit += PAGE
    if (this.rows.value.length > view.limit || !this.lane.more || view.loading) return
    view.loading = true
    try {
      const oldest = oldestOf(this.lane)
      const { items, next } = await read(`/api/v1/rooms/${this.id}/questions?before=${oldest}&limit=${PAGE}`)
      this.addOlder(items, next)
    } finally {
      view.loading = false
    }
  }

  get rowsFull(): boolean {
    return this.view.limit >= MOST_ROWS
  }

  async vote(post: string, value: 1 | -1): Promise<void> {
    const now = this.votedFor(post) === value ? 0 : value
    await this.somebody('')
    await this.client.command('vote', { post, v: now })
    keep(`vote.${post}`, now === 0 ? '' : String(now))
    this.votes[post] = now
  }

  votedFor(post: string): number {
    return this.votes[post] ?? Number(kept(`vote.${post}`) || 0)
  }

  async post(kind: 'question' | 'comment', body: string, cid: string, name: string, replyTo?: string): Promise<Frame> {
    const send = async () => {
      await this.somebody(name)
      return this.client.command('post', { room: this.id, cid, kind, body, ...(replyTo ? { reply_to: replyTo } : {}) })
    }
    try {
      // On its way when the guest's token ran out: it goes again under the new name.
      return await send().catch((error) => (error instanceof Refused && error.code === 'unauthenticated' && page.signed === 'none' ? send() : Promise.reject(error)))
    } catch (error) {
      if (error instanceof Refused && error.retryMs) this.view.waitUntil = Date.now() + error.retryMs
      throw error
    }
  }

  pause(): void {
    this.view.paused = !this.view.paused
    this.settle()
  }

  /** New posts enter by themselves only above somebody who is at the top and busy with nothing. */
  settle(): void {
    if (this.view.unread === 0 && this.shown === this.lane.seq) return
    if (!this.mayFlow()) return
    this.shown = this.lane.seq
    this.later()
  }

  private mayFlow(): boolean {
    return !this.view.paused && !this.view.sheet && this.view.sort === 'new' && idle(this.stream)
  }

  private async somebody(name: string): Promise<void> {
    if (page.signed !== 'none') return
    await becomeGuest(name)
    this.view.signed = true
    this.view.lapsed = false
    this.client.reconnect()
  }

  private snap(snap: Snap): void {
    const first = this.epoch === ''
    const same = this.epoch === snap.ep
    applySnap(this.lane, snap)
    this.epoch = snap.ep
    for (const post in this.tally) delete this.tally[post]
    this.count(snap.tally)
    if (!same) this.shown = this.lane.seq
    if (first) this.recall()
    this.speaker.begin(this.lane.seq)
    this.draw(!same)
    if (first) this.alive()
    this.conn.caught()
  }

  private take(items: Item[]): void {
    const flows = this.mayFlow() && this.shown >= this.lane.seq
    for (const item of items) applyItem(this.lane, item)
    if (flows) this.shown = this.lane.seq
    if (this.lane.seq >= this.target) this.conn.caught()
    if (items.some((item) => item.k === 'redact')) this.draw()
    else this.later()
  }

  private later(): void {
    if (this.drawing !== 0) return
    const wait = Math.max(0, this.drawnAt + DRAW_MS - Date.now())
    this.drawing = window.setTimeout(() => this.draw(), wait)
  }

  /** From the lane to what is on screen. `anew`: the order may be chosen again. */
  private draw(anew = false): void {
    window.clearTimeout(this.drawing)
    this.drawing = 0
    this.drawnAt = Date.now()
    const { lane, view } = this
    if (this.shown === lane.seq && view.limit === PAGE) trim(lane, MOST_POSTS)
    const before = this.rows.value
    const mine = new Set(this.me.value.posts.map((post) => post.post))
    const wish = { shown: this.shown, sort: view.sort, show: view.show, mine }
    const rows = arrange(lane, wish, new Map(before.map((row) => [row.id, row])))
    this.rows.value = anew || view.sort === 'new' ? rows : keepOrder(rows, before)
    const visible = (id: string) => (lane.posts[id] && !lane.posts[id]!.redacted ? [{ ...lane.posts[id]! }] : [])
    this.pinned.value = unless(this.pinned.value, lane.pinned.flatMap(visible))
    this.staged.value = unless(this.staged.value, lane.stage.flatMap(visible)[0] ?? null)
    this.info.value = unless(this.info.value, lane.room ? { ...lane.room } : null)
    const unread = unreadOf(lane, this.shown)
    view.unread = unread.all
    view.answers = unread.answers
    view.more = lane.more
  }

  private addOlder(items: Frame[], next: string | null): void {
    const { lane } = this
    const found = items.flatMap((thread) => [thread, ...(thread.replies as Frame[])]) as unknown as Item[]
    const seq = lane.seq
    for (const item of found) if (lane.posts[item.id] === undefined) applyItem(lane, { ...item, k: 'msg' })
    lane.seq = seq
    lane.order.sort((a, b) => lane.posts[a]!.s - lane.posts[b]!.s)
    for (const { id, tally } of items) if (tally) this.count({ [id]: tally })
    lane.more = next !== null
    this.draw()
  }

  private count(tally: Record<string, [number, number]>): void {
    applyTally(this.lane, tally)
    Object.assign(this.tally, tally)
  }

  private mine(told: Me): void {
    const before = new Map(this.me.value.posts.map((post) => [post.post, post.state]))
    this.me.value = newerMe(this.me.value, told)
    Object.assign(this.votes, this.me.value.votes)
    for (const { post, state, number } of this.me.value.posts) {
      const known = before.get(post)
      const key = `post.${STATE_WORD[state]}`
      // One's own verdicts are spoken at once, in their own region.
      if (known !== undefined && known !== state && has(key))
        this.view.own = t('stream.digest_own', { text: number ? t('post.published_q', { q: String(number) }) : t(key) })
    }
    if (this.view.show === 'mine') this.later()
  }

  private status(status: Client['status'], code: number): void {
    this.heardAt = Date.now()
    if (status !== 'live') this.writing.value = []
    this.conn.changed(status, code)
  }

  /** A guest whose token ran out is a visitor again: what was theirs is a stranger's now, and they are told. */
  private welcomed(): void {
    if (!this.view.signed || page.signed !== 'none') return
    this.view.signed = this.view.verified = false
    this.view.lapsed = true
    this.me.value = emptyMe()
  }

  private aside(frame: Frame): void {
    if (frame.t === 'presence' && frame.l === 'pub') this.writing.value = frame.x as Server.Present[]
  }

  private joined(frame: Frame): void {
    this.view.duty = frame.duty ?? true
    this.conn.stale(false)
    const { head, mode } = frame.lanes?.pub ?? {}
    if (mode !== 'replay') return
    this.target = head
    if (head > this.lane.seq) this.conn.behind(head - this.lane.seq)
  }

  private notLetIn(code: string): void {
    if (code !== 'unavailable' && code !== 'internal' && code !== 'rate') return
    this.conn.stale(true)
    window.setTimeout(() => this.client.join(this.id, ['pub']), JOIN_AGAIN_MS)
  }

  private beat(hb: Hb): void {
    this.heardAt = Date.now()
    this.conn.stale(false)
    this.view.viewers = hb.viewers
    this.view.duty = hb.duty
  }

  private second(): void {
    const now = Date.now()
    const { view } = this
    if (this.client.status === 'live' && this.epoch !== '' && now - this.heardAt > SILENT_MS) this.conn.stale(true)
    const ends = Math.max(view.waitUntil, this.slowUntil(), this.me.value.mute?.until ?? 0)
    const ticking = ends > view.now || this.info.value?.state === 'scheduled'
    if (ticking) view.now = now
    this.speaker.tick(now, document.visibilityState === 'visible')
    this.settle()
  }

  /** When this person may post again in a room that asks for slowness; 0 where it does not. */
  slowUntil(): number {
    const pace = this.info.value?.policy.slow_ms ?? 0
    const last = pace === 0 ? 0 : Math.max(0, ...this.me.value.posts.filter((post) => post.kind === 'question').map((post) => post.at))
    return Math.max(this.view.waitUntil, last === 0 ? 0 : last + pace)
  }

  private news(since: number) {
    const digest = digestOf(this.lane, since)
    const department = this.lane.room?.departments.find((one) => one.id === digest.dept)
    return { seq: this.lane.seq, digest, dept: department ? departmentName(department) : '' }
  }

  /** Where this reader was the last time, for the line in the stream. */
  private recall(): void {
    const [seq, at] = kept(`seen.${this.id}`).split(' ').map(Number)
    if (!seq || !at || seq >= this.lane.seq) return
    this.view.seen = seq
    this.view.seenAt = at
  }

  private remember(): void {
    if (this.shown > 0) keep(`seen.${this.id}`, `${this.shown} ${Date.now()}`)
  }
}

/** The old value where the new one says the same: what has not changed is not drawn. */
const unless = <T>(old: T, now: T): T => (JSON.stringify(old) === JSON.stringify(now) ? old : now)

const STATE_WORD: Record<string, string> = { published: 'published', rejected: 'refused', withdrawn: 'withdrawn' }

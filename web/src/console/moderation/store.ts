/** The moderator's desk: the queue of all rooms, what I hold of it, and what I am told; decisions are in `deeds.ts`. */
import { computed, reactive, shallowRef } from 'vue'
import { t } from '../../i18n.ts'
import { Refused } from '../../wire/client.ts'
import type { By, Item } from '../../wire/frames.ts'
import { account } from '../account.ts'
import { Hidings } from '../hiding/hidings.ts'
import { line } from '../line.ts'
import { say } from '../toast.ts'
import { touches } from './case_kinds.ts'
import { cases } from './cases.ts'
import { chime, rings, soundOn } from './sound.ts'
import { changed } from './spans.ts'
import { counts, passes, Queue, standing, type Entry, type Filter } from './queue.ts'

/** Posts leased ahead, so that the next one is there before the answer is. */
const AT_ONCE = 3
const LOW_MS = 15_000
const POLL_MS = 5_000
const ROOMS_MS = 30_000
const IDLE_MS = 180_000
const PAGE = 200
const PAGES = 60
// Contract §4: one connection follows eight rooms; others come by polling.
const FOLLOWED = 8
/** A colleague seen so long ago is on duty still. */
const SEEN_MS = 180_000

export interface RoomLine { id: string; title: string; state: string; frozen: boolean; hold: boolean; verified: boolean; until: number | null }
export interface Told { kind: 'stale' | 'lost' | 'plain'; text: string }
interface Claim { post: string; by: By; until: number }
interface Verdict { ver: number; verdict: string; by: By }

export class ReviewStore {
  readonly queue = new Queue()
  readonly cases = cases
  readonly hidings = new Hidings('/api/v1/proposals')
  readonly entries = shallowRef<readonly Entry[]>([])
  readonly rooms = shallowRef<readonly RoomLine[]>([])
  readonly view = reactive({
    now: Date.now(), chosen: '', filter: { room: '', phase: '' } as Filter, pane: 'list' as 'list' | 'one', choosing: false,
    told: null as Told | null, loaded: false, chimes: 0, before: null as { post: string; body: string } | null, sound: soundOn(),
  })
  /** What the lanes told of questions backstage; counted, so that a card reads anew what it shows. */
  readonly backstage = reactive(new Map<string, { answered: boolean; told: number }>())
  readonly colleagues = reactive(new Map<string, { name: string; seen: number }>())
  readonly counted = computed(() => counts(this.entries.value))
  readonly shown = computed(() => this.entries.value.filter((entry) => passes(entry, this.view.filter)))
  readonly mine = computed(() => this.shown.value.filter((entry) => standing(entry, account.id, this.now) === 'mine'))
  readonly current = computed(() => this.find(this.view.chosen) ?? this.mine.value[0] ?? null)
  readonly alone = computed(() => this.view.loaded && ![...this.colleagues.values()].some((one) => this.now - one.seen < SEEN_MS))
  readonly skipped = new Set<string>()
  /** What I have decided and that left the list for it; nothing was lost then. */
  private readonly decided = new Set<string>()
  private readonly verdicts = new Map<string, Verdict>()
  private readonly leaving = new Map<string, () => void>()
  private readonly extending = new Set<string>()
  private readonly timers: number[] = []
  private tail: string | null = null
  private active = Date.now()
  private busy = false
  private again = false
  private pulling = false
  private unlisten = () => {}

  /** The server's clock. */
  get now(): number {
    return this.view.now + line.offset
  }

  start(): void {
    this.unlisten = line.listen({ hello: () => void this.reload() })
    for (const sign of SIGNS) window.addEventListener(sign, this.here, { passive: true })
    document.addEventListener('visibilitychange', this.here)
    this.timers.push(window.setInterval(() => this.tick(), 1000), window.setInterval(() => void this.poll(), POLL_MS))
    this.timers.push(window.setInterval(() => void this.loadRooms(), ROOMS_MS))
    void this.loadRooms().then(() => this.reload())
  }

  stop(): void {
    this.unlisten()
    this.timers.forEach((timer) => window.clearInterval(timer))
    for (const sign of SIGNS) window.removeEventListener(sign, this.here)
    document.removeEventListener('visibilitychange', this.here)
    for (const leave of this.leaving.values()) leave()
  }

  title(room: string): string {
    return this.rooms.value.find((one) => one.id === room)?.title ?? ''
  }

  find(post: string): Entry | undefined {
    return this.entries.value.find((entry) => entry.post === post)
  }

  name(user: string | null | undefined): string {
    return (user && this.colleagues.get(user)?.name) || t('mod.colleague')
  }

  say(kind: Told['kind'], text: string): void {
    this.view.told = { kind, text }
  }

  setFilter(filter: Partial<Filter>): void {
    Object.assign(this.view.filter, filter)
    this.view.chosen = ''
    this.view.choosing = false
    void this.fill()
  }

  /** Opens a post; if nobody holds it, it is taken. */
  choose(post: string): void {
    this.view.chosen = post
    this.view.choosing = false
    this.view.told = null
    this.skipped.delete(post)
    const entry = this.find(post)
    if (entry && standing(entry, account.id, this.now) === 'free') void this.take({ post, n: 1 })
  }

  /** Off the list, because I have just decided it. */
  leave(post: string, ver: number): void {
    this.decided.add(post)
    if (this.decided.size > 500) this.decided.delete(this.decided.values().next().value!)
    this.queue.remove(post, ver)
  }

  /** Back where it was: my decision did not count. */
  comeBack(entry: Entry, at: number): void {
    this.decided.delete(entry.post)
    this.queue.putBack(entry, at)
  }

  /** After any change of the queue. */
  changed(): void {
    const before = this.entries.value
    const card = this.current.value
    const mine = card !== null && standing(card, account.id, this.now) === 'mine'
    this.entries.value = this.queue.list
    // Of rooms beyond those that one connection can follow only the list tells that somebody else has decided.
    if (mine && !this.view.told && !this.find(card.post) && !this.decided.has(card.post)) this.lost(card.post)
    if (this.view.loaded && rings(before.length, this.queue.list.length)) {
      this.view.chimes++
      if (this.view.sound) chime()
    }
    if (card) this.noticeRevision(card)
    if (this.mine.value.length === 0 && this.view.pane === 'one' && !this.current.value) this.view.pane = 'list'
    void this.fill()
  }

  private noticeRevision(card: Entry): void {
    const now = this.find(card.post)
    if (now === undefined || now.ver <= card.ver || now.body === card.body) return
    this.view.before = { post: card.post, body: card.body }
    this.view.chosen = card.post
    this.view.choosing = false
    this.say('stale', t('mod.stale'))
    if (standing(now, account.id, this.now) === 'free') void this.take({ post: now.post, n: 1 })
  }

  /** What its author changed since I saw it. */
  changes(entry: Entry): { from: number; to: number }[] {
    return this.view.before?.post === entry.post ? changed(this.view.before.body, entry.body) : []
  }

  // --- what the server tells ------------------------------------------------------------------------------------

  private follow(): void {
    const wanted = this.rooms.value.filter((room) => room.state !== 'closed').slice(0, FOLLOWED)
    for (const [room, leave] of this.leaving) {
      if (wanted.some((one) => one.id === room)) continue
      leave()
      this.leaving.delete(room)
    }
    for (const { id } of wanted) {
      if (this.leaving.has(id)) continue
      this.leaving.set(id, line.follow(id, ['mod'], {
        snap: () => void this.poll(),
        reset: () => void this.reload(),
        items: (_room, _lane, items) => this.heard(items),
        other: (frame) => { if (frame.t === 'claims') this.claimed(frame.x as Claim[]) },
      }))
    }
  }

  private heard(items: readonly Item[]): void {
    for (const item of items) {
      const by = item.by
      if (by?.id && by.id !== account.id) this.seen(by.id, by.name)
      if (item.k === 'asked' || item.k === 'answered') this.heardBackstage(item)
      if (item.k !== 'verdict' || item.ver === undefined || by === undefined) continue
      this.verdicts.set(item.id, { ver: item.ver, verdict: String(item.verdict), by })
      if (this.verdicts.size > 500) this.verdicts.delete(this.verdicts.keys().next().value!)
      if (by.id !== account.id && this.current.value?.post === item.id && this.current.value.ver === item.ver) this.lost(item.id)
      this.queue.remove(item.id, item.ver)
    }
    this.changed()
    if (touches(items.map((item) => item.k))) void this.cases.load()
    if (items.some((item) => item.k === 'proposal')) void this.hidings.load()
    if (items.some((item) => item.k === 'queue' || item.k === 'reopened')) void this.poll()
  }

  private heardBackstage(item: Item): void {
    const told = (this.backstage.get(item.id)?.told ?? 0) + 1
    this.backstage.delete(item.id)
    this.backstage.set(item.id, { answered: item.k === 'answered', told })
    if (this.backstage.size > 500) this.backstage.delete(this.backstage.keys().next().value!)
    if (item.k === 'answered' && this.find(item.id)) say(t('mod.ask.answered', { name: item.by?.name ?? '' }))
  }

  /** Who holds what, as colleagues take and give back; `until` 0: held no longer. */
  private claimed(claims: readonly Claim[]): void {
    for (const { post, by, until } of claims) {
      if (by.id && by.id !== account.id && until > 0) this.seen(by.id, by.name)
      // Of my own leases the answers to my own commands say more.
      if (by.id === account.id) continue
      const entry = this.find(post)
      const mine = entry !== undefined && standing(entry, account.id, this.now) === 'mine'
      this.queue.claim(post, until > 0 ? (by.id ?? null) : null, until)
      if (mine && until > 0 && this.current.value?.post === post) this.taken(post, by.name)
    }
    this.changed()
  }

  /** A colleague took over what was in front of me: it stays there, with what I wrote, until I move on. */
  private taken(post: string, name: string): void {
    Object.assign(this.view, { chosen: post, choosing: false })
    this.say('lost', t('mod.taken', { name }))
  }

  private seen(user: string, name: string): void {
    this.colleagues.set(user, { name: name || this.name(user), seen: this.now })
  }

  /** What became of a post that I held and that is not mine any more, as far as the lane has told. */
  lost(post: string): void {
    const verdict = this.verdicts.get(post)
    const how = verdict && t(`mod.done.${['publish', 'merge'].includes(verdict.verdict) ? verdict.verdict : 'reject'}`)
    this.say('lost', verdict && how ? t('mod.lost.by', { name: verdict.by.name, verdict: how }) : t('mod.lost'))
  }

  // --- the queue over HTTP --------------------------------------------------------------------------------------

  async loadRooms(): Promise<void> {
    void this.hidings.load()
    const answer = await line.get('/api/v1/rooms?limit=100').catch(() => null)
    if (answer === null) return
    const order = ['live', 'paused', 'scheduled', 'closed']
    this.rooms.value = (answer.items as RoomLine[]).sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
    this.follow()
  }

  /** Everything anew: after each connection, for what was missed. */
  async reload(): Promise<void> {
    let cursor: string | null = null
    const found: Entry[] = []
    const asked = this.queue.mark()
    try {
      for (let page = 0; page < PAGES; page++) {
        const { items, next }: { items: Entry[]; next: string | null } = await this.page(cursor)
        found.push(...items)
        if (!this.view.loaded) this.apply(() => this.queue.merge(items, asked))
        if (next === null) break
        cursor = this.tail = next
      }
    } catch {
      return
    }
    this.apply(() => this.queue.head(found, true, asked))
    this.view.loaded = true
  }

  /** The oldest page and the newest: claims and leavers stand at the head, whoever comes joins at the tail. */
  async poll(): Promise<void> {
    if (this.busy) {
      this.again = true
      return
    }
    this.busy = true
    try {
      do {
        this.again = false
        const asked = this.queue.mark()
        const { items, next } = await this.page(null)
        this.apply(() => this.queue.head(items, next === null, asked))
        if (next === null) this.tail = null
        else await this.pollTail(next)
      } while (this.again)
    } catch {
      // The next tick asks again.
    } finally {
      this.busy = false
    }
  }

  private async pollTail(from: string): Promise<void> {
    let cursor: string | null = this.tail ?? from
    for (let page = 0; cursor !== null && page < PAGES; page++) {
      this.tail = cursor
      const asked = this.queue.mark()
      const answer: { items: Entry[]; next: string | null } = await this.page(cursor)
      this.apply(() => this.queue.merge(answer.items, asked))
      cursor = answer.next
    }
  }

  private page(cursor: string | null): Promise<{ items: Entry[]; next: string | null }> {
    return line.get(`/api/v1/queue?limit=${PAGE}` + (cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`))
  }

  private apply(change: () => void): void {
    change()
    for (const entry of this.queue.list) {
      const other = entry.lease_by && entry.lease_by !== account.id && entry.lease_until > this.now
      if (other) this.seen(entry.lease_by!, this.colleagues.get(entry.lease_by!)?.name ?? '')
    }
    this.changed()
  }

  // --- leases ---------------------------------------------------------------------------------------------------

  private get away(): boolean {
    return document.visibilityState !== 'visible' || Date.now() - this.active > IDLE_MS
  }

  /** Takes only what a person who is here can look at. */
  async fill(): Promise<void> {
    if (this.pulling || this.away || line.client.status !== 'live' || this.mine.value.length >= AT_ONCE) return
    const free = this.shown.value.filter((entry) => standing(entry, account.id, this.now) === 'free' && !this.skipped.has(entry.post))
    if (free.length === 0) return
    const { room, phase } = this.view.filter
    const picky = phase !== '' || this.skipped.size > 0
    await this.take(picky ? { post: free[0]!.post, n: 1 } : { n: AT_ONCE - this.mine.value.length, ...(room ? { room } : {}) })
  }

  async take(wish: { post?: string; room?: string; n: number; take_over?: boolean }): Promise<void> {
    if (this.pulling && wish.post === undefined) return
    this.pulling = true
    try {
      const { posts } = await line.command('mod.pull', wish)
      this.hold(posts as Entry[])
      // A colleague was quicker: the list does not know yet.
      if ((posts as Entry[]).length === 0) void this.poll()
    } catch {
      // The next tick asks again.
    } finally {
      this.pulling = false
    }
  }

  hold(posts: readonly Entry[]): void {
    this.queue.hold(posts, account.id)
    this.changed()
  }

  private readonly here = (): void => {
    this.active = Date.now()
  }

  private tick(): void {
    this.view.now = Date.now()
    for (const entry of this.queue.list) {
      if (entry.lease_by !== account.id) continue
      const left = entry.lease_until - this.now
      if (left > -1000 && left <= 0 && this.current.value?.post === entry.post) this.expired(entry)
      else if (left > 0 && left < LOW_MS && !this.away && !this.extending.has(entry.post)) void this.extend(entry)
    }
    if (this.mine.value.length < AT_ONCE) void this.fill()
  }

  private expired(entry: Entry): void {
    this.view.chosen = entry.post
    this.say('lost', t('mod.lost'))
  }

  async extend(entry: Entry): Promise<void> {
    this.extending.add(entry.post)
    try {
      const { lease_until } = await line.command('mod.extend', { post: entry.post, ver: entry.ver })
      if (typeof lease_until === 'number') this.queue.claim(entry.post, account.id, lease_until)
      this.entries.value = this.queue.list
    } catch (error) {
      if (error instanceof Refused && error.code === 'lease_lost') {
        if (this.current.value?.post === entry.post) this.lost(entry.post)
        this.queue.claim(entry.post, null, 0)
      }
      if (error instanceof Refused) void this.poll()
    } finally {
      this.extending.delete(entry.post)
    }
  }
}

const SIGNS = ['keydown', 'pointerdown', 'pointermove'] as const

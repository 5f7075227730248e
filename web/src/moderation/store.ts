/** The moderators' queue: posts leased to me, kept while I work, decided once. */
import { reactive } from 'vue'
import { t } from '../i18n.ts'
import { connection } from '../shared/connection.ts'
import { refusalText } from '../shared/words.ts'
import { read, world } from '../wire/browser.ts'
import { Client, Refused } from '../wire/client.ts'
import type { Waiting } from '../wire/frames.ts'

const AT_ONCE = 5
const LOW_MS = 15_000
const POLL_MS = 5_000
const IDLE_MS = 180_000
const UNDO_MS = 10_000
const REST_MS = 15_000
// Contract §4: one connection follows eight rooms; others come by polling.
const ROOMS = 8

export interface Toast { text: string; post: string | null; until: number }

export class ModStore {
  readonly titles: Record<string, string>
  readonly view = reactive({ mine: [] as Waiting[], chosen: '', waiting: {} as Record<string, number>, now: Date.now(), toast: null as Toast | null, told: '', pane: 'list', choosing: false })
  readonly conn = connection()
  readonly client: Client
  private offset = 0
  private pulling = false
  private restUntil = 0
  private readonly extending = new Set<string>()
  private active = Date.now()

  constructor(titles: Record<string, string>) {
    this.titles = titles
    this.client = new Client(world, {
      status: (status, code) => this.conn.changed(status, code),
      welcome: (user, now) => {
        this.offset = now - Date.now()
        void this.takeBack(user?.id ?? '').then(() => this.fill())
      },
      snap: (snap) => {
        this.view.waiting[snap.r] = (snap.state as unknown as { waiting: number }).waiting ?? 0
        void this.fill()
      },
      items: (room, _lane, items) => {
        for (const item of items) if (item.k === 'queue') this.view.waiting[room] = Number(item.waiting ?? 0)
        void this.fill()
      },
    })
  }

  start(): void {
    for (const room of Object.keys(this.titles).slice(0, ROOMS)) this.client.join(room, ['mod'])
    this.client.start()
    window.addEventListener('online', () => this.client.kick())
    for (const sign of ['keydown', 'pointerdown', 'pointermove']) window.addEventListener(sign, () => (this.active = Date.now()), { passive: true })
    window.setInterval(() => this.tick(), 1000)
    window.setInterval(() => void this.fill(), POLL_MS)
  }

  get current(): Waiting | null {
    return this.view.mine.find((post) => post.post === this.view.chosen) ?? this.view.mine[0] ?? null
  }

  left(post: Waiting): number {
    return Math.max(0, post.lease_until - (this.view.now + this.offset))
  }

  move(step: number): void {
    const here = this.view.mine.findIndex((post) => post.post === this.current?.post)
    this.view.chosen = this.view.mine[Math.max(0, Math.min(this.view.mine.length - 1, here + step))]?.post ?? ''
    this.view.choosing = false
  }

  async decide(verdict: 'publish' | 'reject', reason?: string): Promise<void> {
    const post = this.current
    if (post === null) return
    this.view.told = ''
    this.view.choosing = false
    // Off the list at once: the next one is there before the answer is.
    this.drop(post.post)
    try {
      await this.client.command('mod.decide', { post: post.post, ver: post.ver, verdict, ...(reason ? { reason } : {}) })
      const text = verdict === 'publish' ? 'mod.undo' : 'mod.refused_done'
      this.view.toast = { text, post: verdict === 'publish' ? post.post : null, until: Date.now() + UNDO_MS }
    } catch (error) {
      const code = error instanceof Refused ? error.code : 'internal'
      this.view.told = code === 'stale_version' ? t('mod.stale') : code === 'lease_lost' ? t('mod.lost') : refusalText(error)
    }
    void this.fill()
  }

  async undo(): Promise<void> {
    const post = this.view.toast?.post
    if (!post) return
    this.view.toast = null
    try {
      await this.client.command('redact', { post, reason: 'undo' })
      this.view.toast = { text: 'mod.undone', post: null, until: Date.now() + 5000 }
    } catch (error) {
      this.view.told = refusalText(error)
    }
  }

  async release(): Promise<void> {
    const post = this.current
    if (post === null) return
    this.drop(post.post)
    // Long enough for a colleague to take what was given back.
    this.restUntil = Date.now() + REST_MS
    await this.client.command('mod.release', { post: post.post, ver: post.ver }).catch(() => undefined)
  }

  private drop(post: string): void {
    this.view.mine = this.view.mine.filter((held) => held.post !== post)
    if (this.view.chosen === post) this.view.chosen = ''
    if (this.view.mine.length === 0) this.view.pane = 'list'
  }

  /** After a reload what I held is still mine: it would otherwise wait for its lease to end. */
  private async takeBack(user: string): Promise<void> {
    try {
      const { items } = await read('/api/v1/queue?state=leased&limit=200')
      this.add((items as (Waiting & { lease_by: string })[]).filter((post) => post.lease_by === user))
    } catch {
      // Then they come back when their leases end.
    }
  }

  private add(posts: Waiting[]): void {
    const held = new Set(this.view.mine.map((post) => post.post))
    this.view.mine.push(...posts.filter((post) => !held.has(post.post)))
  }

  /** Takes only what a person who is here can look at. */
  private async fill(): Promise<void> {
    const away = document.visibilityState !== 'visible' || Date.now() - this.active > IDLE_MS || Date.now() < this.restUntil
    if (this.pulling || away || this.client.status !== 'live' || this.view.mine.length >= AT_ONCE) return
    this.pulling = true
    try {
      const { posts } = await this.client.command('mod.pull', { n: AT_ONCE - this.view.mine.length })
      this.add(posts as Waiting[])
    } catch {
      // The next tick asks again.
    } finally {
      this.pulling = false
    }
  }

  private tick(): void {
    this.view.now = Date.now()
    if (this.view.toast && this.view.toast.until < this.view.now) this.view.toast = null
    const here = document.visibilityState === 'visible' && this.view.now - this.active <= IDLE_MS
    for (const post of [...this.view.mine]) {
      const left = this.left(post)
      if (left === 0) this.drop(post.post)
      else if (here && left < LOW_MS && !this.extending.has(post.post)) void this.extend(post)
    }
  }

  private async extend(post: Waiting): Promise<void> {
    this.extending.add(post.post)
    try {
      const { lease_until } = await this.client.command('mod.extend', { post: post.post, ver: post.ver })
      if (typeof lease_until === 'number') post.lease_until = lease_until
    } catch (error) {
      if (error instanceof Refused && error.code !== 'unavailable') {
        this.view.told = error.code === 'stale_version' ? t('mod.stale') : t('mod.lost')
        this.drop(post.post)
      }
    } finally {
      this.extending.delete(post.post)
    }
  }
}

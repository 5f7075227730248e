/** What the panes of the desk share: both lanes of the room, the own posts, and what may be done here. */
import { computed, reactive } from 'vue'
import { applyItem, applySnap, applyTally, emptyLane, emptyMe, isAnswered, newerMe, threads, type LaneState, type Post, type Thread } from '../../state/room.ts'
import type { Frame, Item, Me } from '../../wire/frames.ts'
import { account, mayDo } from '../account.ts'
import { line } from '../line.ts'
import { Hidings } from '../hiding/hidings.ts'
import { Company } from './company.ts'
import { landed } from './notices.ts'
import { loadEarlier } from './earlier.ts'
import { seated } from './seats.ts'
import { readSeen, writeSeen } from './seen.ts'

const TAIL = 200
const TICK_MS = 1000

export type Tab = 'open' | 'done'

export class DeskStore {
  readonly room: string
  readonly pub: LaneState = reactive(emptyLane())
  readonly desk: LaneState = reactive(emptyLane())
  readonly view = reactive({
    me: emptyMe() as Me,
    perms: [] as string[],
    now: Date.now(),
    pane: 'inbox',
    chosen: '',
    tab: 'open' as Tab,
    find: '',
    ready: false,
    viewers: 0,
    refused: '',
    unread: {} as Record<string, true>,
  })
  readonly company: Company
  readonly hidings: Hidings
  /** Inspectors read backstage; who steers without a seat does not. */
  readonly backstage = mayDo('lane.desk')
  private readonly stops: (() => void)[] = []

  constructor(room: string) {
    this.room = room
    this.company = new Company(room, this.may)
    this.hidings = new Hidings(`/api/v1/rooms/${room}/proposals`)
  }

  readonly threads = computed<Thread[]>(() => threads(this.pub).filter(({ root }) => root.kind === 'question'))
  /** Who waits longest stands first. */
  readonly open = computed(() => this.threads.value.filter((thread) => !thread.root.redacted && !isAnswered(thread)).reverse())
  readonly done = computed(() => this.threads.value.filter((thread) => isAnswered(thread)))
  readonly listed = computed(() => found(this.view.tab === 'open' ? this.open.value : this.done.value, this.view.find.trim()))
  readonly notes = computed(() => this.desk.order.map((id) => this.desk.posts[id]!).filter((post) => !post.redacted))
  /** Questions of moderators that nobody has answered. */
  readonly asked = computed(() => this.notes.value.filter((note) => note.by?.role === 'moderator' && !this.notes.value.some((one) => one.reply_to === note.id)).length)
  readonly chosen = computed<Thread | null>(() => this.threads.value.find(({ root }) => root.id === this.view.chosen) ?? null)
  readonly unread = computed(() => this.open.value.filter(({ root }) => this.view.unread[root.id]).length)
  /** My department leads, or answers beside others. */
  readonly part = computed(() => (this.pub.room?.lead === account.department ? 'lead' : 'co'))

  may = (action: string): boolean => this.view.perms.includes(action)

  start(): void {
    this.stops.push(
      line.follow(
        this.room,
        this.backstage ? ['pub', 'desk'] : ['pub'],
        {
          snap: (snap) => {
            applySnap(snap.l === 'desk' ? this.desk : this.pub, snap)
            if (snap.l === 'pub') this.becomeReady(snap.more)
          },
          items: (_room, lane, items) => this.take(lane === 'desk' ? this.desk : this.pub, items),
          hb: (hb) => (this.view.viewers = hb.viewers),
          tally: (_room, tally) => applyTally(this.pub, tally),
          me: (_room, me) => (this.view.me = newerMe(this.view.me, me as unknown as Me)),
          joined: (_room, frame) => this.joined(frame),
          refused: (_room, code) => (this.view.refused = code),
          other: (frame) => this.company.hear(frame),
        },
        TAIL,
      ),
    )
    const timer = window.setInterval(() => this.tick(), TICK_MS)
    this.stops.push(() => window.clearInterval(timer))
  }

  stop(): void {
    this.company.leave()
    if (this.view.ready) writeSeen(this.room, this.pub.seq)
    for (const stop of this.stops.splice(0)) stop()
  }

  choose(post: string): void {
    this.view.chosen = post
    this.view.pane = 'work'
    this.company.read(post)
    delete this.view.unread[post]
  }

  /** The one after, or before, in the list in front. */
  step(by: number): void {
    const list = this.listed.value
    const here = list.findIndex(({ root }) => root.id === this.view.chosen)
    const next = list[Math.max(0, Math.min(list.length - 1, here + by))]
    if (next) this.choose(next.root.id)
  }

  private joined(frame: Frame): void {
    this.view.perms = frame.perms
    this.view.refused = ''
    if (this.backstage) void this.hidings.load()
    this.company.again()
  }

  private tick(): void {
    this.view.now = Date.now()
    this.company.tick(this.view.now)
  }

  private take(lane: LaneState, items: Item[]): void {
    for (const item of items) {
      applyItem(lane, item)
      seated(this.pub, item)
    }
    if (items.some((item) => item.k === 'proposal')) void this.hidings.load()
    if (lane !== this.pub) return
    const fresh = items.map((item) => (item.k === 'msg' ? lane.posts[item.id] : undefined)).filter((post): post is Post => post?.kind === 'question' && !post.redacted)
    for (const post of fresh) if (post.id !== this.view.chosen) this.view.unread[post.id] = true
    if (fresh.length > 0) landed(fresh.length, lane.room?.title ?? '', fresh[fresh.length - 1]!.body)
  }

  private becomeReady(more: boolean): void {
    if (!this.view.ready) {
      this.view.ready = true
      const seen = readSeen(this.room)
      if (seen > 0) for (const { root } of this.open.value) if (root.s > seen) this.view.unread[root.id] = true
      // Who sits down sees at once what waits longest; on a phone the list comes first all the same.
      this.view.chosen = this.open.value[0]?.root.id ?? ''
      if (this.view.chosen) this.company.read(this.view.chosen)
    }
    if (more) void loadEarlier(this.room, this.pub)
  }
}

function found(list: Thread[], words: string): Thread[] {
  if (!words) return list
  const number = /^\d+$/.test(words) ? Number(words) : null
  return list.filter(({ root }) => root.number === number || root.body.includes(words) || (root.by?.name.includes(words) ?? false))
}

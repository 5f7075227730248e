/** What the panes of the desk share: both lanes of the room, the own posts, and what may be done here. */
import { computed, reactive } from 'vue'
import { connection } from '../shared/connection.ts'
import { applyItem, applySnap, applyTally, emptyLane, emptyMe, isAnswered, newerMe, threads, type LaneState, type Thread } from '../state/room.ts'
import { world } from '../wire/browser.ts'
import { Client } from '../wire/client.ts'
import type { Me } from '../wire/frames.ts'

const TAIL = 200

export class DeskStore {
  readonly room: string
  readonly pub: LaneState = reactive(emptyLane())
  readonly desk: LaneState = reactive(emptyLane())
  readonly view = reactive({ me: emptyMe() as Me, perms: [] as string[], now: Date.now(), pane: 'inbox', chosen: '', tab: 'open', ready: false, viewers: 0 })
  readonly conn = connection()
  readonly client: Client
  private readonly whenReady: () => void

  constructor(room: string, whenReady: () => void) {
    this.room = room
    this.whenReady = whenReady
    this.client = new Client(world, {
      status: (status, code) => this.conn.changed(status, code),
      snap: (snap) => {
        applySnap(snap.l === 'desk' ? this.desk : this.pub, snap)
        if (snap.l === 'pub') this.becomeReady()
      },
      items: (_room, lane, items) => items.forEach((item) => applyItem(lane === 'desk' ? this.desk : this.pub, item)),
      reset: () => this.conn.reset(),
      hb: (hb) => (this.view.viewers = hb.viewers),
      tally: (_room, tally) => applyTally(this.pub, tally),
      me: (_room, me) => (this.view.me = newerMe(this.view.me, me as unknown as Me)),
      joined: (_room, frame) => (this.view.perms = frame.perms),
    })
  }

  readonly threads = computed<Thread[]>(() => threads(this.pub).filter(({ root }) => root.kind === 'question'))
  /** Who waits longest stands first. */
  readonly open = computed(() => this.threads.value.filter((thread) => !thread.root.redacted && !isAnswered(thread)).reverse())
  readonly done = computed(() => this.threads.value.filter((thread) => isAnswered(thread)))
  readonly notes = computed(() => this.desk.order.map((id) => this.desk.posts[id]!).filter((post) => !post.redacted))
  readonly chosen = computed<Thread | null>(() => this.threads.value.find(({ root }) => root.id === this.view.chosen) ?? null)

  may = (action: string): boolean => this.view.perms.includes(action)

  start(withDesk: boolean): void {
    this.client.join(this.room, withDesk ? ['pub', 'desk'] : ['pub'], TAIL)
    this.client.start()
    window.addEventListener('online', () => this.client.kick())
    window.setInterval(() => (this.view.now = Date.now()), 1000)
  }

  choose(post: string): void {
    this.view.chosen = post
    this.view.pane = 'work'
  }

  private becomeReady(): void {
    if (this.view.ready) return
    this.view.ready = true
    // Who sits down sees at once what waits longest; on a phone the list comes first all the same.
    this.view.chosen = this.open.value[0]?.root.id ?? ''
    this.whenReady()
  }
}

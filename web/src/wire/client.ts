/** One socket that comes back by itself: positions, resends, heartbeats, and the close ranges of the contract. */
import { backoff } from './backoff.ts'
import type { Frame, Hb, Item, LaneName, Snap, User } from './frames.ts'
import { Lane } from './lane.ts'

export type Status = 'connecting' | 'live' | 'reconnecting' | 'offline' | 'kicked'
export type Credentials = { token?: string; ticket?: string }

export class Refused extends Error {
  readonly code: string
  readonly retryMs: number | null
  /** The input at fault, where HTTP named it. */
  readonly field: string
  constructor(code: string, retryMs: number | null = null, field = '') {
    super(code)
    this.code = code
    this.retryMs = retryMs
    this.field = field
  }
}

/** The part of a WebSocket that is used; tests bring their own. */
export interface Wire {
  onopen: (() => void) | null
  onmessage: ((event: { data: string }) => void) | null
  onclose: ((event: { code: number }) => void) | null
  send(data: string): void
  close(code?: number): void
}

export interface World {
  open(): Wire
  credentials(): Promise<Credentials>
  /** What was shown has run out or is not known: true where there is another way in than signing in by hand. */
  forget(): boolean
  now(): number
  after(ms: number, work: () => void): () => void
  random(): number
}

export interface Handlers {
  status?(status: Status, code: number): void
  welcome?(user: User | null, now: number, conn: string): void
  snap?(snap: Snap): void
  items?(room: string, lane: LaneName, items: Item[]): void
  reset?(room: string, lane: LaneName): void
  hb?(hb: Hb): void
  tally?(room: string, tally: Record<string, [number, number]>): void
  me?(room: string, me: Frame): void
  joined?(room: string, frame: Frame): void
  refused?(room: string, code: string): void
  /** Frames that only some pages look at. */
  other?(frame: Frame): void
}

interface Waiting {
  frame: Frame
  resolve(frame: Frame): void
  reject(error: Refused): void
}

// Doing one of these twice is not doing it once: what happened to a lost one must be looked up instead.
const NOT_RESENT = new Set(['mod.pull', 'revise'])
const HELLO = 'hello'
const TOKEN_EXPIRED = 4101
const TOKEN_UNKNOWN = 4401

export class Client {
  status: Status = 'connecting'
  private readonly world: World
  private readonly handlers: Handlers
  private readonly rooms = new Map<string, Map<LaneName, Lane>>()
  private readonly tails = new Map<string, number>()
  private readonly waiting = new Map<string, Waiting>()
  private wire: Wire | null = null
  private attempt = 0
  private counter = 0
  private floorMs = 0
  private hbMs = 15_000
  private cancelRetry: (() => void) | null = null
  private cancelWatch: (() => void) | null = null
  private stopped = false

  constructor(world: World, handlers: Handlers) {
    this.world = world
    this.handlers = handlers
  }

  start(): void {
    void this.connect()
  }

  stop(): void {
    this.stopped = true
    this.cancelRetry?.()
    this.cancelWatch?.()
    this.wire?.close(1000)
  }

  /** Comes back now: the browser says the network is there, or the person asks. */
  kick(): void {
    if (this.status === 'kicked' || this.cancelRetry === null) return
    this.cancelRetry()
    this.cancelRetry = null
    void this.connect()
  }

  /** Signs in anew on the same page: a visitor has become a guest. Positions stay. */
  reconnect(): void {
    if (this.wire === null) return this.kick()
    const wire = this.wire
    this.detach()
    wire.close(1000)
    this.tell('connecting', 0)
    void this.connect()
  }

  join(room: string, lanes: LaneName[], tail?: number): void {
    if (tail !== undefined) this.tails.set(room, tail)
    const held = this.rooms.get(room) ?? new Map<LaneName, Lane>()
    for (const lane of lanes) if (!held.has(lane)) held.set(lane, new Lane())
    this.rooms.set(room, held)
    if (this.status === 'live') this.sendJoin(room)
  }

  leave(room: string): void {
    if (!this.rooms.delete(room)) return
    this.tails.delete(room)
    if (this.status === 'live') this.write([{ t: 'leave', id: `l:${room}`, room }])
  }

  /** Somebody who was sent away has signed in again on the same page. */
  revive(): void {
    if (this.status !== 'kicked') return
    this.detach()
    this.tell('connecting', 0)
    void this.connect()
  }

  /** Answered by the server's `ok`; a lost connection in between makes it go out again, with the same `cid`. */
  command(t: string, fields: Record<string, unknown>): Promise<Frame> {
    const id = `c${++this.counter}`
    return new Promise((resolve, reject) => {
      const frame: Frame = { t, id, ...fields }
      if (this.status === 'kicked') return reject(new Refused('forbidden'))
      if (this.status !== 'live' && NOT_RESENT.has(t)) return reject(new Refused('unavailable'))
      this.waiting.set(id, { frame, resolve, reject })
      if (this.status === 'live') this.write([frame])
    })
  }

  private async connect(): Promise<void> {
    this.cancelRetry = null
    if (this.stopped) return
    let credentials: Credentials
    try {
      credentials = await this.world.credentials()
    } catch (error) {
      if (error instanceof Refused && !['unavailable', 'rate', 'internal'].includes(error.code)) return this.end(4401)
      return this.retry()
    }
    if (this.stopped || this.wire !== null) return
    const wire = this.world.open()
    this.wire = wire
    wire.onopen = () => this.write([{ t: 'hello', id: HELLO, ...credentials }])
    wire.onmessage = (event) => this.receive(event.data)
    wire.onclose = (event) => {
      if (this.wire === wire) this.closed(event.code)
    }
  }

  private closed(code: number): void {
    this.detach()
    const unknown = code === TOKEN_EXPIRED || code === TOKEN_UNKNOWN
    const otherwise = unknown && this.world.forget()
    if (code >= 4400 && code < 4500 && !otherwise) return this.end(code)
    if (code >= 4100 && code < 4200) for (const lanes of this.rooms.values()) for (const lane of lanes.values()) lane.restart(null, 0)
    for (const [id, waiting] of this.waiting) {
      if (!NOT_RESENT.has(waiting.frame.t)) continue
      this.waiting.delete(id)
      waiting.reject(new Refused('unavailable'))
    }
    this.retry()
  }

  private detach(): void {
    if (this.wire !== null) this.wire.onopen = this.wire.onmessage = this.wire.onclose = null
    this.wire = null
    this.cancelWatch?.()
    this.cancelWatch = null
  }

  private retry(): void {
    if (this.stopped) return
    this.tell('reconnecting', 0)
    const wait = backoff(this.attempt++, this.floorMs, this.world.random)
    this.floorMs = 0
    this.cancelRetry = this.world.after(wait, () => void this.connect())
  }

  private end(code: number): void {
    this.tell('kicked', code)
    for (const waiting of this.waiting.values()) waiting.reject(new Refused('forbidden'))
    this.waiting.clear()
  }

  private receive(data: string): void {
    this.watch()
    for (const frame of JSON.parse(data) as Frame[]) this.take(frame)
  }

  private take(frame: Frame): void {
    switch (frame.t) {
      case 'welcome':
        return this.welcome(frame)
      case 'ok':
      case 'err':
      case 'joined':
        return this.answer(frame)
      case 'snap':
        this.lane(frame)?.restart(frame.ep, frame.head)
        return this.handlers.snap?.(frame as unknown as Snap)
      case 'ev':
        return this.events(frame)
      case 'reset':
        this.lane(frame)?.restart(null, 0)
        return this.handlers.reset?.(frame.r, frame.l)
      case 'hb':
        return this.heartbeat(frame as unknown as Hb)
      case 'tally':
        return this.handlers.tally?.(frame.r, frame.x)
      case 'me':
        return this.handlers.me?.(frame.r, frame)
      case 'bye':
        if (frame.next === 'never') return this.end(4403)
        this.floorMs = (frame.after_ms ?? 0) + this.world.random() * (frame.jitter_ms ?? 0)
        return
      default:
        this.handlers.other?.(frame)
    }
  }

  private welcome(frame: Frame): void {
    this.attempt = 0
    this.hbMs = frame.hb_ms
    this.tell('live', 0)
    this.handlers.welcome?.(frame.user, frame.now, frame.conn)
    for (const room of this.rooms.keys()) this.sendJoin(room)
    for (const { frame: unanswered } of this.waiting.values()) this.write([unanswered])
    this.watch()
  }

  private answer(frame: Frame): void {
    const id = String(frame.id)
    if (frame.t === 'joined') {
      if (frame.me) this.handlers.me?.(frame.room, frame.me)
      return this.handlers.joined?.(frame.room, frame)
    }
    if (id === HELLO && frame.t === 'err') return this.notGreeted(frame)
    if (id.startsWith('j:') && frame.t === 'err') return this.handlers.refused?.(id.slice(2), frame.code)
    const waiting = this.waiting.get(id)
    if (waiting === undefined) return
    this.waiting.delete(id)
    if (frame.t === 'ok') waiting.resolve(frame)
    else waiting.reject(new Refused(frame.code, frame.retry_ms ?? null))
  }

  /** The server would wait for another `hello` and then send us away: a new one is made on a new connection. */
  private notGreeted(frame: Frame): void {
    if (frame.temporary) return
    const wire = this.wire
    this.detach()
    wire?.close(1000)
    this.closed(TOKEN_UNKNOWN)
  }

  private events(frame: Frame): void {
    const lane = this.lane(frame)
    if (lane === undefined) return
    const { items, hole } = lane.take(frame.ep, frame.x)
    if (items.length > 0) this.handlers.items?.(frame.r, frame.l, items)
    if (hole) this.sendJoin(frame.r)
  }

  private heartbeat(hb: Hb): void {
    const lanes = this.rooms.get(hb.r)
    if (lanes === undefined) return
    this.handlers.hb?.(hb)
    let behind = false
    for (const [name, lane] of lanes) behind = lane.isBehind(hb.heads[name] ?? 0, this.world.now()) || behind
    if (behind) this.sendJoin(hb.r)
    else if ([...lanes.values()].some((lane) => lane.aheadSince !== null)) this.world.after(2100, () => this.check(hb))
  }

  /** The next heartbeat may be fifteen seconds away: what was missing then and still is, is asked for now. */
  private check(hb: Hb): void {
    const lanes = this.rooms.get(hb.r)
    if (this.status !== 'live' || lanes === undefined) return
    for (const [name, lane] of lanes) if (lane.isBehind(hb.heads[name] ?? 0, this.world.now())) return this.sendJoin(hb.r)
  }

  private sendJoin(room: string): void {
    const lanes = this.rooms.get(room)!
    const pos: Record<string, unknown> = {}
    for (const [name, lane] of lanes) {
      lane.aheadSince = null
      const position = lane.position()
      if (position !== null) pos[name] = position
    }
    this.write([{ t: 'join', id: `j:${room}`, room, lanes: [...lanes.keys()], pos, tail: this.tails.get(room) ?? 50 }])
  }

  private lane(frame: Frame): Lane | undefined {
    return this.rooms.get(frame.r)?.get(frame.l)
  }

  private write(frames: Frame[]): void {
    this.wire?.send(JSON.stringify(frames))
  }

  /** A silent connection is a dead one: two and a half heartbeats, then it is given up. */
  private watch(): void {
    this.cancelWatch?.()
    this.cancelWatch = this.world.after(this.hbMs * 2.5, () => {
      const wire = this.wire
      if (wire === null) return
      this.detach()
      wire.close(4001)
      this.closed(4001)
    })
  }

  private tell(status: Status, code: number): void {
    this.status = status
    this.handlers.status?.(status, code)
  }
}

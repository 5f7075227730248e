/** The one connection of the console. Screens follow rooms on it and leave them; positions and resends are its business. */
import { watch } from 'vue'
import { connection } from '../shared/connection.ts'
import { call, read, world } from '../wire/browser.ts'
import { Client, Refused, type Handlers } from '../wire/client.ts'
import type { Frame, LaneName, User } from '../wire/frames.ts'
import { session } from './account.ts'
import { forget, heard } from './health.ts'

const NOT_SIGNED_IN = new Set(['expired', 'unauthenticated'])
const SIGNED_OUT = 4401

/** What a screen wants to hear of its room; `other` gets frames the client does not know, `hello` each new connection. */
export interface Follower extends Omit<Handlers, 'status' | 'welcome'> {
  hello?(user: User | null, now: number): void
}

class Line {
  readonly conn = connection()
  readonly client: Client
  /** Server's clock minus ours, for leases and ages. */
  offset = 0
  /** This connection's own id: what others tell about it is about me. */
  id = ''
  private readonly followers = new Map<string, Follower>()
  private readonly listeners = new Set<Follower>()

  constructor() {
    const of = (room: string): Follower | undefined => this.followers.get(room)
    this.client = new Client(world, {
      status: (status, code) => {
        this.conn.changed(status, code)
        if (status === 'kicked' && code === SIGNED_OUT) session.expired = true
      },
      welcome: (user, now, conn) => {
        this.id = conn
        forget()
        this.offset = now - Date.now()
        for (const one of [...this.followers.values(), ...this.listeners]) one.hello?.(user, now)
      },
      snap: (snap) => of(snap.r)?.snap?.(snap),
      items: (room, lane, items) => of(room)?.items?.(room, lane, items),
      reset: (room, lane) => {
        this.conn.reset()
        of(room)?.reset?.(room, lane)
      },
      hb: (hb) => of(hb.r)?.hb?.(hb),
      tally: (room, tally) => of(room)?.tally?.(room, tally),
      me: (room, me) => of(room)?.me?.(room, me),
      joined: (room, frame) => of(room)?.joined?.(room, frame),
      refused: (room, code) => of(room)?.refused?.(room, code),
      other: (frame) => {
        heard(frame)
        const one = of(String(frame.r ?? ''))
        one?.other?.(frame)
        for (const listener of this.listeners) listener.other?.(frame)
      },
    })
  }

  start(): void {
    this.client.start()
    window.addEventListener('online', () => this.client.kick())
    watch(() => session.expired, (expired) => expired || this.client.revive())
  }

  /** One follower a room; the answer leaves it. */
  follow(room: string, lanes: LaneName[], follower: Follower, tail?: number): () => void {
    this.followers.set(room, follower)
    this.client.join(room, lanes, tail)
    return () => {
      if (this.followers.get(room) !== follower) return
      this.followers.delete(room)
      this.client.leave(room)
    }
  }

  /** Hears connections come and frames that belong to no followed room. */
  listen(listener: Follower): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  command(t: string, fields: Record<string, unknown>): Promise<Frame> {
    return this.client.command(t, fields)
  }

  post(path: string, body: object): Promise<any> {
    return this.asked(call(path, body))
  }

  put(path: string, body: object): Promise<any> {
    return this.asked(call(path, body, 'PUT'))
  }

  delete(path: string): Promise<any> {
    return this.asked(call(path, {}, 'DELETE'))
  }

  get(path: string): Promise<any> {
    return this.asked(read(path))
  }

  private async asked(answer: Promise<any>): Promise<any> {
    try {
      return await answer
    } catch (error) {
      if (error instanceof Refused && NOT_SIGNED_IN.has(error.code)) session.expired = true
      throw error
    }
  }
}

export const line = new Line()

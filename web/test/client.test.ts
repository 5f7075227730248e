import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { Client, Refused, type Wire, type World } from '../src/wire/client.ts'
import type { Frame, Item } from '../src/wire/frames.ts'

/** A socket and a clock moved by hand. */
class House {
  now = 0
  wires: FakeWire[] = []
  timers: { at: number; work: () => void }[] = []
  refuse: Refused | null = null
  another = false
  readonly world: World = {
    open: () => {
      const wire = new FakeWire()
      this.wires.push(wire)
      return wire
    },
    credentials: async () => {
      if (this.refuse) throw this.refuse
      return { token: 'tk' }
    },
    forget: () => this.another,
    now: () => this.now,
    after: (ms, work) => {
      const timer = { at: this.now + ms, work }
      this.timers.push(timer)
      return () => (this.timers = this.timers.filter((one) => one !== timer))
    },
    random: () => 1,
  }

  get wire(): FakeWire {
    return this.wires[this.wires.length - 1]!
  }

  async pass(ms: number): Promise<void> {
    this.now += ms
    const due = this.timers.filter((timer) => timer.at <= this.now)
    this.timers = this.timers.filter((timer) => timer.at > this.now)
    for (const timer of due) timer.work()
    await settle()
  }
}

class FakeWire implements Wire {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  sent: Frame[] = []
  closedWith: number | null = null

  send(data: string): void {
    this.sent.push(...(JSON.parse(data) as Frame[]))
  }

  close(code = 1000): void {
    this.closedWith = code
  }

  say(...frames: Frame[]): void {
    this.onmessage?.({ data: JSON.stringify(frames) })
  }

  drop(code = 1006): void {
    this.onclose?.({ code })
  }

  last(t: string): Frame | undefined {
    return [...this.sent].reverse().find((frame) => frame.t === t)
  }
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
const WELCOME: Frame = { t: 'welcome', id: 'hello', conn: 'x', user: null, hb_ms: 15_000, now: 0 }
const snap = (head: number): Frame => ({ t: 'snap', r: 'r1', l: 'pub', ep: 'e1', head, state: {}, x: [], pinned: [], stage: [], tally: {}, more: false })
const ev = (...numbers: number[]): Frame => ({ t: 'ev', r: 'r1', l: 'pub', ep: 'e1', a: numbers[0], b: numbers[numbers.length - 1], x: numbers.map((s) => ({ s, k: 'msg', id: `p${s}`, at: 0 })) })

let house: House
let client: Client
let seen: number[]
let statuses: string[]

async function live(): Promise<void> {
  client.join('r1', ['pub'])
  client.start()
  await settle()
  house.wire.onopen?.()
  house.wire.say(WELCOME)
  house.wire.say(snap(4))
}

async function back(): Promise<void> {
  await house.pass(30_000)
  house.wire.onopen?.()
  house.wire.say(WELCOME)
}

beforeEach(() => {
  house = new House()
  seen = []
  statuses = []
  client = new Client(house.world, {
    status: (status, code) => statuses.push(code ? `${status} ${code}` : status),
    items: (_room, _lane, items: Item[]) => seen.push(...items.map((item) => item.s)),
  })
})

test('says hello, joins, and applies in order', async () => {
  await live()
  assert.deepEqual(house.wire.sent.map((frame) => frame.t), ['hello', 'join'])
  assert.equal(house.wire.sent[0]!.token, 'tk')
  house.wire.say(ev(5, 6), ev(6, 7))
  assert.deepEqual(seen, [5, 6, 7])
})

test('comes back by itself with its position and misses nothing', async () => {
  await live()
  house.wire.say(ev(5))
  house.wire.drop(1006)
  await back()
  assert.deepEqual(house.wire.last('join')!.pos, { pub: { ep: 'e1', seq: 5 } })
  house.wire.say(ev(6, 7))
  assert.deepEqual(seen, [5, 6, 7])
  assert.deepEqual(statuses, ['live', 'reconnecting', 'live'])
})

test('a hole is asked for, and nothing is shown out of order', async () => {
  await live()
  house.wire.say(ev(6))
  assert.deepEqual(seen, [])
  assert.deepEqual(house.wire.last('join')!.pos, { pub: { ep: 'e1', seq: 4 } })
})

test('a heartbeat ahead for two seconds makes it join again', async () => {
  await live()
  const joins = () => house.wire.sent.filter((frame) => frame.t === 'join').length
  house.wire.say({ t: 'hb', r: 'r1', at: 0, heads: { pub: 6 }, viewers: 1, approx: true })
  assert.equal(joins(), 1)
  await house.pass(2200)
  assert.equal(joins(), 2)
})

test('an unanswered post goes out again with the same cid; a pull does not', async () => {
  await live()
  const post = client.command('post', { room: 'r1', cid: 'c-1', kind: 'question', body: '?' })
  const pull = client.command('mod.pull', { n: 1 })
  const lost = assert.rejects(pull, (error: Refused) => error.code === 'unavailable')
  house.wire.drop(1006)
  await lost
  await back()
  const again = house.wire.last('post')!
  assert.equal(again.cid, 'c-1')
  house.wire.say({ t: 'ok', id: again.id, post: 'p9', state: 'pending' })
  assert.equal((await post).post, 'p9')
})

test('what is said while nobody listens goes out on the way back', async () => {
  await live()
  house.wire.drop(1006)
  const vote = client.command('vote', { post: 'p1', v: 1 })
  await back()
  house.wire.say({ t: 'ok', id: house.wire.last('vote')!.id })
  await vote
})

test('close ranges: 41xx comes back without positions, 44xx stays away', async () => {
  await live()
  house.wire.drop(4100)
  await back()
  assert.deepEqual(house.wire.last('join')!.pos, {})
  house.wire.drop(4403)
  const wires = house.wires.length
  await house.pass(60_000)
  assert.equal(house.wires.length, wires)
  assert.equal(statuses[statuses.length - 1], 'kicked 4403')
})

test('bye sets the floor of the way back', async () => {
  await live()
  house.wire.say({ t: 'bye', code: 4000, why: 'drain', next: 'resume', after_ms: 5000, jitter_ms: 1000 })
  house.wire.drop(4000)
  await house.pass(5900)
  assert.equal(house.wires.length, 1)
  await house.pass(700)
  assert.equal(house.wires.length, 2)
})

test('two and a half silent heartbeats are the end of a connection', async () => {
  await live()
  await house.pass(15_000 * 2.5)
  assert.equal(house.wires[0]!.closedWith, 4001)
  await back()
  assert.equal(house.wires.length, 2)
})

test('a reset makes positions void until the snapshot', async () => {
  await live()
  house.wire.say({ t: 'reset', r: 'r1', l: 'pub', ep: 'e2', why: 'epoch' })
  house.wire.say({ ...snap(2), ep: 'e2' })
  house.wire.say({ ...ev(3), ep: 'e2' })
  assert.deepEqual(seen, [3])
})

test('who may not come in is told, and the store being away is not that', async () => {
  house.refuse = new Refused('unavailable')
  client.start()
  await settle()
  assert.deepEqual(statuses, ['reconnecting'])
  house.refuse = new Refused('expired')
  await house.pass(30_000)
  assert.equal(statuses[statuses.length - 1], 'kicked 4401')
})

test('credentials that have run out are left, and it goes on with others where there are any', async () => {
  house.another = true
  client.start()
  await settle()
  house.wire.onopen!()
  house.wire.say({ t: 'err', id: 'hello', code: 'expired', temporary: false })
  assert.equal(house.wire.closedWith, 1000)
  await back()
  house.wire.drop(4101)
  house.another = false
  await house.pass(60_000)
  house.wire.onopen!()
  house.wire.say({ t: 'err', id: 'hello', code: 'unauthenticated', temporary: false })
  await house.pass(60_000)
  assert.equal(house.wires.length, 3)
  assert.deepEqual(statuses, ['reconnecting', 'live', 'reconnecting', 'kicked 4401'])
})

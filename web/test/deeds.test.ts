import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
// Before there is a document: it would draw into one.
import 'vue'
import type { Entry } from '../src/console/moderation/queue.ts'

// The page as far as these modules look at it; nothing here draws or connects.
Object.assign(globalThis, { document: { body: { dataset: {} }, visibilityState: 'visible' }, window: globalThis })
const { account } = await import('../src/console/account.ts')
const { line } = await import('../src/console/line.ts')
const { Refused } = await import('../src/wire/client.ts')
const { Deeds } = await import('../src/console/moderation/deeds.ts')
const { ReviewStore } = await import('../src/console/moderation/store.ts')

const entry = (post: string, more: Partial<Entry> = {}): Entry => ({ post, ver: 1, room: 'r', kind: 'question', body: '请打13800138000', by: { name: '小满', role: 'netizen', id: 'g' }, at: 1000, reasons: [{ phase: 'personal', from: 2, to: 13 }], cover: [[5, 9]], lease_by: 'me', lease_until: Date.now() + 60_000, ...more }) as Entry
const settled = () => new Promise<void>((done) => setImmediate(done))

/** `a` in front with `b` beside it, and `x` to go on with. */
async function grouped() {
  answers['mod.alike'] = ({ post }) => ({ posts: post === 'a' ? [entry('b')] : [] })
  holds(entry('x'), entry('a'), entry('b'))
  for (const post of ['x', 'a']) {
    store.choose(post)
    await settled()
  }
}

let sent: [string, Record<string, unknown>][]
let answers: Record<string, (fields: Record<string, unknown>) => unknown>
let store: InstanceType<typeof ReviewStore>
let deeds: InstanceType<typeof Deeds>
const told = (t: string) => sent.filter(([name]) => name === t).map(([, fields]) => fields)
const holds = (...entries: Entry[]) => {
  store.queue.head(entries, true)
  store.changed()
}

beforeEach(() => {
  account.id = 'me'
  sent = []
  answers = { 'mod.alike': () => ({ posts: [] }) }
  Object.assign(line, {
    command: async (t: string, fields: Record<string, unknown>) => (sent.push([t, fields]), answers[t]?.(fields) ?? {}),
    get: async () => { throw new Refused('unavailable') },
  })
  store = new ReviewStore()
  deeds = new Deeds(store)
  holds(entry('a'), entry('b'))
})

test('what was opened for covering is closed by another card', async () => {
  deeds.startMask()
  assert.equal(deeds.view.spans.length, 1)
  store.choose('b')
  assert.deepEqual([deeds.view.masking, deeds.view.spans], [false, []])
  deeds.view.spans = [{ from: 0, to: 1 }]
  await deeds.mask()
  assert.deepEqual(told('mod.mask'), [])
})

test('a new version of the text is covered anew', async () => {
  deeds.startMask()
  holds(entry('a', { ver: 2, body: '电话是13800138000' }), entry('b'))
  assert.deepEqual([store.current.value?.ver, deeds.view.masking], [2, false])
  deeds.view.spans = [{ from: 2, to: 13 }]
  await deeds.mask()
  assert.deepEqual(told('mod.mask'), [])
})

test('what is covered goes out with the words to its author', async () => {
  deeds.note = '电话已隐去'
  deeds.startMask()
  await deeds.mask()
  assert.deepEqual(told('mod.mask'), [{ post: 'a', ver: 1, spans: [[5, 9]], note: '电话已隐去' }])
})

test('refusing all is off as soon as nobody is asked for a rule', async () => {
  for (const away of [() => (store.view.choosing = false), () => store.choose('b'), () => store.setFilter({}), () => holds(entry('b'))]) {
    holds(entry('a'), entry('b'))
    store.choose('a')
    deeds.chooseForAll()
    assert.equal(deeds.view.forAll, true)
    away()
    assert.deepEqual([deeds.view.forAll, store.view.choosing], [false, false])
  }
  deeds.chooseForAll()
  deeds.chooseRule()
  await deeds.decide('reject', '5')
  assert.deepEqual([told('mod.decide').length, told('mod.decide_all')], [1, []])
})

test('the rule for all refuses all, with the words to their authors', async () => {
  answers['mod.decide_all'] = () => ({ outcomes: [] })
  await grouped()
  deeds.note = '请合并成一条'
  deeds.chooseForAll()
  await deeds.decide('reject', '5')
  assert.deepEqual(told('mod.decide_all'), [{ posts: [{ post: 'a', ver: 1 }, { post: 'b', ver: 1 }], verdict: 'reject', reason: '5', note: '请合并成一条' }])
})

test('a sanction begun on one card is not carried to the next', () => {
  deeds.view.muting = true
  store.choose('b')
  assert.equal(deeds.view.muting, false)
})

test('a merge that failed gives the whole group back', async () => {
  answers['mod.merge'] = async () => { await settled(); throw new Refused('unavailable') }
  await grouped()
  await deeds.merge()
  assert.equal(told('mod.merge').length, 1)
  assert.deepEqual(store.queue.list.map((one) => one.post).sort(), ['a', 'b', 'x'])
})

test('one room that refuses an emergency does not keep it from the others', async () => {
  store.rooms.value = ['一', '二', '三'].map((title) => ({ id: title, title, state: 'live', frozen: false, hold: false, verified: false, until: null }))
  answers['room.set'] = ({ room }) => { if (room === '一') throw new Refused('forbidden') }
  await deeds.declare(['一', '二', '三'], 'freeze', 0)
  assert.deepEqual(told('room.set').map(({ room }) => room), ['一', '二', '三'])
  assert.match(store.view.told!.text, /^一：/)
  assert.doesNotMatch(store.view.told!.text, /二|三/)
})

test('a sanction says whom it is for, and whether it was done', async () => {
  const bodies: Record<string, unknown>[] = []
  let refuse = false
  Object.assign(line, { post: async (_: string, body: Record<string, unknown>) => { bodies.push(body); if (refuse) throw new Refused('shared_address') } })
  assert.equal(await deeds.mute(entry('a'), 60, 5), true)
  deeds.view.muting = true
  assert.equal(await deeds.mute(entry('a'), 60, 5, 'suspend', { by: 'address', others: 38 }), true)
  assert.deepEqual([deeds.view.muting, bodies.map(({ by, others, kind }) => [by, others, kind])], [false, [[undefined, undefined, 'mute'], ['address', 38, 'suspend']]])
  refuse = true
  deeds.view.muting = true
  assert.equal(await deeds.mute(entry('a'), 60, 5, 'mute', { by: 'address', others: 3 }), false)
  assert.equal(deeds.view.muting, true)
})

test('of several that are taken back, one that takes a second person does not keep the others', async () => {
  answers['redact'] = ({ post }) => (post === 'a' ? { seq: null, pending: true } : { seq: 9 })
  const done = [entry('a'), entry('b')].map((one) => deeds.today.add(one, 'publish', null, Date.now()))
  await deeds.undo(...done)
  assert.deepEqual(told('redact').map(({ post }) => post), ['a', 'b'])
  assert.deepEqual([done[0]!.state === 'hidden', done[1]!.state], [false, 'hidden'])
  assert.equal(deeds.view.toast?.text, 'said.proposed')
})

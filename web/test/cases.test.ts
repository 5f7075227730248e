import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
// Before there is a document: it would draw into one.
import 'vue'
import type { Appeal, Reported } from '../src/console/cases/case.ts'

Object.assign(globalThis, { document: { body: { dataset: {} } }, window: globalThis })
const { account } = await import('../src/console/account.ts')
const { line } = await import('../src/console/line.ts')
const { Refused } = await import('../src/wire/client.ts')
const { CaseStore } = await import('../src/console/cases/store.ts')
const { CASE_KEYS } = await import('../src/console/cases/keys.ts')
const { deedOf } = await import('../src/console/moderation/keys.ts')

const by = { id: 'g', name: '小满', role: 'netizen' }
const appeal = (id: string, at: number, judge = 'colleague') => ({ appeal: id, of: 'refusal', room: 'r', body: id, text: '', by, at, newer: false, against: { id: judge, name: '', reason: '6', note: null, at: 1 }, post: `p${id}` }) as Appeal
const report = (post: string, at: number) => ({ post, room: 'r', reports: 2, reasons: { 3: 2 }, notes: [], at, kind: 'question', body: post, by, approved: true }) as Reported

let waits: { appeals: Appeal[]; reports: Reported[] }
let sent: [string, Record<string, unknown>][]
let answer: (path: string, body: Record<string, unknown>) => unknown
let store: InstanceType<typeof CaseStore>
const keys = () => store.all.value.map((one) => one.key)

beforeEach(async () => {
  account.id = 'me'
  waits = { appeals: [appeal('own', 1, 'me'), appeal('a', 3)], reports: [report('x', 2)] }
  sent = []
  answer = (_, body) => ({ state: body.outcome })
  Object.assign(line, {
    get: async (path: string) => ({ items: path.includes('appeals') ? [...waits.appeals] : [...waits.reports] }),
    post: async (path: string, body: Record<string, unknown>) => (sent.push([path, body]), answer(path, body)),
    command: async (name: string, fields: Record<string, unknown>) => (sent.push([name, fields]), {}),
  })
  store = new CaseStore()
  await store.load()
})

test('the oldest that is mine to judge is in front, and keys pass over what is not', () => {
  assert.deepEqual([keys(), store.current.value?.key], [['own', 'x', 'a'], 'x'])
  store.move(1)
  store.move(1)
  assert.equal(store.current.value?.key, 'a')
  store.move(-1)
  store.move(-1)
  assert.equal(store.current.value?.key, 'x')
  store.choose('own')
  store.ask('for')
  assert.deepEqual([store.mayDecide.value, store.view.armed, sent], [false, '', []])
})

test('what cannot be taken back is asked twice, and not of another case', async () => {
  store.choose('a')
  store.note = ' 确实不同 '
  store.ask('for')
  store.move(-1)
  store.move(1)
  store.ask('against')
  store.ask('for')
  assert.deepEqual(sent, [])
  store.ask('for')
  waits.appeals.pop()
  await new Promise<void>((done) => setImmediate(done))
  assert.deepEqual(sent, [['/api/v1/appeals/a/decide', { outcome: 'reversed', note: '确实不同' }]])
  assert.deepEqual([keys(), store.view.toast?.text, store.view.toast?.undo], [['own', 'x'], 'cases.done.reversed', ''])
})

test('a reported post is hidden by its rule, and shown again by one key', async () => {
  store.ask('against')
  assert.deepEqual([store.view.choosing, store.view.armed, sent], [true, '', []])
  waits.reports.pop()
  await store.decide('against', '3')
  await store.undo()
  await store.undo()
  assert.deepEqual(sent, [['/api/v1/posts/x/reports/decide', { outcome: 'redacted', reason: '3' }], ['restore', { post: 'x', reason: 'reviewed' }]])
})

test('a decision that did not count puts the case back with what was typed', async () => {
  answer = () => { throw new Refused('decided') }
  store.note = '看过'
  await store.decide('for')
  assert.deepEqual([keys(), store.current.value?.key, store.note, store.view.told !== ''], [['own', 'x', 'a'], 'x', '看过', true])
})

test('a case that must wait for a second person stays, and there is nothing to take back', async () => {
  answer = () => ({ state: 'open' })
  await store.decide('against', '3')
  assert.deepEqual([keys(), store.view.toast?.text, store.view.toast?.undo], [['own', 'x', 'a'], 'cases.done.open', ''])
})

test('what a colleague decided is said, and the next one is in front', async () => {
  store.choose('x')
  waits.reports.pop()
  await store.load()
  assert.deepEqual([store.current.value?.key, store.view.told], ['a', 'cases.lost'])
})

test('an answer from before the decision does not bring it back', async () => {
  let end = () => {}
  const { get } = line
  const [gate, old] = [new Promise<void>((done) => (end = done)), { ...waits, appeals: [...waits.appeals] }]
  Object.assign(line, { get: async (path: string) => (await gate, { items: path.includes('appeals') ? old.appeals : old.reports }) })
  const slow = store.load()
  Object.assign(line, { get })
  store.choose('a')
  waits.appeals.pop()
  await store.decide('for')
  end()
  await slow
  assert.deepEqual([keys(), store.view.told], [['own', 'x'], ''])
})

test('A is for the author and R against, as at the desk', () => {
  const key = (name: string) => ({ key: name, ctrlKey: false, metaKey: false, altKey: false })
  const front = { choosing: false, inField: false, on: true }
  assert.deepEqual(['a', 'r', 'm', 't'].map((one) => deedOf(key(one), front, CASE_KEYS)?.do), ['publish', 'refuse', undefined, undefined])
})

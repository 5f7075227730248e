import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
// Before there is a document: it would draw into one.
import 'vue'

Object.assign(globalThis, { document: { body: { dataset: {} } }, window: globalThis })
const { line } = await import('../src/console/line.ts')
const { Refused } = await import('../src/wire/client.ts')
const { WordsStore } = await import('../src/console/words/store.ts')

const HEAD = 'term,category,action,match\n'
const term = (text: string) => ({ term: text, category: '', action: 'hold', match: ['plain'] })

let standing: { number: number; terms: string; exceptions: string; count: number }
let sent: [string, Record<string, unknown>][]
let answer: (path: string) => Promise<unknown>
let store: InstanceType<typeof WordsStore>

beforeEach(async () => {
  standing = { number: 1, terms: `${HEAD}甲,,hold,plain\n`, exceptions: '', count: 1 }
  sent = []
  answer = async () => ({ tried: 1, held: 0, refused: 0, let_through: 0, changed: [] })
  Object.assign(line, {
    get: async (path: string) => (path.endsWith('/city') || path.endsWith('/room') ? { ...standing } : { items: [] }),
    post: async (path: string, body: Record<string, unknown>) => (sent.push([path, body]), answer(path)),
  })
  store = new WordsStore()
  await store.load()
})

test('terms changed after a file was read go out with the file', async () => {
  store.takeWhole('甲\n乙\n', '名单.txt')
  await new Promise<void>((done) => setImmediate(done))
  store.put(term('丙'))
  store.remove('甲')
  await store.try()
  const [, body] = sent.at(-1)!
  assert.deepEqual([body.terms, body.put, body.remove], ['甲\n乙\n', `${HEAD}丙,,hold,plain\n`, ['甲']])
})

test('somebody else’s version becomes the base of what was changed here', async () => {
  store.put(term('丙'))
  await store.try()
  standing = { number: 2, terms: `${HEAD}甲,,hold,plain\n乙,,hold,plain\n`, exceptions: '例外', count: 2 }
  answer = async () => { throw new Refused('stale_version') }
  await store.publish()
  assert.deepEqual([...store.view.put.keys()], ['丙'])
  assert.deepEqual([store.shown.value?.number, store.terms.value.length, store.trial.value], [2, 2, null])
  assert.deepEqual([store.view.exceptions, store.view.refused !== ''], ['例外', true])
  answer = async () => ({ number: 3 })
  await store.publish()
  assert.equal(sent.at(-1)![1].based_on, 2)
  assert.equal('exceptions' in sent.at(-1)![1], false)
})

test('what is typed while a version is being published stands over it', async () => {
  let end = (_: unknown) => {}
  answer = () => new Promise((done) => (end = done))
  store.put(term('丙'))
  store.remove('甲')
  store.view.reason = '今晚'
  const publishing = store.publish()
  store.put(term('丁'))
  store.put({ ...term('丙'), action: 'refuse' })
  Object.assign(store.view, { exceptions: '丁香', reason: '明早' })
  standing = { number: 2, terms: `${HEAD}丙,,hold,plain\n`, exceptions: '', count: 1 }
  end({ number: 2 })
  await publishing
  assert.deepEqual([...store.view.put.values()].map((one) => [one.term, one.action]), [['丙', 'refuse'], ['丁', 'hold']])
  assert.deepEqual([store.view.removed.size, store.view.exceptions, store.view.reason, store.view.kept], [0, '丁香', '明早', 2])
  assert.deepEqual([store.shown.value?.number, store.trial.value], [2, null])
  standing = { number: 3, terms: `${HEAD}丙,,refuse,plain\n丁,,hold,plain\n`, exceptions: '丁香', count: 2 }
  answer = async () => ({ number: 3 })
  await store.publish()
  assert.deepEqual([store.changes.value, store.view.reason, store.view.kept, store.shown.value?.number], [0, '', 0, 3])
})

test('to ask again for a list that could not be reached loses nothing typed', async () => {
  store.put(term('丙'))
  await store.load()
  assert.deepEqual([...store.view.put.keys()], ['丙'])
  await store.load('room')
  assert.deepEqual([store.view.scope, store.changes.value], ['room', 0])
})

test('what is changed while the list is tried was not tried', async () => {
  let end = (_: unknown) => {}
  answer = () => new Promise((done) => (end = done))
  store.put(term('丙'))
  const trying = store.try()
  store.put(term('丁'))
  end({ tried: 1, held: 0, refused: 0, let_through: 0, changed: [] })
  await trying
  assert.equal(store.trial.value, null)
})

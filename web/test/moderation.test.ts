import assert from 'node:assert/strict'
import { test } from 'node:test'
import { touches } from '../src/console/moderation/case_kinds.ts'
import { deedOf, KEYS, type Front } from '../src/console/moderation/keys.ts'
import { counts, lateness, mainReason, passes, Queue, standing, step, type Entry } from '../src/console/moderation/queue.ts'
import { rings } from '../src/console/moderation/sound.ts'
import { changed, excerpt, pieces, spansOf } from '../src/console/moderation/spans.ts'
import { drawn, indexes, reveal } from '../src/console/moderation/window.ts'

const entry = (post: string, more: Partial<Entry> = {}): Entry => ({ post, ver: 1, room: 'r', kind: 'question', body: post, by: { name: '小满', role: 'netizen', id: 'g' }, at: 1000, reasons: [], lease_by: null, lease_until: 0, ...more }) as Entry
const posts = (queue: Queue) => queue.list.map((one) => one.post)
const marked = (found: { text: string; marked: boolean }[]) => found.filter((piece) => piece.marked).map((piece) => piece.text)

test('what was found is marked by characters, not by halves of them', () => {
  const body = '𠮷野家😀电话13800138000，请回'
  const from = Array.from(body).indexOf('1')
  assert.deepEqual(marked(pieces(body, [{ from, to: from + 11 }])), ['13800138000'])
  assert.equal(pieces(body, []).map((piece) => piece.text).join(''), body)
})

test('spans that overlap make one mark, those beyond the text none, and a whole text marked marks nothing', () => {
  const reasons = [{ phase: 'a', from: 0, to: 2 }, { phase: 'b', from: 1, to: 3 }, { phase: 'c', from: 9, to: 12 }, { phase: 'd', from: 0, to: 5 }, { phase: 'e' }]
  const spans = spansOf(reasons, 5)
  assert.deepEqual(spans, [{ from: 0, to: 2 }, { from: 1, to: 3 }])
  assert.deepEqual(pieces('甲乙丙丁戊', spans).map((piece) => [piece.text, piece.marked]), [['甲乙丙', true], ['丁戊', false]])
})

test('what was covered is told apart from marks, and from stars that somebody wrote', () => {
  const body = '他**了3*4，电话'
  assert.deepEqual(pieces(body, [{ from: 1, to: 3 }, { from: 8, to: 10 }]).map(({ text, marked, masked }) => [text, marked, masked]), [['他', false, false], ['**', true, true], ['了3*4，', false, false], ['电话', true, false]])
})

test('a new version shows what changed', () => {
  assert.deepEqual(changed('开听证会还有意义吗', '开听证会还有什么意义吗'), [{ from: 6, to: 8 }])
  assert.deepEqual(changed('😀好', '😁好'), [{ from: 0, to: 1 }])
  assert.deepEqual(changed('删去一半', '删去'), [])
  assert.deepEqual(changed('一样', '一样'), [])
})

test('a long text is cut for the list so that the finding is in it', () => {
  const body = '甲'.repeat(80) + '😀13800138000'
  const cut = excerpt(body, [{ from: 81, to: 92 }])
  assert.deepEqual(marked(cut), ['13800138000'])
  assert.equal(cut[0]!.text, '…')
  assert.deepEqual(excerpt('短\n句', []).map((piece) => piece.text), ['短 句'])
})

test('a lease in force is a claim, mine or a colleague’s; one run out is nobody’s', () => {
  const held = entry('a', { lease_by: 'me', lease_until: 50 })
  assert.deepEqual([standing(held, 'me', 49), standing(held, 'you', 49), standing(held, 'me', 50), standing(entry('b'), 'me', 0)], ['mine', 'held', 'free', 'free'])
})

test('a whole page replaces, a first page replaces the head alone, what comes joins at the end', () => {
  const queue = new Queue()
  queue.head([entry('a'), entry('b'), entry('c'), entry('d')], true)
  queue.head([entry('b'), entry('c')], false)
  assert.deepEqual(posts(queue), ['b', 'c', 'd'])
  queue.merge([entry('e'), entry('c', { ver: 2 })])
  assert.deepEqual(posts(queue), ['b', 'c', 'd', 'e'])
  assert.equal(queue.get('c')!.ver, 2)
  queue.head([entry('e')], true)
  assert.deepEqual(posts(queue), ['e'])
})

test('what was decided does not come back with a slower answer, a newer version does', () => {
  const queue = new Queue()
  queue.head([entry('a'), entry('b')], true)
  queue.remove('a', 1)
  queue.head([entry('a'), entry('b')], true)
  assert.deepEqual(posts(queue), ['b'])
  queue.merge([entry('a', { ver: 2 })])
  assert.deepEqual(posts(queue), ['b', 'a'])
})

test('a decision that did not count puts the post back where it was', () => {
  const queue = new Queue()
  queue.head([entry('a'), entry('b'), entry('c')], true)
  queue.remove('b', 1)
  queue.putBack(entry('b'), 1)
  assert.deepEqual(posts(queue), ['a', 'b', 'c'])
})

test('a claim made while a page was on its way stays', () => {
  const queue = new Queue()
  queue.head([entry('a'), entry('b')], true)
  const asked = queue.mark()
  queue.hold([entry('a', { lease_until: 90 })], 'me')
  queue.head([entry('a'), entry('b')], true, asked)
  assert.equal(queue.get('a')!.lease_by, 'me')
  queue.head([entry('a'), entry('b')], true, queue.mark())
  assert.equal(queue.get('a')!.lease_by, null)
  const before = queue.mark()
  queue.hold([entry('new', { lease_until: 90 })], 'me')
  queue.head([entry('a'), entry('b')], true, before)
  assert.deepEqual(posts(queue), ['a', 'b', 'new'])
})

test('counts and ages by room and by what was found', () => {
  const list = [entry('a', { at: 5, reasons: [{ phase: 'premoderation' }] }), entry('b', { room: 's', at: 3, reasons: [{ phase: 'links' }, { phase: 'links' }] }), entry('c', { at: 2 })]
  const found = counts(list)
  assert.deepEqual(found.all, { n: 3, oldest: 2 })
  assert.deepEqual([...found.rooms], [['r', { n: 2, oldest: 2 }], ['s', { n: 1, oldest: 3 }]])
  assert.deepEqual([...found.phases], [['links', 1]])
  assert.deepEqual(list.filter((one) => passes(one, { room: 's', phase: 'links' })).map((one) => one.post), ['b'])
  assert.equal(mainReason([{ phase: 'premoderation' }, { phase: 'links' }])!.phase, 'links')
  assert.deepEqual([lateness(599_999), lateness(600_000), lateness(1_200_000)], ['', 'warn', 'late'])
})

test('J and K pass over what a colleague holds, and stop at the ends', () => {
  const list = [entry('a'), entry('b', { lease_by: 'you', lease_until: 99 }), entry('c')]
  assert.equal(step(list, 'a', 1, 'me', 0), 'c')
  assert.equal(step(list, 'c', -1, 'me', 0), 'a')
  assert.equal(step(list, 'c', 1, 'me', 0), 'c')
  assert.equal(step(list, '', 1, 'me', 0), 'a')
  assert.equal(step(list, 'a', 1, 'me', 99), 'b')
})

test('one key is one deed; not in fields, not with Ctrl, not when they are off', () => {
  const front: Front = { choosing: false, inField: false, on: true }
  const key = (name: string, more: object = {}) => ({ key: name, ctrlKey: false, metaKey: false, altKey: false, ...more })
  assert.deepEqual(KEYS.map(([letter]) => deedOf(key(letter.toLowerCase()), front)?.do), KEYS.map(([, , deed]) => deed))
  assert.equal(deedOf(key('3'), front), null)
  assert.deepEqual(deedOf(key('3'), { ...front, choosing: true }), { do: 'rule', rule: '3' })
  assert.equal(deedOf(key('9'), { ...front, choosing: true }), null)
  for (const off of [{ inField: true }, { on: false }]) assert.equal(deedOf(key('a'), { ...front, ...off }), null)
  assert.equal(deedOf(key('a', { ctrlKey: true }), front), null)
  assert.deepEqual(deedOf(key('Escape'), { ...front, on: false }), { do: 'cancel' })
})

test('of ten thousand rows some dozens are drawn, with those in view among them', () => {
  const few = drawn(10_000, 60, 300_000, 600)
  assert.ok(few.first <= 5000 && few.last >= 5010 && few.last - few.first < 80)
  assert.deepEqual(drawn(10_000, 60, 9e9, 600).last, 10_000)
  assert.deepEqual(drawn(3, 60, 0, 600), { first: 0, last: 3 })
  assert.deepEqual(drawn(0, 60, 0, 600), { first: 0, last: 0 })
  assert.deepEqual(indexes({ first: 5, last: 7 }, 2), [2, 5, 6])
  assert.deepEqual(indexes({ first: 5, last: 7 }, 9), [5, 6, 9])
  assert.deepEqual(indexes({ first: 5, last: 7 }, 6), [5, 6])
})

test('a row is brought into view by the least way', () => {
  assert.equal(reveal(0, 60, 30, 600), 0)
  assert.equal(reveal(10, 60, 0, 600), 60)
  assert.equal(reveal(5, 60, 0, 600), null)
})

test('only the first after a rest rings', () => {
  assert.deepEqual([rings(0, 1), rings(0, 0), rings(1, 2), rings(2, 0)], [true, false, false, false])
})

test('appeals and reports are counted anew when the lane speaks of them, and only then', () => {
  assert.equal(touches(['verdict', 'queue', 'hidden']), false)
  for (const kind of ['appeal', 'reported', 'reinstated']) assert.equal(touches(['queue', kind]), true)
})

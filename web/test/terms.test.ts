import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCsv, rowsOf, toCsv, type Term } from '../src/console/words/terms.ts'

const term = (text: string, more: Partial<Term> = {}): Term => ({ term: text, category: '', action: 'hold', match: ['plain'], ...more })

test('what is written is read back, commas, quotes and line ends too', () => {
  const terms = [term('黑车', { category: '营运' }), term('a,b', { action: 'refuse', match: ['plain', 'sound'] }), term('说"好"', { category: '两\n行' })]
  assert.deepEqual(parseCsv(toCsv(terms)), terms)
})

test('a short line has the defaults, and an empty list has no term', () => {
  assert.deepEqual(parseCsv('term,category,action,match\n黑车,,,\n'), [term('黑车')])
  assert.deepEqual(parseCsv('term,category,action,match\n'), [])
})

test('changes are shown in their place, new terms first, and what is removed stays in sight', () => {
  const put = new Map([['新词', term('新词')], ['乙', term('乙', { action: 'flag' })]])
  const rows = rowsOf([term('甲'), term('乙'), term('丙')], put, new Set(['丙']), '')
  assert.deepEqual(rows.map((row) => [row.term, row.action, row.change]), [['新词', 'hold', 'put'], ['甲', 'hold', 'none'], ['乙', 'flag', 'put'], ['丙', 'hold', 'removed']])
})

test('it is looked for in the term and in its category', () => {
  const rows = rowsOf([term('黑车', { category: '营运' }), term('卖票')], new Map(), new Set(), ' 营运 ')
  assert.deepEqual(rows.map((row) => row.term), ['黑车'])
})

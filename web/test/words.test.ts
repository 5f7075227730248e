import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { use } from '../src/i18n.ts'
import { author, moment, netizen } from '../src/shared/words.ts'

const at = (text: string) => Date.parse(`${text}+08:00`)
beforeEach(() => use('zh-CN', { 'role.netizen': '网民' }))

test('the day stands beside every time that is not of today in the city', () => {
  const now = at('2015-11-18T17:00:00')
  assert.equal(moment(at('2015-11-18T00:00:00'), now), '00:00')
  assert.equal(moment(at('2015-11-18T23:59:00'), now), '23:59')
  assert.equal(moment(at('2015-11-19T10:00:00'), now), '11月19日 10:00')
  assert.equal(moment(at('2015-11-17T23:59:00'), now), '11月17日 23:59')
})

test('a netizen is called one, and nobody twice', () => {
  assert.deepEqual([netizen('小满'), netizen('网民0042'), netizen()], ['网民 小满', '网民 0042', '网民 '])
  assert.deepEqual([author({ name: '小满', role: 'netizen' }), author({ name: '林乔', role: 'moderator' }), author(null)], ['网民 小满', '林乔', ''])
  use('en', { 'role.netizen': 'Netizen' })
  assert.equal(author({ name: '网民0042', role: 'netizen' }), 'Netizen 0042')
})

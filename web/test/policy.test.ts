import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dangerous, endsTwo, loosens, rulesOf, sinceOf, unreadRank, type Policy } from '../src/console/policy/change.ts'

const POLICY: Policy = { premoderate: true, staff: 'auto', guests: true, before: true, after: false, slow_ms: 0, trust: 'nobody', two_person: false }
const of = (more: Partial<Policy>): Policy => ({ ...POLICY, ...more })
const rule = (policy: Policy, name: string) => rulesOf(policy).find((one) => one.name === name)!

test('every rule has its value among its choices, from the strictest to the loosest', () => {
  for (const policy of [POLICY, of({ premoderate: false, trust: 'known', staff: 'review', guests: false, slow_ms: 45_000 })]) {
    for (const { name, now, choices } of rulesOf(policy)) {
      assert.ok(choices.some((one) => one.value === now), name)
      choices.reduce((stricter, looser) => {
        assert.ok(!loosens({ ...policy, ...looser.fields }, stricter.fields) || name === 'first', `${name}: ${stricter.value} is no stricter than ${looser.value}`)
        assert.ok(loosens({ ...policy, ...stricter.fields }, looser.fields), `${name}: ${looser.value} is no looser than ${stricter.value}`)
        return looser
      })
    }
  }
})

test('what goes out unread is dangerous, and what is only more of what is read first is not', () => {
  assert.ok(dangerous(POLICY, { premoderate: false }))
  assert.ok(dangerous(POLICY, { trust: 'trusted' }))
  assert.ok(dangerous(of({ staff: 'review' }), { staff: 'auto' }))
  assert.ok(!dangerous(of({ guests: false }), { guests: true }))
  assert.ok(!dangerous(of({ slow_ms: 30_000 }), { slow_ms: 0 }))
  const unread = of({ premoderate: false, guests: false, slow_ms: 30_000 })
  for (const fields of [{ guests: true }, { slow_ms: 0 }, { after: true }]) assert.ok(dangerous(unread, fields))
})

test('that one person hides what took two is asked for, and only where it took two', () => {
  assert.ok(dangerous(of({ two_person: true }), { two_person: false }))
  assert.ok(endsTwo(of({ two_person: true }), { two_person: false }))
  assert.ok(!dangerous(POLICY, { two_person: false }))
  assert.ok(!endsTwo(of({ two_person: true }), { premoderate: false }), 'what is asked then is about reading')
})

test('to make a room stricter never asks', () => {
  const loose = of({ premoderate: false, trust: 'known', after: true })
  for (const fields of [{ premoderate: true, trust: 'nobody' }, { staff: 'review' }, { guests: false }, { before: false }, { after: false }, { slow_ms: 60_000 }, { two_person: true }]) {
    assert.ok(!dangerous(loose, fields))
    assert.ok(!loosens(loose, fields))
  }
})

test('while nobody is read first trust says nothing, and switching to it is stricter', () => {
  const open = of({ premoderate: false, trust: 'nobody' })
  assert.equal(unreadRank(open), 3)
  const known = rule(open, 'first').choices.find((one) => one.value === 'known')!
  assert.ok(!dangerous(open, known.fields))
  assert.ok(loosens(open, known.fields), 'the server refuses a moderator: when reading comes back, more would pass than before')
})

test('a rule of two fields has the newest of their switches', () => {
  const found = sinceOf(rule(POLICY, 'first'), { premoderate: { at: 5, by: { name: '甲' } }, trust: { at: 9, by: { name: '乙' } } })
  assert.equal(found?.by.name, '乙')
  assert.equal(sinceOf(rule(POLICY, 'staff'), {}), undefined)
})

/** The rules of a room as choices, each from the strictest to the loosest, and what choosing another one means. Pure. */
import type { Api } from '../../wire/types.gen.ts'

export type Policy = Api.PolicyShown
export type Fields = Partial<Policy>

/** `fields` are what choosing it sets; `label` and its parameter `n` name it. */
export interface Choice { value: string; label: string; n?: number; fields: Fields }
export interface Rule { name: string; of: readonly (keyof Policy)[]; now: string; choices: readonly Choice[] }

const PASSES = ['nobody', 'trusted', 'known']
const SLOW_MS = [300_000, 60_000, 30_000, 10_000, 0]

/** Who of the netizens is not read first: 0 nobody, 3 everybody. */
export const unreadRank = (policy: Policy): number => (policy.premoderate ? PASSES.indexOf(policy.trust) : 3)

const LOOSER: { [K in keyof Policy]: (was: Policy[K], now: Policy[K]) => boolean } = {
  premoderate: (was, now) => was && !now,
  staff: (was, now) => was === 'review' && now === 'auto',
  guests: (was, now) => !was && now,
  before: (was, now) => !was && now,
  after: (was, now) => !was && now,
  slow_ms: (was, now) => now < was,
  trust: (was, now) => PASSES.indexOf(now) > PASSES.indexOf(was),
  two_person: (was, now) => was && !now,
}

const looserField = <K extends keyof Policy>(name: K, was: Policy, now: Policy): boolean => LOOSER[name](was[name], now[name])

/** Whether one of these fields lets more through than it did: the server asks the same of who may only tighten. */
export function loosens(was: Policy, fields: Fields): boolean {
  const now = { ...was, ...fields }
  return (Object.keys(LOOSER) as (keyof Policy)[]).some((name) => looserField(name, was, now))
}

/** Whether one person alone hides a department's answer from then on. */
export const endsTwo = (was: Policy, fields: Fields): boolean => looserField('two_person', was, { ...was, ...fields })

/** Whether more goes out that no person has read, by whom or by how much, or one person may hide what took two. */
export function dangerous(was: Policy, fields: Fields): boolean {
  const now = { ...was, ...fields }
  if (unreadRank(now) > unreadRank(was) || looserField('staff', was, now) || endsTwo(was, fields)) return true
  // These were weighed above; the others let in more of those who pass unread.
  const { premoderate, trust, two_person, ...others } = fields
  return unreadRank(now) > 0 && loosens(was, others)
}

export function rulesOf(policy: Policy): Rule[] {
  const flag = (name: 'guests' | 'before' | 'after'): Rule => ({
    name,
    of: [name],
    now: String(policy[name]),
    choices: [false, true].map((on) => ({ value: String(on), label: `policy.${name}.${on}`, fields: { [name]: on } })),
  })
  const passing = ['all', 'trusted', 'known', 'none']
  return [
    { name: 'first', of: ['premoderate', 'trust'], now: passing[unreadRank(policy)]!, choices: passing.map((value, at) => ({ value, label: `policy.first.${value}`, fields: at === 3 ? { premoderate: false } : { premoderate: true, trust: PASSES[at]! } })) },
    { name: 'staff', of: ['staff'], now: policy.staff, choices: ['review', 'auto'].map((value) => ({ value, label: `policy.staff.${value}`, fields: { staff: value } })) },
    { name: 'slow', of: ['slow_ms'], now: String(policy.slow_ms), choices: slowChoices(policy.slow_ms) },
    flag('guests'),
    flag('before'),
    flag('after'),
    { name: 'two_person', of: ['two_person'], now: String(policy.two_person), choices: [true, false].map((on) => ({ value: String(on), label: `policy.two_person.${on}`, fields: { two_person: on } })) },
  ]
}

/** What somebody set by the API stands among the usual ones. */
function slowChoices(now: number): Choice[] {
  const all = [...new Set([...SLOW_MS, now])].sort((a, b) => b - a)
  return all.map((ms) => {
    const fields = { slow_ms: ms }
    if (ms === 0) return { value: '0', label: 'policy.slow.none', fields }
    const minutes = ms % 60_000 === 0
    return { value: String(ms), label: minutes ? 'policy.slow.minutes' : 'policy.slow.seconds', n: minutes ? ms / 60_000 : Math.ceil(ms / 1000), fields }
  })
}

export interface Switch { at: number; by: { name: string }; why?: string }

/** The newest switch of one of these fields; none of them was lately: undefined. */
export function sinceOf(rule: Rule, since: Record<string, Switch>): Switch | undefined {
  return rule.of.map((name) => since[name]).filter((one) => one !== undefined).sort((a, b) => b.at - a.at)[0]
}

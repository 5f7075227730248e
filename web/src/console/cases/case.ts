/** One appeal, or one reported post, as the server lists them; pure. */
import { t } from '../../i18n.ts'
import { moment, reasonText } from '../../shared/words.ts'

interface Person { id: string; name: string; role: string }
export interface Against { id: string | null; name: string | null; reason: string | null; note: string | null; at: number | null }
export interface Appeal {
  appeal: string; of: 'refusal' | 'hiding' | 'sanction'; room: string | null; body: string; text: string; by: Person; at: number; newer: boolean
  against: Against; post?: string; ver?: number; kind?: string; number?: number; sanction_kind?: string; sanction_by?: 'device' | 'address'; until?: number
}
export interface Reported {
  post: string; room: string; reports: number; reasons: Record<string, number>; notes: string[]; at: number; kind: string; body: string; by: Person; number?: number; approved: boolean
}

interface Either { key: string; room: string; at: number; by: Person }
export type Case = Either & ({ kind: 'appeal'; of: Appeal } | { kind: 'report'; of: Reported })
export type Kind = Case['kind']
/** For the author: it is shown again, lifted, or stays. Against: it stays as it was decided, or is hidden. */
export type Side = 'for' | 'against'

const either = (key: string, { room, at, by }: Appeal | Reported): Either => ({ key, room: room ?? '', at, by })

/** All of them in one row, the oldest first. */
export function merged(appeals: readonly Appeal[], reports: readonly Reported[]): Case[] {
  const all: Case[] = [
    ...appeals.map((of): Case => ({ kind: 'appeal', of, ...either(of.appeal, of) })),
    ...reports.map((of): Case => ({ kind: 'report', of, ...either(of.post, of) })),
  ]
  return all.sort((a, b) => a.at - b.at)
}

/** Nobody judges the appeal against a decision of one's own. */
export const isOwn = (one: Case, me: string): boolean => one.kind === 'appeal' && one.of.against.id === me

/** What the row and the card begin with: the text, or what stands for it. */
export function titleOf(one: Case): string {
  if (one.of.body) return one.of.body
  if (one.kind === 'report' || one.of.of !== 'sanction') return t('post.gap_short')
  return t(`cases.sanction.${one.of.sanction_kind ?? 'mute'}`, { t: moment(one.of.until ?? one.at) })
}

export function kindOf(one: Case): string {
  if (one.kind === 'report') return t('cases.reported', { n: one.of.reports })
  const by = one.of.sanction_by ? ` · ${t(`mod.via.${one.of.sanction_by}`)}` : ''
  return t(one.of.of === 'sanction' ? `cases.of.sanction.${one.of.sanction_kind ?? 'mute'}` : `cases.of.${one.of.of}`) + by
}

export function actOf(one: Case, side: Side): string {
  if (one.kind === 'report') return t(side === 'for' ? 'cases.dismiss' : 'mod.redact')
  return t(side === 'for' ? `cases.reverse.${one.of.of}` : 'cases.uphold')
}

/** Why a viewer reported it, the most frequent first. */
export const reasonsOf = (one: Reported): [string, number][] =>
  Object.entries(one.reasons).sort((a, b) => b[1] - a[1]).map(([reason, n]) => [reasonText(reason), n])

/** One step up or down over those that are not mine to judge; stays where there is none. */
export function stepTo(cases: readonly Case[], from: string, by: 1 | -1, me: string): string {
  const here = cases.findIndex((one) => one.key === from)
  for (let at = here < 0 ? (by > 0 ? 0 : cases.length - 1) : here + by; at >= 0 && at < cases.length; at += by) {
    if (!isOwn(cases[at]!, me)) return cases[at]!.key
  }
  return from
}

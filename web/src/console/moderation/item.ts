/** The history of a post as it is shown: what each entry says, and what a version changed of the one before. Pure. */
import { has, t } from '../../i18n.ts'
import { reasonText } from '../../shared/words.ts'
import type { Reason } from '../../wire/frames.ts'
import { changed, pieces, type Piece } from './spans.ts'

export interface ItemEntry {
  what: string
  at: number
  by: { id?: string; name: string; role?: string } | null
  ver?: number
  body?: string
  gone?: string
  sealed?: boolean
  public?: boolean
  reasons?: Reason[]
  reason?: string
  note?: string
  detail?: Record<string, unknown>
}

export function whatText({ what, ver, detail = {} }: ItemEntry): string {
  if (what === 'version') return t('mod.version', { v: ver ?? 0 })
  if (what === 'pin' || what === 'stage') return t(`mod.item.${what}.${detail.on ? 'on' : 'off'}`)
  if (what === 'reports') return t('mod.item.reports', { n: Number(detail.reports ?? 0) })
  if (what === 'reports.judge') return t(`mod.item.reports.${detail.outcome === 'redacted' ? 'redacted' : 'dismissed'}`)
  // A deed that this page does not know yet is named as the record names it.
  return has(`mod.item.${what}`) ? t(`mod.item.${what}`) : what
}

/** Why: a rule or a known reason by its code, and the words that went with it. A reason to open a seal is a sentence. */
export function whyText({ what, reason, note, reasons = [] }: ItemEntry): string {
  const found = reasons.filter((one) => one.phase !== 'premoderation').map((one) => t(`phase.${one.phase}`))
  const code = reason === undefined ? '' : what.startsWith('evidence.') ? reason : reasonText(reason)
  return [[...new Set(found)].join('、'), code, note ?? ''].filter(Boolean).join(' · ')
}

/** The text with what is new in it marked; the first one, and one whose forerunner may not be read, is unmarked. */
export function textOf(entry: ItemEntry, entries: readonly ItemEntry[]): Piece[] {
  const before = entries.find((one) => one.what === 'version' && one.ver === (entry.ver ?? 0) - 1)
  return pieces(entry.body ?? '', before?.body ? changed(before.body, entry.body ?? '') : [])
}

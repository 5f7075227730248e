import { clockTime, has, isoTime, language, t } from '../i18n.ts'
import { Refused } from '../wire/client.ts'
import type { Department, OwnPost } from '../wire/frames.ts'

export const departmentName = (department: Department): string => (language() === 'en' && department.name_en) || department.name

// How the server names a guest who gave no name.
const NAMELESS = '网民'

/** A netizen with the word for it before the name; who has no other name than that is not called so twice. */
export const netizen = (name = ''): string => `${t('role.netizen')} ${name.startsWith(NAMELESS) ? name.slice(NAMELESS.length) : name}`

/** Whoever wrote it: a netizen with the word for it, anybody else by name. */
export const author = (by: { name: string; role: string } | null | undefined): string => (by?.role === 'netizen' ? netizen(by.name) : (by?.name ?? ''))

/** One of the eight rules by its number, a known reason, a phase, or "another reason". */
export function reasonText(code: string | null | undefined): string {
  if (!code) return ''
  if (has(`rule.${code}`)) return t('post.rule', { r: code, text: t(`rule.${code}`) })
  for (const key of [`reason.${code}`, `phase.${code}`]) if (has(key)) return t(key)
  return t('reason.other')
}

export function whyRefused(post: OwnPost): string {
  const code = post.reason ?? (post.rule === undefined ? post.reasons?.[0]?.phase : String(post.rule))
  return [reasonText(code), post.note ?? ''].filter(Boolean).join(' ')
}

export function refusalText(error: unknown): string {
  const code = error instanceof Refused ? error.code : 'internal'
  const wait = error instanceof Refused && error.retryMs ? ' ' + t('error.wait', { n: Math.max(1, Math.ceil(error.retryMs / 1000)) }) : ''
  return t(`err.${code}`) + wait
}

const cityDay = (ms: number): string => isoTime(ms).slice(0, 10)

/** The day stands beside the time when it is another than today's: ten o'clock tomorrow is not ten o'clock. */
export function moment(ms: number, now = Date.now()): string {
  if (cityDay(ms) === cityDay(now)) return clockTime(ms)
  const date = new Date(ms)
  return `${date.toLocaleDateString(language() === 'en' ? 'en-GB' : language(), { month: 'short', day: 'numeric', timeZone: 'Asia/Shanghai' })} ${clockTime(ms)}`
}

const two = (n: number): string => String(n).padStart(2, '0')

/** How long somebody has waited, `12:05` or `3:12:05`; from a day on the minutes say nothing. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  if (hours >= 24) return t('age.days', { n: Math.floor(hours / 24), h: hours % 24 })
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** What stands in a field now: two listeners instead of `v-model`, whose runtime every reader of a room would load. */
export const typed = (event: Event): string => (event.target as HTMLInputElement | HTMLTextAreaElement).value

/** The connection as a person is told about it: nothing for the first second and a half of trouble. */
import { reactive } from 'vue'
import { clockTime, has, t } from '../i18n.ts'
import type { Status } from '../wire/client.ts'

export interface Connection { status: Status; code: number; since: number; told: string; bad: boolean }
export interface Told {
  state: Connection
  changed(status: Status, code: number): void
  reset(): void
  behind(missing: number): void
  caught(): void
  stale(on: boolean): void
}

const QUIET_MS = 1500
const FADE_MS = 4000
// Fewer are there before the sentence could be read.
const WORTH_SAYING = 10

export function connection(): Told {
  const state = reactive<Connection>({ status: 'connecting', code: 0, since: 0, told: '', bad: false })
  let lastSeen = Date.now()
  let timer = 0
  let behind = false
  let stale = false

  const say = (text: string, bad = false) => {
    window.clearTimeout(timer)
    state.told = text
    state.bad = bad
  }
  const later = (ms: number, work: () => void) => {
    window.clearTimeout(timer)
    timer = window.setTimeout(work, ms)
  }
  const trouble = () => {
    if (state.status === 'live') return
    if (navigator.onLine === false) say(t('conn.offline', { t: clockTime(lastSeen) }), true)
    else say(t('conn.reconnecting'))
  }
  const fade = (text: string) => {
    say(text)
    later(FADE_MS, () => say(''))
  }
  const kicked = (code: number) => {
    if (code === 4401) return t('err.expired')
    return t('conn.kicked', { r: has(`closed.${code}`) ? t(`closed.${code}`) : String(code) })
  }
  return {
    state,
    reset: () => fade(t('conn.reset')),
    behind(missing) {
      if (missing < WORTH_SAYING) return
      behind = true
      say(t('conn.behind', { t: clockTime(lastSeen), n: missing }))
    },
    caught() {
      if (!behind) return
      behind = false
      fade(t('conn.back'))
    },
    stale(on) {
      if (stale === on) return
      stale = on
      if (on) say(t('conn.stale'))
      else fade(t('conn.back'))
    },
    changed(status, code) {
      const troubled = state.told !== ''
      if (state.status === 'live' && status !== 'live') lastSeen = Date.now()
      state.status = status
      state.code = code
      stale = behind = false
      if (status === 'kicked') say(kicked(code), true)
      else if (status === 'live') troubled ? fade(t('conn.back')) : say('')
      else later(troubled ? 0 : QUIET_MS, trouble)
    },
  }
}

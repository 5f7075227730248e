/** The connection as a person is told about it: nothing for the first second and a half of trouble. */
import { reactive } from 'vue'
import { clockTime, t } from '../i18n.ts'
import type { Status } from '../wire/client.ts'

export interface Connection { status: Status; code: number; since: number; told: string; bad: boolean }

const QUIET_MS = 1500

export function connection(): { state: Connection; changed(status: Status, code: number): void; reset(): void } {
  const state = reactive<Connection>({ status: 'connecting', code: 0, since: 0, told: '', bad: false })
  let lastSeen = Date.now()
  let timer = 0

  const say = (text: string, bad = false) => {
    state.told = text
    state.bad = bad
  }
  const trouble = () => {
    if (state.status === 'live') return
    if (navigator.onLine === false) say(t('conn.offline', { t: clockTime(lastSeen) }), true)
    else say(t('conn.reconnecting'))
  }
  const fade = (text: string) => {
    say(text)
    timer = window.setTimeout(() => say(''), 4000)
  }
  return {
    state,
    reset: () => fade(t('conn.reset')),
    changed(status, code) {
      const troubled = state.told !== ''
      if (state.status === 'live' && status !== 'live') lastSeen = Date.now()
      state.status = status
      state.code = code
      window.clearTimeout(timer)
      if (status === 'kicked') say(code === 4401 ? t('err.expired') : t('conn.kicked', { r: String(code) }), true)
      else if (status === 'live') troubled ? fade(t('conn.back')) : say('')
      else timer = window.setTimeout(trouble, troubled ? 0 : QUIET_MS)
    },
  }
}

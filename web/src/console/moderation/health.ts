/** How the queue fares and who is on duty, as the server has it: asked every quarter of a minute, and after each turn. */
import { computed, reactive } from 'vue'
import { t } from '../../i18n.ts'
import { refusalText } from '../../shared/words.ts'
import type { Api } from '../../wire/types.gen.ts'
import { account } from '../account.ts'
import { line } from '../line.ts'
import { say } from '../toast.ts'

export interface Shift { id: string; name: string; state: 'on' | 'rest' | 'off'; since: number; until: number | null; here: boolean; note?: string; note_at?: number }
export type Health = Omit<Api.QueueHealthShown, 'shifts'> & { shifts: Shift[] }

const ASK_MS = 15_000

export class Shifts {
  readonly view = reactive({ health: null as Health | null, handing: false })
  readonly own = computed(() => this.view.health?.shifts.find((one) => one.id === account.id) ?? null)
  readonly others = computed(() => (this.view.health?.shifts ?? []).filter((one) => one.id !== account.id && (one.here || one.state === 'rest')))
  readonly notes = computed(() => (this.view.health?.shifts ?? []).filter((one) => one.note && one.id !== account.id))
  private timer = 0

  start(): void {
    void this.ask()
    this.timer = window.setInterval(() => void this.ask(), ASK_MS)
  }

  stop(): void {
    window.clearInterval(this.timer)
  }

  async ask(): Promise<void> {
    this.view.health = await line.get('/api/v1/queue/health').catch(() => this.view.health)
  }

  /** Whether the server took it: what was typed for it is kept until then. */
  async turn(state: Shift['state'], rest: { until?: number; note?: string } = {}): Promise<boolean> {
    const taken = await line.post('/api/v1/shift', { state, ...rest }).then(
      () => true,
      (error: unknown) => (say(refusalText(error)), false),
    )
    if (taken) this.view.handing = false
    await this.ask()
    return taken
  }
}

/** The line of the last half hour as a path in a box of 110 by 30; the limit is drawn where it is in sight. */
export function spark(points: readonly number[], limit: number): { path: string; limit: number | null; most: number } {
  const most = Math.max(1, ...points)
  const top = Math.max(most, points.some((one) => one * 2 > limit) ? limit : 0)
  const x = (at: number) => Math.round((110 * at) / Math.max(1, points.length - 1))
  const y = (value: number) => Math.round(28 - (26 * value) / top)
  const path = points.map((value, at) => `${at ? 'L' : 'M'}${x(at)} ${y(value)}`).join('')
  return { path, limit: top >= limit ? y(limit) : null, most }
}

export const seconds = (ms: number | null): string => (ms === null ? '–' : ms < 60_000 ? t('mod.seconds', { n: Math.round(ms / 1000) }) : t('mod.minutes', { n: Math.round(ms / 60_000) }))

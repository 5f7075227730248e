/** Whom a sanction is for: a person, or every guest at a device or an address; the server decides, this is what is offered. */
import type { Api } from '../../wire/types.gen.ts'

export const AIMS = ['account', 'device', 'address'] as const
export type Aim = (typeof AIMS)[number]
export const STEPS = ['warn', 'mute', 'suspend', 'ban'] as const
export type Step = (typeof STEPS)[number]
export type Neighbours = Api.NeighboursShown

const DAY = 1440
export const SPANS = [[10, 'mod.mute.10'], [60, 'mod.mute.60'], [DAY, 'mod.mute.1440'], [7 * DAY, 'ladder.10080'], [30 * DAY, 'ladder.43200']] as const
// Whoever shares a device or an address with somebody did nothing: so less, and for less long.
const ALLOWED: Record<Aim, { steps: readonly Step[]; minutes: number }> = {
  account: { steps: STEPS, minutes: 30 * DAY },
  device: { steps: ['mute', 'suspend', 'ban'], minutes: 30 * DAY },
  address: { steps: ['mute', 'suspend'], minutes: DAY },
}

export const stepsOf = (aim: Aim): readonly Step[] => ALLOWED[aim].steps
export const spansOf = (aim: Aim): readonly (readonly [number, string])[] => SPANS.filter(([minutes]) => minutes <= ALLOWED[aim].minutes)

/** The nearest that is possible there. */
export const fitting = (aim: Aim, step: Step, minutes: number): { step: Step; minutes: number } => ({
  step: stepsOf(aim).includes(step) ? step : 'mute',
  minutes: Math.min(minutes, ALLOWED[aim].minutes),
})

// A clock here may run ahead of the server's, which refuses the longest spans if they are longer by a millisecond.
const CLOCKS_MS = 5_000

/** When it ends, by the clock of who decides it. */
export const endOf = (now: number, minutes: number): number => Math.round(now + minutes * 60_000) - (minutes < DAY ? 0 : CLOCKS_MS)

/** How many other people it would touch; null: not known from where this person writes. */
export const othersAt = (aim: Aim, found: Neighbours | null): number | null => (aim === 'account' ? 0 : (found?.[aim] ?? null))

/** Many at an address: nobody stops them without having said that they were seen. */
export const mustConfirm = (aim: Aim, found: Neighbours | null): boolean => aim === 'address' && found !== null && (found.address ?? 0) > found.most

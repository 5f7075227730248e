/** Two soft notes when the queue was empty and something comes; off until somebody turns it on. */
import { keep, kept } from '../../shared/keep.ts'

const KEY = 'mod.sound'

export const soundOn = (): boolean => kept(KEY) === 'on'

export function setSound(on: boolean): void {
  keep(KEY, on ? 'on' : '')
  if (on) chime()
}

/** Whether a change of the number of waiting posts is worth a sound: only the first after a rest. */
export const rings = (before: number, after: number): boolean => before === 0 && after > 0

let context: AudioContext | null = null

export function chime(): void {
  try {
    context ??= new AudioContext()
    void context.resume()
    const start = context.currentTime
    for (const [at, pitch] of [[0, 659], [0.16, 880]] as const) {
      const note = context.createOscillator()
      const loud = context.createGain()
      note.frequency.value = pitch
      loud.gain.setValueAtTime(0.12, start + at)
      loud.gain.exponentialRampToValueAtTime(0.001, start + at + 0.3)
      note.connect(loud).connect(context.destination)
      note.start(start + at)
      note.stop(start + at + 0.32)
    }
  } catch {
    // No sound device, or none allowed yet: the title and the list say it too.
  }
}

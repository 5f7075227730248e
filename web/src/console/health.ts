/** How the node is served, as it tells staff: when that changes, and to newcomers while not all is well. */
import { reactive } from 'vue'
import type { Frame } from '../wire/frames.ts'

export const health = reactive({ store: 'up', bus: 'up' })

export function heard(frame: Frame): void {
  if (frame.t !== 'health') return
  health.store = String(frame.store)
  health.bus = String(frame.bus)
}

/** A new connection may be to another node; if something is amiss there, that is said anew. */
export function forget(): void {
  health.store = health.bus = 'up'
}

/** What one key means, given what is in front: pure, so that the visible key map and the keys cannot differ. */

export type Deed =
  | { do: 'publish' | 'refuse' | 'release' | 'extend' | 'undo' | 'next' | 'previous' | 'merge' | 'mask' | 'note' | 'mute' | 'take' | 'policy' | 'item' | 'hiding' | 'ask' | 'cancel' }
  | { do: 'rule'; rule: string }

export interface Pressed { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean }
export interface Front { choosing: boolean; inField: boolean; on: boolean }

export const RULES = ['1', '2', '3', '4', '5', '6', '7', '8'] as const

export type Keys = readonly (readonly [key: string, label: string, deed: Deed['do']])[]

/** Letters of the key map with the names of what they do, in the order in which they are shown. */
export const KEYS: Keys = [
  ['A', 'mod.publish', 'publish'],
  ['M', 'mod.mask', 'mask'],
  ['R', 'mod.keys.reject', 'refuse'],
  ['G', 'mod.keys.merge', 'merge'],
  ['S', 'mod.release', 'release'],
  ['E', 'mod.extend', 'extend'],
  ['Z', 'mod.undo.act', 'undo'],
  ['J', 'mod.keys.down', 'next'],
  ['K', 'mod.keys.up', 'previous'],
  ['N', 'mod.note', 'note'],
  ['U', 'mod.mute', 'mute'],
  ['T', 'mod.keys.take_over', 'take'],
  ['H', 'mod.ask', 'ask'],
  ['V', 'mod.keys.item', 'item'],
  ['P', 'keys.policy', 'policy'],
  ['D', 'hiding.keys', 'hiding'],
]

/** Escape always works: it is no character (WCAG 2.1.4). Rules are numbers only while a rule is being chosen. */
export function deedOf(pressed: Pressed, front: Front, keys: Keys = KEYS): Deed | null {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return null
  if (pressed.key === 'Escape') return { do: 'cancel' }
  if (front.inField || !front.on) return null
  if (front.choosing && /^[1-8]$/.test(pressed.key)) return { do: 'rule', rule: pressed.key }
  const found = keys.find(([key]) => key.toLowerCase() === pressed.key.toLowerCase())
  return found ? ({ do: found[2] } as Deed) : null
}

/** The keys of appeals and reports: the desk's own, as far as they mean something here. */
import type { Keys } from '../moderation/keys.ts'

export const CASE_KEYS: Keys = [
  ['A', 'cases.keys.for', 'publish'],
  ['R', 'cases.keys.against', 'refuse'],
  ['J', 'mod.keys.down', 'next'],
  ['K', 'mod.keys.up', 'previous'],
  ['N', 'mod.note', 'note'],
  ['V', 'mod.keys.item', 'item'],
  ['Z', 'mod.undo.act', 'undo'],
]

/** Keys of the screen in front: listed under `?`, silent in fields, and off altogether for who wants it (WCAG 2.1.4). */
import { onUnmounted, ref, shallowReactive } from 'vue'
import { keep, kept } from '../shared/keep.ts'

/** `label` is the key of its name in the catalogue; `single` keys are letters without Ctrl. */
export interface Shortcut { key: string; label: string; run?: () => void }

export const shortcuts = shallowReactive<Shortcut[]>([])
export const singleKeys = ref(kept('keys') !== 'off')
export const helpOpen = ref(false)

export function setSingleKeys(on: boolean): void {
  singleKeys.value = on
  keep('keys', on ? '' : 'off')
}

/** For as long as the calling component lives. Without `run` a key is only listed: the screen handles it. */
export function useShortcuts(own: Shortcut[]): void {
  shortcuts.push(...own)
  onUnmounted(() => {
    for (const one of own) shortcuts.splice(shortcuts.indexOf(one), 1)
  })
}

export function onKey(event: KeyboardEvent): void {
  const field = (event.target as HTMLElement).closest?.('input, textarea, select, [contenteditable]')
  if (field || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
  if (event.key === '?') helpOpen.value = !helpOpen.value
  else if (singleKeys.value && !helpOpen.value) {
    const found = shortcuts.find((one) => one.run && one.key.toLowerCase() === event.key.toLowerCase())
    if (!found) return
    found.run!()
  } else return
  event.preventDefault()
}

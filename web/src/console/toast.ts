/** One sentence about what has just been done; it goes by itself. */
import { ref } from 'vue'

const SHOWN_MS = 6000
export const told = ref('')
let timer = 0

export function say(text: string): void {
  told.value = text
  window.clearTimeout(timer)
  timer = window.setTimeout(() => (told.value = ''), SHOWN_MS)
}

/** Light or dark: what was chosen on this device, else what the system wears. Element Plus follows the class. */
import { ref } from 'vue'

const YEAR_S = 365 * 86_400
export const dark = ref(false)

/** The cookies that the server's pages read too: so no page is first of the other kind. */
export function remember(name: 'lang' | 'theme', value: string): void {
  const secure = location.protocol === 'https:' ? '; secure' : ''
  document.cookie = `wz_${name}=${value}; max-age=${YEAR_S}; path=/; samesite=lax${secure}`
}

export function applyTheme(): void {
  const chosen = /(?:^|; )wz_theme=(\w+)/.exec(document.cookie)?.[1]
  const system = window.matchMedia('(prefers-color-scheme: dark)')
  wear(chosen === undefined ? system.matches || isDark() : isDark())
}

export function switchTheme(): void {
  wear(!dark.value)
  remember('theme', dark.value ? 'dark' : 'light')
}

const isDark = () => document.documentElement.dataset.theme === 'dark'

function wear(night: boolean): void {
  dark.value = night
  const root = document.documentElement
  root.classList.toggle('dark', night)
  if (night) root.dataset.theme = 'dark'
  else delete root.dataset.theme
}

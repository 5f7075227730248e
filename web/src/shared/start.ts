/** What every island does first: loads the page's own words, and says that script has taken over. */
import { use, type Catalogue } from '../i18n.ts'

export const takeOver = (): void => document.documentElement.classList.add('js')

/** The plain page works until it is taken over: whoever cannot do that yet says it later. */
export async function start(now = true): Promise<void> {
  const root = document.documentElement
  if (now) takeOver()
  const english = root.lang === 'en'
  const loaded: { default: Catalogue } = english ? await import('virtual:messages/en') : await import('virtual:messages/zh-CN')
  use(english ? 'en' : 'zh-CN', loaded.default)
}

/** What every island does first: says that script runs, and loads the page's own words. */
import { use, type Catalogue } from '../i18n.ts'

export async function start(): Promise<void> {
  const root = document.documentElement
  root.classList.add('js')
  const english = root.lang === 'en'
  const loaded: { default: Catalogue } = english ? await import('virtual:messages/en') : await import('virtual:messages/zh-CN')
  use(english ? 'en' : 'zh-CN', loaded.default)
}

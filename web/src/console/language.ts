/** The language of the console: its own words and Element Plus's (whose code brings English along), when wanted. */
import type { Language } from 'element-plus/es/locale/index.mjs'
import english from 'element-plus/es/locale/lang/en.mjs'
import { shallowRef } from 'vue'
import { use } from '../i18n.ts'
import { remember } from './look.ts'

export type Tongue = 'zh-CN' | 'en'

export const tongue = shallowRef<Tongue>('zh-CN')
export const elementWords = shallowRef<Language>(english)

export const startingLanguage = (): Tongue => (document.documentElement.lang === 'en' ? 'en' : 'zh-CN')

export async function chooseLanguage(wish: Tongue): Promise<void> {
  const [own, theirs] =
    wish === 'en'
      ? await Promise.all([import('virtual:messages/console/en'), { default: english }])
      : await Promise.all([import('virtual:messages/console/zh-CN'), import('element-plus/es/locale/lang/zh-cn.mjs')])
  use(wish, own.default)
  elementWords.value = theirs.default
  document.documentElement.lang = wish
  tongue.value = wish
}

export async function switchLanguage(): Promise<void> {
  await chooseLanguage(tongue.value === 'en' ? 'zh-CN' : 'en')
  remember('lang', tongue.value)
}

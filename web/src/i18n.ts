/** Messages in the page's language: named parameters and one/other plurals, as `gateway/i18n.py` reads them. */

export type Message = string | { one?: string; other: string }
export type Catalogue = Record<string, Message>
export type Params = Record<string, string | number>

export function interpolate(lang: string, message: Message, params: Params = {}): string {
  const text =
    typeof message === 'string'
      ? message
      : lang === 'en' && params.n === 1 && message.one !== undefined
        ? message.one
        : message.other
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = params[name]
    if (value === undefined) return hole
    return typeof value === 'number' ? value.toLocaleString(lang) : value
  })
}

let lang = 'zh-CN'
let messages: Catalogue = {}

export function use(language: string, catalogue: Catalogue): void {
  lang = language
  messages = catalogue
}

export const language = (): string => lang
export const has = (key: string): boolean => key in messages
export const t = (key: string, params?: Params): string => interpolate(lang, messages[key] ?? key, params)

// China keeps one time all year; a reader abroad sees the city's clock, as on the printed record.
const CITY_OFFSET_MS = 8 * 3600 * 1000

/** 24-hour time in the city, `14:05`. */
export const clockTime = (ms: number): string => new Date(ms + CITY_OFFSET_MS).toISOString().slice(11, 16)
export const isoTime = (ms: number): string => new Date(ms + CITY_OFFSET_MS).toISOString().slice(0, 19) + '+08:00'

/**
 * Gives the browser only the messages its own sources name: `virtual:messages/<language>` for the public pages,
 * `virtual:messages/console/<language>` for the staff's, whose words no citizen has to load.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

const PREFIX = 'virtual:messages/'
const CONSOLE = 'console/'

export function messages(sources: string, locales: string): Plugin {
  return {
    name: 'wenzheng-messages',
    resolveId: (id) => (id.startsWith(PREFIX) ? '\0' + id : null),
    load(id) {
      if (!id.startsWith('\0' + PREFIX)) return null
      const asked = id.slice(PREFIX.length + 1)
      const staff = asked.startsWith(CONSOLE)
      const file = join(locales, (staff ? asked.slice(CONSOLE.length) : asked) + '.json')
      this.addWatchFile(file)
      const all = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
      const wanted = namedIn(sources, staff ? '' : CONSOLE)
      const kept = Object.entries(all).filter(([key]) => [...wanted].some((name) => matches(name, key)))
      return `export default ${JSON.stringify(Object.fromEntries(kept))}`
    },
  }
}

/** Everything between quotes that looks like a key, or like the beginning of one: `'err.'`. */
export function namedIn(folder: string, without = ''): Set<string> {
  const found = new Set<string>()
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(ts|vue)$/.test(entry) || (without && entry.startsWith(without))) continue
    for (const [, name] of readFileSync(join(folder, entry), 'utf8').matchAll(/['"`]([a-z]+\.[a-z0-9_.]*)/g)) found.add(name!)
  }
  return found
}

const matches = (name: string, key: string) => name === key || (name.endsWith('.') && key.startsWith(name))

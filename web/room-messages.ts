/** The words of the room page and of no other, in the place of `virtual:messages/<language>`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'
import { namedIn } from './messages.ts'

const PREFIX = 'virtual:messages/'

export function roomMessages(sources: string[], locales: string): Plugin {
  return {
    name: 'wenzheng-room-messages',
    resolveId: (id) => (id.startsWith(PREFIX) ? '\0' + id : null),
    load(id) {
      if (!id.startsWith('\0' + PREFIX)) return null
      const file = join(locales, id.slice(PREFIX.length + 1) + '.json')
      this.addWatchFile(file)
      const names = sources.flatMap((folder) => [...namedIn(folder)])
      const all = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)
      const kept = all.filter(([key]) => names.some((name) => name === key || (name.endsWith('.') && key.startsWith(name))))
      return `export default ${JSON.stringify(Object.fromEntries(kept))}`
    },
  }
}

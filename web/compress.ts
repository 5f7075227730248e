/** Leaves a `.br` and a `.gz` beside every text file of the build, so that the server compresses nothing itself. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const TEXT = /\.(js|css|svg|json)$/
// Smaller files fit into one packet as they are.
const LEAST_BYTES = 600

export function compress(): Plugin {
  let folder = ''
  return {
    name: 'wenzheng-compress',
    apply: 'build',
    configResolved(config) {
      folder = config.build.outDir
    },
    writeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (TEXT.test(name)) twins(join(folder, name))
      }
    },
  }
}

function twins(path: string) {
  const plain = readFileSync(path)
  if (plain.length < LEAST_BYTES) return
  const size = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length }
  writeFileSync(`${path}.br`, brotliCompressSync(plain, { params: size }))
  writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }))
}

import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { compress } from './compress.ts'
import { roomMessages } from './room-messages.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// A build of its own, after the others': here `vue` is the part of it that a room page needs (src/lean/vue.ts).
export default defineConfig({
  root: here('.'),
  base: '/static/',
  publicDir: false,
  plugins: [
    vue({ template: { compilerOptions: { comments: false, hoistStatic: false } } }),
    roomMessages([here('./src/room'), here('./src/shared')], here('../gateway/locales')),
    compress(),
  ],
  resolve: { alias: { vue: here('./src/lean/vue.ts') } },
  build: {
    outDir: here('../gateway/static'),
    emptyOutDir: false,
    manifest: 'manifest.room.json',
    // WeChat's web view and older phones.
    target: ['es2020', 'chrome80', 'safari14'],
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: { input: { room: here('./src/room.ts') } },
  },
})

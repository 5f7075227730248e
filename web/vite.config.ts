import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { compress } from './compress.ts'
import { messages } from './messages.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('.'),
  // Pages of any path ask for these files: addresses are absolute.
  base: '/static/',
  publicDir: false,
  plugins: [vue({ template: { compilerOptions: { comments: false } } }), messages(here('./src'), here('../gateway/locales')), compress()],
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
  },
  build: {
    outDir: here('../gateway/static'),
    emptyOutDir: true,
    manifest: 'manifest.json',
    // WeChat's web view and older phones.
    target: ['es2020', 'chrome80', 'safari14'],
    cssTarget: ['chrome80', 'safari14'],
    // Every island is one or two files: a preload helper would cost more than it saves.
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        console: here('./src/console/console.ts'),
        signin: here('./src/signin.ts'),
        transcript: here('./src/transcript.ts'),
        portal: here('./src/portal.ts'),
        watch: here('./src/watch.ts'),
        site: here('./src/styles/site.css'),
        staff: here('./src/styles/console.css'),
      },
    },
  },
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { interpolate, type Message, type Params } from '../src/i18n.ts'

interface Vector { lang: string; message: Message; params: Params; text: string }

// The same vectors are read by tests/gateway/test_i18n.py. Tests run from `web/`.
const vectors = JSON.parse(readFileSync('../tests/gateway/i18n_vectors.json', 'utf8')) as Vector[]

for (const { lang, message, params, text } of vectors)
  test(`reads ${JSON.stringify(message)} with ${JSON.stringify(params)}`, () => {
    assert.equal(interpolate(lang, message, params), text)
  })

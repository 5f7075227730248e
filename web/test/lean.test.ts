import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { createApp, createElementBlock, createTextVNode, createVNode, Fragment, nextTick, reactive, ref, watch } from '../src/lean/vue.ts'
import type { Component, VNode } from '../src/lean/vdom.ts'

/** As much of a document as the renderer touches. */
class FakeNode {
  childNodes: FakeNode[] = []
  parentNode: FakeNode | null = null
  nodeValue: string
  namespaceURI = ''
  attributes: Record<string, string> = {}
  heard: unknown
  listeners: Record<string, (event: unknown) => void> = {}
  value = ''
  readonly tag: string
  constructor(tag: string, text = '') {
    this.tag = tag
    this.nodeValue = text
  }
  get nextSibling(): FakeNode | null {
    const all = this.parentNode!.childNodes
    return all[all.indexOf(this) + 1] ?? null
  }
  insertBefore(node: FakeNode, before: FakeNode | null): void {
    node.parentNode?.removeChild(node)
    moves++
    const at = before === null ? this.childNodes.length : this.childNodes.indexOf(before)
    assert.notEqual(at, -1, 'the place to insert at is not here')
    this.childNodes.splice(at, 0, node)
    node.parentNode = this
  }
  removeChild(node: FakeNode): void {
    this.childNodes.splice(this.childNodes.indexOf(node), 1)
    node.parentNode = null
  }
  setAttribute(name: string, value: string): void {
    this.attributes[name] = value
  }
  removeAttribute(name: string): void {
    delete this.attributes[name]
  }
  addEventListener(name: string, listener: (event: unknown) => void): void {
    this.listeners[name] = listener
  }
  removeEventListener(name: string): void {
    delete this.listeners[name]
  }
  get textContent(): string {
    return this.tag === '#text' ? this.nodeValue : this.childNodes.map((node) => node.textContent).join('')
  }
  set textContent(text: string) {
    for (const node of this.childNodes) node.parentNode = null
    this.childNodes = []
    if (text) this.insertBefore(new FakeNode('#text', text), null)
  }
}

let moves = 0
let place: FakeNode
const elements = (node: FakeNode): FakeNode[] => node.childNodes.filter((one) => one.tag !== '#text')

beforeEach(() => {
  Object.assign(globalThis, {
    document: {
      createElement: (tag: string) => new FakeNode(tag),
      createElementNS: (_: string, tag: string) => new FakeNode(tag),
      createTextNode: (text: string) => new FakeNode('#text', text),
    },
  })
  place = new FakeNode('div')
})

const show = (setup: Component['setup'], props = {}) => createApp({ setup }, props).mount(place as unknown as Element)
const list = (keys: string[]): VNode => createElementBlock('ul', null, [createElementBlock(Fragment, null, keys.map((key) => createVNode('li', { key }, key)))])

test('lists of any change become right, and what stays is the same node', async () => {
  const keys = ref<string[]>(['a', 'b', 'c'])
  show(() => () => list(keys.value))
  let seed = 7
  const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
  for (let round = 0; round < 300; round++) {
    const before = new Map(elements(elements(place)[0]!).map((node) => [node.textContent, node]))
    const next = 'abcdefghij'.split('').filter(() => random(2) === 0)
    for (let at = next.length - 1; at > 0; at--) {
      const other = random(at + 1)
      ;[next[at], next[other]] = [next[other]!, next[at]!]
    }
    keys.value = next
    await nextTick()
    const now = elements(elements(place)[0]!)
    assert.deepEqual(now.map((node) => node.textContent), next)
    for (const node of now) if (before.has(node.textContent)) assert.equal(node, before.get(node.textContent))
  }
})

test('what comes in on top moves nothing that was there', async () => {
  const keys = ref(['b', 'c', 'd'])
  show(() => () => list(keys.value))
  moves = 0
  keys.value = ['a', 'b', 'c']
  await nextTick()
  assert.equal(moves, 2) // the new element and its text
})

test('attributes, listeners and fields follow, and what is taken away is gone', async () => {
  const props = ref<Record<string, unknown>>({ class: 'x', 'aria-pressed': false, hidden: false, value: 'one', onInput: () => {} })
  show(() => () => createElementBlock('input', props.value))
  const [input] = elements(place)
  assert.deepEqual(input!.attributes, { class: 'x', 'aria-pressed': 'false' })
  assert.equal(input!.value, 'one')
  let heard = 0
  props.value = { 'aria-pressed': true, hidden: true, value: 'two', onInput: () => heard++ }
  await nextTick()
  assert.deepEqual(input!.attributes, { 'aria-pressed': 'true', hidden: '' })
  input!.listeners.input!({})
  assert.deepEqual([heard, input!.value], [1, 'two'])
  props.value = {}
  await nextTick()
  assert.deepEqual([input!.attributes, Object.keys(input!.listeners)], [{}, []])
})

test('a component is drawn again when its own properties change, and not because its parent was', async () => {
  const state = reactive({ shown: 'a', other: 0 })
  let drawn = 0
  const Child: Component = { setup: (props) => () => (drawn++, createElementBlock('b', null, String(props.longName))) }
  show(() => () => createElementBlock('p', null, [createTextVNode(String(state.other)), createVNode(Child, { 'long-name': state.shown })]))
  state.other = 1
  await nextTick()
  assert.deepEqual([place.textContent, drawn], ['1a', 1])
  state.shown = 'b'
  await nextTick()
  assert.deepEqual([place.textContent, drawn], ['1b', 2])
})

test('a component that is gone is drawn no more', async () => {
  const state = reactive({ here: true, count: 0 })
  let drawn = 0
  const Child: Component = { setup: () => () => (drawn++, createElementBlock('b', null, String(state.count))) }
  show(() => () => createElementBlock('p', null, [state.here ? createVNode(Child, { key: 0 }) : createTextVNode('')]))
  state.here = false
  state.count++
  await nextTick()
  state.count++
  await nextTick()
  assert.deepEqual([place.textContent, drawn], ['', 1])
})

test('a watcher is called after the change is on screen, once', async () => {
  const text = ref('a')
  const heard: string[] = []
  show(() => {
    watch(text, (now, before) => heard.push(`${before}>${now} ${place.textContent}`))
    return () => createElementBlock('p', null, text.value)
  })
  text.value = 'b'
  text.value = 'c'
  await nextTick()
  await nextTick()
  assert.deepEqual(heard, ['a>c c'])
})

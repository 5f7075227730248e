/** Node descriptions onto the page: mounts them, and afterwards changes only what differs. */
import { effect, effectScope, shallowReactive } from '@vue/reactivity'
import { setAttribute } from './attributes.ts'
import { queue, queueAfter, type Job } from './scheduler.ts'
import { Fragment, Text, type Component, type Instance, type Props, type VNode } from './vdom.ts'

const SVG = 'http://www.w3.org/2000/svg'
let counter = 0
let setting: { mounted: (() => void)[]; unmounting: (() => void)[] } | null = null

export const onMounted = (work: () => void): void => void setting?.mounted.push(work)
export const onBeforeUnmount = (work: () => void): void => void setting?.unmounting.push(work)

export function mount(node: VNode, parent: Node, before: Node | null): void {
  const { type, children } = node
  if (type === Text) parent.insertBefore((node.el = document.createTextNode(children as string)), before)
  else if (type === Fragment) {
    parent.insertBefore((node.el = document.createTextNode('')), before)
    parent.insertBefore((node.end = document.createTextNode('')), before)
    for (const child of children as VNode[]) mount(child, parent, node.end)
  } else if (typeof type === 'string') parent.insertBefore(element(node, type, parent), before)
  else node.of = started(type as Component, node, parent, before)
}

function element(node: VNode, type: string, parent: Node): Element {
  const inSvg = type === 'svg' || (parent as Element).namespaceURI === SVG
  const el = inSvg ? document.createElementNS(SVG, type) : document.createElement(type)
  node.el = el
  const { children, props } = node
  if (typeof children === 'string') el.textContent = children
  else if (children) for (const child of children) mount(child, el, null)
  for (const name in props) setAttribute(el, name, props[name])
  return el
}

function started(type: Component, node: VNode, parent: Node, before: Node | null): Instance {
  const props = shallowReactive(propsOf(node.props))
  const scope = effectScope(true)
  const hooks = { mounted: [] as (() => void)[], unmounting: [] as (() => void)[] }
  const cache: unknown[] = []
  const emit = (event: string, ...values: unknown[]) =>
    (props['on' + event[0]!.toUpperCase() + event.slice(1)] as ((...values: unknown[]) => void) | undefined)?.(...values)
  let gone = false
  // The parent may have taken it away in the same round.
  const job: Job = { id: ++counter, run: () => gone || runner() }
  const instance = { props, tree: null as unknown as VNode, stop }
  function stop() {
    for (const work of hooks.unmounting) work()
    scope.stop()
    gone = true
  }
  const outer = setting
  setting = hooks
  const render = scope.run(() => type.setup(props, { emit, expose: () => {} }))!
  setting = outer
  const runner = scope.run(() =>
    effect(
      () => {
        const tree = render(null, cache)
        if (instance.tree) patch(instance.tree, tree, firstOf(instance.tree).parentNode!)
        else mount(tree, parent, before)
        instance.tree = tree
      },
      { scheduler: () => queue(job) },
    ),
  )!
  for (const work of hooks.mounted) queueAfter(work)
  return instance
}

function propsOf(given: Props | null): Props {
  const props: Props = {}
  for (const name in given) props[name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())] = given[name]
  return props
}

function patch(old: VNode, now: VNode, parent: Node): void {
  if (old.type !== now.type || old.key !== now.key) {
    const after = lastOf(old).nextSibling
    unmount(old)
    return mount(now, parent, after)
  }
  now.el = old.el
  now.end = old.end
  if (now.type === Text) {
    if (old.children !== now.children) now.el!.nodeValue = now.children as string
  } else if (now.type === Fragment) patchChildren(old.children as VNode[], now.children as VNode[], parent, now.end)
  else if (typeof now.type === 'string') patchElement(old, now)
  else {
    now.of = old.of
    Object.assign(now.of!.props, propsOf(now.props))
  }
}

function patchElement(old: VNode, now: VNode): void {
  const el = now.el as Element
  for (const name in old.props) if (now.props === null || !(name in now.props)) setAttribute(el, name, null)
  for (const name in now.props) {
    const value = now.props[name]
    // A field may hold something else by now than what was last rendered into it.
    if (value !== old.props?.[name] || name === 'value' || name === 'checked') setAttribute(el, name, value)
  }
  if (typeof now.children === 'string' || now.children === null || !Array.isArray(old.children)) {
    if (old.children === now.children) return
    if (Array.isArray(old.children)) for (const child of old.children) unmount(child)
    el.textContent = typeof now.children === 'string' ? now.children : ''
    if (Array.isArray(now.children)) for (const child of now.children) mount(child, el, null)
  } else patchChildren(old.children, now.children, el, null)
}

const same = (a: VNode | undefined, b: VNode | undefined): boolean => a !== undefined && b !== undefined && a.type === b.type && a.key === b.key

/** By key; what has none, by its place. From the back, so that nodes which stay are not moved: a moved node loses the focus. */
function patchChildren(old: VNode[], now: VNode[], parent: Node, end: Node | null): void {
  let start = 0
  while (same(old[start], now[start])) patch(old[start]!, now[start++]!, parent)
  let oldEnd = old.length - 1
  let nowEnd = now.length - 1
  while (oldEnd >= start && nowEnd >= start && same(old[oldEnd], now[nowEnd])) patch(old[oldEnd--]!, now[nowEnd--]!, parent)
  const left = old.slice(start, oldEnd + 1)
  for (const node of now.slice(start, nowEnd + 1)) {
    const at = left.findIndex((one) => same(one, node))
    if (at >= 0) patch(left.splice(at, 1)[0]!, node, parent)
  }
  for (const node of left) unmount(node)
  let before = nowEnd + 1 < now.length ? firstOf(now[nowEnd + 1]!) : end
  for (let at = nowEnd; at >= start; at--) {
    const node = now[at]!
    if (node.el === null && node.of === null) mount(node, parent, before)
    else if (lastOf(node).nextSibling !== before) move(node, parent, before)
    before = firstOf(node)
  }
}

function move(node: VNode, parent: Node, before: Node | null): void {
  const last = lastOf(node)
  for (let here: Node | null = firstOf(node); here; ) {
    const following: Node | null = here === last ? null : here.nextSibling
    parent.insertBefore(here, before)
    here = following
  }
}

const firstOf = (node: VNode): Node => (node.of ? firstOf(node.of.tree) : node.el!)
const lastOf = (node: VNode): Node => (node.of ? lastOf(node.of.tree) : (node.end ?? node.el!))

function unmount(node: VNode): void {
  const last = lastOf(node)
  const first = firstOf(node)
  forget(node)
  for (let here: Node | null = first; here; ) {
    const following: Node | null = here === last ? null : here.nextSibling
    here.parentNode!.removeChild(here)
    here = following
  }
}

function forget(node: VNode): void {
  if (node.of) {
    node.of.stop()
    forget(node.of.tree)
  } else if (Array.isArray(node.children)) node.children.forEach(forget)
}

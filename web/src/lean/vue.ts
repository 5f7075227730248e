/**
 * Stands in for `vue` in the build of the room page, whose whole script must be smaller than Vue's run time alone:
 * Vue's own compiler and reactivity, and of the renderer what single-file components without slots, refs and directives need.
 */
import { effect, isRef, unref, type Ref } from '@vue/reactivity'
import { mount } from './renderer.ts'
import { queueAfter } from './scheduler.ts'
import { createVNode, type Component, type Props } from './vdom.ts'

export { computed, reactive, ref, shallowReactive, shallowRef, unref } from '@vue/reactivity'
export { onBeforeUnmount, onMounted } from './renderer.ts'
export { nextTick } from './scheduler.ts'
export * from './vdom.ts'

/** Calls back after the rendering that follows a change. */
export function watch<T>(source: Ref<T> | (() => T), changed: (now: T, before: T) => void): void {
  const get = isRef(source) ? () => unref(source) : source
  let before: T
  let first = true
  const look = () => {
    const now = runner()
    if (now === before) return
    const was = before
    before = now
    changed(now, was)
  }
  const runner = effect(get, { scheduler: () => queueAfter(look) })
  if (first) before = runner()
  first = false
}

export function createApp(type: Component, props: Props): { mount(place: Element | string): void } {
  return {
    mount(place) {
      const container = typeof place === 'string' ? document.querySelector(place)! : place
      container.textContent = ''
      mount(createVNode(type, props), container, null)
    },
  }
}

/** What a template becomes: plain descriptions of nodes, made by the helpers that Vue's compiler calls. */

export type Props = Record<string, unknown>
export type Key = string | number | undefined
export type Render = (ctx: null, cache: unknown[]) => VNode
export interface SetupContext { emit(event: string, ...values: unknown[]): void; expose(): void }
export interface Component { setup(props: Props, ctx: SetupContext): Render }
export type Functional = (props: Props) => VNode
export interface Instance { tree: VNode; props: Props; stop(): void }

export interface VNode {
  type: string | symbol | Component
  props: Props | null
  key: Key
  children: VNode[] | string | null
  el: Node | null
  /** The last node of a fragment. */
  end: Node | null
  of: Instance | null
}

export const Fragment = Symbol()
export const Text = Symbol()

export function createVNode(type: string | symbol | Component | Functional, props: Props | null = null, children: VNode[] | VNode | string | null = null): VNode {
  const key = props?.key as Key
  // A functional component keeps nothing: what it makes stands in its place.
  if (typeof type === 'function') return { ...type(props ?? {}), key }
  const held = children !== null && typeof children === 'object' && !Array.isArray(children) ? [children] : children
  return { type, props, key, children: held, el: null, end: null, of: null }
}

export { createVNode as createElementVNode, createVNode as createBlock, createVNode as createElementBlock, createVNode as h }
export const createTextVNode = (text = ''): VNode => createVNode(Text, null, text)
/** What `v-if` leaves where it shows nothing. */
export const createCommentVNode = (): VNode => createVNode(Text, null, '')
export const openBlock = (): void => {}
export const defineComponent = <T>(options: T): T => options
export const toDisplayString = (value: unknown): string => (value === null || value === undefined ? '' : String(value))

export function renderList<T>(source: readonly T[], each: (item: T, index: number) => VNode): VNode[] {
  return source.map((item, index) => each(item, index))
}

export function normalizeClass(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(normalizeClass).filter(Boolean).join(' ')
  if (value === null || typeof value !== 'object') return ''
  return Object.entries(value).filter(([, on]) => on).map(([name]) => name).join(' ')
}

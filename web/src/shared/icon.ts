import { h, type FunctionalComponent } from 'vue'

/** A symbol of the sprite that every page carries; never the only sign of anything. */
export const Icon: FunctionalComponent<{ name: string }> = ({ name }) =>
  h('svg', { class: 'i', viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' }, h('use', { href: `#i-${name}` }))

/** The reader's place: whatever is drawn, what the eyes rest on stays where it was. */
import { aroundRendering } from '../lean/scheduler.ts'

const AT_TOP_PX = 80

export const atTop = (): boolean => window.scrollY < AT_TOP_PX

/** Somebody who is at the top, has nothing selected and nothing in focus does not lose a place when things move down. */
export function idle(stream: HTMLElement): boolean {
  const selection = window.getSelection()
  const selecting = selection !== null && !selection.isCollapsed
  return atTop() && !selecting && !stream.contains(document.activeElement)
}

/** The first whole thing below the top edge, and where it stands. */
function anchor(stream: HTMLElement): { node: Element; top: number } | null {
  for (const node of stream.querySelectorAll('[data-row], [data-fixed]')) {
    const { top, bottom } = node.getBoundingClientRect()
    if (bottom > 0) return { node, top }
  }
  return null
}

export function keepPlace(stream: HTMLElement): void {
  aroundRendering((render) => {
    const before = atTop() ? null : anchor(stream)
    render()
    if (before === null || !before.node.isConnected) return
    const moved = before.node.getBoundingClientRect().top - before.top
    if (Math.abs(moved) >= 1) window.scrollBy(0, moved)
  })
}

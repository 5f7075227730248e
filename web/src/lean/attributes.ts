/** One attribute, property or listener of an element, as a template means it. */

type Listener = (event: Event) => void
interface Heard extends Element { heard?: Record<string, { now: Listener; called: Listener }> }

export function setAttribute(el: Element, name: string, value: unknown): void {
  if (name === 'key') return
  if (/^on[A-Z]/.test(name)) return listen(el, name.slice(2).toLowerCase(), value as Listener | null)
  if (name === 'value' || name === 'checked') return property(el as HTMLInputElement, name, value)
  const spoken = name.startsWith('aria-')
  if (value === null || value === undefined || (value === false && !spoken)) el.removeAttribute(name)
  else el.setAttribute(name, value === true && !spoken ? '' : String(value))
}

function property(el: HTMLInputElement, name: 'value' | 'checked', value: unknown): void {
  if (name === 'checked') el.checked = Boolean(value)
  // Setting the same text again would move the caret.
  else if (el.value !== String(value ?? '')) el.value = String(value ?? '')
}

/** One listener an element and event, that calls whichever handler the last rendering gave. */
function listen(el: Heard, event: string, handler: Listener | null): void {
  const heard = (el.heard ??= {})
  const known = heard[event]
  if (known && handler) known.now = handler
  else if (known) {
    el.removeEventListener(event, known.called)
    delete heard[event]
  } else if (handler) {
    const made = (heard[event] = { now: handler, called: (happened: Event) => made.now(happened) })
    el.addEventListener(event, made.called)
  }
}

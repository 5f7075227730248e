/** On a phone the form is a sheet: focus goes in, stays in, and goes back to where it came from. */
const STOPS = 'button, input, textarea, select, a[href], summary'
const AROUND = '.topbar, .rhead, #main, #askbar, .foot, .skip'

export class Sheet {
  private readonly box: HTMLElement
  private readonly shut: () => void
  private readonly scrim = document.createElement('button')
  private opener: Element | null = null

  constructor(box: HTMLElement, closeLabel: string, shut: () => void) {
    this.box = box
    this.shut = shut
    this.scrim.className = 'scrim'
    this.scrim.type = 'button'
    this.scrim.tabIndex = -1
    this.scrim.setAttribute('aria-label', closeLabel)
    this.scrim.addEventListener('click', shut)
  }

  open(): void {
    this.opener = document.activeElement
    this.box.classList.add('open')
    this.box.setAttribute('role', 'dialog')
    this.box.setAttribute('aria-modal', 'true')
    this.box.addEventListener('keydown', this.keys)
    this.box.parentElement!.insertBefore(this.scrim, this.box)
    around((one) => {
      one.setAttribute('inert', '')
      // For browsers without `inert`; the trap below keeps the focus there.
      one.setAttribute('aria-hidden', 'true')
    })
    ;(this.box.querySelector<HTMLElement>('textarea') ?? this.box.querySelector<HTMLElement>('button'))?.focus()
  }

  close(): void {
    this.box.classList.remove('open')
    this.box.removeAttribute('role')
    this.box.removeAttribute('aria-modal')
    this.box.removeEventListener('keydown', this.keys)
    this.scrim.remove()
    around((one) => {
      one.removeAttribute('inert')
      one.removeAttribute('aria-hidden')
    })
    if (this.opener instanceof HTMLElement) this.opener.focus()
  }

  private readonly keys = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') this.shut()
    if (event.key !== 'Tab') return
    const stops = [...this.box.querySelectorAll<HTMLElement>(STOPS)].filter((one) => one.offsetParent !== null)
    const edge = event.shiftKey ? stops[0] : stops[stops.length - 1]
    if (document.activeElement !== edge) return
    event.preventDefault()
    ;(event.shiftKey ? stops[stops.length - 1] : stops[0])?.focus()
  }
}

function around(change: (one: Element) => void): void {
  document.querySelectorAll(AROUND).forEach(change)
}

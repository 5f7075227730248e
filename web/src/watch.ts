/** Draws the overview of rooms on air afresh while somebody looks at it, says what became amiss, and when it grows old. */
export {}
const EVERY_MS = 15_000
const OLD_MS = 45_000
const place = () => document.getElementById('watch')
let drawn = Date.now()
let asked = 0

async function refresh() {
  if (document.visibilityState !== 'visible') return
  const mine = ++asked
  const reply = await fetch(location.pathname + location.search, { headers: { accept: 'text/html' } })
  const fresh = reply.ok ? new DOMParser().parseFromString(await reply.text(), 'text/html').getElementById('watch') : null
  const here = place()
  // An answer that was overtaken is older than what stands there.
  if (here === null || fresh === null || mine !== asked) return
  const focused = here.contains(document.activeElement) ? document.activeElement?.id : ''
  const before = here.dataset.alarms
  here.replaceWith(document.adoptNode(fresh))
  // Whoever was on a link stays on it.
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true })
  const said = document.getElementById('watch-said')
  if (said && fresh.dataset.alarms !== before) said.textContent = fresh.dataset.alarms ?? ''
  drawn = Date.now()
}

function age() {
  const stale = document.getElementById('watch-stale')
  if (stale) stale.hidden = Date.now() - drawn < OLD_MS
}

const again = () => void refresh().catch(() => undefined).then(age)
document.documentElement.classList.add('js')
window.setInterval(again, EVERY_MS)
document.addEventListener('visibilitychange', again)

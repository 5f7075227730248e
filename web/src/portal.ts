/** The first page keeps its list of live rooms fresh while somebody looks at it. */
const EVERY_MS = 30_000

async function refresh() {
  if (document.visibilityState !== 'visible') return
  const here = document.getElementById('live')
  // Nobody's focus is taken away by an update.
  if (here === null || here.contains(document.activeElement)) return
  const reply = await fetch(location.pathname + location.search, { headers: { accept: 'text/html' } })
  if (!reply.ok) return
  const fresh = new DOMParser().parseFromString(await reply.text(), 'text/html').getElementById('live')
  if (fresh && fresh.textContent !== here.textContent) here.replaceWith(document.adoptNode(fresh))
}

document.documentElement.classList.add('js')
window.setInterval(() => void refresh().catch(() => undefined), EVERY_MS)

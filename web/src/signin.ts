/** The link of an invitation has its secret behind the #, which no server sees: it goes into the form instead. */
const secret = new URLSearchParams(location.hash.slice(1)).get('invite')
if (secret) {
  document.querySelectorAll<HTMLInputElement>('input[name="invite"], input[name="code"]').forEach((field) => (field.value = secret))
  document.querySelectorAll<HTMLElement>('[data-invited]').forEach((notice) => (notice.hidden = false))
  // Out of the address bar, the history and every screenshot of it.
  history.replaceState(null, '', location.pathname + location.search)
}

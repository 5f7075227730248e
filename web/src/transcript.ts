/** Conveniences on top of a page that is complete without them: folded contents on phones, printing, copying. */

const copied = document.getElementById('copied')
const share = document.getElementById('share')
const done = share?.dataset.done ?? ''

/** Answers whether the text is in the clipboard: old web views and plain http have none. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

function say(text: string) {
  if (copied) copied.textContent = text
}

function foldContents() {
  const narrow = window.innerWidth < 1080 || document.documentElement.dataset.size === 'large'
  if (narrow) document.querySelector('.toc details')?.removeAttribute('open')
}

function offerPrint() {
  const button = document.getElementById('print')
  if (!button) return
  button.hidden = false
  button.addEventListener('click', () => window.print())
}

function offerShare() {
  const text = document.getElementById('share-text')
  if (!share || !text || !('clipboard' in navigator)) return
  const label = share.querySelector('span')
  const words = label?.textContent ?? ''
  share.hidden = false
  share.addEventListener('click', () => {
    void copy(text.textContent ?? '').then((ok) => {
      if (!ok || !label) return
      label.textContent = done
      say(done)
      window.setTimeout(() => (label.textContent = words), 2_000)
    })
  })
}

/** A link to an entry stays a link; pressed, its address is copied as well. */
function copyLinks() {
  document.getElementById('main')?.addEventListener('click', (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>('a.cite')
    if (!link) return
    void copy(link.href).then((ok) => {
      if (!ok) return
      say(done)
      link.dataset.done = done
      window.setTimeout(() => delete link.dataset.done, 2_000)
    })
  })
}

document.documentElement.classList.add('js')
foldContents()
offerPrint()
offerShare()
copyLinks()

/** The staff's application: takes the place of the plain forms on the addresses it knows, and leaves the others alone. */
import { createApp } from 'vue'
import { readAccount } from './account.ts'
import ConsoleApp from './ConsoleApp.vue'
import { chooseLanguage, startingLanguage } from './language.ts'
import { line } from './line.ts'
import { applyTheme } from './look.ts'
import { router } from './routes.ts'
import { say } from './toast.ts'

async function main() {
  const place = document.getElementById('console')
  const known = router.resolve(location.pathname + location.search).matched.length > 0
  // What the host has just been shown once must not vanish under the script.
  if (place === null || !known || document.querySelector('.inv')) return
  applyTheme()
  readAccount()
  await chooseLanguage(startingLanguage())
  const told = document.querySelector('.said .notice')?.textContent?.trim()
  line.start()
  createApp(ConsoleApp).use(router).mount(place)
  await router.isReady()
  document.querySelectorAll('body > header, body > main, body > .said, body > .skip').forEach((part) => part.remove())
  place.hidden = false
  document.body.classList.add('filled')
  document.documentElement.classList.add('js')
  if (told) say(told)
}

void main()

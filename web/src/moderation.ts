/** The queue comes alive in place of the plain forms. */
import { createApp } from 'vue'
import ReviewApp from './moderation/ReviewApp.vue'
import { ModStore } from './moderation/store.ts'
import ConnBar from './shared/ConnBar.vue'
import { start } from './shared/start.ts'

async function main() {
  await start()
  const store = new ModStore(JSON.parse(document.body.dataset.rooms ?? '{}') as Record<string, string>)
  const place = document.getElementById('review')!
  place.className = 'alive mod'
  createApp(ReviewApp, { store }).mount(place)
  createApp(ConnBar, { state: store.conn.state, retry: () => store.client.kick() }).mount('#conn')
  store.start()
}

void main()

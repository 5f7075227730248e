/** The desk comes alive in place of the plain forms, once the room's state is there. */
import { createApp } from 'vue'
import DeskApp from './desk/DeskApp.vue'
import { DeskStore } from './desk/store.ts'
import ConnBar from './shared/ConnBar.vue'
import { start } from './shared/start.ts'

async function main() {
  const { room, name, backstage } = document.body.dataset
  await start()
  const main = document.getElementById('main')!
  const store = new DeskStore(room!, () => {
    // What the host has just been shown once must not vanish under the script.
    if (document.querySelector('.inv')) return
    main.className = 'alive'
    document.body.classList.add('filled')
    createApp(DeskApp, { store, name: name!, backstage: backstage === 'yes' }).mount(main)
  })
  createApp(ConnBar, { state: store.conn.state, retry: () => store.client.kick() }).mount('#conn')
  store.start(backstage === 'yes')
}

void main()

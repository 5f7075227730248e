/** The room page comes alive: the same nodes the server drew, kept until the first snapshot is there. */
import { createApp } from 'vue'
import RoomStream from './room/RoomStream.vue'
import { RoomStore } from './room/store.ts'
import ConnBar from './shared/ConnBar.vue'
import { start } from './shared/start.ts'

async function main() {
  await start()
  const around = import('./room/around.ts')
  const store = new RoomStore(document.body.dataset.room!, () => {
    createApp(RoomStream, { store }).mount('#stream')
    void around.then(({ mountAround }) => mountAround(store))
  })
  createApp(ConnBar, { state: store.conn.state, retry: () => store.client.kick() }).mount('#conn')
  store.start()
}

void main()

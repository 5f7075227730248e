/** The room page comes alive: the nodes the server drew are kept until the first snapshot is there. */
import { createApp, type Component } from 'vue'
import AskBar from './room/AskBar.vue'
import RoomHead from './room/RoomHead.vue'
import RoomState from './room/RoomState.vue'
import RoomStream from './room/RoomStream.vue'
import RoomTools from './room/RoomTools.vue'
import { RoomStore } from './room/store.ts'
import ConnBar from './shared/ConnBar.vue'
import { start, takeOver } from './shared/start.ts'

const PLACES: [string, Component][] = [
  ['stream', RoomStream],
  ['room-head', RoomHead],
  ['room-state', RoomState],
  ['tools', RoomTools],
  ['askbar', AskBar],
]

async function main() {
  await start(false)
  const store = new RoomStore(document.body.dataset.room!, () => {
    takeOver()
    for (const [id, component] of PLACES) createApp(component, { store }).mount(`#${id}`)
  })
  createApp(ConnBar, { state: store.conn.state, retry: () => store.client.kick() }).mount('#conn')
  store.start()
}

void main()

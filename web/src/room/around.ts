/** Everything of the room page around the stream; it comes second, so that what is read is there first. */
import { createApp, type Component } from 'vue'
import AskBar from './AskBar.vue'
import RoomHead from './RoomHead.vue'
import RoomState from './RoomState.vue'
import RoomTools from './RoomTools.vue'
import type { RoomStore } from './store.ts'

const PLACES: [string, Component][] = [
  ['room-head', RoomHead],
  ['room-state', RoomState],
  ['tools', RoomTools],
  ['askbar', AskBar],
]

export function mountAround(store: RoomStore): void {
  for (const [id, component] of PLACES) {
    const place = document.getElementById(id)
    if (place) createApp(component, { store }).mount(place)
  }
}

/** Who sits down is told backstage; the nameplates of the room show it. */
import type { LaneState } from '../../state/room.ts'
import type { Item } from '../../wire/frames.ts'

export function seated(lane: LaneState, item: Item): void {
  if (item.k !== 'seat') return
  const department = lane.room?.departments.find((one) => one.id === item.dept)
  if (department) department.seated += 1
}

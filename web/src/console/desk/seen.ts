/** How far I have read a room's questions, on this device and for this account. */
import { keep, kept } from '../../shared/keep.ts'
import { account } from '../account.ts'

const place = (room: string) => `seen.${account.id}.${room}`

export const readSeen = (room: string): number => Number(kept(place(room))) || 0
export const writeSeen = (room: string, seq: number): void => keep(place(room), String(seq))

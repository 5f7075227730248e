/** What goes over the socket (contract §4), in the words of the contract. */

export type LaneName = 'pub' | 'desk' | 'mod'
export interface By { name: string; role: string; dept?: string; id?: string }
export interface Item {
  s: number
  k: string
  id: string
  at: number
  redacted?: boolean
  kind?: string
  q?: string
  number?: number
  by?: By
  body?: string
  reply_to?: string
  ver?: number
  reason?: string
  state?: string
  on?: boolean
  freeze?: boolean
  policy?: Partial<Policy>
  departments?: Department[]
  [more: string]: unknown
}
export interface Policy { premoderate: boolean; staff: string; guests: boolean; before: boolean; after: boolean; slow_ms: number }
export interface Department { id: string; name: string; name_en: string; mark: string; slot: number; seated: number }
export interface RoomInfo {
  id: string
  code: string
  title: string
  summary: string
  state: string
  departments: Department[]
  lead: string | null
  policy: Policy
  frozen: boolean
  starts_at: number | null
  opened_at: number | null
  closed_at: number | null
}
export interface Reason { phase: string; category?: string; term?: string; from?: number; to?: number; rule?: number }
export interface OwnPost {
  post: string
  cid: string
  kind: string
  state: string
  ver: number
  waiting: boolean
  body: string
  at: number
  number?: number
  reply_to?: string
  reasons?: Reason[]
  rule?: number
  reason?: string
  note?: string
  hidden?: string
  ahead?: number
}
export interface Me { ver: number; posts: OwnPost[]; mute: { until: number; rule?: number | null } | null }
export interface Waiting {
  post: string
  ver: number
  room: string
  kind: string
  body: string
  by: By
  at: number
  reasons: Reason[]
  lease_until: number
  reply_to?: string | null
}
export interface User { id: string; name: string; role: string; department: string | null }
export interface Position { ep: string; seq: number }
export type Frame = { t: string; [more: string]: any } // the wire is checked by the server's own tests; here it is trusted
export interface Snap { r: string; l: LaneName; ep: string; head: number; state: RoomInfo; x: Item[]; pinned: string[]; stage: string[]; tally: Record<string, [number, number]>; more: boolean }
export interface Hb { r: string; at: number; heads: Partial<Record<LaneName, number>>; viewers: number; approx: boolean }

/** What goes over the wire, by the names used here; the shapes are generated from the server's models (`types.gen.ts`). */
import type { Api, Client, Server } from './types.gen.ts'

export type { Api, Client, ErrorCode, Server } from './types.gen.ts'

export type LaneName = 'pub' | 'desk' | 'mod'
export type By = Omit<Server.By, 'role'> & { role: string } // only what moderators did is signed without a role
export type Policy = Api.PolicyShown
export type Department = Api.RoomDepartmentShown
export type RoomInfo = Api.RoomShown
export type Item = Omit<Server.Item, 'q' | 'by' | 'policy' | 'departments'> & {
  q?: string
  by?: By
  policy?: Partial<Policy>
  departments?: Department[]
  [more: string]: unknown
}
export type Reason = Server.Reason
export type OwnPost = Server.OwnPost
export type Me = Server.Mine
export type Waiting = Omit<Server.Waiting, 'by'> & { by: By }
export type User = Server.User
export type Position = Client.Position
export type Frame = { t: string; [more: string]: any } // the wire is checked by the server's own tests; here it is trusted
export type Snap = Omit<Server.Snap, 't' | 'l' | 'x' | 'state'> & { l: LaneName; state: RoomInfo; x: Item[] }
export type Hb = Omit<Server.Hb, 't' | 'heads'> & { heads: Partial<Record<LaneName, number>> }

/** Answers that somebody proposed to hide: read anew whenever a lane says something of them, decided by their number. */
import { reactive } from 'vue'
import { refusalText } from '../../shared/words.ts'
import type { By, Department } from '../../wire/frames.ts'
import { account } from '../account.ts'
import { line } from '../line.ts'

/** `by` is told to those alone who may decide. */
export interface Proposal {
  post: string
  ver: number
  room: string
  proposal: number
  reason: string
  by?: By
  at: number
  until: number
  body: string
  author: By
  q: string | null
  number?: number
}

export const isOwn = (one: Proposal): boolean => one.by?.id === account.id

export class Hidings {
  readonly view = reactive({ open: [] as Proposal[], departments: {} as Record<string, Department>, refused: '', busy: false })
  private asking = false
  private again = false

  /** `address` gives the list: of all rooms, or of one. */
  constructor(private readonly address: string) {}

  /** One question at a time; what happens meanwhile is asked for once more. */
  async load(): Promise<void> {
    this.again = this.asking
    if (this.asking) return
    this.asking = true
    try {
      const { items } = await line.get(this.address)
      if (items.length > 0 && Object.keys(this.view.departments).length === 0) {
        const known: { items: Department[] } = await line.get('/api/v1/departments')
        this.view.departments = Object.fromEntries(known.items.map((one) => [one.id, one]))
      }
      this.view.open = items
    } catch {
      // The next word of the lane, or the next half minute, asks again.
    } finally {
      this.asking = false
    }
    if (this.again) await this.load()
  }

  of(post: string): Proposal | undefined {
    return this.view.open.find((one) => one.post === post)
  }

  /** Hides it, for the reason that was given. */
  confirm(one: Proposal): Promise<boolean> {
    return this.send('redact', { post: one.post, reason: one.reason, proposal: one.proposal })
  }

  /** It stays: declined, or withdrawn by who proposed. */
  decline(one: Proposal): Promise<boolean> {
    return this.send('redact.decline', { post: one.post, proposal: one.proposal })
  }

  private async send(command: string, fields: Record<string, unknown>): Promise<boolean> {
    if (this.view.busy) return false
    Object.assign(this.view, { busy: true, refused: '' })
    try {
      await line.command(command, fields)
      return true
    } catch (error) {
      this.view.refused = refusalText(error)
      return false
    } finally {
      this.view.busy = false
      await this.load()
    }
  }
}

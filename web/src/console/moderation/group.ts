/** The waiting posts that say nearly what the card says, which of them are ticked, and what is done with all at once. */
import { reactive, watch } from 'vue'
import { account } from '../account.ts'
import { line } from '../line.ts'
import { standing, type Entry } from './queue.ts'
import type { ReviewStore } from './store.ts'

export interface Outcome { post: string; state?: string; seq?: number; number?: number; code?: string }
export type Member = Entry & { adds?: boolean; number?: number }

export class Group {
  readonly view = reactive({ of: '', members: [] as Member[], ticked: [] as string[] })

  constructor(private readonly store: ReviewStore) {
    watch(() => this.key(), (key) => void this.find(key), { immediate: true })
  }

  private key(): string {
    const entry = this.store.current.value
    return entry && standing(entry, account.id, this.store.now) === 'mine' ? `${entry.post} ${entry.ver}` : ''
  }

  private async find(key: string): Promise<void> {
    const entry = this.store.current.value
    Object.assign(this.view, { of: '', members: [], ticked: [] })
    if (key === '' || entry === null) return
    const answer = await line.command('mod.alike', { post: entry.post }).catch(() => null)
    if (answer === null || this.key() !== key) return
    const members = answer.posts as Member[]
    // What adds a meaning of its own is not taken for the same without a look.
    Object.assign(this.view, { of: entry.post, members, ticked: members.filter((one) => !one.adds && !one.number).map((one) => one.post) })
  }

  /** Those ticked that still wait, as far as is known here; a decided one says so itself. */
  get waiting(): Member[] {
    return this.view.members.filter((one) => !one.number && this.view.ticked.includes(one.post))
  }

  get shown(): Member[] {
    return this.view.members.filter((one) => one.number !== undefined)
  }

  tick(post: string, on: boolean): void {
    this.view.ticked = on ? [...this.view.ticked, post] : this.view.ticked.filter((one) => one !== post)
  }
}

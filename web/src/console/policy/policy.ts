/** The policy of one room as the server knows it: read again and again, for colleagues switch it too. */
import { reactive, ref } from 'vue'
import { refusalText } from '../../shared/words.ts'
import type { Api } from '../../wire/types.gen.ts'
import { line } from '../line.ts'
import type { Fields } from './change.ts'

const AGAIN_MS = 5000
/** Counts the switches made on this screen: whoever shows a policy reads it anew. */
export const switched = ref(0)

export class RoomPolicyStore {
  readonly view = reactive({ shown: null as Api.EffectivePolicy | null, stakes: null as Api.PolicyStakes | null, refused: '', busy: false })
  private timer = 0
  private asked = 0

  constructor(readonly room: string) {}

  start(): void {
    void this.load()
    this.timer = window.setInterval(() => document.visibilityState === 'visible' && void this.load(), AGAIN_MS)
  }

  stop(): void {
    window.clearInterval(this.timer)
  }

  async load(): Promise<void> {
    const mine = ++this.asked
    try {
      const found: Api.EffectivePolicy = await line.get(`/api/v1/rooms/${this.room}/policy`)
      // A slower answer knows an older policy.
      if (mine === this.asked) this.view.shown = found
    } catch (error) {
      if (this.view.shown === null) this.view.refused = refusalText(error)
    }
  }

  /** What a looser rule would let through, counted now. */
  async weigh(): Promise<void> {
    Object.assign(this.view, { stakes: null, refused: '' })
    try {
      this.view.stakes = await line.get(`/api/v1/rooms/${this.room}/policy/stakes`)
    } catch (error) {
      this.view.refused = refusalText(error)
    }
  }

  /** In force from the very next post; answers whether it was. */
  async set(fields: Fields, why: string): Promise<boolean> {
    Object.assign(this.view, { refused: '', busy: true })
    try {
      await line.command('room.set', { room: this.room, set: { policy: fields, ...(why ? { why } : {}) } })
      switched.value++
      await this.load()
      return true
    } catch (error) {
      this.view.refused = refusalText(error)
      return false
    } finally {
      this.view.busy = false
    }
  }
}

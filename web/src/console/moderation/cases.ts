/** How many appeals and reports wait for somebody, asked anew whenever the lane says something of them. */
import { reactive } from 'vue'
import { line } from '../line.ts'

/** More than a page need not be counted. */
const PAGE = 200

export class Cases {
  readonly open = reactive({ appeals: 0, reports: 0 })
  private asking = false
  private again = false

  /** One question at a time; what happens meanwhile is asked for once more. */
  async load(): Promise<void> {
    this.again = this.asking
    if (this.asking) return
    this.asking = true
    try {
      for (const kind of ['appeals', 'reports'] as const) {
        const page = await line.get(`/api/v1/${kind}?state=open&limit=${PAGE}`)
        this.open[kind] = page.items.length
      }
    } catch {
      // The next word of the lane, or the next half minute, asks again.
    } finally {
      this.asking = false
    }
    if (this.again) await this.load()
  }
}

/** The console's own: its bar and its screens show the same numbers. */
export const cases = new Cases()

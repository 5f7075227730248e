/** Colleagues at the same desk: who is at which question. Nothing of it is stored; what is not renewed is gone. */
import { reactive } from 'vue'
import type { Frame } from '../../wire/frames.ts'

export interface Colleague { id: string; name: string; dept: string | null; post: string; since: number; draft: string; until: number }

export class Company {
  readonly room: string
  readonly here: Record<string, Colleague> = reactive({})

  constructor(room: string) {
    this.room = room
  }

  hear(_frame: Frame): void {}

  tick(now: number): void {
    for (const [id, one] of Object.entries(this.here)) if (one.until < now) delete this.here[id]
  }

  leave(): void {}

  at(post: string): Colleague[] {
    return Object.values(this.here).filter((one) => one.post === post)
  }
}

/** The paced announcer: what came, told as one sentence and no oftener than the listener wants. */
import { t } from '../i18n.ts'
import { keep, kept } from '../shared/keep.ts'
import type { Digest } from '../state/stream.ts'

export const PACES = [0, 15, 30, 60]
const USUAL = 30

export class Speaker {
  private readonly look: (since: number) => { seq: number; digest: Digest; dept: string }
  private readonly say: (text: string) => void
  private told = -1
  private at = 0
  pace = kept('pace') === '' ? USUAL : Number(kept('pace'))

  constructor(look: Speaker['look'], say: (text: string) => void) {
    this.look = look
    this.say = say
  }

  setPace(seconds: number): void {
    this.pace = seconds
    keep('pace', String(seconds))
  }

  /** What was there when the page opened is not news. */
  begin(seq: number): void {
    if (this.told < 0) this.told = seq
    this.at = Date.now()
  }

  tick(now: number, visible: boolean): void {
    if (this.told < 0 || this.pace === 0 || !visible || now - this.at < this.pace * 1000) return
    const { seq, digest, dept } = this.look(this.told)
    if (digest.n === 0) return
    this.told = seq
    this.at = now
    const numbers = { n: digest.n, m: digest.m, k: digest.k }
    this.say(dept ? t('stream.digest', { ...numbers, d: dept }) : t('stream.digest_questions', numbers))
  }
}

/** One list in front: as it stands, what was changed here, and what became of it. Nothing typed is lost by a refusal. */
import { computed, reactive, shallowRef } from 'vue'
import { t } from '../../i18n.ts'
import { refusalText } from '../../shared/words.ts'
import { Refused } from '../../wire/client.ts'
import type { Api } from '../../wire/types.gen.ts'
import { line } from '../line.ts'
import { say } from '../toast.ts'
import { parseCsv, rowsOf, toCsv, type Term } from './terms.ts'

export const CITY = 'city'
const TRIED = 1000
const AGAIN_MS = 1000

interface Whole { terms: string; exceptions: string | undefined; name: string; count: number }
/** What is changed here, at one moment. */
interface Draft { put: Map<string, Term>; removed: Set<string>; whole: Whole | null; reason: string; exceptions: string }

export class WordsStore {
  /** Until its screen is left. */
  alive = true
  readonly shown = shallowRef<Api.ListShown | null>(null)
  readonly terms = shallowRef<Term[]>([])
  readonly history = shallowRef<Api.ListTold[]>([])
  readonly trial = shallowRef<Api.ListTrialResult | null>(null)
  readonly rooms = shallowRef<{ id: string; title: string }[]>([])
  readonly view = reactive({
    scope: CITY, tab: 'terms' as 'terms' | 'exceptions' | 'history', wanted: '', loading: true, busy: false,
    trouble: '', refused: '', reason: '', exceptions: '', inForce: null as number | null,
    put: new Map<string, Term>(), removed: new Set<string>(),
    /** The version that was published while more was typed, until that is published or dropped. */
    kept: 0,
    /** A whole list in place of what stands: a file, or an older version. */
    whole: null as Whole | null,
  })
  readonly rows = computed(() => rowsOf(this.terms.value, this.view.put, this.view.removed, this.view.wanted))
  /** How often something was changed: what was tried is what stood when it was asked. */
  private edits = 0
  readonly exceptionsChanged = computed(() => this.view.exceptions.trim() !== (this.shown.value?.exceptions ?? '').trim())
  readonly changes = computed(() => this.view.put.size + this.view.removed.size + (this.view.whole ? 1 : 0) + (this.exceptionsChanged.value ? 1 : 0))

  async load(scope = this.view.scope): Promise<void> {
    const { view } = this
    const kept = scope === view.scope && this.changes.value > 0
    Object.assign(view, { scope, loading: true, trouble: '' })
    try {
      if (kept) await this.standOnNewest(scope)
      else if (await this.newest(scope)) this.reset()
    } catch (error) {
      view.trouble = refusalText(error)
    } finally {
      view.loading = false
    }
  }

  private async newest(scope: string): Promise<boolean> {
    const path = `/api/v1/wordlists/${scope}`
    const [shown, versions, heads] = await Promise.all([line.get(path), line.get(`${path}/versions`), line.get('/api/v1/wordlists')])
    if (this.view.scope !== scope) return false
    this.shown.value = shown
    this.terms.value = parseCsv(shown.terms)
    this.history.value = versions.items
    this.heard(scope, heads)
    return true
  }

  /** The newest version below what was changed here: all of it is kept, to be tried and published anew. */
  private async standOnNewest(scope: string): Promise<void> {
    await this.below(scope, this.exceptionsChanged.value || this.view.whole?.exceptions !== undefined)
  }

  /** `own`: the exceptions were changed here, before this; what is typed while the newest is on its way is one's own too. */
  private async below(scope: string, own: boolean): Promise<void> {
    const before = this.view.exceptions
    if (!(await this.newest(scope))) return
    if (!own && this.view.exceptions === before) this.view.exceptions = this.shown.value?.exceptions ?? ''
    this.edited()
  }

  /** What went out is done; what was changed while it was on its way stands over the version that came of it. */
  private async published(scope: string, sent: Draft, number: number): Promise<void> {
    const { view } = this
    if (view.scope !== scope) return
    for (const [term, one] of sent.put) if (view.put.get(term) === one) view.put.delete(term)
    for (const term of sent.removed) view.removed.delete(term)
    if (view.whole === sent.whole) view.whole = null
    if (view.reason === sent.reason) view.reason = ''
    await this.below(scope, view.exceptions !== sent.exceptions).catch((error: unknown) => (view.trouble = refusalText(error)))
    if (this.changes.value > 0) view.kept = number
  }

  private draft(): Draft {
    const { put, removed, whole, reason, exceptions } = this.view
    return { put: new Map(put), removed: new Set(removed), whole, reason, exceptions }
  }

  /** The version the server judges by; asked again until it is the one that is shown. */
  private heard(scope: string, heads: Api.ListHeads): void {
    this.view.inForce = heads.items.find((one) => one.scope === scope)?.in_force ?? null
    const behind = this.view.inForce !== null && this.view.inForce !== this.shown.value?.number
    if (behind) window.setTimeout(() => void this.askAgain(scope), AGAIN_MS)
  }

  private async askAgain(scope: string): Promise<void> {
    const heads: Api.ListHeads | null = await line.get('/api/v1/wordlists').catch(() => null)
    if (heads !== null && this.view.scope === scope && this.alive) this.heard(scope, heads)
  }

  async loadRooms(): Promise<void> {
    const found: Api.RoomPage | null = await line.get('/api/v1/rooms?limit=200').catch(() => null)
    this.rooms.value = (found?.items ?? []).filter((room) => room.state !== 'closed')
  }

  /** Back to what stands. */
  reset(): void {
    this.view.put.clear()
    this.view.removed.clear()
    this.edited()
    Object.assign(this.view, { whole: null, reason: '', refused: '', kept: 0, exceptions: this.shown.value?.exceptions ?? '' })
  }

  /** What was tried is not what stands here any more. */
  edited(): void {
    this.edits++
    this.trial.value = null
  }

  put(term: Term): void {
    this.edited()
    this.view.removed.delete(term.term)
    this.view.put.set(term.term, term)
  }

  remove(term: string): void {
    this.edited()
    if (this.view.put.delete(term) && !this.terms.value.some((one) => one.term === term)) return
    this.view.removed.add(term)
  }

  /** Takes a change to one term back. */
  undo(term: string): void {
    this.edited()
    this.view.put.delete(term)
    this.view.removed.delete(term)
  }

  takeWhole(terms: string, name: string, exceptions?: string): void {
    this.reset()
    const count = Math.max(0, terms.split('\n').filter((one) => one.trim()).length - (terms.startsWith('term,') || terms.startsWith('\ufeffterm,') ? 1 : 0))
    this.view.whole = { terms, name, count, exceptions }
    if (exceptions !== undefined) this.view.exceptions = exceptions
    void this.try()
  }

  async restore(number: number): Promise<void> {
    try {
      const old: Api.ListShown = await line.get(`/api/v1/wordlists/${this.view.scope}?number=${number}`)
      this.takeWhole(old.terms, `v${number}`, old.exceptions)
      this.view.reason = t('words.restore.reason', { v: String(number) })
    } catch (error) {
      this.view.refused = refusalText(error)
    }
  }

  async try(): Promise<void> {
    await this.ask(async (path, change) => {
      const { edits } = this
      const trial: Api.ListTrialResult = await line.post(`${path}/dry-run`, { ...change, n: TRIED })
      if (edits === this.edits) this.trial.value = trial
    })
  }

  async publish(): Promise<void> {
    await this.ask(async (path, change) => {
      const [sent, { scope }] = [this.draft(), this.view]
      const told: Api.ListTold = await line.post(`${path}/versions`, { ...change, based_on: this.shown.value?.number ?? 0, reason: sent.reason })
      say(t('words.published', { v: String(told.number) }))
      await this.published(scope, sent, told.number)
    })
  }

  private async ask(work: (path: string, change: object) => Promise<void>): Promise<void> {
    const { view } = this
    if (view.busy) return
    Object.assign(view, { busy: true, refused: '', kept: 0 })
    try {
      await work(`/api/v1/wordlists/${view.scope}`, this.change())
    } catch (error) {
      const at = error instanceof Refused && error.code === 'bad_terms' ? /\d+/.exec(error.field)?.[0] : undefined
      if (error instanceof Refused && error.code === 'stale_version') await this.standOnNewest(view.scope).catch(() => undefined)
      view.refused = at ? t('words.bad_line', { n: at }) : error instanceof Refused && error.code === 'stale_version' ? t('words.stale') : refusalText(error)
    } finally {
      view.busy = false
    }
  }

  private change(): object {
    const { view } = this
    const exceptions = this.exceptionsChanged.value ? { exceptions: view.exceptions } : {}
    const single = { put: toCsv([...view.put.values()]), remove: [...view.removed], ...exceptions }
    // What is changed after a file was read is changed of the file.
    return view.whole ? { terms: view.whole.terms, ...single } : single
  }
}

/** Appeals and reports before a moderator: what waits, what is decided here, and what colleagues decided meanwhile. */
import { computed, reactive, shallowRef } from 'vue'
import { t } from '../../i18n.ts'
import { refusalText } from '../../shared/words.ts'
import type { Item } from '../../wire/frames.ts'
import { account } from '../account.ts'
import { line } from '../line.ts'
import { touches } from '../moderation/case_kinds.ts'
import { cases as counts } from '../moderation/cases.ts'
import { isOwn, merged, stepTo, type Case, type Kind, type Side } from './case.ts'

const POLL_MS = 15_000
const UNDO_MS = 10_000
const PAGE = 200
const REMEMBERED_MAX = 500
// One connection follows eight rooms; of others the next poll tells.
const FOLLOWED = 8

export interface Toast { text: string; n: number; undo: string; until: number }

export class CaseStore {
  readonly all = shallowRef<readonly Case[]>([])
  readonly titles = shallowRef(new Map<string, string>())
  readonly view = reactive({
    now: Date.now(), kind: '' as Kind | '', chosen: '', pane: 'list' as 'list' | 'one', loaded: false,
    /** Asked for once; the second time does it. A report that is upheld asks for its rule instead. */
    armed: '' as Side | '', choosing: false, noting: false, item: false, told: '', toast: null as Toast | null, kept: false,
  })
  readonly shown = computed(() => this.all.value.filter((one) => this.view.kind === '' || one.kind === this.view.kind))
  readonly current = computed(() => this.shown.value.find((one) => one.key === this.view.chosen) ?? this.shown.value.find((one) => !isOwn(one, account.id)) ?? this.shown.value[0] ?? null)
  readonly mayDecide = computed(() => this.current.value !== null && !isOwn(this.current.value, account.id))
  private readonly notes = reactive(new Map<string, string>())
  /** On its way to the server: the list knows it still, and nobody else took it. */
  private readonly going = new Set<string>()
  private readonly deciders = new Map<string, string>()
  private readonly leaving: (() => void)[] = []
  private readonly timers: number[] = []
  private asked = 0
  private alive = true
  private unlisten = () => {}

  /** The server's clock. */
  get now(): number {
    return this.view.now + line.offset
  }

  /** Of the room it belongs to; a sanction may stand everywhere. */
  title(room: string): string {
    return room === '' ? t('cases.everywhere') : (this.titles.value.get(room) ?? t('mod.room'))
  }

  get note(): string {
    return this.notes.get(this.current.value?.key ?? '') ?? ''
  }

  set note(text: string) {
    if (this.current.value) this.notes.set(this.current.value.key, text)
    if (this.notes.size > REMEMBERED_MAX) this.notes.delete(this.notes.keys().next().value!)
  }

  start(kind: Kind | ''): void {
    this.view.kind = kind
    this.unlisten = line.listen({ hello: () => void this.load() })
    this.timers.push(window.setInterval(() => this.tick(), 1000), window.setInterval(() => void this.load(), POLL_MS))
    void this.load()
    void this.follow()
  }

  stop(): void {
    this.alive = false
    this.unlisten()
    this.timers.forEach((timer) => window.clearInterval(timer))
    this.leaving.forEach((leave) => leave())
  }

  private tick(): void {
    this.view.now = Date.now()
    if (this.view.toast && !this.view.kept && this.view.toast.until < Date.now()) this.view.toast = null
  }

  private async follow(): Promise<void> {
    const answer = await line.get('/api/v1/rooms?limit=200').catch(() => null)
    const rooms: { id: string; title: string; state: string }[] = answer?.items ?? []
    if (!this.alive) return
    this.titles.value = new Map(rooms.map((room) => [room.id, room.title]))
    for (const { id } of rooms.filter((room) => room.state !== 'closed').slice(0, FOLLOWED)) {
      this.leaving.push(line.follow(id, ['mod'], { items: (_room, _lane, items) => this.heard(items), reset: () => void this.load() }))
    }
  }

  private heard(items: readonly Item[]): void {
    for (const item of items.filter((one) => one.by)) this.deciders.set(item.k === 'appeal' ? String(item.appeal) : item.id, item.by!.name)
    if (touches(items.map((item) => item.k))) void this.load()
  }

  /** Everything anew; an answer that a later question overtook is dropped. */
  async load(): Promise<void> {
    const asked = ++this.asked
    const [appeals, reports] = await Promise.all([this.page('appeals'), this.page('reports')])
    if (appeals === null || reports === null || asked !== this.asked) return
    const before = this.current.value
    this.all.value = merged(appeals, reports).filter((one) => !this.going.has(one.key))
    Object.assign(counts.open, { appeals: appeals.length, reports: reports.length })
    if (before && this.view.loaded && !this.all.value.some((one) => one.key === before.key)) this.lost(before)
    this.view.loaded = true
    this.settle()
  }

  /** Nothing in front: the list says so. */
  private settle(): void {
    if (this.current.value === null) this.view.pane = 'list'
  }

  private async page(kind: 'appeals' | 'reports'): Promise<any[] | null> {
    const answer = await line.get(`/api/v1/${kind}?state=open&limit=${PAGE}`).catch(() => null)
    return answer === null ? null : answer.items
  }

  /** A colleague was first: said where it stood, and the next one is in front. */
  private lost(one: Case): void {
    const name = this.deciders.get(one.key)
    this.choose('')
    this.view.told = name ? t('cases.lost.by', { name }) : t('cases.lost')
  }

  choose(key: string): void {
    Object.assign(this.view, { chosen: key, told: '' })
    this.disarm()
  }

  only(kind: Kind | ''): void {
    this.view.kind = kind
    this.choose('')
  }

  disarm(): void {
    Object.assign(this.view, { armed: '', choosing: false, noting: false })
  }

  move(by: 1 | -1): void {
    const to = stepTo(this.shown.value, this.current.value?.key ?? '', by, account.id)
    if (to && to !== this.current.value?.key) this.choose(to)
  }

  /** The first time it is asked, the second time done; hiding a reported post asks for its rule, and can be taken back. */
  ask(side: Side): void {
    const one = this.current.value
    if (one === null || !this.mayDecide.value) return
    // Which one it is stands fast from here on, whatever the list does.
    this.view.chosen = one.key
    const rules = side === 'against' && one.kind === 'report'
    if (this.view.armed === side) return void this.decide(side)
    Object.assign(this.view, { armed: rules ? '' : side, choosing: rules })
  }

  async decide(side: Side, reason?: string): Promise<void> {
    const one = this.current.value
    if (one === null || !this.mayDecide.value) return
    const [note, outcome] = [this.note.trim(), outcomeOf(one.kind, side)]
    this.leave(one)
    try {
      const body = { outcome, ...(reason ? { reason } : {}), ...(note ? { note } : {}) }
      const { state } = await line.post(one.kind === 'appeal' ? `/api/v1/appeals/${one.key}/decide` : `/api/v1/posts/${one.key}/reports/decide`, body)
      this.notes.delete(one.key)
      this.tell(`cases.done.${state}`, state === 'redacted' ? one.key : '')
    } catch (error) {
      this.all.value = [...this.all.value, one].sort((a, b) => a.at - b.at)
      this.choose(one.key)
      this.view.told = refusalText(error)
    }
    this.going.delete(one.key)
    await this.load()
  }

  /** Off the list at once, and on to the next one of mine. */
  private leave(one: Case): void {
    const after = stepTo(this.shown.value, one.key, 1, account.id)
    this.going.add(one.key)
    // An answer that was asked for before this knows it still.
    this.asked++
    this.choose(after === one.key ? '' : after)
    this.all.value = this.all.value.filter((other) => other.key !== one.key)
    this.settle()
  }

  private tell(text: string, undo = ''): void {
    this.view.toast = { text, n: 0, undo, until: Date.now() + UNDO_MS }
  }

  /** What was hidden is shown again; what an author or a reporter was told cannot be taken back. */
  async undo(): Promise<void> {
    const post = this.view.toast?.undo
    if (!post) return
    this.view.toast = null
    try {
      await line.command('restore', { post, reason: 'reviewed' })
      this.tell('mod.restored')
    } catch (error) {
      this.view.told = refusalText(error)
    }
  }

  hover(on: boolean): void {
    this.view.kept = on
    if (!on && this.view.toast) this.view.toast.until = Math.max(this.view.toast.until, Date.now() + 3000)
  }
}

const outcomeOf = (kind: Kind, side: Side): string =>
  kind === 'appeal' ? (side === 'for' ? 'reversed' : 'upheld') : side === 'for' ? 'dismissed' : 'redacted'

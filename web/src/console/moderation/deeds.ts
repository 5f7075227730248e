/** What a moderator does with a post, and how each deed is taken back. */
import { reactive, watch } from 'vue'
import { t } from '../../i18n.ts'
import { refusalText } from '../../shared/words.ts'
import { Refused } from '../../wire/client.ts'
import { account } from '../account.ts'
import { line } from '../line.ts'
import { endOf, type Aim, type Step } from './aim.ts'
import { Group, type Member, type Outcome } from './group.ts'
import { standing, step, type Entry } from './queue.ts'
import type { Span } from './spans.ts'
import type { ReviewStore } from './store.ts'
import { Today, type Done } from './today.ts'

const UNDO_MS = 10_000
/** Long enough for a colleague to take what was given back. */
const REST_MS = 60_000
const NOTES_MAX = 200
/** As many as one command takes. */
const PICKED_MAX = 50

export interface Toast { text: string; done: readonly Done[]; n: number; until: number }

const keyOf = (entry: Entry | null): string => (entry === null ? '' : `${entry.post} ${entry.ver}`)

export class Deeds {
  readonly view = reactive({ toast: null as Toast | null, noting: false, muting: false, kept: false, taking: '', forAll: false, masking: false, spans: [] as Span[], picking: false, picked: [] as string[], policy: false, hiding: false, item: false, asking: false })
  /** What was typed to the author of each post: it stays whoever holds the post meanwhile. */
  private readonly notes = reactive(new Map<string, string>())
  readonly today = new Today()
  readonly group: Group
  /** The post and version whose text is open for covering: spans count the letters of no other. */
  private opened = ''

  constructor(private readonly store: ReviewStore) {
    this.group = new Group(store)
    // At once, not with the next drawing: a key may come first, and nothing begun on one card is done to another.
    const { current, view } = store
    watch(() => keyOf(current.value), () => {
      this.stopMask()
      view.choosing = false
    }, { flush: 'sync' })
    watch(() => current.value?.post, () => Object.assign(this.view, { muting: false, asking: false }), { flush: 'sync' })
    watch(() => view.choosing, (on) => on || (this.view.forAll = false), { flush: 'sync' })
  }

  get note(): string {
    return this.notes.get(this.store.current.value?.post ?? '') ?? ''
  }

  set note(text: string) {
    const post = this.store.current.value?.post
    if (post !== undefined) this.notes.set(post, text)
    if (this.notes.size > NOTES_MAX) this.notes.delete(this.notes.keys().next().value!)
  }

  get mayDecide(): boolean {
    const entry = this.store.current.value
    return entry !== null && standing(entry, account.id, this.store.now) === 'mine'
  }

  async decide(verdict: 'publish' | 'reject', reason?: string): Promise<void> {
    const entry = this.store.current.value
    if (entry === null) return
    if (!this.mayDecide) return this.store.lost(entry.post)
    if (verdict === 'reject' && this.view.forAll) return this.decideGroup(verdict, reason)
    const { queue, view } = this.store
    const at = queue.list.findIndex((one) => one.post === entry.post)
    const note = this.note.trim()
    Object.assign(view, { told: null, choosing: false, chosen: this.after(entry), before: null })
    Object.assign(this.view, { noting: false, muting: false })
    // Off the list at once: the next one is there before the answer is.
    this.store.leave(entry.post, entry.ver)
    this.store.changed()
    const fields = { post: entry.post, ver: entry.ver, verdict, ...(reason ? { reason } : {}), ...(note ? { note } : {}) }
    try {
      await line.command('mod.decide', fields)
      this.notes.delete(entry.post)
      const done = this.today.add(entry, verdict, reason ?? null, this.store.now)
      this.tell(verdict === 'publish' ? 'mod.undo' : 'mod.undo.refused', [done])
    } catch (error) {
      this.failed(error, entry, at)
    }
  }

  private failed(error: unknown, entry: Entry, at: number): void {
    const { queue, view } = this.store
    this.store.comeBack(entry, at)
    view.chosen = entry.post
    const code = error instanceof Refused ? error.code : 'internal'
    if (code === 'stale_version') {
      view.before = { post: entry.post, body: entry.body }
      this.store.say('stale', t('mod.stale'))
    } else if (code === 'lease_lost') {
      this.store.lost(entry.post)
      queue.claim(entry.post, null, 0)
    } else this.store.say('plain', refusalText(error))
    this.store.changed()
    void this.store.poll()
  }

  /** The next one of mine, in the order of the list. */
  private after(entry: Entry): string {
    const mine = this.store.mine.value
    const here = mine.findIndex((one) => one.post === entry.post)
    return (mine[here + 1] ?? mine.find((one) => one.post !== entry.post))?.post ?? ''
  }

  move(by: 1 | -1): void {
    const { shown, current, now } = this.store
    const to = step(shown.value, current.value?.post ?? '', by, account.id, now)
    if (to && to !== current.value?.post) this.store.choose(to)
  }

  async release(): Promise<void> {
    const entry = this.store.current.value
    if (entry === null || !this.mayDecide) return
    this.store.skipped.add(entry.post)
    window.setTimeout(() => this.store.skipped.delete(entry.post), REST_MS)
    this.store.view.chosen = this.after(entry)
    this.store.view.choosing = false
    this.store.queue.claim(entry.post, null, 0)
    this.store.changed()
    await line.command('mod.release', { post: entry.post, ver: entry.ver }).catch(() => undefined)
  }

  /** Half a minute more for what is in front, asked for by hand. */
  async extend(): Promise<void> {
    const entry = this.store.current.value
    if (entry !== null && this.mayDecide) await this.store.extend(entry)
  }

  /** Asks whether to take what a colleague holds: it is never done by one key. */
  askToTake(): void {
    const entry = this.store.current.value
    if (entry !== null && standing(entry, account.id, this.store.now) === 'held') this.view.taking = entry.post
  }

  async takeOver(): Promise<void> {
    const post = this.view.taking
    this.view.taking = ''
    this.store.view.told = null
    await this.store.take({ post, n: 1, take_over: true })
  }

  // --- covering -------------------------------------------------------------------------------------------------

  /** Opens the text with what was found in it covered (138****1234); the same key again publishes it so. */
  startMask(): void {
    const entry = this.store.current.value
    if (entry === null || !this.mayDecide) return
    if (this.view.masking) return void this.mask()
    this.opened = keyOf(entry)
    Object.assign(this.view, { masking: true, spans: (entry.cover ?? []).map(([from, to]) => ({ from: from!, to: to! })) })
  }

  stopMask(): void {
    this.opened = ''
    Object.assign(this.view, { masking: false, spans: [] })
  }

  async mask(): Promise<void> {
    const entry = this.store.current.value
    if (entry === null || !this.mayDecide || this.view.spans.length === 0 || this.opened !== keyOf(entry)) return
    const spans = this.view.spans.map(({ from, to }) => [from, to])
    const note = this.note.trim()
    this.stopMask()
    this.leave([entry])
    try {
      const { ver } = await line.command('mod.mask', { post: entry.post, ver: entry.ver, spans, ...(note ? { note } : {}) })
      this.notes.delete(entry.post)
      const done = this.today.add({ ...entry, ver: Number(ver ?? entry.ver + 1) }, 'publish', null, this.store.now)
      this.tell('mod.undo', [done])
    } catch (error) {
      this.failed(error, entry, 0)
    }
  }

  // --- several at once -------------------------------------------------------------------------------------------

  /** The same verdict for the card and all that are ticked beside it. */
  async decideGroup(verdict: 'publish' | 'reject', reason?: string): Promise<void> {
    const entry = this.store.current.value
    this.view.forAll = false
    if (entry !== null && this.mayDecide) await this.decideAll([entry, ...this.group.waiting], verdict, reason, this.note.trim())
  }

  /** Asks for the rule by which the card is refused, and that alone unless `all` that are ticked go with it. */
  chooseRule(all = false): void {
    this.store.view.choosing = this.mayDecide
    this.view.forAll = all && this.mayDecide
  }

  chooseForAll(): void {
    this.chooseRule(true)
  }

  /** `note` goes to the author of each of them. */
  async decideAll(entries: readonly Entry[], verdict: 'publish' | 'reject', reason?: string, note = ''): Promise<void> {
    this.leave(entries)
    const posts = entries.map(({ post, ver }) => ({ post, ver }))
    try {
      const { outcomes } = await line.command('mod.decide_all', { posts, verdict, ...(reason ? { reason } : {}), ...(note ? { note } : {}) })
      if (note && !(outcomes as Outcome[]).some((one) => one.post === entries[0]!.post && one.code)) this.notes.delete(entries[0]!.post)
      this.settle(entries, outcomes as Outcome[], (entry) => this.today.add(entry, verdict, reason ?? null, this.store.now))
    } catch (error) {
      this.back(entries, error)
    }
  }

  /** One question of the card and of all that are ticked; or of a question that is public already. */
  async merge(into?: Member): Promise<void> {
    const entry = this.store.current.value
    if (entry === null || !this.mayDecide || entry.kind !== 'question') return
    // As it stands now: once the card is left, the group is that of another one.
    const all = [entry, ...this.group.waiting]
    const away = into === undefined ? all.slice(1) : all
    if (away.length === 0) return
    const target = into ?? entry
    this.leave(all)
    try {
      const posts = away.map(({ post, ver }) => ({ post, ver }))
      const answer = await line.command('mod.merge', { post: target.post, ver: target.ver, posts })
      const outcomes = answer.outcomes as Outcome[]
      if (into === undefined) outcomes.unshift({ post: entry.post, state: 'published' })
      this.settle(all, outcomes, (one) => this.today.add(one, one === target ? 'publish' : 'merge', null, this.store.now), 'mod.merged')
    } catch (error) {
      this.back(all, error)
    }
  }

  /** Off the list at once, and on to the next. */
  private leave(entries: readonly Entry[]): void {
    const gone = new Set(entries.map((one) => one.post))
    const chosen = this.store.mine.value.find((one) => !gone.has(one.post))?.post ?? ''
    Object.assign(this.store.view, { told: null, choosing: false, chosen, before: null })
    for (const { post, ver } of entries) this.store.leave(post, ver)
    this.store.changed()
  }

  private settle(entries: readonly Entry[], outcomes: readonly Outcome[], done: (entry: Entry) => Done, text = 'mod.undo.many'): void {
    const known = new Map(entries.map((one) => [one.post, one]))
    const deeds = outcomes.filter((one) => !one.code).map((one) => done(known.get(one.post)!))
    const failed = outcomes.filter((one) => one.code)
    for (const one of failed) this.store.comeBack(known.get(one.post)!, 0)
    if (deeds.length) this.tell(text, deeds, deeds.length)
    if (failed.length) {
      const why = failed.map((one) => `${known.get(one.post)!.body.slice(0, 12)}…：${t(`err.${one.code}`)}`)
      this.store.say('plain', `${t('mod.bulk.failed', { n: failed.length })} ${why.join('；')}`)
      void this.store.poll()
    }
    this.store.changed()
  }

  private back(entries: readonly Entry[], error: unknown): void {
    entries.forEach((entry, at) => this.store.comeBack(entry, at))
    this.store.say('plain', refusalText(error))
    this.store.changed()
    void this.store.poll()
  }

  pick(post: string): void {
    const { picked } = this.view
    this.view.picked = picked.includes(post) ? picked.filter((one) => one !== post) : [...picked, post].slice(0, PICKED_MAX)
  }

  picked(): Entry[] {
    return this.view.picked.map((post) => this.store.find(post)).filter((one) => one !== undefined)
  }

  pickNone(): void {
    Object.assign(this.view, { picking: false, picked: [] })
  }

  // --- taking back ----------------------------------------------------------------------------------------------

  private tell(text: string, done: readonly Done[], n = 0): void {
    this.view.toast = { text, done, n, until: Date.now() + UNDO_MS }
  }

  /** The last deed, while its ten seconds run. */
  undoLast(): Promise<void> | undefined {
    const done = this.view.toast?.done
    return done?.length ? this.undo(...done) : undefined
  }

  async undo(...deeds: Done[]): Promise<void> {
    this.view.toast = null
    try {
      // What was merged away stands for itself again before the question it went into is hidden.
      for (const done of deeds.filter((one) => one.verdict !== 'publish')) {
        const { posts } = await line.command('mod.reopen', { post: done.post, ver: done.ver })
        this.store.hold(posts as Entry[])
        this.store.choose(done.post)
        done.state = 'reopened'
      }
      let proposed = false
      for (const done of deeds.filter((one) => one.verdict === 'publish')) {
        const { pending } = await line.command('redact', { post: done.post, reason: 'undo' })
        // Of a department's answer, and not just now: that takes a second person.
        if (pending) proposed = true
        else done.state = 'hidden'
      }
      if (proposed) this.tell('said.proposed', [])
      else this.tell(deeds[0]!.verdict === 'publish' ? 'mod.undone' : 'mod.reopened', [])
    } catch (error) {
      this.store.say('plain', refusalText(error))
    }
  }

  /** A refusal mended for good: published as a new version, the author is told of both. */
  async reinstate(done: Done): Promise<void> {
    try {
      await line.command('mod.reinstate', { post: done.post, ver: done.ver })
      done.state = 'reinstated'
      this.tell('mod.restored', [])
    } catch (error) {
      this.store.say('plain', refusalText(error))
    }
  }

  async restore(done: Done): Promise<void> {
    try {
      await line.command('restore', { post: done.post, reason: 'reviewed' })
      done.state = 'standing'
      this.tell('mod.restored', [])
    } catch (error) {
      this.store.say('plain', refusalText(error))
    }
  }

  /** A toast that is being read or reached for stays. */
  hover(on: boolean): void {
    this.view.kept = on
    if (!on && this.view.toast) this.view.toast.until = Math.max(this.view.toast.until, Date.now() + 3000)
  }

  tick(): void {
    if (this.view.toast && !this.view.kept && this.view.toast.until < Date.now()) this.view.toast = null
  }

  // --- the author, the room --------------------------------------------------------------------------------------

  /** Whether it was done; `by`: not for the person but for every guest at their device or address. */
  async mute(entry: Entry, minutes: number, rule: number, kind: Step = 'mute', by: { by?: Aim; others?: number } = {}): Promise<boolean> {
    const until = endOf(this.store.now, minutes)
    try {
      await line.post('/api/v1/sanctions', { user: entry.by.id, ...(kind === 'warn' || kind === 'mute' ? { room: entry.room } : {}), kind, until, reason: t(`rule.${rule}`), rule, ...by })
      this.view.muting = false
      this.tell('mod.muted', [])
      return true
    } catch (error) {
      this.store.say('plain', refusalText(error))
      return false
    }
  }

  /** One kind of emergency in these rooms, until it ends by itself (0: until somebody ends it). */
  async declare(rooms: readonly string[], kind: 'freeze' | 'hold' | 'verified', until: number): Promise<void> {
    await this.set(rooms, { [kind]: true, until })
  }

  /** Everything as before, by one press. */
  async calm(room: string): Promise<void> {
    await this.set([room], { freeze: false, hold: false, verified: false })
  }

  private async set(rooms: readonly string[], set: Record<string, unknown>): Promise<void> {
    const failed: string[] = []
    for (const room of rooms) {
      try {
        await line.command('room.set', { room, set })
      } catch (error) {
        failed.push(`${this.store.title(room) || room}：${refusalText(error)}`)
      }
    }
    if (failed.length) this.store.say('plain', failed.join('；'))
    await this.store.loadRooms()
  }
}

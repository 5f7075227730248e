/* Written by `python -m gateway.spec` from the models of the server: change those, then write this anew. */

export declare namespace Client {
  /** Against the refusal or hiding of a post, or against a sanction: one of the two. */
  export interface AppealFrame {
    id: string | number
    post?: string | null
    sanction?: string | null
    text?: string | null
  }
  export interface DeclineFrame {
    id: string | number
    post: string
    proposal?: number | null
    note?: string | null
  }
  /** Cleaned as a body is, but may be empty: then there is no draft any more. */
  export interface DraftFrame {
    id: string | number
    room: string
    post: string
    body: string
    ver: number
  }
  export interface Fetch {
    id: string | number
    room: string
    lane: "pub" | "desk" | "mod"
    from: number
    to: number
  }
  export interface Hello {
    id: string | number
    token?: string | null
    ticket?: string | null
    lang?: string | null
  }
  /** `redact` and `restore`; `proposal`: confirms this one, and no other. */
  export interface Hide {
    id: string | number
    post: string
    reason: string
    proposal?: number | null
  }
  export interface Join {
    id: string | number
    room: string
    lanes?: ("pub" | "desk" | "mod")[]
    pos?: Positions | null
    tail?: number
  }
  export interface Leave {
    id: string | number
    room: string
  }
  export interface ModAlike {
    id: string | number
    post: string
  }
  export interface ModAppeal {
    id: string | number
    appeal: string
    outcome: "upheld" | "reversed"
    note?: string | null
  }
  /** `body` is a note for the desk; the text of the post goes nowhere. */
  export interface ModAsk {
    id: string | number
    body: string
    post: string
    cid: string
  }
  export interface ModDecide {
    id: string | number
    post: string
    ver: number
    verdict: "publish" | "reject"
    reason?: string | null
    note?: string | null
  }
  export interface ModDecideAll {
    id: string | number
    posts: Picked[]
    verdict: "publish" | "reject"
    reason?: string | null
    note?: string | null
  }
  /** `mod.extend`, `mod.release` and `mod.reopen`. */
  export interface ModHold {
    id: string | number
    post: string
    ver: number
  }
  /** `spans` count characters, as `from` and `to` of a reason do. */
  export interface ModMask {
    id: string | number
    post: string
    ver: number
    spans: number[][]
    note?: string | null
  }
  export interface ModMerge {
    id: string | number
    post: string
    ver: number
    posts: Picked[]
  }
  export interface ModPull {
    id: string | number
    room?: string | null
    post?: string | null
    n?: number
    take_over?: boolean
  }
  export interface ModReinstate {
    id: string | number
    post: string
    ver: number
    note?: string | null
  }
  export interface ModReport {
    id: string | number
    post: string
    outcome: "dismissed" | "redacted"
    reason?: string | null
    note?: string | null
  }
  /** One post of several, in the version that was read. */
  export interface Picked {
    post: string
    ver: number
  }
  export interface PolicyPatch {
    premoderate?: boolean
    staff?: "auto" | "review"
    guests?: boolean
    before?: boolean
    after?: boolean
    slow_ms?: number
    trust?: "nobody" | "trusted" | "known"
    two_person?: boolean
  }
  export interface Position {
    ep: string
    seq: number
  }
  /** Where the client stands, per lane. */
  export interface Positions {
    pub?: Position | null
    desk?: Position | null
    mod?: Position | null
  }
  export interface PostFrame {
    id: string | number
    body: string
    room: string
    cid: string
    kind: "question" | "comment" | "reply" | "notice" | "note"
    reply_to?: string | null
  }
  export interface PresenceFrame {
    id: string | number
    room: string
    post?: string | null
    doing: "reading" | "writing" | "idle"
  }
  export interface ReportFrame {
    id: string | number
    post: string
    reason: string
    note?: string | null
  }
  export interface Revise {
    id: string | number
    body: string
    post: string
    ver: number
  }
  export interface RoomPatch {
    policy?: PolicyPatch | null
    freeze?: boolean | null
    hold?: boolean | null
    verified?: boolean | null
    until?: number | null
    why?: string
  }
  export interface RoomSet {
    id: string | number
    room: string
    set: RoomPatch
  }
  /** `pin` and `stage`. */
  export interface Switch {
    id: string | number
    post: string
    on: boolean
  }
  export interface VoteFrame {
    id: string | number
    post: string
    v: number
  }
  export interface Withdraw {
    id: string | number
    post: string
  }
  export type Frame =
    | ({ t: 'hello' } & Hello)
    | ({ t: 'join' } & Join)
    | ({ t: 'leave' } & Leave)
    | ({ t: 'fetch' } & Fetch)
    | ({ t: 'post' } & PostFrame)
    | ({ t: 'revise' } & Revise)
    | ({ t: 'withdraw' } & Withdraw)
    | ({ t: 'mod.pull' } & ModPull)
    | ({ t: 'mod.extend' } & ModHold)
    | ({ t: 'mod.release' } & ModHold)
    | ({ t: 'mod.reopen' } & ModHold)
    | ({ t: 'mod.decide' } & ModDecide)
    | ({ t: 'mod.appeal' } & ModAppeal)
    | ({ t: 'mod.reinstate' } & ModReinstate)
    | ({ t: 'mod.report' } & ModReport)
    | ({ t: 'report' } & ReportFrame)
    | ({ t: 'appeal' } & AppealFrame)
    | ({ t: 'mod.mask' } & ModMask)
    | ({ t: 'mod.ask' } & ModAsk)
    | ({ t: 'mod.alike' } & ModAlike)
    | ({ t: 'mod.decide_all' } & ModDecideAll)
    | ({ t: 'mod.merge' } & ModMerge)
    | ({ t: 'redact' } & Hide)
    | ({ t: 'redact.decline' } & DeclineFrame)
    | ({ t: 'restore' } & Hide)
    | ({ t: 'pin' } & Switch)
    | ({ t: 'stage' } & Switch)
    | ({ t: 'vote' } & VoteFrame)
    | ({ t: 'presence' } & PresenceFrame)
    | ({ t: 'draft' } & DraftFrame)
    | ({ t: 'room.set' } & RoomSet)
}

export declare namespace Server {
  /** `id` only on the `mod` lane, where who acted is named without a role. */
  export interface By {
    name: string
    role?: string
    dept?: string
    id?: string
  }
  export interface Bye {
    t: "bye"
    code: number
    why: string
    next: "resume" | "fresh" | "never"
    after_ms: number
    jitter_ms: number
  }
  /** `until` 0: held no longer. */
  export interface Claim {
    post: string
    by: By
    until: number
  }
  export interface Claims {
    t: "claims"
    r: string
    x: Claim[]
  }
  export interface CommandLimit {
    per_s: number
    burst: number
  }
  /** The newest text of one's own team for an answer to `post`; an empty `body`: there is none any more. */
  export interface Draft {
    t: "draft"
    r: string
    post: string
    by: By
    conn: string
    body: string
    ver: number
    at: number
  }
  export interface Err {
    t: "err"
    id: string | number | null
    code: string
    msg: string
    temporary: boolean
    retry_ms?: number
  }
  export interface Ev {
    t: "ev"
    r: string
    l: string
    ep: string
    a: number
    b: number
    x: Item[]
  }
  export interface Hb {
    t: "hb"
    r: string
    at: number
    heads: Record<string, number>
    viewers: number
    approx: boolean
    duty: boolean
  }
  /** How the node is served: on `desk` and `mod`, when it changes, and to newcomers when not all is well. */
  export interface Health {
    t: "health"
    r: string
    store: "up" | "slow" | "down"
    bus: "up" | "down"
  }
  /** One event of a lane; which optional fields there are depends on `k`. */
  export interface Item {
    s: number
    k: string
    id: string
    at: number
    redacted?: boolean
    kind?: string
    q?: string | null
    number?: number
    by?: By
    body?: string
    reply_to?: string
    ver?: number
    reason?: string
    state?: string
    askers?: number
    on?: boolean
    policy?: Record<string, unknown>
    freeze?: boolean
    hold?: boolean
    verified?: boolean
    departments?: unknown[]
    dept?: string
    name?: string
    waiting?: number
    verdict?: string
    author?: string
    until?: number
    appeal?: string
    of?: string
    reports?: number
    proposal?: number
    first?: By
  }
  export interface Joined {
    t: "joined"
    id: string | number | null
    room: string
    perms: string[]
    lanes: Record<string, JoinedLane>
    duty: boolean
    me: Mine
  }
  export interface JoinedLane {
    ep: string
    head: number
    mode: "snapshot" | "replay"
  }
  export interface Limits {
    message: number
    frames: number
    depth: number
    body: number
    rooms: number
    commands: CommandLimit
  }
  export interface Me {
    ver: number
    posts: OwnPost[]
    mute: Mute | null
    warnings?: Warned[]
    reports?: OwnReport[]
    votes: Record<string, 1 | -1>
    wait_p50_s: number | null
    t: "me"
    r: string
  }
  /** The question that stands for one's own. */
  export interface MergedInto {
    q: string
    number: number | null
  }
  export interface Mine {
    ver: number
    posts: OwnPost[]
    mute: Mute | null
    warnings?: Warned[]
    reports?: OwnReport[]
    votes: Record<string, 1 | -1>
    wait_p50_s: number | null
  }
  /** What keeps one from posting; of several the gravest. `by`: not the person is meant, but where they write from. */
  export interface Mute {
    kind?: "mute" | "suspend" | "ban"
    by?: "device" | "address"
    until: number
    reason: string
    rule: number | null
    sanction: string
    appeal?: OwnAppeal
  }
  /** Which optional fields there are depends on the command answered. */
  export interface Ok {
    t: "ok"
    id: string | number | null
    post?: string
    state?: string
    seq?: number | null
    pending?: boolean
    proposal?: number
    until?: number
    ver?: number
    number?: number
    reasons?: Reason[]
    x?: Item[]
    posts?: Waiting[]
    lease_until?: number
    appeal?: string
    askers?: number
    outcomes?: Outcome[]
    up?: number
    down?: number
  }
  /** Of one post among several: where it stands, or the code of its refusal. */
  export interface Outcome {
    post: string
    state?: string
    seq?: number
    number?: number
    code?: string
  }
  /** `note` is for its author; who decided is not told. */
  export interface OwnAppeal {
    appeal: string
    of: "refusal" | "hiding" | "sanction"
    state: "open" | "upheld" | "reversed"
    at: number
    decided_at?: number
    note?: string
  }
  /** One's own post. `ahead`: waiting posts before it; `reason` and `note` of a refusal; `body` "" where hidden. */
  export interface OwnPost {
    post: string
    cid: string
    kind: string
    state: string
    ver: number
    waiting: boolean
    body: string
    at: number
    q: string | null
    number?: number
    seq?: number
    reply_to?: string
    reasons?: Reason[]
    rule?: number
    reason?: string
    note?: string
    hidden?: string
    ahead?: number
    appeal?: OwnAppeal
    reinstated?: Reinstated
    merged?: MergedInto
    masked?: boolean
  }
  /** What one reported of others' posts, and what came of it. */
  export interface OwnReport {
    post: string
    room: string
    reason: string
    at: number
    state: "open" | "dismissed" | "redacted"
    number?: number
    decided_at?: number
    note?: string
  }
  export interface Presence {
    t: "presence"
    r: string
    l: "desk" | "pub"
    x: Present[]
  }
  /** At the desk, one connection; in public a department that is writing: `dept`, `post` and `since` only. */
  export interface Present {
    conn?: string
    name?: string
    dept: string | null
    post: string | null
    doing?: "reading" | "writing" | "idle"
    since: number
  }
  /** Why a post was held or refused, and where in its text; by which version of the city's or the room's list. */
  export interface Reason {
    from?: number
    to?: number
    phase: string
    category?: string
    term?: string
    rule?: number
    list?: number
    room_list?: number
  }
  /** A refusal that was mended: when and why it was refused, and whether somebody else than who refused mended it. */
  export interface Reinstated {
    at: number
    refused_at: number | null
    reason: string | null
    colleague: boolean
  }
  export interface Reset {
    t: "reset"
    r: string
    l: string
    ep: string
    why: string
  }
  export interface Snap {
    t: "snap"
    r: string
    l: string
    ep: string
    head: number
    state: Record<string, unknown>
    x: Item[]
    pinned: string[]
    stage: string[]
    tally: Record<string, [number, number]>
    more: boolean
  }
  export interface Tally {
    t: "tally"
    r: string
    x: Record<string, [number, number]>
  }
  export interface User {
    id: string
    name: string
    role: string
    department: string | null
    verified?: boolean
  }
  /** A post before a moderator; in the queue also `state` and `claim`. */
  export interface Waiting {
    post: string
    ver: number
    room: string
    kind: string
    body: string
    by: By
    at: number
    reasons: Reason[]
    lease_until: number
    lease_by: string | null
    reply_to: string | null
    state?: string
    claim?: string
    number?: number
    adds?: boolean
    cover?: number[][]
  }
  /** A warning not acknowledged yet. */
  export interface Warned {
    until: number
    reason: string
    rule: number | null
    sanction: string
    at: number
  }
  export interface Welcome {
    t: "welcome"
    id: string | number | null
    conn: string
    user: User | null
    hb_ms: number
    limits: Limits
    now: number
  }
  export type Frame =
    | Welcome
    | Joined
    | Snap
    | Ev
    | Hb
    | Tally
    | Presence
    | Draft
    | Claims
    | Health
    | Me
    | Reset
    | Ok
    | Err
    | Bye
}

export declare namespace Api {
  export interface Acceptance {
    code: string
  }
  export interface Answered {
    note: string
    by: Record<string, string>
    body: string
    at: number
  }
  export interface AppealDecision {
    outcome: "upheld" | "reversed"
    note?: string | null
  }
  export interface AppealShown {
    appeal: string
    state: string
  }
  export interface Asked {
    note: string
    seq: number | null
  }
  export interface AskedPage {
    items: AskedShown[]
    next: string | null
  }
  export interface AskedShown {
    note: string
    by: Record<string, string>
    body: string
    at: number
    answers: Answered[]
  }
  export interface Asking {
    cid: string
    body: string
  }
  export interface AuthorCounts {
    published: number
    hidden: number
    refused: number
    withdrawn: number
    pending: number
  }
  export interface AuthorHistory {
    counts: AuthorCounts
    posts: AuthorPost[]
    sanctions: AuthorSanction[]
  }
  export interface AuthorPost {
    post: string
    room: string
    kind: string
    state: string
    ver: number
    waiting: boolean
    body: string
    at: number
    number?: number | null
    hidden?: string | null
    reason?: string | null
  }
  export interface AuthorSanction {
    kind: string
    room: string | null
    until: number
    reason: string
    rule: number | null
    at: number
    lifted_at: number | null
    by?: "account" | "device" | "address"
  }
  export interface CaseShown {
    post: string
    state: string
  }
  export interface Credentials {
    username: string
    password: string
    cookie?: boolean
  }
  export interface Decision {
    ver: number
    verdict: "publish" | "reject"
    reason?: string | number | null
    note?: string | null
  }
  export interface Declining {
    proposal?: number | null
    note?: string | null
  }
  export interface DepartmentShown {
    id: string
    name: string
    name_en: string
    mark: string
    slot: number
  }
  export interface Departments {
    items: DepartmentShown[]
    next: string | null
  }
  export interface EffectivePolicy {
    room: string
    policy: PolicyShown
    frozen: boolean
    holds: Record<string, unknown>[]
    changes: Record<string, unknown>[]
    since: Record<string, Record<string, unknown>>
    made_at: number
    made_by: string
    limits: PaceShown | null
  }
  export interface Events {
    epoch: string
    head: number
    items: Record<string, unknown>[]
  }
  export interface EvidenceKept {
    post: string
    ver: number
    kept: boolean
  }
  export interface EvidenceShown {
    post: string
    ver: number
    body: string
    digest: string
  }
  export interface GroupDecision {
    posts: Picked[]
    verdict: "publish" | "reject"
    reason?: string | number | null
    note?: string | null
  }
  /** `seq` null and `pending`: nothing is hidden before a second person agrees. */
  export interface Hidden {
    seq: number | null
    pending?: boolean
    proposal?: number | null
    until?: number | null
  }
  /** `proposal`: confirms this one, and no other. */
  export interface Hiding {
    reason: string
    proposal?: number | null
  }
  export interface Invitation {
    department: string
  }
  export interface Invited {
    url: string
    code: string
  }
  export interface Items {
    items: Record<string, unknown>[]
    next: string | null
  }
  export interface Keeping {
    ver: number
    reason: string
    on: boolean
  }
  export interface Lease {
    lease_until: number
  }
  export interface Leased {
    posts: Record<string, unknown>[]
  }
  /** Counts by name or by code, and times in seconds; null before the first verdict. */
  export interface Ledger {
    room: string
    posts: Record<string, number>
    refused_by: Record<string, number>
    hidden_by: Record<string, number>
    verdicts: number
    wait_p50_s: number | null
    wait_p90_s: number | null
    appeals: Record<string, number>
    reports: Record<string, number>
    two_person: Record<string, number>
    unanswered: number
  }
  export interface LevelsShown {
    watched: number
    new: number
    known: number
    trusted: number
  }
  /** Each list holds at most 1,000; the counts are of all. */
  export interface ListDiff {
    counts: Record<string, number>
    added: TermShown[]
    removed: TermShown[]
    changed: TermShown[]
    exceptions_added: string[]
    exceptions_removed: string[]
  }
  export interface ListHeads {
    items: ListStanding[]
    next: string | null
  }
  export interface ListPublication {
    terms?: string | null
    exceptions?: string | null
    put?: string | null
    remove?: string[]
    based_on: number
    reason: string
  }
  export interface ListShown {
    scope: string
    number: number
    by: ListSigner
    at: number
    reason: string
    count: number
    exception_count: number
    digest: string
    terms: string
    exceptions: string
  }
  export interface ListSigner {
    id: string
    name: string
  }
  export interface ListStanding {
    scope: string
    number: number
    in_force: number | null
  }
  export interface ListTold {
    scope: string
    number: number
    by: ListSigner
    at: number
    reason: string
    count: number
    exception_count: number
    digest: string
  }
  export interface ListTrial {
    terms?: string | null
    exceptions?: string | null
    put?: string | null
    remove?: string[]
    n?: number
  }
  export interface ListTrialResult {
    tried: number
    held: number
    refused: number
    let_through: number
    changed: Record<string, unknown>[]
  }
  export interface ListVersions {
    items: ListTold[]
    next: string | null
  }
  export interface Masking {
    ver: number
    spans: number[][]
    note?: string | null
  }
  export interface Me {
    id: string
    name: string
    role: string
    department: string | null
    guest: boolean
    verified?: boolean
    csrf?: string
  }
  export interface MergedShown {
    post: string
    state: string
    askers: number
    outcomes: Record<string, unknown>[]
    seq?: number | null
    number?: number | null
  }
  export interface Merging {
    ver: number
    posts: Picked[]
  }
  export interface Mine {
    posts: Record<string, unknown>[]
    mute: unknown
    warnings: Record<string, unknown>[]
    reports: Record<string, unknown>[]
    votes: Record<string, number>
    wait_p50_s: number | null
  }
  /** How many other guests wrote from where the author wrote last, in 7 days; null: not known. */
  export interface NeighboursShown {
    device: number | null
    address: number | null
    most: number
  }
  export interface NewAppeal {
    text?: string | null
  }
  export interface NewGuest {
    name?: string | null
    cookie?: boolean
    assertion?: string | null
    room?: string | null
  }
  export interface NewPost {
    cid: string
    kind: "question" | "comment" | "reply" | "notice" | "note"
    body: string
    reply_to?: string | null
  }
  export interface NewReport {
    reason: string
    note?: string | null
  }
  export interface NewRoom {
    title: string
    summary?: string
    departments: string[]
    lead?: string | null
    starts_at?: number | null
    open?: boolean
    policy?: PolicyChange | null
  }
  export interface NewSanction {
    user: string
    room?: string | null
    until: number
    reason: string
    rule?: number | null
    kind?: "warn" | "mute" | "suspend" | "ban"
    by?: "account" | "device" | "address"
    others?: number | null
  }
  export interface NewVoucher {
    assertion: string
  }
  export interface Numbered {
    seq: number
  }
  export interface Opening {
    ver: number
    reason: string
  }
  export interface Outcomes {
    outcomes: Record<string, unknown>[]
  }
  /** How fast one netizen may write in a room, by the settings: so many at once, then one each `interval_ms`. */
  export interface PaceShown {
    burst: number
    interval_ms: number
  }
  export interface Picked {
    post: string
    ver: number
  }
  export interface PolicyChange {
    premoderate?: boolean
    staff?: "auto" | "review"
    guests?: boolean
    before?: boolean
    after?: boolean
    slow_ms?: number
    trust?: "nobody" | "trusted" | "known"
    two_person?: boolean
  }
  export interface PolicyShown {
    premoderate: boolean
    staff: string
    guests: boolean
    before: boolean
    after: boolean
    slow_ms: number
    trust: string
    two_person: boolean
  }
  /** Of the newest posts of netizens in the room; `held` by its own rule alone, `refused` of these by a person. */
  export interface PolicyStakes {
    waiting: number
    viewers: number
    looked_at: number
    held: number
    refused: number
    authors: LevelsShown
  }
  export interface ProposalShown {
    post: string
    state: string
  }
  export interface PullRequest {
    room?: string | null
    post?: string | null
    n?: number
    take_over?: boolean
  }
  /** Times in milliseconds; `arrived` and `decided` of the last 5 and 30 minutes, `line` by the minute, now last. */
  export interface QueueHealthShown {
    waiting: number
    oldest_ms: number | null
    wait_p50_ms: number | null
    wait_p95_ms: number | null
    arrived: number[]
    decided: number[]
    line: number[]
    backlog_line: number
    over: boolean
    unattended: boolean
    shifts: Record<string, unknown>[]
  }
  /** Where a post stands, as the socket's `ok` says it. */
  export interface Receipt {
    post: string
    state: string
    ver: number
    seq?: number | null
    number?: number | null
    reasons?: Record<string, unknown>[] | null
  }
  export interface Reinstatement {
    ver: number
    note?: string | null
  }
  export interface ReportJudgement {
    outcome: "dismissed" | "redacted"
    reason?: string | null
    note?: string | null
  }
  export interface Revision {
    ver: number
    body: string
  }
  export interface RoomDepartmentShown {
    id: string
    name: string
    name_en: string
    mark: string
    slot: number
    seated: number
  }
  export interface RoomPage {
    items: RoomShown[]
    next: string | null
  }
  export interface RoomSet {
    policy?: PolicyChange | null
    freeze?: boolean | null
    hold?: boolean | null
    verified?: boolean | null
    until?: number | null
    why?: string
  }
  export interface RoomShown {
    id: string
    code: string
    title: string
    summary: string
    state: string
    departments: RoomDepartmentShown[]
    lead: string | null
    policy: PolicyShown
    frozen: boolean
    hold: boolean
    verified: boolean
    until: number | null
    starts_at: number | null
    opened_at: number | null
    closed_at: number | null
    created_at: number
  }
  export interface Sanctioned {
    until: number
  }
  export interface ShiftTurn {
    state: "on" | "rest" | "off"
    until?: number | null
    note?: string | null
  }
  export interface SignedIn {
    token: string
    expires_at: number
    user: User
    csrf?: string
  }
  export interface Switch {
    on: boolean
  }
  export interface Tally {
    up: number
    down: number
  }
  export interface TermShown {
    term: string
    category: string | null
    action: string
    match: string[]
  }
  export interface TicketIssued {
    ticket: string
    expires_at: number
  }
  export interface TrustSaid {
    level: string
    reason: string
    by: Record<string, string>
    at: number
  }
  export interface TrustShown {
    level: string
    derived: string
    said: TrustSaid | null
  }
  export interface TrustWord {
    level?: "watched" | "new" | "known" | "trusted" | null
    reason: string
  }
  export interface User {
    id: string
    name: string
    role: string
    department: string | null
    guest: boolean
    verified?: boolean
  }
  export interface Versioned {
    ver: number
  }
  export interface VoteCast {
    v: number
  }
  export interface VoucherIssued {
    code: string
    expires_at: number
  }
  export interface Why {
    reason: string
  }
}

export type ErrorCode =
  | 'address_stopped'
  | 'appealed'
  | 'assertion_used'
  | 'bad_assertion'
  | 'bad_credentials'
  | 'bad_csrf'
  | 'bad_frame'
  | 'bad_request'
  | 'bad_state'
  | 'bad_terms'
  | 'banned'
  | 'conflict'
  | 'decided'
  | 'device_stopped'
  | 'expired'
  | 'forbidden'
  | 'internal'
  | 'lease_lost'
  | 'method_not_allowed'
  | 'misdirected'
  | 'muted'
  | 'no_appeal'
  | 'no_department'
  | 'no_invitation'
  | 'no_lookup'
  | 'no_post'
  | 'no_room'
  | 'no_source'
  | 'no_voucher'
  | 'not_found'
  | 'own_ruling'
  | 'queue_full'
  | 'range_gone'
  | 'rate'
  | 'room_closed'
  | 'room_paused'
  | 'shared_address'
  | 'slow_mode'
  | 'stale_version'
  | 'suspended'
  | 'too_large'
  | 'too_many_rooms'
  | 'unauthenticated'
  | 'unavailable'
  | 'unknown_command'
  | 'wrong_room'

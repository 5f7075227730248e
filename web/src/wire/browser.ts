/** The browser's side of the client: its socket, its clock, and how this page proves who reads it. */
import { Refused, type Credentials, type Wire, type World } from './client.ts'

/** `verified`: the city vouches for who reads this, and they may write where guests may not. `portal`: what they sign in with. */
export interface Page { signed: 'none' | 'guest' | 'staff'; csrf: string; verified: boolean; portal: string }

export const page: Page = {
  signed: (document.body.dataset.signed as Page['signed'] | undefined) ?? 'none',
  csrf: document.body.dataset.csrf ?? '',
  verified: document.body.dataset.verified === '1',
  portal: document.body.dataset.portal ?? '',
}

const NOT_KNOWN = new Set(['forbidden', 'unauthenticated', 'expired'])
let guestToken: string | null = null

/** One call of the API, or of a page of ours that answers JSON; a refusal is thrown with its code. */
export const call = (path: string, body: object, method: 'POST' | 'PUT' | 'DELETE' = 'POST'): Promise<any> =>
  asked(path, {
    method,
    headers: { 'content-type': 'application/json', accept: 'application/json', 'x-csrf-token': page.csrf },
    body: JSON.stringify(body),
  })

export const read = (path: string): Promise<any> => asked(path, { headers: { accept: 'application/json' } })

async function asked(path: string, init: RequestInit): Promise<any> {
  let reply: Response
  try {
    reply = await fetch(path, init)
  } catch {
    throw new Refused('unavailable')
  }
  const answer = await reply.json().catch(() => ({}))
  if (!reply.ok) throw new Refused(answer.code ?? 'unavailable', answer.retry_ms ?? null, answer.field ?? '')
  return answer
}

/** Staff take a ticket for each socket; a guest's own token stays in this page's memory. */
async function credentials(): Promise<Credentials> {
  if (page.signed === 'staff') return { ticket: (await call('/api/v1/tickets', {})).ticket }
  if (page.signed === 'none') return {}
  try {
    guestToken ??= (await call('/guest/token', {})).token as string
    return { token: guestToken }
  } catch (error) {
    if (!(error instanceof Refused) || !NOT_KNOWN.has(error.code)) throw error
    // The cookie has run out too: whoever only reads needs none, and whoever writes gets another name.
    page.signed = 'none'
    return {}
  }
}

/** Staff ask for another ticket, and learn then whether they are still signed in; a guest goes on as a visitor. */
function forget(): boolean {
  guestToken = null
  return page.signed !== 'none'
}

/** A visitor who wants to post or vote gets a name of its own, kept in a cookie for the forms and the next visit. */
export async function becomeGuest(name: string): Promise<void> {
  const granted = await call('/api/v1/guests', name ? { name, cookie: true } : { cookie: true })
  guestToken = granted.token
  page.csrf = granted.csrf
  page.signed = 'guest'
  // The plain forms of this page now belong to somebody, and must prove it too.
  document.querySelectorAll<HTMLInputElement>('input[name="csrf"]').forEach((field) => (field.value = page.csrf))
}

export const world: World = {
  open: () =>
    new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`, 'wenzheng.v1.json') as unknown as Wire,
  credentials,
  forget,
  now: () => Date.now(),
  after: (ms, work) => {
    const timer = window.setTimeout(work, ms)
    return () => window.clearTimeout(timer)
  },
  random: Math.random,
}

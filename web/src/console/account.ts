/** Who works here, as the page was given to them; a sign-in in place renews it. */
import { reactive } from 'vue'
import { page } from '../wire/browser.ts'

export interface Account { id: string; name: string; role: string; department: string; may: string[]; site: string }

export const account = reactive<Account>({ id: '', name: '', role: '', department: '', may: [], site: '' })
export const session = reactive({ expired: false })

export function readAccount(): void {
  const { user = '', name = '', role = '', department = '', may = '', site = '' } = document.body.dataset
  Object.assign(account, { id: user, name, role, department, site, may: may.split(' ').filter(Boolean) })
}

/** Whether the role may do such a thing somewhere: for what is offered; what is allowed the server decides. */
export const mayDo = (action: string): boolean => account.may.includes(action)

const BAD_PASSWORD = 401

/** Signs in again without leaving the page; false when the password was wrong. */
export async function signInAgain(username: string, password: string): Promise<'ok' | 'wrong' | 'busy' | 'other'> {
  const body = new URLSearchParams({ username, password })
  // The form's own address: the API would refuse the stale cookie before it looked at the password.
  const reply = await fetch('/signin', { method: 'POST', body, redirect: 'manual' }).catch(() => null)
  if (reply === null) return 'busy'
  if (reply.type !== 'opaqueredirect') return reply.status === BAD_PASSWORD ? 'wrong' : 'busy'
  const me = await fetch('/api/v1/me', { headers: { accept: 'application/json' } }).then((answer) => answer.json())
  // Somebody else's drafts are not theirs: the page starts over.
  if (me.id !== account.id) return 'other'
  page.csrf = me.csrf
  session.expired = false
  return 'ok'
}

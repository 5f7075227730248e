/** One text on its way: kept on this device at every keystroke, for one account and one place. When two hands wrote it,
 *  both versions stay until a person chooses. */
import { onUnmounted, ref, type Ref } from 'vue'
import { keep, kept } from '../../shared/keep.ts'
import { account } from '../account.ts'

const PREFIX = 'wz.'

export interface Draft {
  body: Ref<string>
  /** The version that was not chosen yet, and whose it is. */
  other: Ref<string>
  otherBy: Ref<string>
  savedAt: Ref<number>
  place: string
  write(text: string): void
  clear(): void
  /** Another version comes in, mine steps aside; or, when mine is empty, nothing does. */
  take(text: string, by: string): void
  swap(): void
  drop(): void
}

export function useDraft(name: string): Draft {
  const place = `draft.${account.id}.${name}`
  const body = ref(kept(place))
  const other = ref(kept(`${place}.other`))
  const otherBy = ref(kept(`${place}.by`))
  const savedAt = ref(0)

  const write = (text: string) => {
    body.value = text
    keep(place, text)
    savedAt.value = text ? Date.now() : 0
  }
  const aside = (text: string, by: string) => {
    other.value = text
    otherBy.value = text ? by : ''
    keep(`${place}.other`, other.value)
    keep(`${place}.by`, otherBy.value)
  }
  const take = (text: string, by: string) => {
    if (body.value.trim() && body.value !== text) aside(body.value, account.name)
    write(text)
    if (other.value === '') otherBy.value = by
  }
  // Another window of the same person writes the same text: the later one stands there, this one is not thrown away.
  const heard = (event: StorageEvent) => {
    if (event.key !== PREFIX + place || event.newValue === body.value) return
    const theirs = event.newValue ?? ''
    if (theirs && body.value.trim() && !theirs.startsWith(body.value) && !body.value.startsWith(theirs)) aside(theirs, account.name)
    else body.value = theirs
  }
  window.addEventListener('storage', heard)
  onUnmounted(() => window.removeEventListener('storage', heard))

  return {
    body,
    other,
    otherBy,
    savedAt,
    place,
    write,
    clear: () => write(''),
    take,
    swap: () => {
      const mine = body.value
      write(other.value)
      aside(mine, account.name)
    },
    drop: () => aside('', ''),
  }
}

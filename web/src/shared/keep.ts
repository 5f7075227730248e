/** Drafts on this device. A browser that keeps nothing must still be able to post. */
export function kept(key: string): string {
  try {
    return localStorage.getItem(`wz.${key}`) ?? ''
  } catch {
    return ''
  }
}

export function keep(key: string, value: string): void {
  try {
    if (value) localStorage.setItem(`wz.${key}`, value)
    else localStorage.removeItem(`wz.${key}`)
  } catch {
    // Private windows and full disks: the draft lives as long as the page.
  }
}

export function freshCid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return 'w-' + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The cid of what is being written: the same after a reload, so that a lost answer cannot make two posts. */
export function keptCid(key: string): string {
  const held = kept(`cid.${key}`)
  if (held) return held
  const fresh = freshCid()
  keep(`cid.${key}`, fresh)
  return fresh
}

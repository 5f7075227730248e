/** How a question that lands is told to somebody who looks elsewhere: title, sound, the browser's own notice. */
import { ref } from 'vue'
import { t } from '../../i18n.ts'
import { keep, kept } from '../../shared/keep.ts'

const TONE_HZ = 660
const TONE_S = 0.18
const LOUDNESS = 0.12

export const sound = ref(kept('desk.sound') === 'on')
export const banner = ref(kept('desk.banner') === 'on' && permission() === 'granted')
let audio: AudioContext | null = null

function permission(): NotificationPermission {
  return typeof Notification === 'undefined' ? 'denied' : Notification.permission
}

/** Browsers play nothing before the person has done something: turning it on is that. */
export function setSound(on: boolean): void {
  sound.value = on
  keep('desk.sound', on ? 'on' : '')
  if (on) beep()
}

/** False when the browser says no. */
export async function setBanner(on: boolean): Promise<boolean> {
  const granted = on && typeof Notification !== 'undefined' && (await Notification.requestPermission()) === 'granted'
  banner.value = granted
  keep('desk.banner', granted ? 'on' : '')
  return granted || !on
}

export function landed(count: number, room: string, body: string): void {
  if (sound.value) beep()
  // Who looks at the desk sees it come; the notice is for the one who does not.
  if (!banner.value || document.visibilityState === 'visible') return
  try {
    new Notification(t('desk.landed', { n: count }), { body: `${room}: ${body.slice(0, 80)}`, tag: 'wenzheng-desk' })
  } catch {
    // Some phones allow notices to service workers only.
  }
}

function beep(): void {
  try {
    audio ??= new AudioContext()
    const tone = audio.createOscillator()
    const volume = audio.createGain()
    tone.frequency.value = TONE_HZ
    volume.gain.value = LOUDNESS
    tone.connect(volume).connect(audio.destination)
    tone.start()
    tone.stop(audio.currentTime + TONE_S)
  } catch {
    // A machine without sound.
  }
}

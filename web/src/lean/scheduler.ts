/** Renderings wait for the end of what is going on, parents before children, each once. */

export interface Job { id: number; run(): unknown }

let waiting = new Map<number, Job>()
let after: (() => void)[] = []
let flushing: Promise<void> | null = null
let around: (render: () => void) => void = (render) => render()

/** Lets a page see every rendering from both sides: the room page keeps the reader's place so. */
export function aroundRendering(wrap: (render: () => void) => void): void {
  around = wrap
}

export function queue(job: Job): void {
  waiting.set(job.id, job)
  soon()
}

export function queueAfter(work: () => void): void {
  if (!after.includes(work)) after.push(work)
  soon()
}

export const nextTick = (): Promise<void> => flushing ?? Promise.resolve()

function soon(): void {
  flushing ??= Promise.resolve().then(flush)
}

function flush(): void {
  try {
    if (waiting.size > 0) around(renderAll)
  } finally {
    const works = after
    after = []
    flushing = null
    if (waiting.size > 0) soon()
    for (const work of works) work()
  }
}

function renderAll(): void {
  while (waiting.size > 0) {
    const jobs = [...waiting.values()].sort((a, b) => a.id - b.id)
    waiting = new Map()
    for (const job of jobs) job.run()
  }
}

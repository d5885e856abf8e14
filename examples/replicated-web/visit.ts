/** The load and the replicas: who joins and leaves, and who answers meanwhile. */
import { deferred } from '../../impl/sockets/deferred.ts'
import type { Stack } from '../../impl/sockets/index.ts'
import { Timeline } from '../pictures/timeline.ts'
import type { Replicas } from './replicas.ts'
import { Visitors } from './visitors.ts'

export const SERVICE = 'acme/web'
export const NAMES = ['a', 'b', 'c', 'd']
/** Each is a process; `a` comes back as another. */
export const REPLICAS = [...NAMES, 'a']

/** One after the other. */
const STEPS: readonly (readonly ['joins' | 'leaves', string])[] = [
  ['joins', 'b'],
  ['joins', 'c'],
  ['joins', 'd'],
  ['leaves', 'a'],
  ['leaves', 'c'],
  ['joins', 'a'],
]

/** From when a step is done until the next one begins. */
export interface Stage {
  readonly step: string
  readonly atMs: number
  /** Replicas that have joined and are not leaving. */
  readonly present: readonly string[]
  /** By whom those were answered who asked in this time. */
  readonly answers: Readonly<Record<string, number>>
}

export interface Visited {
  readonly stages: readonly Stage[]
  readonly failures: readonly string[]
  readonly timeline: Timeline
}

/** A stage is over when so many have asked in it and know what came of it. */
export async function visit(
  replicas: Replicas,
  stacks: readonly Stack[],
  { visitors, asks }: { readonly visitors: number; readonly asks: number },
  progress: (line: string) => void,
): Promise<Visited> {
  const stages: Stage[] = []
  const present = new Set(['a'])
  await replicas.join('a')
  const timeline = new Timeline(NAMES, () => performance.now())
  let told: (replica: string | undefined, askedMs: number) => void = () => {}
  const crowd = new Visitors(SERVICE, stacks, (replica, askedMs) => {
    if (replica !== undefined) timeline.add(replica)
    told(replica, askedMs)
  })
  const over = crowd.come(visitors)

  const watch = async (step: string): Promise<void> => {
    progress(step)
    const [sinceMs, atMs] = [performance.now(), timeline.nowMs]
    const answers: Record<string, number> = {}
    const { promise, resolve } = deferred<void>()
    let count = 0
    told = (replica, askedMs) => {
      if (askedMs < sinceMs) return
      if (replica !== undefined) answers[replica] = (answers[replica] ?? 0) + 1
      if (++count === asks) resolve()
    }
    await promise
    told = () => {}
    stages.push({ step, atMs, present: [...present].sort(), answers })
  }

  await watch('a is ready')
  for (const [does, who] of STEPS) {
    if (does === 'joins') await replicas.join(who)
    else await replicas.leave(who)
    if (does === 'joins') present.add(who)
    else present.delete(who)
    await watch(`${who} ${does}`)
  }
  crowd.leave()
  await over
  return { stages, failures: crowd.failures, timeline }
}

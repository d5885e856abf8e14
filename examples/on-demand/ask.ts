/** Clients ask a service that is there only while somebody asks. */
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import type { Controller } from '../../impl/controller/controller.ts'
import { connect, type Stack } from '../../impl/sockets/index.ts'
import { Timeline } from '../pictures/timeline.ts'

export const SERVICE = 'acme/report'
export const [WAITING, THERE] = ['clients that wait', 'instances']
/** Between two looks at the processes. */
const LOOK_MS = 20

export interface Answered {
  readonly atMs: number
  /** Whether there was no instance when it asked. */
  readonly isCold: boolean
  /** The time until the answer, ms. */
  readonly waitedMs: number
  /** By which process; or why not. */
  readonly by: string
}

export interface Asked {
  readonly answers: readonly Answered[]
  /** Programs that the controller has started. */
  readonly started: number
  readonly timeline: Timeline
}

/** Repeats rounds: several clients ask at once while there is no instance, one more asks when there is, then none until the instance has ended. */
export async function askInRounds(
  controller: Controller,
  client: Stack,
  { rounds, clients }: { readonly rounds: number; readonly clients: number },
  progress: (line: string) => void,
): Promise<Asked> {
  const timeline = new Timeline([WAITING, THERE], () => performance.now())
  const answers: Answered[] = []

  const ask = async (isCold: boolean): Promise<void> => {
    const atMs = timeline.nowMs
    const by = await text(connect({ service: SERVICE, stack: client })).catch(String)
    answers.push({ atMs, isCold, waitedMs: timeline.nowMs - atMs, by })
    timeline.addSpan(WAITING, atMs, timeline.nowMs)
  }

  for (let round = 0; round < rounds; round++) {
    progress('there is none, and clients ask')
    await Promise.all(Array.from({ length: clients }, () => ask(true)))
    const sinceMs = timeline.nowMs
    await ask(false)
    progress('nobody asks any more')
    while (answers.some(({ by }) => isRunning(Number(by)))) await wait(LOOK_MS)
    timeline.addSpan(THERE, sinceMs, timeline.nowMs)
  }
  return { answers, started: controller.started, timeline }
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch {
    return false
  }
}

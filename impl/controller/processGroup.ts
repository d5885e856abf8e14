/** Ends a program with everything that it started: they share a process group led by the program (`detached`). */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'

/** The time between SIGTERM and SIGKILL, ms. */
const GRACE_MS = 2000
/** How often to check whether the group has ended, ms. */
const LOOK_MS = 50

/** Sends a signal to the group. Returns false if the group has ended. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal)
    return true
  } catch {
    return false
  }
}

/** Sends SIGTERM to the child's group, and later SIGKILL to what is left of it. Resolves when the group has ended. */
export async function endGroup({ pid }: ChildProcess): Promise<void> {
  if (pid === undefined || !signalGroup(pid, 'SIGTERM')) return
  for (let waitedMs = 0; waitedMs < GRACE_MS; waitedMs += LOOK_MS) {
    await wait(LOOK_MS)
    if (!signalGroup(pid, 0)) return
  }
  signalGroup(pid, 'SIGKILL')
}

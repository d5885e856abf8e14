/** Ends a program with all that it has started: they share a process group, which the program leads (`detached`). */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'

/** After SIGTERM a group has so long to end by itself, ms; SIGKILL follows. */
const GRACE_MS = 2000
/** Between two looks whether it has ended, ms. */
const LOOK_MS = 50

/** Sends a signal to the group. Returns whether there is one. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal)
    return true
  } catch {
    return false
  }
}

/** Sends SIGTERM to the child's group, and SIGKILL to those that are still there. Resolves when none is left. */
export async function endGroup({ pid }: ChildProcess): Promise<void> {
  if (pid === undefined || !signalGroup(pid, 'SIGTERM')) return
  for (let waitedMs = 0; waitedMs < GRACE_MS; waitedMs += LOOK_MS) {
    await wait(LOOK_MS)
    if (!signalGroup(pid, 0)) return
  }
  signalGroup(pid, 'SIGKILL')
}

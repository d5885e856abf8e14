/** The clock of the rim: real time, and one timer for everything scheduled. */
import { must } from '../../checker/text/at.ts'
import { Agenda } from './agenda.ts'
import type { Clock } from './link.ts'

export interface RealClock extends Clock {
  /** Drops everything scheduled. */
  stop(): void
}

/** The longest wait of Node's timers, ms. For a later time, the clock wakes and waits again. */
const MAX_WAIT_MS = 2 ** 31 - 1

/** Milliseconds since the epoch; never goes back. Scheduled functions do not keep the process alive. */
export function realClock(): RealClock {
  const agenda = new Agenda()
  let timer: NodeJS.Timeout | undefined
  let dueMs = Number.POSITIVE_INFINITY
  const now = (): number => performance.timeOrigin + performance.now()
  const arm = (): void => {
    if (agenda.nextMs >= dueMs) return
    clearTimeout(timer)
    dueMs = agenda.nextMs
    timer = setTimeout(run, Math.min(Math.max(Math.ceil(dueMs - now()), 0), MAX_WAIT_MS))
    timer.unref()
  }
  const run = (): void => {
    dueMs = Number.POSITIVE_INFINITY
    // Functions scheduled by these run later, so that the event loop gets a turn.
    for (let count = agenda.size; count > 0 && agenda.nextMs <= now(); count--) must(agenda.take())()
    arm()
  }
  return {
    get now() {
      return now()
    },
    at(timeMs, run) {
      agenda.put(timeMs, run)
      arm()
    },
    stop() {
      agenda.clear()
      clearTimeout(timer)
      dueMs = Number.POSITIVE_INFINITY
    },
  }
}

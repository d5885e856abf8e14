/** Mistakes about time, which show only where hosts do not run for a while, or have clocks that are wrong. */
import { DEAD_AFTER_MS } from '../../impl/sockets/vigil.ts'
import type { Application } from './application.ts'
import type { StackDefect } from './defects.ts'
import { withAges } from './pathDefects.ts'

/** T17: a packet that is older seems to be a replay, ms. */
const MOST_AGE_MS = 2000
/** How often T15 looks at its peer, ms. */
const LOOK_MS = 1000

const CLOCKS = { hosts: 2, routers: 0, instances: 1, faults: 'clocks' } as const

export const clockDefects: readonly StackDefect[] = [
  {
    id: 'T15',
    sentence: 'A stack counts the time during which it did not run against its peer, and gives it up.',
    breaks: ['error', 'orderly', 'progress'],
    shownBy: CLOCKS,
    application: application => watchImpatiently(application, application.station.time, -1),
  },
  {
    id: 'T16',
    sentence: 'The timers of a host run by its wall clock.',
    breaks: ['progress', 'orderly', 'error', 'leak', 'endless'],
    shownBy: CLOCKS,
    station: ({ clock }) => {
      clock.isWall = true
    },
  },
  {
    id: 'T17',
    sentence:
      'A host compares the clock of the sender with its own, and drops packets that seem to have left two seconds ago.',
    breaks: ['progress', 'orderly', 'error'],
    shownBy: CLOCKS,
    host: host => withAges(host, (_, ageMs) => ageMs <= MOST_AGE_MS),
  },
]

function watchImpatiently(application: Application, heardMs: number, heard: number): void {
  const { station, transport, isOver, waits } = application
  if (isOver || !application.isAlive || transport === undefined) return
  const now = transport.statistics.segmentsReceived
  const lastMs = waits && now === heard ? heardMs : station.time
  if (waits && station.time - lastMs > DEAD_AFTER_MS) application.giveUp()
  else station.later(LOOK_MS, () => watchImpatiently(application, lastMs, now))
}

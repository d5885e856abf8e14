/** Liveness of all properties of `two-party` beside its safety run, on the same states. */
import type { System } from '../checker/ir/ir.ts'
import { explore } from '../checker/search/explore.ts'
import { defaultBounds } from '../spec/worlds/bounds.ts'
import { twoParty } from '../spec/worlds/flow/models/twoParty.ts'
import { table } from './table.ts'

const ROUNDS = 3
/** The limit beside which memory is measured in steps of one MiB per million states. */
const MEMORY_MB = 2048
const MIB = 2 ** 20

/** The bytes of a state beyond safety that liveness may take. */
const WANTED_BYTES = 32
const WANTED_RATIO = 5

/** One search in the calling thread: its processor time in seconds, and what it found. */
async function search(system: System, invariants: readonly string[], memoryMb = MEMORY_MB) {
  const before = process.cpuUsage()
  const found = await explore(system, { invariants, memoryMb })
  const { user, system: kernel } = process.cpuUsage(before)
  return { seconds: (user + kernel) / 1e6, found }
}

/** Processor time with all invariants, then with all liveness properties too, taking turns; the lowest of each counts. */
export async function measureLiveness(): Promise<string> {
  const { system } = twoParty.world(defaultBounds(twoParty))
  const safety = system.invariants.map(({ id }) => id)
  const liveness = system.liveness.map(({ id }) => id)
  // Recoveries share ids with liveness properties, and are no part of either figure.
  const alone = { ...system, recoveries: [] }
  let [short, long] = [Infinity, Infinity]
  let [states, bytes] = [0, 0]
  for (let round = 0; round < ROUNDS; round++) {
    const one = await search({ ...alone, liveness: [] }, safety)
    const both = await search(alone, [...safety, ...liveness])
    if (both.found.verdict !== 'holds') throw new Error(`two-party ${both.found.verdict}`)
    ;[short, long] = [Math.min(short, one.seconds), Math.min(long, both.seconds)]
    ;[states, bytes] = [both.found.distinct, both.found.bytesPerState]
  }
  // The limit is kept strictly: liveness is decided within it, or the search says that it cannot.
  const limit = Math.ceil((states * (bytes + WANTED_BYTES)) / MIB)
  const tight = await search(alone, [...safety, ...liveness], limit)
  return table([
    [
      'two-party',
      'states',
      'CPU seconds',
      'times safety',
      `within ${WANTED_BYTES} bytes a state beyond safety`,
    ],
    ['safety', String(states), short.toFixed(1), '1', ''],
    [
      `${liveness.length} liveness properties`,
      String(states),
      (long - short).toFixed(1),
      `${((long - short) / short).toFixed(2)} (at most ${WANTED_RATIO})`,
      tight.found.verdict === 'holds' ? 'yes' : `no: ${tight.found.reason}`,
    ],
  ])
}

/**
 * The flow table beside a Map, as each packet of every flow uses them. They take turns.
 *
 * The Map's keys are signed: half of all flowIDs are above V8's small integers otherwise, and each of these would be an
 * object of its own. That makes it the faster peer.
 */
import { FlowTable } from '../impl/host/flows/flowTable.ts'
import { seededXoshiro128 } from '../impl/host/random/xoshiro.ts'
import { median, medianRatio, table } from './table.ts'

const SIZES = [1000, 100_000, 1_000_000]
/** What one process should hold, and find quickly. */
const WANTED_SIZE = 100_000
const LOOKUPS = 2 ** 20
const CHANGES = 2 ** 18
const ROUNDS = 9
const SEED = 1

/** FlowIDs of `size` flows, which of them packets ask for, others that nobody has, and those of flows to come. */
interface Load {
  readonly held: Int32Array
  readonly asked: Int32Array
  readonly guessed: Int32Array
  readonly coming: Int32Array
}

function loadOf(size: number): Load {
  const draw = seededXoshiro128(SEED)
  const drawn = new Set<number>()
  while (drawn.size < 2 * size + CHANGES) drawn.add((draw() || 1) | 0)
  const all = Int32Array.from(drawn)
  const others = all.subarray(size, 2 * size)
  return {
    held: all.subarray(0, size),
    asked: Int32Array.from({ length: LOOKUPS }, () => all[draw() % size] as number),
    guessed: Int32Array.from({ length: LOOKUPS }, () => others[draw() % size] as number),
    coming: all.subarray(2 * size),
  }
}

/** A table to measure. Each has loops of its own, so that V8 knows in each what it calls. */
interface Contender {
  /** The sum of the slots of these flows, -1 for each that is not there. */
  lookUp(flowIds: Int32Array): number
  /** A flow goes and another comes, for all of `coming`; then the reverse, so that all is as it was. */
  change(held: Int32Array, coming: Int32Array): number
}

function flowTable(held: Int32Array): Contender {
  const flows = new FlowTable()
  held.forEach((id, slot) => {
    flows.set(id, slot)
  })
  const replace = (from: Int32Array, to: Int32Array): void => {
    for (let i = 0; i < to.length; i++) {
      flows.delete(from[i % from.length] as number)
      flows.set(to[i] as number, i)
    }
  }
  return {
    lookUp(flowIds) {
      let sum = 0
      for (let i = 0; i < flowIds.length; i++) sum = (sum + flows.get(flowIds[i] as number)) | 0
      return sum
    },
    change(held, coming) {
      for (let i = 0; i < coming.length; i += held.length) {
        const some = coming.subarray(i, i + held.length)
        replace(held.subarray(0, some.length), some)
        replace(some, held.subarray(0, some.length))
      }
      return flows.size
    },
  }
}

function map(held: Int32Array): Contender {
  const flows = new Map<number, number>()
  held.forEach((id, slot) => {
    flows.set(id, slot)
  })
  const replace = (from: Int32Array, to: Int32Array): void => {
    for (let i = 0; i < to.length; i++) {
      flows.delete(from[i] as number)
      flows.set(to[i] as number, i)
    }
  }
  return {
    lookUp(flowIds) {
      let sum = 0
      for (let i = 0; i < flowIds.length; i++) sum = (sum + (flows.get(flowIds[i] as number) ?? -1)) | 0
      return sum
    },
    change(held, coming) {
      for (let i = 0; i < coming.length; i += held.length) {
        const some = coming.subarray(i, i + held.length)
        replace(held.subarray(0, some.length), some)
        replace(some, held.subarray(0, some.length))
      }
      return flows.size
    },
  }
}

/** Nanoseconds of processor time for one of `count`. */
function time(count: number, run: () => number): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / count
}

function rows(size: number): readonly string[][] {
  const load = loadOf(size)
  const [ours, theirs] = [flowTable(load.held), map(load.held)]
  const uses: readonly (readonly [string, number, (contender: Contender) => number])[] = [
    ['a flow that is there', LOOKUPS, one => one.lookUp(load.asked)],
    ['one that is not', LOOKUPS, one => one.lookUp(load.guessed)],
    ['one goes, one comes', 2 * CHANGES, one => one.change(load.held, load.coming)],
  ]
  return uses.map(([name, count, run]) => {
    const [a, b]: [number[], number[]] = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      if (run(ours) !== run(theirs)) throw new Error(`the table and the Map differ in: ${name}`)
      a.push(time(count, () => run(ours)))
      b.push(time(count, () => run(theirs)))
    }
    return [
      `${size} flows: ${name}`,
      median(a).toFixed(1),
      median(b).toFixed(1),
      medianRatio(b, a).toFixed(1),
      run === (uses[0] as readonly [string, number, (contender: Contender) => number])[2] &&
      size === WANTED_SIZE
        ? '<= 15 ns'
        : '',
    ]
  })
}

export async function compareWithMap(): Promise<string> {
  return table([['flow-table', 'ns', 'Map ns', 'ratio', 'wanted'], ...SIZES.flatMap(rows)])
}

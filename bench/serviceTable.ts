/**
 * The service table beside the plainest one that does the same: a Map of prefixes for each length that occurs. Both hold
 * the same rules, with target, priority, weight and a counter, and are asked for the same serviceIDs, all of which they
 * know. Keys stand in the order in which they are asked for, as those of packets that have just come in: to read one
 * costs no wait, to find its rule does.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { seededXoshiro128 } from '../impl/host/random/xoshiro.ts'
import { printPrefix, SERVICE_BYTES, type ServicePrefix } from '../impl/host/services/serviceId.ts'
import { ServiceTable } from '../impl/host/services/serviceTable.ts'
import { MapTable } from './mapTable.ts'
import { median, medianRatio, table } from './table.ts'

const SIZES = [100_000, 1_000_000]
const LOOKUPS = 200_000
/** The Maps are asked for some of them: with many lengths of prefixes they are slow. */
const LOOKUPS_OF_MAPS = 10_000
const CHANGES = 20_000
const ROUNDS = 5
/** As many packets as Node reads of a socket in one turn. A router looks for all of a batch's services together. */
const BATCH = 32
const SEED = 1
/** Next hops and the length of a SYN, in bytes. */
const PLACES = 64
const PACKET_BYTES = 108

/** Prefixes and serviceIDs one after the other. */
interface Load {
  readonly ids: Uint8Array
  readonly bits: Uint16Array
  readonly asked: Uint8Array
}

type Draw = () => number

/** Fills `id` with what is random, and says how many bits are the prefix. */
type Kind = (id: DataView, draw: Draw, index: number) => number

const fill = (id: DataView, draw: Draw, from: number): void => {
  for (let at = from; at < SERVICE_BYTES; at += 4) id.setUint32(at, draw())
}

const PROVIDERS = 100
const KINDS: Readonly<Record<string, Kind>> = {
  'serviceIDs, 256 bits': (id, draw) => {
    fill(id, draw, 0)
    return 256
  },
  'names of two parts': (id, draw, index) => {
    fill(id, draw, 4)
    id.setUint32(0, 0x9e37_79b1 * (1 + (index % PROVIDERS)))
    return 64
  },
  "one provider's names": (id, draw) => {
    fill(id, draw, 4)
    id.setUint32(0, 1)
    return 64
  },
  'all lengths, 24 to 256': (id, draw) => {
    fill(id, draw, 0)
    return 24 + (draw() % 233)
  },
}

function loadOf(kind: Kind, size: number): Load {
  const draw = seededXoshiro128(SEED)
  const ids = new Uint8Array(SERVICE_BYTES * size)
  const bits = new Uint16Array(size)
  const asked = new Uint8Array(SERVICE_BYTES * LOOKUPS)
  for (let i = 0; i < size; i++)
    bits[i] = kind(new DataView(ids.buffer, SERVICE_BYTES * i, SERVICE_BYTES), draw, i)
  for (let i = 0; i < LOOKUPS; i++) {
    const one = draw() % size
    asked.set(ids.subarray(SERVICE_BYTES * one, SERVICE_BYTES * (one + 1)), SERVICE_BYTES * i)
  }
  // The bits after a prefix are those of what is asked for, not of the rule.
  for (let i = 0; i < size; i++)
    for (let at = 0; at < SERVICE_BYTES; at++)
      ids[SERVICE_BYTES * i + at] =
        (ids[SERVICE_BYTES * i + at] as number) &
        (0xff00 >> Math.min(8, Math.max(0, (bits[i] as number) - 8 * at)))
  return { ids, bits, asked }
}

const prefixAt = ({ ids, bits }: Load, index: number): ServicePrefix => {
  const id = ids.slice(SERVICE_BYTES * index, SERVICE_BYTES * (index + 1))
  return { id, bits: bits[index] as number, text: printPrefix({ id, bits: bits[index] as number }) }
}

const targetAt = (index: number) => ({ kind: 'forward', address: 1 + (index % PLACES) }) as const

/** A table to measure. Each has loops of its own, so that V8 knows in each what it calls. */
interface Contender {
  add(load: Load, from: number, to: number): void
  remove(load: Load, from: number, to: number): void
  /** The sum of the addresses found, of serviceIDs that come in batches. */
  lookUp(asked: Uint8Array, batch?: number): number
}

function serviceTable(): Contender {
  const rules = new ServiceTable<never>(SEED)
  return {
    add(load, from, to) {
      for (let i = from; i < to; i++) rules.add(prefixAt(load, i), targetAt(i), 1, 1)
    },
    remove(load, from, to) {
      for (let i = from; i < to; i++) rules.remove(prefixAt(load, i), targetAt(i))
    },
    lookUp(asked, batch = 1) {
      let sum = 0
      for (let from = 0; from < asked.length; from += SERVICE_BYTES * batch) {
        const to = Math.min(asked.length, from + SERVICE_BYTES * batch)
        if (batch > 1) {
          for (let at = from; at < to; at += SERVICE_BYTES) rules.ahead.expect(asked, at)
          rules.ahead.fetch()
        }
        for (let at = from; at < to; at += SERVICE_BYTES) {
          const target = rules.resolve(asked, 0.5, at, PACKET_BYTES, 0)
          if (target?.kind === 'forward') sum += target.address
        }
      }
      return sum
    },
  }
}

function mapTable(): Contender {
  const rules = new MapTable()
  return {
    add(load, from, to) {
      for (let i = from; i < to; i++) rules.add(prefixAt(load, i), targetAt(i), 1, 1)
    },
    remove(load, from, to) {
      for (let i = from; i < to; i++) rules.remove(prefixAt(load, i), targetAt(i))
    },
    lookUp(asked) {
      let sum = 0
      for (let at = 0; at < asked.length; at += SERVICE_BYTES)
        sum += rules.resolve(asked, 0.5, at)?.address ?? 0
      return sum
    },
  }
}

/** The time of lookups; those before have the caches to themselves, as a router's have, and not with the other's table. */
function timeLookups(one: Contender, asked: Uint8Array, batch = 1): number {
  one.lookUp(asked, batch)
  return time(asked.length / SERVICE_BYTES, () => one.lookUp(asked, batch))
}

/** Nanoseconds of processor time for one of `count`. */
function time(count: number, run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / count
}

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** Of the heap and of typed arrays, also of those that can grow, when all that may go has gone. */
function bytesInUse(): number {
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** A contender with all rules, and what it takes for each beyond the key, in bytes. */
function filled(make: () => Contender, load: Load): { readonly one: Contender; readonly ruleBytes: number } {
  // What V8 makes of the code is not the rules'; this one stays until all is weighed.
  const warm = make()
  warm.add(load, 0, CHANGES)
  const before = bytesInUse()
  const one = make()
  one.add(load, 0, load.bits.length)
  const ruleBytes = (bytesInUse() - before) / load.bits.length - SERVICE_BYTES
  warm.remove(load, 0, CHANGES)
  return { one, ruleBytes }
}

function row(name: string, kind: Kind, size: number): readonly string[] {
  const load = loadOf(kind, size)
  const [ours, theirs] = [filled(serviceTable, load), filled(mapTable, load)]
  const [single, a, b, changes]: [number[], number[], number[], number[]] = [[], [], [], []]
  const asked = load.asked.subarray(0, SERVICE_BYTES * LOOKUPS_OF_MAPS)
  const check = () => {
    const sums = [theirs.one.lookUp(asked), ours.one.lookUp(asked), ours.one.lookUp(asked, BATCH)]
    if (new Set(sums).size > 1) throw new Error(`the table and the Maps differ in: ${name}`)
  }
  check()
  for (let round = 0; round < ROUNDS; round++) {
    single.push(timeLookups(ours.one, load.asked))
    a.push(timeLookups(ours.one, load.asked, BATCH))
    b.push(timeLookups(theirs.one, asked))
    const from = round * CHANGES
    changes.push(
      time(2 * CHANGES, () => {
        ours.one.remove(load, from, from + CHANGES)
        ours.one.add(load, from, from + CHANGES)
      }),
    )
  }
  check()
  const millions = (ns: readonly number[]) => (1000 / median(ns)).toFixed(2)
  return [
    ...[`${size} rules: ${name}`, millions(a), millions(single), millions(b), medianRatio(b, a).toFixed(1)],
    ...[ours.ruleBytes.toFixed(0), theirs.ruleBytes.toFixed(0), (median(changes) / 1000).toFixed(1)],
  ]
}

export async function compareWithMaps(): Promise<string> {
  const heading = [
    'service-table',
    'M lookups/s',
    'one by one',
    'Maps',
    'ratio',
    'bytes/rule',
    'Maps',
    'us/change',
  ]
  const rows = SIZES.flatMap(size => Object.entries(KINDS).map(([name, kind]) => row(name, kind, size)))
  return table([heading, ...rows])
}

import { promela } from '../checker/codegen/promela/promela.ts'
import type { System } from '../checker/ir/ir.ts'
import type { SpinCounts } from '../checker/testing/spin.ts'
import { buildPan, runDeepEnough, runPan } from '../checker/testing/spin.ts'

/** How SPIN is built and run for a comparison. */
export interface SpinSetting {
  readonly storage: 'words' | 'bits'
  readonly bodies: 'promela' | 'c'
  /** For gcc, besides what makes the search exact. */
  readonly flags: readonly string[]
  /** Slots of the hash table over the distinct states, as a power of two: 0 is the next power above their number. */
  readonly roomBits: number
}

/** Where SPIN works, how much memory it may take, and whether it checks the invariants. */
export interface PeerOptions {
  readonly dir: string
  readonly memoryMb: number
  readonly asserts: boolean
}

/**
 * What may make pan faster and leaves the search exact: other compilers' choices, no masking of the vector, another
 * hash function, no length field, no bounds checks, compressed components. Not among them is -DBFS, which refuses
 * `hidden` variables, and all that hashes or reduces states away.
 */
const CANDIDATES = ['-march=native', '-DNOCOMP', '-DMURMUR', '-DNOVSZ', '-DNOBOUNDCHECK', '-DCOLLAPSE']

/** SPIN's program for one system. */
export interface Pan {
  /** Runs it once. */
  readonly run: () => Promise<SpinCounts>
  /** What `spin` and gcc took to make it. */
  readonly madeSeconds: number
}

/** A setting is better when it takes at most this part of the time: less is noise. */
const BETTER = 0.98
const ROUNDS_TO_TUNE = 3

/** pan wants somewhat more stack than the depth that it reports. */
const SPARE_DEPTH = 100

/**
 * Finds SPIN's fastest exact setting for `system`, which should be a smaller instance of what is measured later. Each
 * candidate is kept if it helps; then the size of the hash table is chosen. Other load on the machine misleads it.
 *
 * @throws SpinError of the oracle's; Error when a setting finds other counts, and so is not exact
 */
export async function tuneSpin(system: System, options: PeerOptions): Promise<SpinSetting> {
  let setting: SpinSetting = { storage: 'words', bodies: 'c', flags: ['-O3'], roomBits: 0 }
  let best = await quickest(system, setting, options)
  const consider = async (other: SpinSetting) => {
    const tried = await quickest(system, other, options)
    if (tried.distinct !== best.distinct || tried.transitions !== best.transitions) {
      throw new Error(
        `SPIN with ${other.flags.join(' ')} finds ${tried.distinct} states, not ${best.distinct}`,
      )
    }
    if (tried.seconds > best.seconds * BETTER) return
    best = tried
    setting = other
  }
  await consider({ ...setting, bodies: 'promela' })
  await consider({ ...setting, storage: 'bits' })
  for (const flag of CANDIDATES) {
    if (flag === '-DCOLLAPSE' && setting.flags.includes('-DNOCOMP')) continue // they exclude each other
    await consider({ ...setting, flags: [...setting.flags, flag] })
  }
  for (const roomBits of [-1, 1, 2]) await consider({ ...setting, roomBits })
  return setting
}

async function quickest(system: System, setting: SpinSetting, options: PeerOptions): Promise<SpinCounts> {
  const { run } = await readySpin(system, setting, options)
  let best = await run()
  for (let round = 1; round < ROUNDS_TO_TUNE; round++) {
    const next = await run()
    if (next.seconds < best.seconds) best = next
  }
  return best
}

/**
 * Builds SPIN for `system`: the caller takes turns between the peers. Stack and table fit the search, for pan clears
 * both, which would count against it.
 *
 * @throws SpinError of the oracle's; Error when an invariant is broken, because SPIN then stops early
 */
export async function readySpin(
  system: System,
  { storage, bodies, flags, roomBits }: SpinSetting,
  { dir, memoryMb, asserts }: PeerOptions,
): Promise<Pan> {
  const since = performance.now()
  const pan = await buildPan(promela(system, { storage, bodies, asserts }), { dir, memoryMb, flags })
  const madeSeconds = (performance.now() - since) / 1000
  const { distinct, depth, violated } = await runDeepEnough(pan, {})
  if (violated !== undefined) {
    throw new Error(`${system.name} breaks ${violated}, so that SPIN does not explore all of it`)
  }
  const hashBits = Math.ceil(Math.log2(distinct)) + roomBits
  return { run: () => runPan(pan, { depth: depth + SPARE_DEPTH, hashBits }), madeSeconds }
}

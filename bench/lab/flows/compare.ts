/** Runs the same download over several transports, and returns what arrived when. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { must } from '../../../checker/text/at.ts'
import type { Order } from '../box.ts'
import type { Sample } from '../chart.ts'
import { Network } from '../network.ts'
import { CONTENDERS, type ContenderName, Lab } from './contenders.ts'

/** Something that happens to the network during a download. */
export interface Fault {
  /** Since the first byte. */
  readonly afterMs: number
  /** For the picture. */
  readonly what: string
  readonly cause: (network: Network) => void
}

export interface Comparison {
  readonly name: string
  /** What the network is like. */
  readonly what: string
  readonly bytes: number
  readonly orders: readonly Order[]
  readonly faults?: readonly Fault[]
  readonly contenders: readonly ContenderName[]
  /** All download at the same time. */
  readonly isRace?: boolean
}

export interface Download {
  readonly contender: ContenderName
  /** Times since the first byte. */
  readonly samples: readonly Sample[]
  /** All bytes arrived, with the right hash. */
  readonly isWhole: boolean
}

/** Runs every contender, in a fresh network each, unless all race in one. */
export async function compare(comparison: Comparison): Promise<readonly Download[]> {
  const folder = mkdtempSync(join(tmpdir(), 'serval-lab-'))
  try {
    const file = join(folder, 'file')
    const content = randomBytes(comparison.bytes)
    writeFileSync(file, content)
    const hash = createHash('sha256').update(content).digest('hex')
    const { contenders, isRace = false } = comparison
    const heats = isRace ? [contenders] : contenders.map(one => [one])
    const downloads: Download[] = []
    for (const heat of heats) downloads.push(...(await run(comparison, heat, file, hash)))
    return downloads
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function run(
  { bytes, orders, faults = [] }: Comparison,
  names: readonly ContenderName[],
  file: string,
  hash: string,
): Promise<Download[]> {
  await using network = new Network()
  using lab = new Lab(network)
  if (!(await network.addBox({ delayMs: 0 }))) throw new Error('the comparison of flows needs socat')
  for (const order of orders) network.order(order)
  await lab.serve(file)
  const firstByte = Promise.withResolvers<void>()
  const downloads = names.map(name => follow(lab, name, bytes, hash, firstByte.resolve))
  await firstByte.promise
  const startMs = performance.now()
  for (const { afterMs, cause } of faults) {
    await wait(Math.max(0, startMs + afterMs - performance.now()))
    cause(network)
  }
  return await Promise.all(downloads)
}

/** Records a download to its end. */
async function follow(
  lab: Lab,
  contender: ContenderName,
  size: number,
  expected: string,
  begun: () => void,
): Promise<Download> {
  const client = CONTENDERS[contender](lab)
  const stdout = must(client.stdout ?? undefined)
  const samples: Sample[] = []
  const hash = createHash('sha256')
  let [bytes, startMs] = [0, Number.NaN]
  stdout.on('data', (piece: Buffer) => {
    if (samples.length === 0) {
      startMs = performance.now()
      begun()
    }
    hash.update(piece)
    bytes += piece.length
    samples.push({ t: performance.now() - startMs, bytes })
    if (bytes === size) client.stdin?.end()
  })
  await once(client, 'close')
  begun()
  return { contender, samples, isWhole: hash.digest('hex') === expected }
}

/** The checker beside SPIN on the same state space, taking turns. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { System } from '../checker/ir/ir.ts'
import { explore } from '../checker/search/explore.ts'
import { missingTools } from '../checker/testing/spin.ts'
import { leastBounds } from '../spec/worlds/bounds.ts'
import { twoParty } from '../spec/worlds/flow/models/twoParty.ts'
import { readySpin, type SpinSetting, tuneSpin } from './spin.ts'
import { median, medianRatio, table } from './table.ts'

const ROUNDS = 3
const MEMORY_MB = 3072

/** `two-party` at one to twenty million states. */
const SIZES: readonly Readonly<Record<string, number>>[] = [
  { capacity: 2, clientMoves: 1, serverMoves: 1, closes: 1, giveUp: 1 },
  { capacity: 2, clientMoves: 2, serverMoves: 1, closes: 2 },
  { capacity: 3, clientMoves: 1, serverMoves: 1, closes: 2 },
]
/** A smaller instance, on which SPIN's setting is chosen. */
const TUNING = { capacity: 2, clientMoves: 1, serverMoves: 1, closes: 1 }

const systemAt = (bounds: Readonly<Record<string, number>>): System =>
  twoParty.world(leastBounds(twoParty, bounds)).system

/** Seconds of one search with so many threads. */
async function search(system: System, workers: number, checked: boolean) {
  const started = performance.now()
  const safety = system.invariants.map(i => i.id)
  const found = await explore(system, { workers, invariants: checked ? safety : [], memoryMb: MEMORY_MB })
  return { seconds: (performance.now() - started) / 1000, found }
}

async function compare(
  system: System,
  setting: SpinSetting,
  dir: string,
  asserts: boolean,
): Promise<string[][]> {
  const pan = await readySpin(system, setting, { dir, memoryMb: MEMORY_MB, asserts })
  const times = { spin: [] as number[], one: [] as number[], two: [] as number[] }
  const bytes = { spin: 0, one: 0, two: 0 }
  let states = 0
  for (let round = 0; round < ROUNDS; round++) {
    const counted = await pan.run()
    times.spin.push(counted.seconds)
    bytes.spin = counted.bytesPerState
    for (const [peer, workers] of [
      ['one', 1],
      ['two', 2],
    ] as const) {
      const { seconds, found } = await search(system, workers, asserts)
      times[peer].push(seconds)
      bytes[peer] = found.bytesPerState
      states = found.distinct
      if (found.distinct !== counted.distinct)
        throw new Error(`SPIN finds ${counted.distinct} states, the checker ${found.distinct}`)
    }
  }
  // The checker's time has the making of its program in it, pan's has not.
  const whole = times.spin.map(seconds => seconds + pan.madeSeconds)
  const row = (name: string, peer: keyof typeof times, target: string) => [
    name,
    String(states),
    median(times[peer]).toFixed(2),
    (states / median(times[peer]) / 1e6).toFixed(2),
    bytes[peer].toFixed(1),
    medianRatio(times[peer], times.spin).toFixed(2) + target,
    medianRatio(times[peer], whole).toFixed(2),
  ]
  const wanted = asserts ? ['', ''] : [' (at most 0.5)', ' (at most 0.3)']
  return [
    ['spin -a and gcc', '', pan.madeSeconds.toFixed(2), '', '', '', ''],
    row('SPIN', 'spin', ''),
    row('checker, 1 thread', 'one', wanted[0] as string),
    row('checker, 2 threads', 'two', wanted[1] as string),
  ]
}

export async function compareWithSpin(): Promise<string> {
  const missing = missingTools()
  if (missing.length > 0) return `SPIN: left out, there is no ${missing.join(' and no ')} here`
  const dir = mkdtempSync(join(tmpdir(), 'serval-bench-'))
  try {
    const setting = await tuneSpin(systemAt(TUNING), { dir, memoryMb: MEMORY_MB, asserts: false })
    const said = `SPIN's fastest exact setting: ${setting.storage}, ${setting.bodies}, gcc ${setting.flags.join(' ')}`
    const parts = [said]
    process.stderr.write(`${said}\n\n`)
    for (const bounds of SIZES)
      for (const asserts of [false, true]) {
        const rows = await compare(systemAt(bounds), setting, dir, asserts)
        const part = table([
          [
            `two-party, invariants ${asserts ? 'on' : 'off'}`,
            'states',
            's',
            'M states/s',
            'B/state',
            'time / SPIN',
            '/ both',
          ],
          ...rows,
        ])
        parts.push(part)
        // The larger world takes a quarter of an hour: what is known meanwhile is shown.
        process.stderr.write(`${part}\n\n`)
      }
    return parts.join('\n\n')
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

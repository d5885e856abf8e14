/** Runs one download in the lab's network, with a fault in the middle, and returns what the client saw. */
import { type ChildProcess, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { must } from '../../checker/text/at.ts'
import type { Mobility } from '../../impl/host/paths/mobility.ts'
import type { Rules } from './box.ts'
import { Network } from './network.ts'

/** What the client prints: times in ms since its start. */
interface Line {
  readonly t: number
  readonly bytes?: number
  readonly event?: string
  readonly local?: string
  readonly whole?: boolean
  readonly longestMs?: number
  readonly segmentBytes?: number
}

/** The parts of the lab that a fault may change. */
export interface Scene {
  readonly network: Network
  readonly server: ChildProcess
  /** Asks the client to move. */
  readonly migrate: (address: string) => void
}

export interface Scenario {
  readonly name: string
  /** What happens, for the picture. */
  readonly fault: string
  readonly mobility?: Mobility
  /** Rules of the box; a round trip of 40 ms by default. */
  readonly rules?: Rules
  readonly bytes?: number
  readonly faultAfterMs?: number
  /** Causes the fault, and may resolve later, for example when an outage ends. */
  readonly cause: (scene: Scene) => void | Promise<void>
}

export interface Result {
  readonly scenario: Scenario
  readonly samples: readonly { readonly t: number; readonly bytes: number }[]
  readonly events: readonly { readonly t: number; readonly event: string }[]
  readonly faultMs: number
  /** The longest time after the fault in which no byte arrived. */
  readonly gapMs: number
  /** True if all bytes arrived, with the right hash. */
  readonly isWhole: boolean
  /** Bytes of the stream in a full segment at the end. */
  readonly segmentBytes: number
  /** Undefined if the box could not be started. */
  readonly rules: Rules | undefined
}

export const RATE = 1_000_000
const BYTES = 7_000_000
const ROUND_TRIP: Rules = { delayMs: 20 }
/** The fault happens this long after the first byte, by default. */
const FAULT_AFTER_MS = 2000

/** Runs a scenario. `withBox`: with its delays. Rejects if the client says nothing useful. */
export async function run(scenario: Scenario, withBox: boolean): Promise<Result> {
  const { mobility = 'failover', bytes = BYTES, faultAfterMs = FAULT_AFTER_MS } = scenario
  await using network = new Network()
  const rules = scenario.rules ?? ROUND_TRIP
  const hasBox = withBox && (await network.addBox(rules))
  const server = await network.startServer()
  const client = network.program('client', 'client.ts', `${bytes}`, `${RATE}`, mobility)
  const lines: Line[] = []
  const input = createInterface(must(client.stdout ?? undefined))
  input.on('line', line => lines.push(JSON.parse(line) as Line))
  const ended = once(client, 'exit')
  await once(input, 'line')
  await wait(faultAfterMs)
  client.stdin?.write('mark\n')
  await scenario.cause({ network, server, migrate: address => client.stdin?.write(`migrate ${address}\n`) })
  await ended
  return resultOf(scenario, lines, hasBox ? rules : undefined)
}

function resultOf(scenario: Scenario, lines: readonly Line[], rules: Rules | undefined): Result {
  const last = must(lines.at(-1))
  const samples = lines.flatMap(({ t, bytes }) => (bytes === undefined ? [] : [{ t, bytes }]))
  const events = lines.flatMap(({ t, event }) => (event === undefined ? [] : [{ t, event }]))
  const faultMs = must(events.find(({ event }) => event === 'fault')).t
  const { whole = false, longestMs = 0, segmentBytes = 0 } = last
  return { scenario, samples, events, faultMs, gapMs: longestMs, isWhole: whole, segmentBytes, rules }
}

/** Whether the delays of the box are possible here. */
export const hasSocat = (): boolean => spawnSync('socat', ['-V']).status === 0

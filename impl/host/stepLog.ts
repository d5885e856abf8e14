/**
 * Writes down every step of a host's flows as lines of JSON, from which the specification can take each again:
 * docs/conformance.md tells the format. Repeated steps, such as those of data, are counted and not written again.
 */

import { createHash } from 'node:crypto'
import type { Effect } from '../../checker/lower/standalone.ts'
import { at } from '../../checker/text/at.ts'
import { EVENT_FIELDS, type FlowEvent } from '../../spec/machines/flow/events.ts'
import { addressNames, nonceNames } from '../../spec/machines/flow/identifiers.ts'
import { CONNECTION, MIGRATION } from '../../spec/machines/flow/states.ts'
import { flowStep } from '../../spec/machines/flow/step.ts'
import { printAddress } from '../link/address.ts'
import type { Observer } from './flows/engine.ts'
import type { SalEvent } from './flows/event.ts'
import type { Flow } from './flows/flow.ts'

export const STEPS_FORMAT = 1

/** Characters that a log may have, if not told. */
const MOST_CHARACTERS = 64 * 2 ** 20

/** 64 bits, as in traces. */
const HASH_DIGITS = 16

/** By the numbers of nonces.ts. */
const NONCE_NAMES = ['none', 'own', 'peer', 'other']

/** Addresses, nonces and states by their names, as people read them. */
function named(key: string, value: unknown): unknown {
  if (typeof value !== 'number') return value
  if (addressNames.has(key)) return printAddress(value)
  if (nonceNames.has(key)) return NONCE_NAMES[value]
  if (key === 'connection') return CONNECTION_NAMES[value]
  return key === 'migration' ? MIGRATION_NAMES[value] : value
}

const CONNECTION_NAMES = Object.keys(CONNECTION)
const MIGRATION_NAMES = Object.keys(MIGRATION)

/** A flow's last step, and how often it was repeated since it was written. */
interface Last {
  text: string
  again: number
  ms: number
}

export class StepLog {
  readonly #sink: (text: string) => void
  readonly #now: () => number
  readonly #last = new Map<Flow, Last>()
  #room: number
  #lines = 0
  #isOver = false

  /** `sink` gets whole lines; `now` in ms. It is over when so many characters are written, and says so. */
  constructor(sink: (text: string) => void, now: () => number, mostCharacters = MOST_CHARACTERS) {
    this.#sink = sink
    this.#now = now
    this.#room = mostCharacters
    this.#write({ format: STEPS_FORMAT, steps: 'flow', machine: machineHash() })
  }

  readonly observer: Observer = (flow, event, fired, effects) => {
    if (this.#isOver) return
    const text = textOf(flow, event, fired, effects)
    const last = this.#last.get(flow)
    const ms = this.#now()
    if (last?.text === text) {
      last.again++
      last.ms = ms
      return
    }
    if (last !== undefined) this.#writeAgain(flow, last)
    this.#writeLine(`{"ms":${timeOf(ms)},"flow":${flow.id},${text}`)
    if (flow.isClosed) this.#last.delete(flow)
    else this.#last.set(flow, { text, again: 0, ms })
  }

  /** Nothing more will come. */
  close(): void {
    if (this.#isOver) return
    for (const [flow, last] of this.#last) this.#writeAgain(flow, last)
    this.#end('closed')
  }

  #writeAgain(flow: Flow, { again, ms }: Last): void {
    if (again > 0) this.#write({ ms: Number(timeOf(ms)), flow: flow.id, again })
  }

  #write(line: object): void {
    this.#writeLine(JSON.stringify(line))
  }

  #writeLine(line: string): void {
    if (this.#isOver) return
    if (line.length > this.#room) {
      this.#end('full')
      return
    }
    this.#room -= line.length
    this.#lines++
    this.#sink(`${line}\n`)
  }

  /** With the number of lines before, so that a log that was cut off is known. */
  #end(end: 'closed' | 'full'): void {
    this.#isOver = true
    this.#last.clear()
    this.#sink(`${JSON.stringify({ end, lines: this.#lines })}\n`)
  }
}

/** Microseconds are enough. */
const timeOf = (ms: number): string => ms.toFixed(3)

/** A step, but for its time and its flow. */
function textOf(flow: Flow, event: SalEvent, fired: readonly number[], effects: readonly Effect[]): string {
  const fields = EVENT_FIELDS[event.type as FlowEvent['type']]
  const step = {
    event: { type: event.type, ...Object.fromEntries(fields.map(name => [name, event[name]])) },
    fired: fired.map(number => at(flowStep().transitions, number).id),
    effects: effects.map(({ type, params }) => ({ type, ...params })),
    after: flow.state,
  }
  return JSON.stringify(step, named).slice(1)
}

/** Tells machines apart by what they do. */
const machineHash = (): string =>
  createHash('sha256').update(flowStep().source).digest('hex').slice(0, HASH_DIGITS)

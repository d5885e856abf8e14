/**
 * Logs every step of a host's flows as lines of JSON, which can be checked against the specification:
 * docs/conformance.md describes the format. Repeated steps, such as those of data, are counted instead of written.
 */

import { at } from '../../checker/text/at.ts'
import type { FlowEffect } from '../../spec/machines/flow/compiled.ts'
import { type AnyFlowEvent, EVENT_FIELDS } from '../../spec/machines/flow/events.ts'
import { addressNames, nonceNames } from '../../spec/machines/flow/identifiers.ts'
import { CONNECTION, MIGRATION } from '../../spec/machines/flow/states.ts'
import { flowStep } from '../../spec/machines/flow/step.ts'
import { printAddress } from '../link/address.ts'
import type { Observer } from './flows/engine.ts'
import type { Flow } from './flows/flow.ts'

export const STEPS_FORMAT = 1

/** The default limit of a log in characters. */
const MOST_CHARACTERS = 64 * 2 ** 20

/** By the numbers of nonces.ts. */
const NONCE_NAMES = ['none', 'own', 'peer', 'other', 'token']

/** Replaces addresses, nonces and states by readable names. */
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

  /** `sink` receives whole lines; `now` is in ms. The log ends after `mostCharacters`, and says so. */
  constructor(sink: (text: string) => void, now: () => number, mostCharacters = MOST_CHARACTERS) {
    this.#sink = sink
    this.#now = now
    this.#room = mostCharacters
    this.#write({ format: STEPS_FORMAT, steps: 'flow', machine: flowStep().digest })
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

  /** Writes the number of lines, so that a truncated log is recognizable. */
  #end(end: 'closed' | 'full'): void {
    this.#isOver = true
    this.#last.clear()
    this.#sink(`${JSON.stringify({ end, lines: this.#lines })}\n`)
  }
}

/** Microseconds are precise enough. */
const timeOf = (ms: number): string => ms.toFixed(3)

/** A step without its time and flow. */
function textOf(
  flow: Flow,
  event: AnyFlowEvent,
  fired: readonly number[],
  effects: readonly FlowEffect[],
): string {
  const fields: readonly (keyof AnyFlowEvent)[] = EVENT_FIELDS[event.type]
  const step = {
    event: { type: event.type, ...Object.fromEntries(fields.map(name => [name, event[name]])) },
    fired: fired.map(number => at(flowStep().transitions, number).id),
    effects: effects.map(({ type, params }) => ({ type, ...params })),
    after: flow.state,
  }
  return JSON.stringify(step, named).slice(1)
}

/**
 * Repeats each step of a log with the specification. From the same state of the flow, the specification must take the same
 * transitions, request the same effects and leave the same registers (invariant 56).
 */

import { isDeepStrictEqual } from 'node:util'
import { at } from '../../checker/text/at.ts'
import type { FlowEffect, FlowState } from '../../spec/machines/flow/compiled.ts'
import type { FlowEvent } from '../../spec/machines/flow/events.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import { flowStep } from '../../spec/machines/flow/step.ts'
import { isAgain, type Line, type Steps } from './decode.ts'
import type { RecordedStep } from './format.ts'
import { type Names, NONCE } from './names.ts'

export interface JudgedSteps {
  /** `incomplete`: the log became full, and no step before that contradicts the specification. */
  readonly verdict: 'holds' | 'violated' | 'incomplete'
  readonly flows: number
  /** All steps, including repeated ones that the log only counts. */
  readonly steps: number
  /** Events that the machine ignored. */
  readonly ignored: number
  /** The number of transitions taken at least once. */
  readonly transitions: number
  /** Whether this version of serval has the machine that was executed. */
  readonly isSameMachine: boolean
  readonly contradiction?: StepContradiction
}

/** A part of a step in which log and specification differ. Both values are JSON, with names. */
export interface StepContradiction {
  /** The number of the line in the file. */
  readonly number: number
  readonly ms: number
  readonly flow: number
  readonly event: string
  /** `beginning`: the flow's first event is not CONNECT or ACCEPT. `timer`: the timer ran needlessly (invariant 20). */
  readonly part: 'beginning' | 'timer' | 'fired' | 'effects' | 'after'
  readonly logged: string
  readonly specified: string
}

interface Known {
  readonly state: FlowState
  readonly last: RecordedStep
}

type Fault = Pick<StepContradiction, 'part' | 'logged' | 'specified'>

export function judgeSteps({ machine, lines, end, names }: Steps): JudgedSteps {
  const judge = new StepJudge(names)
  const contradiction = judge.judge(lines)
  return {
    verdict: contradiction ? 'violated' : end === 'full' ? 'incomplete' : 'holds',
    ...{ flows: judge.flows, steps: judge.steps, ignored: judge.ignored, transitions: judge.taken.size },
    isSameMachine: machine === flowStep().digest,
    ...(contradiction ? { contradiction } : {}),
  }
}

class StepJudge {
  readonly #names: Names
  readonly #flows = new Map<number, Known>()
  readonly taken = new Set<number>()
  flows = 0
  steps = 0
  ignored = 0

  constructor(names: Names) {
    this.#names = names
  }

  judge(lines: readonly Line[]): StepContradiction | undefined {
    for (const line of lines) {
      const { number, ms, flow } = line
      const [step, times] = isAgain(line) ? [this.#flows.get(flow)?.last, line.again] : [line, 1]
      const fault = step === undefined ? NEVER : this.#take(flow, step, times)
      if (fault) return { number, ms, flow, event: step?.event.type ?? '', ...fault }
    }
    return undefined
  }

  /** Takes a step once, however often it was repeated: a step that changes nothing changes nothing again. */
  #take(flow: number, step: RecordedStep, times: number): Fault | undefined {
    const { event, fired, effects, after } = step
    const before = this.#flows.get(flow)?.state
    if (before === undefined && !BEGINNINGS.includes(event.type))
      return this.#fault('beginning', event, BEGINNINGS)
    if (TIMEOUTS.includes(event.type) && before?.owed === 0)
      return this.#fault('timer', event, 'nothing is owed')
    const state = { ...(before ?? flowStep().initial()) }
    const [asked, numbers] = [[] as FlowEffect[], [] as number[]]
    flowStep().step(state, event as FlowEvent, asked, numbers)
    const taken = numbers.map(number => at(flowStep().transitions, number).id)
    const wanted = asked.map(({ type, params }) => ({ type, ...params }))
    if (!isDeepStrictEqual(fired, taken)) return this.#fault('fired', fired, taken)
    if (!isDeepStrictEqual(effects, wanted)) return this.#fault('effects', effects, wanted)
    if (!isDeepStrictEqual(after, state))
      return this.#fault('after', beside(after, state), beside(state, after))
    for (const number of numbers) this.taken.add(number)
    if (before === undefined) this.flows++
    if (taken.length === 0) this.ignored += times
    this.steps += times
    this.#keep(flow, state, step)
    return undefined
  }

  #keep(flow: number, state: FlowState, last: RecordedStep): void {
    if (state.connection === CONNECTION.CLOSED) {
      this.#flows.delete(flow)
      return
    }
    // Once the flow has learned this nonce from its peer, the log calls it the peer's.
    if (state.peerNonce === NONCE.other) state.peerNonce = NONCE.peer
    this.#flows.set(flow, { state, last })
  }

  #fault(part: Fault['part'], logged: unknown, specified: unknown): Fault {
    const text = (value: unknown): string => JSON.stringify(value, this.#names.print)
    return { part, logged: text(logged), specified: text(specified) }
  }
}

/** Returns the registers of `one` that differ in `other`. */
const beside = (one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): object =>
  Object.fromEntries(Object.entries(one).filter(([name, value]) => value !== other[name]))

const BEGINNINGS: readonly string[] = ['CONNECT', 'ACCEPT']
const TIMEOUTS: readonly string[] = ['TIMEOUT', 'GIVEUP']

/** The log repeats the last step of a flow that has no step. */
const NEVER: Fault = { part: 'beginning', logged: 'again', specified: JSON.stringify(BEGINNINGS) }

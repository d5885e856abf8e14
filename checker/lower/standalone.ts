/**
 * A machine as one JavaScript function that steps a plain record. The stack runs it, and tests compare it with
 * XState's own transition. Models inline the same statements into their rules instead.
 */

import { printStatements, type Vocabulary } from '../codegen/javascript.ts'
import type { Checked, Stmt } from '../ir/ir.ts'
import { at } from '../text/at.ts'
import { storedBy } from './emitter.ts'
import { LowerError } from './errors.ts'
import type { Evaluator } from './evaluate.ts'
import { EVENT, eventsOf, type Interface, kindsOf, STATE, standing } from './kinds.ts'
import type { Transition } from './machine.ts'
import type { Memory } from './memory.ts'
import type { LoweredMachine } from './step.ts'
import { describe, type Value } from './value.ts'

/** Registers by name, and for each region the index of its state. A step changes it in place. */
export type MachineState = Record<string, number>

export interface MachineEvent {
  readonly type: string
  readonly [field: string]: number | string
}

/** An effect for the world to carry out. */
export interface Effect {
  readonly type: string
  readonly params: Readonly<Record<string, number>>
}

/** The types of state, event and effect are those of the machine; typed.ts derives them. */
export interface StepFunction<
  S extends MachineState = MachineState,
  E extends { readonly type: string } = MachineEvent,
  F extends Effect = Effect,
> {
  /** The body of a function that returns the step. Its argument `refuse` throws. */
  readonly source: string
  /** The transitions that the numbers in `fired` mean. */
  readonly transitions: readonly Transition[]
  /** The machine's first state: its registers as declared. */
  initial(): S
  /**
   * Changes `state` by one event. Appends effects to `effects` in order, and taken transitions to `fired`. An
   * effect without parameters is a constant, so that nothing else is allocated.
   *
   * @throws LowerError LOWER_NAME for an event that the interface does not know, LOWER_RANGE for an index
   * outside of its list and for a remainder by 0
   */
  step(state: S, event: E, effects: F[], fired: number[]): void
}

const property = (object: string, name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? `${object}.${name}` : `${object}[${JSON.stringify(name)}]`

/** `state.sndNxt` and `event.verno` are properties. All other names are locals, which have a # inside. */
function nameOf(name: string): string {
  for (const object of [STATE, EVENT])
    if (name.startsWith(`${object}.`)) return property(object, name.slice(object.length + 1))
  return `_${name.replace(/[^\w$]/g, '_')}`
}

/** The parameters of an effect in the intermediate form: numbers by name. */
function argsOf(evaluator: Evaluator, effect: string, params: Value): Extract<Stmt, { do: 'emit' }>['args'] {
  if (params === undefined) return []
  if (typeof params !== 'object' || params.kind !== 'record')
    throw evaluator.refuse(
      'LOWER_TYPE',
      `the parameters of '${effect}' are a record of numbers, not ${describe(params)}`,
    )
  return Object.entries(params.fields).map(([name, value]) => ({
    name,
    value: evaluator.expr(value, `'${name}'`),
  }))
}

/** The statements of one event's step. */
function stepStatements(machine: LoweredMachine, io: Interface, event: string, memory: Memory): Stmt[] {
  const { evaluator, ...place } = standing(machine, io, event, memory)
  const { transitions } = machine
  return evaluator.collect(() =>
    machine.step(
      {
        evaluator,
        ...place,
        onEffect: (effect, params) =>
          evaluator.emit({ do: 'emit', effect, args: argsOf(evaluator, effect, params) }),
        onTransition: t => evaluator.emit({ do: 'cover', point: transitions.indexOf(t) }),
        onExpression: kindsOf(io, evaluator),
      },
      event,
    ),
  )
}

class Printer {
  private readonly constants: string[] = []
  /** The checks, by the numbers that `refuse` gets. */
  readonly checks: Checked[] = []

  private readonly words: Vocabulary = {
    read: nameOf,
    check: (one, value) => `checked(${value}, ${one.least}, ${one.most}, ${this.checks.push(one) - 1})`,
    store: (name, value) => `${nameOf(name)} = ${value}`,
    cover: point => `fired.push(${point})`,
    emit: (effect, args) => {
      const params = args.map(({ name, value }) => `${JSON.stringify(name)}: ${value}`).join(', ')
      const literal = `{ type: ${JSON.stringify(effect)}, params: {${params}} }`
      return `effects.push(${args.length === 0 ? this.constant(literal) : literal})`
    },
  }

  private constant(literal: string): string {
    const known = this.constants.indexOf(literal)
    return `effect${known >= 0 ? known : this.constants.push(literal) - 1}`
  }

  print(events: readonly { readonly event: string; readonly body: readonly Stmt[] }[]): string {
    const functions = events.map(({ body }, i) => {
      const locals = [...storedBy(body)].filter(name => !name.startsWith(`${STATE}.`))
      const declared = locals.length > 0 ? `  let ${locals.map(l => `${nameOf(l)} = 0`).join(', ')}\n` : ''
      return `function on${i}(state, event, effects, fired) {\n${declared}${printStatements(body, this.words, '  ')}}\n`
    })
    const cases = events.map(
      ({ event }, i) =>
        `    case ${JSON.stringify(event)}: on${i}(state, event, effects, fired); return true\n`,
    )
    const constants = this.constants.map((literal, i) => `const effect${i} = Object.freeze(${literal})\n`)
    const checked = this.checks.length === 0 ? '' : CHECKED
    return `'use strict'\n${checked}${constants.join('')}${functions.join('')}return function step(state, event, effects, fired) {
  switch (event.type) {
${cases.join('')}    default: return false
  }
}\n`
  }
}

/** A check with infinite limits is that of a remainder by 0. */
const CHECKED = `function checked(value, least, most, check) {
  if (value < least || value > most || (value === 0 && least < 0)) refuse(check, value)
  return value
}\n`

/**
 * Prints and loads the step of a machine. Checks that it respects the kinds of its registers and fields, in every
 * guard, assign and parameter.
 *
 * @throws LowerError for everything outside the discipline
 */
export function stepFunction(machine: LoweredMachine, io: Interface): StepFunction {
  const memory: Memory = new Map()
  const events = eventsOf(machine, io).map(event => ({
    event,
    body: stepStatements(machine, io, event, memory),
  }))
  const printer = new Printer()
  const source = printer.print(events)
  const refuse = (check: number, value: number): never => {
    const { kind, where, source: text, most } = at(printer.checks, check)
    const what =
      kind === 'index'
        ? `item ${value} of a list with items 0 to ${most}`
        : 'a remainder by 0; ask for 0 first'
    throw new LowerError('LOWER_RANGE', where, what, text)
  }
  const known = new Function('refuse', source)(refuse) as (
    ...args: Parameters<StepFunction['step']>
  ) => boolean
  const { regions, registers, id } = machine.tables
  const first = regions.map(r => [r.name, r.states.findIndex(s => s.name === r.initial)])
  return {
    source,
    transitions: machine.transitions,
    initial: () => ({ ...registers, ...Object.fromEntries(first) }),
    step(state, event, effects, fired) {
      if (!known(state, event, effects, fired))
        throw new LowerError('LOWER_NAME', id, `there is no event '${event.type}' in the interface`)
    },
  }
}

/** Returns a function that prints and loads the machine's step when it is first called. */
export function compiled<S extends MachineState, E extends { readonly type: string }, F extends Effect>(
  machine: LoweredMachine,
  io: Interface,
): () => StepFunction<S, E, F> {
  let made: StepFunction<S, E, F> | undefined
  return () => {
    made ??= stepFunction(machine, io) as StepFunction<S, E, F>
    return made
  }
}

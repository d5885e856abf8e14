/**
 * A machine as one JavaScript function that steps a plain record. The stack runs it, and tests compare it with
 * XState's own transition. Models inline the same statements into their rules instead.
 */

import { createHash } from 'node:crypto'
import { printStatements, type Vocabulary } from '../codegen/javascript.ts'
import type { Checked, Stmt } from '../ir/ir.ts'
import { storedBy } from './emitter.ts'
import type { Evaluator } from './evaluate.ts'
import { EVENT, eventsOf, type Interface, kindsOf, STATE, standing } from './kinds.ts'
import type { Memory } from './memory.ts'
import { type Effect, loadStep, type MachineState, type PrintedStep, type StepFunction } from './printed.ts'
import type { LoweredMachine } from './step.ts'
import { describe, type Value } from './value.ts'

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
    throw evaluator.reject(
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
  /** The checks, by the numbers that `reject` gets. */
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
  if (value < least || value > most || (value === 0 && least < 0)) reject(check, value)
  return value
}\n`

/** The hexadecimal digits that identify a machine. */
const DIGEST_DIGITS = 16

/** A step as text: the body of a function that returns it, and all that goes with it. */
export interface StepText extends Omit<PrintedStep, 'load' | 'initial'> {
  readonly initial: MachineState
  /** Its argument `reject` throws. */
  readonly source: string
}

/**
 * Prints the step of a machine. Checks that it respects the kinds of its registers and fields, in every guard, assign
 * and parameter.
 *
 * @throws LowerError for everything outside the discipline
 */
function printStep(machine: LoweredMachine, io: Interface): StepText {
  const memory: Memory = new Map()
  const events = eventsOf(machine, io).map(event => ({
    event,
    body: stepStatements(machine, io, event, memory),
  }))
  const printer = new Printer()
  const source = printer.print(events)
  const { regions, registers, id } = machine.tables
  const first = regions.map(r => [r.name, r.states.findIndex(s => s.name === r.initial)])
  return {
    id,
    source,
    digest: createHash('sha256').update(source).digest('hex').slice(0, DIGEST_DIGITS),
    transitions: machine.transitions,
    initial: { ...registers, ...Object.fromEntries(first) },
    checks: printer.checks,
  }
}

/** Prints and loads the step of a machine. Throws as {@link printStep} does. */
export function stepFunction(machine: LoweredMachine, io: Interface): StepFunction {
  const { source, initial, ...text } = printStep(machine, io)
  return loadStep({
    ...text,
    initial: new Function(`return ${JSON.stringify(initial)}`) as PrintedStep['initial'],
    load: new Function('reject', source) as PrintedStep['load'],
  })
}

/** The texts of the steps that {@link compiled} made. */
const texts = new WeakMap<object, () => StepText>()

/** Returns a function that prints and loads the machine's step when it is first called. */
export function compiled<S extends MachineState, E extends { readonly type: string }, F extends Effect>(
  machine: LoweredMachine,
  io: Interface,
): () => StepFunction<S, E, F> {
  let made: StepFunction<S, E, F> | undefined
  const step = () => {
    made ??= stepFunction(machine, io) as StepFunction<S, E, F>
    return made
  }
  texts.set(step, () => printStep(machine, io))
  return step
}

/** Returns the text of a step that {@link compiled} made; undefined for anything else. */
export const textOfStep = (step: object): StepText | undefined => texts.get(step)?.()

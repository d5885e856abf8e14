/**
 * The kinds of values that registers and event fields hold, and the proof that a machine respects them.
 *
 * *Identifiers* (addresses, flowIDs, nonces) are opaque: a machine copies them and compares them with each
 * other, or with 0 for "none", and does nothing else. Such a machine is data-independent (Wolper, "Expressing
 * interesting properties of programs in propositional temporal logic", POPL 1986): renaming identifiers renames
 * its behaviour. A model with as many identifiers as can be distinguished therefore shows everything that real
 * ones, of 32 or 64 bits, could do. Small models are sound for this reason, so it is checked rather than
 * believed.
 *
 * *Wide* numbers have more than 31 bits. Arithmetic is exact up to 2^53, but JavaScript's bit operators would
 * cut them.
 */

import type { Expr, Stmt } from '../ir/ir.ts'
import { LowerError } from './errors.ts'
import { Evaluator } from './evaluate.ts'
import type { Memory } from './memory.ts'
import { type Computed, eventFields, type LoweredMachine } from './step.ts'
import { bits, type Place } from './value.ts'

/** The inputs and registers of a machine, beyond its own definition. */
export interface Interface {
  /** The names of each event's fields. */
  readonly fields: Readonly<Record<string, readonly string[]>>
  /** Registers and fields that are identifiers. */
  readonly opaque?: readonly string[]
  /** Registers and fields that may have more than 31 bits. */
  readonly wide?: readonly string[]
}

/** `none` is the constant 0: no identifier, or the number. */
type ParamKind = 'none' | 'identifier' | 'number' | 'wide'

/** The path of a machine's own registers and regions. */
export const STATE = 'state'
export const EVENT = 'event'

/** Returns the place of a machine that stands alone, and an evaluator for which its event is constant. */
export function standing(machine: LoweredMachine, io: Interface, event: string, memory: Memory) {
  const fields = io.fields[event]
  if (!fields)
    throw new LowerError(
      'LOWER_NAME',
      machine.tables.id,
      `the event '${event}' is not in the interface; declare its fields`,
    )
  const names = [...Object.keys(machine.tables.registers), ...machine.tables.regions.map(r => r.name)]
  const shape = Object.fromEntries(names.map(name => [name, bits(31)]))
  const registers: Place = { kind: 'place', shape, path: STATE }
  const evaluator = new Evaluator(machine.tables.id, machine.scope, {}, undefined, memory)
  for (const field of fields) evaluator.keep(`${EVENT}.${field}`)
  return { evaluator, registers, event: eventFields(fields, EVENT), inputs: fields.join(' ') }
}

/** Returns every event that the machine or its interface knows. */
export const eventsOf = (machine: LoweredMachine, io: Interface): string[] => [
  ...new Set([...machine.events, ...Object.keys(io.fields)]),
]

const BITS: ReadonlySet<Expr['op']> = new Set(['&', '|', '<<', '>>'])
const ARITHMETIC: ReadonlySet<Expr['op']> = new Set(['+', '-', '*', '%'])

class Kinds {
  private readonly io: Interface
  private readonly locals: Map<string, ParamKind>
  private readonly where: string
  private readonly source: string

  constructor(io: Interface, locals: Map<string, ParamKind>, where: string, source: string) {
    this.io = io
    this.locals = locals
    this.where = where
    this.source = source
  }

  declared(name: string): ParamKind {
    if (this.io.opaque?.includes(name)) return 'identifier'
    return this.io.wide?.includes(name) ? 'wide' : 'number'
  }

  /** Records the stores into locals, on any path. */
  stmts(list: readonly Stmt[]): void {
    for (const s of list) {
      if (s.do === 'set') {
        const known = this.locals.get(s.name)
        const kind = this.of(s.value)
        this.locals.set(s.name, known ? this.join(known, kind) : kind)
      } else if (s.do === 'if') {
        this.of(s.test)
        this.stmts([...s.yes, ...s.no])
      }
    }
  }

  of(e: Expr): ParamKind {
    switch (e.op) {
      case 'number':
        return e.value === 0 ? 'none' : Math.abs(e.value) < 2 ** 31 ? 'number' : 'wide'
      case 'get':
        return this.locals.get(e.name) ?? this.declared(e.name.slice(e.name.indexOf('.') + 1))
      case '!':
        this.of(e.of)
        return 'number'
      case 'check':
      case 'note':
        return this.of(e.of)
      case '?':
        this.of(e.test)
        return this.join(this.of(e.yes), this.of(e.no))
      default:
        return this.binary(e.op, this.of(e.left), this.of(e.right))
    }
  }

  private binary(op: Expr['op'], left: ParamKind, right: ParamKind): ParamKind {
    const kinds = [left, right]
    const opaque = kinds.includes('identifier')
    if (op === '==' || op === '!=') {
      if (opaque && !kinds.every(k => k === 'identifier' || k === 'none'))
        throw this.reject(
          'is compared with a value that is no identifier; compare it with another identifier, or with 0',
        )
      return 'number'
    }
    if (op === '&&' || op === '||') return 'number'
    if (opaque)
      throw this.reject(`is put through '${op}'; only === and !== and copying keep small models sound`)
    if (BITS.has(op) && kinds.includes('wide'))
      throw new LowerError(
        'LOWER_TYPE',
        this.where,
        `'${op}' sees 31 bits, and this number may have more`,
        this.source,
      )
    return ARITHMETIC.has(op) && kinds.includes('wide') ? 'wide' : 'number'
  }

  private join(a: ParamKind, b: ParamKind): ParamKind {
    if (a === b || b === 'none') return a
    if (a === 'none') return b
    if (a === 'identifier' || b === 'identifier')
      throw this.reject('and a number share a register; give each its own')
    return 'wide'
  }

  /** Checks that a register keeps its kind. */
  store(register: string, kind: ParamKind): void {
    const declared = this.declared(register)
    if (kind === 'none' || kind === declared || (kind === 'number' && declared === 'wide')) return
    if (kind === 'identifier' || declared === 'identifier')
      throw this.reject(
        `and a number meet in the register '${register}', which is ${declared === 'number' ? 'a number' : declared}`,
      )
    throw new LowerError(
      'LOWER_TYPE',
      this.where,
      `the register '${register}' has 31 bits, and this number may have more`,
      this.source,
    )
  }

  private reject(message: string): LowerError {
    return new LowerError('LOWER_OPAQUE', this.where, `an identifier ${message}`, this.source)
  }
}

/**
 * Returns a function that checks one expression of a step: whether it respects the kinds of registers and fields.
 *
 * @throws LowerError LOWER_OPAQUE for an identifier that is computed with, LOWER_TYPE for a wide number that
 * meets a bit operator or a narrow register; both name state, transition and source
 */
export function kindsOf(io: Interface, evaluator: Evaluator): (computed: Computed) => void {
  const known = new Map<string, ParamKind>()
  return ({ locals, expr, into, source }) => {
    const kinds = new Kinds(io, known, evaluator.where, source)
    kinds.stmts(locals)
    const kind = kinds.of(expr)
    if (into !== undefined) kinds.store(into, kind)
  }
}

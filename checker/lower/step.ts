/**
 * Emits a machine's step: XState's macrostep for one event. The guards of all regions are decided on the
 * previous state. Then exits, transition actions and entries run, each in document order; then eventless
 * transitions.
 */

import type { AnyStateMachine } from 'xstate'
import { all, any, binary, get, namesOf, not, number } from '../ir/expression.ts'
import type { Expr, Stmt } from '../ir/ir.ts'
import { at, must } from '../text/at.ts'
import { LowerError } from './errors.ts'
import type { Evaluator, Scope } from './evaluate.ts'
import { eventlessRounds } from './eventless.ts'
import {
  type Action,
  type Guard,
  type MachineTables,
  type Region,
  readMachine,
  type State,
  type Transition,
} from './machine.ts'
import { textOf } from './memory.ts'
import { isCallable } from './source.ts'
import { assertNoTruth } from './truths.ts'
import { dynamic, type Env, type Fields, member, type Place, type Shape, type Value } from './value.ts'

/** Called for every effect, in order, with the values of its parameters. */
export type OnEffect = (effect: string, params: Value) => void

/** Called when a transition is taken. */
export type OnTransition = (transition: Transition) => void

/** The value of a guard, an assign or a parameter before it is part of a step. */
export interface Computed {
  /** Stores into locals that `expr` reads. */
  readonly locals: readonly Stmt[]
  readonly expr: Expr
  /** The register that the value is stored into. */
  readonly into?: string
  /** The function that the value comes from. */
  readonly source: string
}

/** The context of a step: an evaluator, the place of registers and region states, and the event's fields. */
export interface StepContext {
  readonly evaluator: Evaluator
  /**
   * Has a leaf or a constant for every register, and for every region a leaf that holds the index of its state.
   */
  readonly registers: Place
  readonly event: Fields
  /**
   * Stands for `registers`, `event` and `onEffect`. Steps with the same inputs emit what their parts have in common only
   * once, and then again. Without it, they read every source anew.
   */
  readonly inputs?: string | undefined
  readonly onEffect: OnEffect
  readonly onTransition: OnTransition
  /** Called for every guard, assigned value and parameter field. The evaluator's `where` names it. */
  readonly onExpression?: (computed: Computed) => void
}

let machines = 0

/** A machine in the intermediate form: worlds inline its steps, hosts run them. */
export class LoweredMachine {
  readonly tables: MachineTables
  readonly scope: Scope
  private readonly number = machines++
  private known: readonly string[] | undefined
  private readonly ownRounds: number

  constructor(tables: MachineTables, scope: Scope) {
    this.tables = tables
    this.scope = scope
    this.ownRounds = eventlessRounds(tables)
  }

  get transitions(): readonly Transition[] {
    return this.tables.regions.flatMap(r => r.transitions)
  }

  /** The most rounds of eventless transitions after one event. */
  get rounds(): number {
    return this.ownRounds
  }

  get events(): readonly string[] {
    this.known ??= [...new Set([...this.tables.events, ...this.transitions.map(t => t.event)])].filter(
      e => e !== '',
    )
    return this.known
  }

  /**
   * Returns the condition under which XState says that `event` can be taken: in some region, the first
   * transition whose guard holds has a target or an action. A transition that has neither forbids the event.
   */
  enabled(c: StepContext, event: string): Expr {
    return any(
      this.tables.regions.flatMap(region => {
        const list = region.transitions.filter(t => t.event === event)
        return list.filter(acts).map(t => {
          const before = list.slice(0, list.indexOf(t)).filter(one => one.source === t.source && !acts(one))
          const allowed = before.map(one => not(this.guard(c, one)))
          return all([this.inState(c, region, t.source), ...allowed, this.guard(c, t)])
        })
      }),
    )
  }

  /** Emits the whole step for `event`. */
  step(c: StepContext, event: string): void {
    this.microstep(c, event)
    for (let round = 0; round < this.rounds; round++) this.microstep(c, '')
  }

  private microstep(c: StepContext, event: string): void {
    const regions = this.tables.regions.filter(r => r.transitions.some(t => t.event === event))
    const [only] = regions
    if (!only) return
    if (regions.length === 1)
      this.choose(c, only, event, t => {
        this.exit(c, only, t)
        this.act(c, t)
        this.enter(c, only, t)
      })
    else this.stepRegions(c, regions, event)
  }

  /** Several regions take the event: all choose first, then all exit, act and enter. */
  private stepRegions(c: StepContext, regions: readonly Region[], event: string): void {
    const { evaluator } = c
    const chosen = regions.map(region => {
      const local = evaluator.local(region.name, number(0), false)
      const list = region.transitions.filter(t => t.event === event)
      this.choose(c, region, event, t => evaluator.set(local, number(list.indexOf(t) + 1)))
      return { region, local, list }
    })
    const phase = (order: typeof chosen, run: (r: Region, t: Transition) => void) => {
      for (const { region, local, list } of order) {
        const cases = list
          .map((t, i) => ({ value: i + 1, body: evaluator.collect(() => run(region, t)) }))
          .filter(({ body }) => body.length > 0)
        if (cases.length > 0) evaluator.emit({ do: 'switch', on: get(local), cases, otherwise: [] })
      }
    }
    phase([...chosen].reverse(), (r, t) => this.exit(c, r, t))
    phase(chosen, (_, t) => this.act(c, t))
    phase(chosen, (r, t) => this.enter(c, r, t))
  }

  /** Emits the choice of a region's transition: by state, then the first one whose guard holds. */
  private choose(c: StepContext, region: Region, event: string, take: (t: Transition) => void): void {
    const { evaluator } = c
    const cases = region.states.flatMap((state, value) => {
      const list = region.transitions.filter(t => t.event === event && t.source === state.name)
      const tryFrom = (i: number): void => {
        const t = list[i]
        if (t)
          evaluator.branch(
            this.guard(c, t),
            () => take(t),
            () => tryFrom(i + 1),
          )
      }
      const body = evaluator.collect(() => tryFrom(0))
      return body.length > 0 ? [{ value, body }] : []
    })
    const on = this.stateOf(c, region)
    const [first] = cases
    if (first && cases.length === 1)
      evaluator.emit({ do: 'if', test: binary('==', on, number(first.value)), yes: first.body, no: [] })
    else if (first) evaluator.emit({ do: 'switch', on, cases, otherwise: [] })
  }

  protected exit(c: StepContext, region: Region, t: Transition): void {
    if (t.target)
      for (const a of stateOf(region, t.source).exit) this.action(c, a, `${region.name}.${t.source} exit`)
  }

  protected act(c: StepContext, t: Transition): void {
    c.onTransition(t)
    for (const a of t.actions) this.action(c, a, t.id)
  }

  protected enter(c: StepContext, region: Region, t: Transition): void {
    if (!t.target) return
    const index = region.states.findIndex(s => s.name === t.target)
    c.evaluator.set(this.register(c, region.name), number(index))
    for (const a of stateOf(region, t.target).entry) this.action(c, a, `${region.name}.${t.target} entry`)
  }

  private action(c: StepContext, action: Action, where: string): void {
    const { evaluator } = c
    const outer = evaluator.where
    evaluator.where = `${where}, action ${action.name}`
    evaluator.remembering(this.keyOf(c, action), () => this.run(c, action))
    evaluator.where = outer
  }

  private run(c: StepContext, action: Action): undefined {
    const { evaluator } = c
    assertNoTruth(action.kind === 'effect' ? action.params : action.assignment, evaluator.where)
    const params = this.params(c, action.params)
    if (action.kind === 'effect') {
      evaluator.assertNumbers(params, 'parameter')
      c.onEffect(action.name, params)
    } else this.assign(c, action.assignment, [this.seen(c), params])
  }

  /** Returns a key for what `part` of this machine emits in a step; undefined if that must not be remembered. */
  private keyOf(c: StepContext, part: Action | Guard): string | undefined {
    return c.inputs === undefined ? undefined : `${this.number} ${c.inputs} ${textOf(part)}`
  }

  /** Computes all registers of one assign before it stores any. */
  private assign(
    c: StepContext,
    assignment: Readonly<Record<string, unknown>>,
    args: readonly Value[],
  ): void {
    const { evaluator } = c
    const sets = Object.entries(assignment).map(([name, by]) => {
      const compute = (): Value =>
        isCallable(by)
          ? evaluator.call(evaluator.closure(by, name, this.names(c)), args, name)
          : evaluator.lift(by, name)
      const { value, locals } = evaluator.look('an assigned value', compute, String(by))
      const expr = evaluator.plainNumber(value, `the register '${name}'`)
      c.onExpression?.({ locals, expr, into: name, source: String(by) })
      return { name: this.register(c, name), value: expr }
    })
    const stored = new Set<string>()
    const ready = sets.map(({ name, value }) => {
      const reads = [...namesOf(value)].some(n => stored.has(n))
      stored.add(name)
      return { name, value: reads ? get(evaluator.local(name.replace(/.*\./, ''), value)) : value }
    })
    for (const { name, value } of ready) evaluator.set(name, value)
  }

  private params(c: StepContext, params: unknown): Value {
    if (!isCallable(params)) return c.evaluator.lift(params, 'params')
    const { evaluator } = c
    const closure = evaluator.closure(params, 'params', this.names(c))
    const compute = (): Value => evaluator.call(closure, [this.seen(c)], 'params')
    const { value, locals } = evaluator.look('a parameter', compute, String(params))
    if (typeof value === 'object' && value.kind === 'record')
      for (const field of Object.values(value.fields))
        if (typeof field === 'object' && field.kind === 'dynamic')
          c.onExpression?.({ locals, expr: field.expr, source: String(params) })
    return value
  }

  /** Returns the names that functions of the machine see. Names of the world around it do not matter. */
  private names(c: StepContext): Env {
    return c.evaluator.scopeOf(this.scope)
  }

  /** Returns the argument of the machine's functions: the registers, and nothing else of their place. */
  private seen(c: StepContext): Value {
    const { shape, path } = c.registers
    const registers = Object.keys(this.tables.registers).filter(name => Object.hasOwn(shape as object, name))
    const context = Object.fromEntries(
      registers.map(name => [name, must((shape as Record<string, Shape>)[name], name)]),
    )
    return { kind: 'record', fields: { context: { kind: 'place', shape: context, path }, event: c.event } }
  }

  protected guard(c: StepContext, t: Transition): Expr {
    const outer = c.evaluator.where
    c.evaluator.where = `${t.id}, guard`
    const expr = t.guard ? this.condition(c, t.guard) : number(1)
    c.evaluator.where = outer
    return expr
  }

  private condition(c: StepContext, guard: Guard): Expr {
    switch (guard.kind) {
      case 'constant':
        return number(guard.value)
      case 'in': {
        const region = must(
          this.tables.regions.find(r => r.name === guard.region),
          `region ${guard.region}`,
        )
        return this.inState(c, region, guard.state)
      }
      case 'and':
        return all(guard.guards.map(g => this.condition(c, g)))
      case 'or':
        return any(guard.guards.map(g => this.condition(c, g)))
      case 'not':
        return not(this.condition(c, at(guard.guards, 0)))
      case 'named':
        return c.evaluator.remembering(this.keyOf(c, guard), () => this.test(c, guard))
    }
  }

  private test(c: StepContext, guard: Extract<Guard, { kind: 'named' }>): Expr {
    const { evaluator } = c
    const args = [this.seen(c), this.params(c, guard.params)]
    const closure = evaluator.closure(guard.fn, guard.name, this.names(c))
    const test = (): Expr => evaluator.truth(evaluator.call(closure, args, guard.name))
    const { value, locals } = evaluator.look('a guard', test, String(guard.fn))
    c.onExpression?.({ locals, expr: value, source: String(guard.fn) })
    return value
  }

  private inState(c: StepContext, region: Region, state: string): Expr {
    const index = region.states.findIndex(s => s.name === state)
    return binary('==', this.stateOf(c, region), number(index))
  }

  private stateOf(c: StepContext, region: Region): Expr {
    return c.evaluator.expr(member(c.registers, region.name), `the state of region '${region.name}'`)
  }

  private register(c: StepContext, name: string): string {
    const value = member(c.registers, name)
    if (typeof value === 'object' && value.kind === 'dynamic' && value.expr.op === 'get')
      return value.expr.name
    throw new LowerError(
      'LOWER_NAME',
      c.evaluator.where,
      `'${name}' is not a register that can be stored into`,
    )
  }
}

/** Returns whether XState says that the transition can be taken. One that does nothing forbids its event. */
export const acts = ({ target, toSelf, actions }: Transition): boolean =>
  target !== undefined || toSelf === true || actions.length > 0

export const stateOf = (region: Region, name: string): State =>
  must(
    region.states.find(s => s.name === name),
    `the state ${name}`,
  )

/**
 * Reads a machine and keeps the scope of its guards, assigns and params. Lowering proper happens per event.
 */
export const lower = (machine: AnyStateMachine, scope: Scope = {}): LoweredMachine =>
  new LoweredMachine(readMachine(machine), scope)

/** The fields of an event as the step reads them: `path.name` each. */
export const eventFields = (names: readonly string[], path = 'event'): Fields => ({
  kind: 'record',
  fields: Object.fromEntries(names.map(n => [n, dynamic(get(`${path}.${n}`))])),
})

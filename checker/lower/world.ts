/** Lowers a world to a {@link System}. Its rules are plain functions of the discipline. */

import { clashIn } from '../ir/clashes.ts'
import { namesOf, not, number } from '../ir/expression.ts'
import type { Expr, Invariant, Liveness, Recovery, Rule, System, Variable, Witness } from '../ir/ir.ts'
import { familyOf, withBody } from '../ir/rules.ts'
import { must } from '../text/at.ts'
import { possibleOf } from './assumptions.ts'
import { LowerError } from './errors.ts'
import { Evaluator } from './evaluate.ts'
import { keyOf, type Memory } from './memory.ts'
import { checkStart } from './place.ts'
import { Size } from './size.ts'
import type { Callable } from './source.ts'
import type { LoweredMachine, StepContext } from './step.ts'
import { dynamic, type Fields, isLeaf, type Place, type Shape, type Value } from './value.ts'
import type {
  AnyWorld,
  Args,
  InvariantSpec,
  LivenessSpec,
  RecoverySpec,
  RuleSpec,
  WitnessSpec,
  WorldSpec,
} from './worldSpec.ts'

const onlyLowered = (name: string): never => {
  throw new LowerError('LOWER_SOURCE', name, `${name}() works only inside the rules of a world`)
}

/** In a rule: lets the named machine take one step on `event`. Its effects are those of the world. */
export const step = (_machine: string, _self: unknown, _event: string, _fields?: object): void =>
  onlyLowered('step')

/** In a rule: reports whether `event` would do anything. */
export const can = (_machine: string, _self: unknown, _event: string, _fields?: object): boolean =>
  onlyLowered('can')

/** Throws LOWER_TYPE for what no shape has. */
function checkShape(shape: unknown, path: string, where: string): void {
  const isNumber = typeof shape === 'number' && Number.isSafeInteger(shape)
  if (!isNumber && (typeof shape !== 'object' || shape === null))
    throw new LowerError(
      'LOWER_TYPE',
      where,
      `'${path}' is ${shape}; a shape has bits(), whole numbers, lists and records`,
    )
  if (typeof shape !== 'object' || isLeaf(shape as Shape)) return
  for (const [key, part] of Object.entries(shape as object))
    checkShape(part, path ? `${path}.${key}` : key, where)
}

/** Returns the variables of a shape, depth first. Constants have none. */
export function variablesOf(shape: Shape, path = ''): Variable[] {
  if (typeof shape === 'number') return []
  if (isLeaf(shape)) return [{ name: path, bits: shape.bits, initial: shape.initial }]
  if (Array.isArray(shape)) return shape.flatMap((s, i) => variablesOf(s, `${path}[${i}]`))
  return Object.entries(shape).flatMap(([k, s]) => variablesOf(s, path ? `${path}.${k}` : k))
}

/** Returns every combination of the arguments' values. */
const combinations = (over: Readonly<Record<string, readonly number[]>>): Args[] =>
  Object.entries(over).reduce<Args[]>(
    (found, [name, values]) => found.flatMap(args => values.map(v => ({ ...args, [name]: v }))),
    [{}],
  )

/** `deliver` with {m: 2} is `deliver(2)`. */
const ruleName = (name: string, args: Args): string => {
  const values = Object.values(args)
  return values.length > 0 ? `${name}(${values.join(',')})` : name
}

/** A rule, and the specification and arguments that it was made from. */
export interface RuleOrigin {
  readonly spec: RuleSpec<never, never>
  readonly args: Args
}

/** A lowered world, together with the plain functions that describe its rules to people. */
export interface LoweredWorld {
  readonly spec: AnyWorld
  readonly system: System
  /** By index of `system.rules`. */
  readonly origins: readonly RuleOrigin[]
}

/** The parts that every world's description must have, though they may be empty. */
const LISTS = ['did', 'rules', 'invariants', 'recoveries', 'witnesses'] as const
const RECORDS = ['shape', 'machines', 'effects', 'scope'] as const

/** Names that rules see besides the shape. */
const OWN_NAMES = ['did', 'was']

/** Throws LOWER_TYPE for a missing part and LOWER_NAME for a reserved name. */
function checkParts(spec: AnyWorld): void {
  const reject = (code: 'LOWER_TYPE' | 'LOWER_NAME', message: string) =>
    new LowerError(code, `world ${spec.name}`, message)
  for (const part of LISTS)
    if (!Array.isArray(spec[part])) throw reject('LOWER_TYPE', `'${part}' is a list; it may be empty`)
  for (const part of RECORDS)
    if (typeof spec[part] !== 'object' || spec[part] === null)
      throw reject('LOWER_TYPE', `'${part}' is a record; it may be empty`)
  if (typeof spec.final !== 'function')
    throw reject('LOWER_TYPE', "'final' is a function of the state: whether all may rest there")
  checkShape(spec.shape, '', `world ${spec.name}`)
  const own = OWN_NAMES.find(name => Object.hasOwn(spec.shape as object, name))
  if (own) throw reject('LOWER_NAME', `the shape has '${own}', a name that every world reserves; rename it`)
  for (const [name, builtin] of Object.entries({ step, can }))
    if (Object.hasOwn(spec.scope, name) && spec.scope[name] !== builtin)
      throw reject('LOWER_NAME', `the scope has '${name}', a reserved word of rules; rename it`)
}

class WorldLowering {
  private readonly spec: AnyWorld
  /** The machine of each region, by the path of the region's leaf. */
  private readonly places = new Map<string, string>()
  private readonly coverage: string[] = []
  private readonly points = new Map<string, number>()
  private readonly size = new Size()
  private readonly memory: Memory = new Map()
  private readonly state: Place
  private readonly before: Place

  constructor(spec: AnyWorld) {
    this.spec = spec
    checkParts(spec)
    const did = Object.fromEntries(spec.did.map(name => [name, { bits: 31, initial: 0 }]))
    const shape = { ...(spec.shape as Record<string, Shape>), did }
    this.state = { kind: 'place', shape, path: '' }
    this.before = { kind: 'place', shape: spec.shape, path: 'was' }
    for (const [name, machine] of Object.entries(spec.machines))
      for (const t of machine.transitions) {
        this.points.set(`${name} ${t.id}`, this.coverage.length)
        this.coverage.push(`${name} ${t.id}`)
      }
  }

  private evaluator(where: string): Evaluator {
    const builtins: Record<string, Value> = {
      step: { kind: 'builtin', name: 'step', call: args => this.step(evaluator, args) },
      can: { kind: 'builtin', name: 'can', call: args => this.can(evaluator, args) },
    }
    const evaluator = new Evaluator(where, this.spec.scope, builtins, this.size, this.memory)
    return evaluator
  }

  private context(evaluator: Evaluator, args: readonly Value[]) {
    const [name, self, event, fields] = args
    const machine = typeof name === 'string' ? this.spec.machines[name] : undefined
    if (!machine || typeof self !== 'object' || self.kind !== 'place' || typeof event !== 'string')
      throw new LowerError('LOWER_TYPE', evaluator.where, "write step('machine', place, 'EVENT', {fields})")
    if (!machine.events.includes(event))
      throw new LowerError(
        'LOWER_NAME',
        evaluator.where,
        `the machine '${name}' has no event '${event}'; it has ${machine.events.join(', ')}`,
      )
    this.settle(name as string, machine, self, evaluator.where)
    evaluator.assertNumbers(fields, 'field')
    const none: Fields = { kind: 'record', fields: {} }
    return {
      name,
      machine,
      self,
      event,
      fields: typeof fields === 'object' && fields.kind === 'record' ? fields : none,
    }
  }

  /**
   * Notes where a machine lives. The machine must start there as it starts alone, and no other machine may keep
   * its state there.
   */
  private settle(name: string, machine: LoweredMachine, self: Place, where: string): void {
    const [first] = machine.tables.regions
    const key = `${self.path}.${must(first, `a region of ${name}`).name}`
    const known = this.places.get(key)
    if (known === name) return
    if (known !== undefined)
      throw new LowerError('LOWER_NAME', where, `the machines '${known}' and '${name}' both live in '${key}'`)
    checkStart(machine, self, where)
    this.places.set(key, name)
  }

  private step(evaluator: Evaluator, args: readonly Value[]): Value {
    const { name, machine, self, event, fields } = this.context(evaluator, args)
    const held = evaluator.hold('event', fields) as Fields
    const inputs = keyOf({ kind: 'list', items: [name, self, held] })
    const context: StepContext = {
      ...{ evaluator, inputs, registers: self, event: held },
      onEffect: (effect, params) => this.effect(evaluator, effect, self, params),
      onTransition: t =>
        evaluator.emit({ do: 'cover', point: must(this.points.get(`${name} ${t.id}`), t.id) }),
    }
    const key = inputs && `step ${event} ${inputs}`
    return evaluator.remembering(key, () => void machine.step(context, event))
  }

  private can(evaluator: Evaluator, args: readonly Value[]): Value {
    const { machine, self, event, fields } = this.context(evaluator, args)
    const expr = machine.enabled(
      { evaluator, registers: self, event: fields, onEffect: () => {}, onTransition: () => {} },
      event,
    )
    return dynamic(expr, 'truth')
  }

  private effect(evaluator: Evaluator, effect: string, self: Place, params: Value): void {
    const handler = this.spec.effects[effect]
    if (!handler)
      throw new LowerError(
        'LOWER_NAME',
        evaluator.where,
        `the world does not handle the effect '${effect}'; add it to effects`,
      )
    evaluator.call(evaluator.closure(handler, effect), [this.state, self, params], effect)
  }

  private predicate(where: string, fn: Callable, args: readonly Value[]): Expr {
    return this.expression(where, fn, args, (evaluator, value) => evaluator.truth(value))
  }

  private number(where: string, fn: Callable, args: readonly Value[]): Expr {
    return this.expression(where, fn, args, (evaluator, value) => evaluator.plainNumber(value, 'each'))
  }

  /** Evaluates an expression of the state. Statements in it would change a world that is only looked at. */
  private expression(
    where: string,
    fn: Callable,
    args: readonly Value[],
    as: (evaluator: Evaluator, value: Value) => Expr,
  ): Expr {
    const evaluator = this.evaluator(where)
    let expr: Expr = number(0)
    const emitted = evaluator.collect(() => {
      const call = () => evaluator.call(evaluator.closure(fn, where), args, where)
      expr = as(evaluator, evaluator.asExpression(call))
    })
    if (emitted.length > 0)
      throw new LowerError('LOWER_SYNTAX', where, 'a condition only looks; write it as one expression')
    this.size.writeExpression(expr)
    return expr
  }

  private rule(spec: RuleSpec<never, never>, args: Args): Rule {
    const name = ruleName(spec.name, args)
    const evaluator = this.evaluator(`rule ${name}`)
    const values: Value[] = [this.state, evaluator.lift(args, 'over')]
    const guard = this.predicate(`rule ${name}, when`, spec.when, values)
    const possible = guard.op !== 'number' || guard.value !== 0
    const rule = {
      name,
      kind: spec.kind,
      helps: spec.helps ?? false,
      guard,
      ...(spec.fair === undefined ? {} : { fair: spec.fair }),
      ...(spec.each === undefined || !possible
        ? {}
        : { each: this.number(`each of ${name}`, spec.each, values) }),
    }
    return withBody(rule, () =>
      evaluator.collect(() => void evaluator.call(evaluator.closure(spec.take, name), values, name)),
    )
  }

  private invariant(spec: InvariantSpec<never>): Invariant {
    const holds = this.predicate(`invariant ${spec.id}`, spec.holds, [this.state, this.before])
    return { id: spec.id, holds, ofStep: isOfStep(holds) }
  }

  private recovery(spec: RecoverySpec<never>): Recovery {
    const read = (fn: Callable) => this.predicate(`recovery ${spec.id}`, fn, [this.state])
    return { id: spec.id, when: read(spec.when), goal: read(spec.goal) }
  }

  private liveness(spec: LivenessSpec<never>, possible: ReadonlySet<string>): Liveness {
    const read = (fn: Callable) => this.predicate(`liveness ${spec.id}`, fn, [this.state])
    const { id, under } = spec
    const families = this.spec.rules.map(({ name }) => name)
    const assumed = under === undefined ? {} : { under: possibleOf(id, under, families, possible) }
    if ('stays' in spec) return { id, kind: 'stays', when: number(1), goal: read(spec.stays), ...assumed }
    if ('ends' in spec) {
      const when = read(spec.ends)
      return { id, kind: 'leads to', when, goal: not(when), ...assumed }
    }
    return { id, kind: 'leads to', when: read(spec.when), goal: read(spec.goal), ...assumed }
  }

  private witness(spec: WitnessSpec<never>): Witness {
    const seen = this.predicate(`witness ${spec.name}`, spec.seen, [this.state, this.before])
    return { name: spec.name, seen, ofStep: isOfStep(seen) }
  }

  lower(): LoweredWorld {
    const { spec } = this
    const found = spec.rules.flatMap(rule =>
      combinations(rule.over ?? {}).map(args => ({
        origin: { spec: rule, args },
        rule: this.rule(rule, args),
      })),
    )
    const clash = clashIn({ ...EMPTY, rules: found.map(({ rule }) => rule) })
    if (clash) throw new LowerError('LOWER_NAME', `world ${spec.name}`, clash)
    const possible = found.filter(({ rule }) => rule.guard.op !== 'number' || rule.guard.value !== 0)
    const families = new Set(possible.map(({ rule }) => familyOf(rule)))
    const system: System = {
      name: spec.name,
      variables: variablesOf(spec.shape),
      scratch: spec.did.map(name => `did.${name}`),
      rules: possible.map(({ rule }) => rule),
      invariants: spec.invariants.map(i => this.invariant(i)),
      recoveries: spec.recoveries.map(r => this.recovery(r)),
      liveness: (spec.liveness ?? []).map(one => this.liveness(one, families)),
      witnesses: spec.witnesses.map(w => this.witness(w)),
      final: this.predicate('final', spec.final, [this.state]),
      coverage: this.coverage,
    }
    const other = clashIn(system)
    if (other) throw new LowerError('LOWER_NAME', `world ${spec.name}`, other)
    return { spec, system, origins: possible.map(({ origin }) => origin) }
  }
}

const EMPTY: Omit<System, 'rules'> = {
  ...{ name: '', variables: [], scratch: [], invariants: [], recoveries: [], liveness: [], witnesses: [] },
  coverage: [],
  final: number(1),
}

const isOfStep = (e: Expr): boolean => [...namesOf(e)].some(n => n.startsWith('was.') || n.startsWith('did.'))

/**
 * Lowers a world, but the body of a rule only when it is first read, which may throw LowerError. Leaves out rules whose guard
 * can never hold.
 */
export const lowerWhenRead = <S extends Shape, D extends string = string, A = Args>(
  spec: WorldSpec<S, D, A>,
): LoweredWorld => new WorldLowering(spec).lower()

/** Lowers a world. Leaves out rules whose guard can never hold. */
export function lowerWorld<S extends Shape, D extends string = string, A = Args>(
  spec: WorldSpec<S, D, A>,
): LoweredWorld {
  const world = lowerWhenRead(spec)
  for (const { body } of world.system.rules) void body
  return world
}

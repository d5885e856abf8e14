/**
 * Reads an XState machine into plain tables: regions, states, and transitions in the order in which XState
 * tries them. It rejects features outside the discipline, so that nothing is lowered to something subtly
 * different.
 */

import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { must } from '../text/at.ts'
import { LowerError } from './errors.ts'

type Fn = (...args: never[]) => unknown

/** A guard of XState as a tree: a named function, a state that another region must be in, or a combination of guards. */
export type Guard =
  | { readonly kind: 'named'; readonly name: string; readonly fn: Fn; readonly params: unknown }
  | { readonly kind: 'in'; readonly region: string; readonly state: string }
  | { readonly kind: 'and' | 'or' | 'not'; readonly guards: readonly Guard[] }
  | { readonly kind: 'constant'; readonly value: 0 | 1 }

/**
 * The effect of a transition, an entry or an exit: registers assigned, or an effect that leaves the machine.
 */
export type Action =
  | {
      readonly kind: 'assign'
      readonly name: string
      readonly assignment: Readonly<Record<string, unknown>>
      readonly params: unknown
    }
  | { readonly kind: 'effect'; readonly name: string; readonly params: unknown }

export interface Transition {
  /** `region.source event #n`: the unique name that coverage, defects and pictures use. */
  readonly id: string
  readonly region: string
  readonly source: string
  /** The empty string for an eventless transition. */
  readonly event: string
  /** Undefined for an internal transition, which leaves no state. */
  readonly target: string | undefined
  /** Whether it is internal and names its own state as the target. */
  readonly toSelf?: boolean
  readonly guard: Guard | undefined
  readonly actions: readonly Action[]
}

export interface State {
  readonly name: string
  readonly entry: readonly Action[]
  readonly exit: readonly Action[]
}

export interface Region {
  readonly name: string
  readonly states: readonly State[]
  readonly initial: string
  readonly transitions: readonly Transition[]
}

export interface MachineTables {
  readonly id: string
  readonly regions: readonly Region[]
  /** The registers: the machine's context, whose values must all be numbers. */
  readonly registers: Readonly<Record<string, number>>
  /** The events that it knows, including those that a defect has made it ignore. */
  readonly events: readonly string[]
}

const reject = (where: string, message: string, source = ''): LowerError =>
  new LowerError('LOWER_MACHINE', where, message, source)

interface Named {
  readonly type: string
  readonly params?: unknown
}

const named = (item: unknown): Named => (typeof item === 'string' ? { type: item } : (item as Named))

function readGuard(machine: AnyStateMachine, guard: unknown, where: string): Guard {
  if (typeof guard === 'function') return readCombination(machine, guard as Fn, where)
  const { type, params } = named(guard)
  const fn = machine.implementations.guards[type] as Fn | undefined
  if (!fn) throw reject(where, `the guard '${type}' has no implementation; give it in setup({ guards })`)
  if (typeof fn !== 'function')
    throw reject(where, `the guard '${type}' is another name for a guard; write it out`, JSON.stringify(fn))
  if ('check' in fn) return readCombination(machine, fn, where)
  return { kind: 'named', name: type, fn, params }
}

function readCombination(machine: AnyStateMachine, fn: Fn, where: string): Guard {
  const { guards, stateValue } = fn as { guards?: unknown[]; stateValue?: unknown }
  if (stateValue !== undefined) return readStateIn(machine, stateValue, where)
  const kind = fn.name
  if (guards && (kind === 'and' || kind === 'or' || kind === 'not'))
    return { kind, guards: guards.map(g => readGuard(machine, g, where)) }
  throw reject(
    where,
    'write the guard in setup({ guards }) and name it here: an inline one has no name to show',
    fn.toString(),
  )
}

function readStateIn(machine: AnyStateMachine, value: unknown, where: string): Guard {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const [region, state] = entries[0] ?? []
  if (
    entries.length !== 1 ||
    typeof state !== 'string' ||
    !machine.root.states[must(region, 'a region')]?.states[state]
  )
    throw reject(where, 'stateIn takes { region: STATE } of a state that exists', JSON.stringify(value))
  return { kind: 'in', region: must(region, 'a region'), state }
}

function readAction(machine: AnyStateMachine, action: unknown, where: string): Action {
  if (typeof action === 'function')
    throw reject(where, 'write the action in setup({ actions }) and name it here', String(action))
  const { type, params } = named(action)
  const impl = machine.implementations.actions[type] as
    | (Fn & { type?: string; assignment?: unknown })
    | undefined
  if (!impl) throw reject(where, `the action '${type}' has no implementation; give it in setup({ actions })`)
  if (impl.type === undefined) return { kind: 'effect', name: type, params }
  if (impl.type !== 'xstate.assign')
    throw reject(
      where,
      `the action '${type}' is ${impl.type}; a step may assign and emit effects, nothing else`,
    )
  if (typeof impl.assignment === 'function')
    throw reject(
      where,
      `the action '${type}' assigns by one function; give one function a register`,
      String(impl.assignment),
    )
  return { kind: 'assign', name: type, assignment: impl.assignment as Record<string, unknown>, params }
}

function rejectNode(node: AnyStateNode, where: string): void {
  const config = node.config as Record<string, unknown>
  for (const [key, why] of [
    ['invoke', 'the outside world is events'],
    ['after', 'timers are events'],
    ['onDone', 'nothing here is done but by an event'],
    ['onError', 'nothing is invoked'],
    ['history', 'a state must be told by its name alone'],
  ] as const)
    if (config[key] !== undefined) throw reject(where, `'${key}' is not part of the discipline: ${why}`)
}

function readTransitions(machine: AnyStateMachine, region: AnyStateNode, node: AnyStateNode): Transition[] {
  const found: Transition[] = []
  const read = (event: string, list: AnyStateNode['always'] & {}) => {
    list.forEach((t, i) => {
      const id = `${region.key}.${node.key} ${event || 'always'}${list.length > 1 ? ` #${i + 1}` : ''}`
      const target = t.target?.[0]
      if (t.target && t.target.length !== 1) throw reject(id, 'a transition has one target')
      if (target && target.parent !== region)
        throw reject(id, `the target '${target.id}' lies in another region`)
      if (target === node && t.reenter)
        throw reject(id, 'reenter is not part of the discipline; name the actions instead')
      found.push({
        id,
        region: region.key,
        source: node.key,
        event,
        target: target && target !== node ? target.key : undefined,
        toSelf: target === node,
        guard: t.guard === undefined ? undefined : readGuard(machine, t.guard, id),
        actions: t.actions.map((a: unknown) => readAction(machine, a, id)),
      })
    })
  }
  for (const [event, list] of node.transitions) {
    if (event.includes('*'))
      throw reject(
        `${region.key}.${node.key}`,
        `the wildcard '${event}' hides what is accepted; name the events`,
      )
    if (event.startsWith('xstate.'))
      throw reject(`${region.key}.${node.key}`, `'${event}' is not an event of the world`)
    read(event, list)
  }
  if (node.always) read('', node.always)
  return found
}

function readRegion(machine: AnyStateMachine, region: AnyStateNode): Region {
  const where = region.key
  if (region.type !== 'compound') throw reject(where, `a region holds states; this is ${region.type}`)
  rejectNode(region, where)
  if (region.transitions.size > 0 || region.always || region.entry.length > 0 || region.exit.length > 0)
    throw reject(where, 'transitions, entry and exit belong to states, not to the region around them')
  const nodes = Object.values(region.states) as AnyStateNode[]
  for (const node of nodes) {
    if (node.type !== 'atomic')
      throw reject(`${where}.${node.key}`, `a ${node.type} state; states are flat inside a region`)
    rejectNode(node, `${where}.${node.key}`)
  }
  const initial = region.initial.target[0] as AnyStateNode
  if (initial.entry.length > 0 || initial.always || region.initial.actions.length > 0)
    throw reject(
      `${where}.${initial.key}`,
      'an initial state with entry actions or eventless transitions would act before the first event; begin in a state before it',
    )
  return {
    name: region.key,
    initial: initial.key,
    states: nodes.map(n => ({
      name: n.key,
      entry: n.entry.map(a => readAction(machine, a, `${where}.${n.key} entry`)),
      exit: n.exit.map(a => readAction(machine, a, `${where}.${n.key} exit`)),
    })),
    transitions: nodes.flatMap(n => readTransitions(machine, region, n)),
  }
}

function readRegisters(machine: AnyStateMachine): Record<string, number> {
  const { context } = machine.config as { context?: unknown }
  if (typeof context === 'function')
    throw reject(machine.id, 'the context is written out as numbers, not computed')
  const registers = (context ?? {}) as Record<string, unknown>
  for (const [name, value] of Object.entries(registers))
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      throw reject(
        machine.id,
        `the register '${name}' starts as ${JSON.stringify(value)}; registers are whole numbers from 0`,
      )
  return registers as Record<string, number>
}

/**
 * Reads a machine of one region (a compound root) or of several parallel regions.
 *
 * @throws LowerError LOWER_MACHINE for anything outside the discipline
 */
export function readMachine(machine: AnyStateMachine): MachineTables {
  const { root } = machine
  const parallel = root.type === 'parallel'
  rejectNode(root, machine.id)
  if (parallel && (root.transitions.size > 0 || root.always || root.entry.length > 0 || root.exit.length > 0))
    throw reject(machine.id, 'transitions, entry and exit belong to states, not to the root')
  const regions = parallel ? (Object.values(root.states) as AnyStateNode[]) : [root]
  const registers = readRegisters(machine)
  for (const { key } of regions)
    if (Object.hasOwn(registers, key))
      throw reject(machine.id, `'${key}' is the name of a region and of a register; give one another name`)
  const nodes = regions.flatMap(r => Object.values(r.states) as AnyStateNode[])
  const events = [...new Set(nodes.flatMap(node => [...node.transitions.keys()]))]
  return { id: machine.id, regions: regions.map(r => readRegion(machine, r)), registers, events }
}

/**
 * Mutants of what a machine does: an action removed, doubled or replaced, a target replaced, or a field of a packet or an
 * assigned value replaced by another one of its kind. `enumerate.ts` mutates guards and transitions.
 */
import { LowerError } from '../../checker/lower/errors.ts'
import type { Action, MachineTables, State, Transition } from '../../checker/lower/machine.ts'
import { LoweredMachine } from '../../checker/lower/step.ts'
import { at, must } from '../../checker/text/at.ts'
import { packets } from '../../spec/machines/flow/transmit.ts'
import { edit } from '../defects/patch.ts'

/** The fields of each event of a machine. */
export type EventFields = Readonly<Record<string, readonly string[]>>

export interface ActionChange {
  readonly name: string
  readonly machine: LoweredMachine
  /** The transitions that do something else than in the original. */
  readonly takes: readonly string[]
}

type Compute = (args: { context: object; event: object }) => unknown

/** Expressions that may replace each other as a value of this field, over `context` and `event`. */
const VERSIONS = ['context.sndNxt', 'context.rcvNxt', 'context.version', 'context.peerVersion', '0']
const FLAG = ['0', '1']
const FLOWS = ['context.live', 'context.pending', 'event.flow', '0']
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  verno: VERSIONS,
  ackno: VERSIONS,
  version: VERSIONS,
  nonce: ['context.localNonce', 'context.peerNonce'],
  fin: FLAG,
  service: FLAG,
  srcFlow: ['context.localFlow', 'context.peerFlow'],
  dstFlow: ['context.peerFlow', 'context.localFlow'],
  from: ['context.local', 'context.nextLocal', 'event.to'],
  to: ['context.peer', 'context.nextPeer', 'event.from'],
  flows: FLOWS,
  flow: FLOWS,
}

/** Identifiers of one kind: another register of the group replaces a value. */
const IDENTIFIERS: readonly (readonly string[])[] = [
  ['localFlow', 'peerFlow'],
  ['localNonce', 'peerNonce'],
  ['local', 'peer', 'nextLocal', 'nextPeer'],
]

/** Registers whose values go around the circle of versions. */
const CIRCULAR: ReadonlySet<string> = new Set(['sndNxt', 'rcvNxt', 'version', 'peerVersion', 'known'])

/** Registers that are flags or sets of bits. */
const BITS: ReadonlySet<string> = new Set([
  ...['owed', 'claimed', 'opener', 'finished', 'heard'],
  ...['pending', 'live', 'unwanted', 'wished', 'backups', 'spared'],
])

/** Gives each register and field a value of its own, so that expressions with equal results are the same. */
const sample = new Proxy(
  {},
  {
    get: (_, name) =>
      name === 'space' ? 2 ** 20 : 1000 + [...String(name)].reduce((sum, c) => 31 * sum + c.charCodeAt(0), 0),
  },
)
const SAMPLE = { context: sample, event: sample }

/** Returns a function whose source lowering can read. Its body may call functions of the scope. */
const written = (body: string): Compute =>
  new Function(`return ({ context, event }) => (${body})`)() as Compute

/** Returns the event fields, or the registers, that a source reads. */
const readsOf = (source: string, of: 'event' | 'context'): string[] =>
  [...source.matchAll(new RegExp(`${of}\\.(\\w+)`, 'g'))].map(match => at(match, 1))

const sourcesOf = (action: Action): string =>
  action.kind === 'assign' ? Object.values(action.assignment).map(String).join(' ') : String(action.params)

/** Returns whether all of these events have the fields that `source` reads. */
const isReadable = (source: string, events: readonly string[], fields: EventFields): boolean =>
  events.every(event => readsOf(source, 'event').every(name => fields[event]?.includes(name)))

/** Effects that worlds cannot tell from the same effect twice: networks duplicate packets, and a timer that starts anew is one timer. */
const SAME_TWICE: ReadonlySet<string> = new Set([
  ...['transmit', 'notify', 'arm', 'renew', 'linger', 'readSynAck', 'readAck', 'challenge', 'keep'],
])

/** Small numbers, the same in each run. They stand for the registers and fields of one sample. */
const numbers = (seed: number): Record<string, number> =>
  new Proxy({} as Record<string, number>, {
    get: (own, name: string) => {
      if (name === 'space') return 16
      own[name] ??= [...`${name} ${seed}`].reduce((sum, c) => (31 * sum + c.charCodeAt(0)) % 65521, seed) % 8
      return own[name]
    },
  })

const SAMPLES = 64

/** Returns whether doing the action twice equals doing it once: always for some effects, in all samples for an assignment. */
function isIdempotent(action: Action): boolean {
  if (action.kind === 'effect') return SAME_TWICE.has(action.name)
  const entries = Object.entries(action.assignment)
  const after = (context: Record<string, number>, event: object): Record<string, unknown> =>
    Object.fromEntries(
      entries.map(([name, by]) => [name, typeof by === 'function' ? by({ context, event }) : by]),
    )
  return Array.from({ length: SAMPLES }, (_, seed) => {
    const [context, event] = [numbers(seed), numbers(seed + SAMPLES)]
    const once = after(context, event)
    const twice = after(Object.assign(Object.create(context), once), event)
    return entries.every(([name]) => once[name] === twice[name])
  }).every(Boolean)
}

/** A list of actions: of a transition, or of an entry or exit. */
interface Site {
  readonly id: string
  readonly actions: readonly Action[]
  /** The transitions that do these actions. */
  readonly takes: readonly string[]
  readonly events: readonly string[]
}

/** Returns the machine with the actions of each site replaced. */
function withActions(
  machine: LoweredMachine,
  change: (actions: readonly Action[], id: string) => readonly Action[],
): LoweredMachine {
  const regions = machine.tables.regions.map(region => ({
    ...region,
    states: region.states.map(state => ({
      ...state,
      entry: change(state.entry, `${region.name}.${state.name} entry`),
      exit: change(state.exit, `${region.name}.${state.name} exit`),
    })),
    transitions: region.transitions.map(t => ({ ...t, actions: change(t.actions, t.id) })),
  }))
  return new LoweredMachine({ ...machine.tables, regions } satisfies MachineTables, machine.scope)
}

/** Returns the same value for two uses of one action. */
const keyOf = ({ kind, name, params }: Action): unknown =>
  kind === 'effect' && typeof params === 'function' ? params : `${kind} ${name} ${JSON.stringify(params)}`

/** The names of packets, by the functions that compute them. */
const packetNames = new Map<unknown, string>(
  Object.entries(packets).map(([name, { params }]) => [params, name]),
)

/** All mutants of one machine's actions. */
export class ActionMutants {
  readonly #name: string
  readonly #machine: LoweredMachine
  readonly #fields: EventFields
  readonly #sites: readonly Site[]
  #names = 0
  /** Each action once, in the order of the machine. */
  readonly #actions: readonly Action[]

  constructor(name: string, machine: LoweredMachine, fields: EventFields) {
    this.#name = name
    this.#machine = machine
    this.#fields = fields
    this.#sites = machine.tables.regions.flatMap(region => [
      ...region.transitions.map(t => siteOf(t.id, t.actions, [t])),
      ...region.states.flatMap(state => sitesOf(region.name, state, region.transitions)),
    ])
    const all = this.#sites.flatMap(({ actions }) => actions)
    this.#actions = [...new Map(all.map(action => [keyOf(action), action])).values()]
  }

  *all(): Generator<ActionChange> {
    for (const site of this.#sites) yield* this.#ofSite(site)
    for (const t of this.#machine.transitions) if (t.target !== undefined) yield* this.#retargeted(t)
    for (const action of this.#actions) {
      if (action.kind === 'assign') yield* this.#ofAssign(action)
      else if (typeof action.params === 'function') yield* this.#ofPacket(action)
    }
  }

  *#ofSite({ id, actions, takes, events }: Site): Generator<ActionChange> {
    for (const [i, action] of actions.entries()) {
      const name = `${id}: ${this.#nameOf(action)}`
      const put = (...by: readonly Action[]): LoweredMachine =>
        withActions(this.#machine, (list, other) => (other === id ? list.toSpliced(i, 1, ...by) : list))
      yield { name: `${name} removed`, machine: put(), takes }
      if (!isIdempotent(action)) yield { name: `${name} twice`, machine: put(action, action), takes }
      const other = this.#neighbour(action, events)
      if (other) yield { name: `${name} replaced by ${this.#nameOf(other)}`, machine: put(other), takes }
    }
  }

  /** Returns the next action of this kind that these events can do. An effect must be done on each of them somewhere. */
  #neighbour(action: Action, events: readonly string[]): Action | undefined {
    const isDone = (other: Action): boolean => {
      const done = this.#placesOf(other).events
      return events.every(event => done.includes(event))
    }
    const isOfKind = (other: Action): boolean =>
      other.kind === action.kind &&
      (action.kind === 'assign'
        ? isReadable(sourcesOf(other), events, this.#fields)
        : typeof other.params === typeof action.params &&
          (action.params === undefined || other.name === action.name) &&
          isDone(other))
    const place = this.#actions.findIndex(other => keyOf(other) === keyOf(action))
    const after = [...this.#actions.slice(place + 1), ...this.#actions.slice(0, place)]
    return after.find(isOfKind)
  }

  #nameOf(action: Action): string {
    const of = packetNames.get(action.params)
    const params =
      of ?? (typeof action.params === 'object' ? Object.values(action.params ?? {}).join(' ') : '')
    return [action.name, params].filter(part => part !== '').join(' ')
  }

  /** Leads the transition to the next state of its region that makes no eventless cycle. */
  *#retargeted({ id, region: name, target }: Transition): Generator<ActionChange> {
    const region = must(this.#machine.tables.regions.find(one => one.name === name))
    const states = region.states.map(state => state.name)
    const place = states.indexOf(must(target))
    for (const other of [...states.slice(place + 1), ...states.slice(0, place)]) {
      const change = `${id}: to ${other} instead of ${target}`
      try {
        const machine = edit(this.#machine, [id], t => ({ ...t, target: other }))
        yield { name: change, machine, takes: [id] }
        return
      } catch (error) {
        if (!(error instanceof LowerError && error.code === 'LOWER_LOOP')) throw error
      }
    }
  }

  /** Returns the transitions that do an action, and their events. */
  #placesOf(action: Action): { readonly takes: string[]; readonly events: string[] } {
    const sites = this.#sites.filter(({ actions }) => actions.some(one => keyOf(one) === keyOf(action)))
    return { takes: sites.flatMap(site => site.takes), events: sites.flatMap(site => site.events) }
  }

  /** Returns a new name for an original function: one machine may contain many mutants. */
  #newName(): string {
    return `original${++this.#names}`
  }

  /** Returns the machine with the action replaced everywhere. The functions in `by` may call `original` by `name`. */
  #everywhere(action: Action, by: Action, name: string, original: unknown): LoweredMachine {
    const changed = withActions(this.#machine, list =>
      list.some(one => keyOf(one) === keyOf(action))
        ? list.map(one => (keyOf(one) === keyOf(action) ? by : one))
        : list,
    )
    return new LoweredMachine(changed.tables, { ...this.#machine.scope, [name]: original })
  }

  /** Returns whether the machine has all registers that a source reads. */
  #isKnown(source: string): boolean {
    return readsOf(source, 'context').every(name => Object.hasOwn(this.#machine.tables.registers, name))
  }

  *#ofPacket(action: Action): Generator<ActionChange> {
    const original = action.params as Compute
    const { takes, events } = this.#placesOf(action)
    const now = original(SAMPLE) as Readonly<Record<string, unknown>>
    for (const [field, candidates] of Object.entries(FIELDS)) {
      if (!(field in now)) continue
      const by = candidates.find(
        text =>
          this.#isKnown(text) &&
          isReadable(text, events, this.#fields) &&
          written(text)(SAMPLE) !== now[field],
      )
      if (by === undefined) continue
      const name = this.#newName()
      const params = written(`{ ...${name}({ context, event }), ${field}: ${by} }`)
      yield {
        name: `${this.#name} ${this.#nameOf(action)}: ${field} is ${by}`,
        machine: this.#everywhere(action, { ...action, params }, name, original),
        takes,
      }
    }
  }

  *#ofAssign(action: Extract<Action, { kind: 'assign' }>): Generator<ActionChange> {
    const { takes } = this.#placesOf(action)
    for (const [register, value] of Object.entries(action.assignment)) {
      const { [register]: _, ...rest } = action.assignment
      const name = `${this.#name} ${action.name}: ${register}`
      const original = this.#newName()
      const put = (assignment: Readonly<Record<string, unknown>>): LoweredMachine =>
        this.#everywhere(action, { ...action, assignment }, original, value)
      if (Object.keys(rest).length > 0) yield { name: `${name} not stored`, machine: put(rest), takes }
      const kind = IDENTIFIERS.find(names => names.includes(register))
      const other = kind?.find(one => one !== register)
      const was = typeof value === 'function' ? `${original}({ context, event })` : String(value)
      const by = other === undefined ? offByOne(register, was) : `context.${other}`
      yield {
        name: `${name} is ${other ?? 'off by one'}`,
        machine: put({ ...rest, [register]: written(by) }),
        takes,
      }
    }
  }
}

/** Returns a value beside the original one: the next version, another lowest bit, or a count of one less. */
function offByOne(register: string, was: string): string {
  if (CIRCULAR.has(register)) return `next(${was}, context.space)`
  return BITS.has(register)
    ? `((${was}) & 1) === 0 ? (${was}) + 1 : (${was}) - 1`
    : `(${was}) > 0 ? (${was}) - 1 : 1`
}

const siteOf = (id: string, actions: readonly Action[], by: readonly Transition[]): Site => ({
  id,
  actions,
  takes: by.map(t => t.id),
  events: [...new Set(by.map(t => t.event))],
})

function sitesOf(region: string, state: State, transitions: readonly Transition[]): Site[] {
  const entering = transitions.filter(t => t.target === state.name)
  const leaving = transitions.filter(t => t.source === state.name && t.target !== undefined)
  return [
    siteOf(`${region}.${state.name} entry`, state.entry, entering),
    siteOf(`${region}.${state.name} exit`, state.exit, leaving),
  ]
}

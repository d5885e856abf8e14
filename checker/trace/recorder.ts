import { viewOf } from '../lower/view.ts'
import type { RuleOrigin } from '../lower/world.ts'
import type { State, Step } from '../search/walk.ts'
import { at, must } from '../text/at.ts'
import type { TraceStep } from './format.ts'
import type { Setting } from './setting.ts'

/** An enabled rule, and its label in traces. */
export interface Choice {
  readonly rule: number
  readonly label: string
}

/** Walks through a setting step by step and records what happens. */
export class Recorder {
  readonly #setting: Setting
  readonly #names: Map<string, RegisterName>
  readonly #events: Map<string, string>
  readonly steps: TraceStep[] = []
  readonly initial: Step
  /** The rules taken, by index, and the states passed, one more than rules. */
  readonly rules: number[] = []
  readonly states: State[]
  #state: State

  constructor(setting: Setting) {
    this.#setting = setting
    this.#state = setting.walk.initial()
    this.initial = setting.walk.look(this.#state)
    this.states = [this.#state]
    this.#names = registerNames(setting)
    this.#events = eventsOfTransitions(setting)
  }

  get state(): State {
    return this.#state
  }

  /**
   * Returns the choices of the current state. Labels are unique: if rules with the same label lead to different
   * states, as when one of two equal packets in a queue is lost, the later ones are numbered.
   */
  choices(): Choice[] {
    const view = this.#view()
    const seen = new Map<string, number>()
    return this.#setting.walk.enabled(this.#state).map(rule => {
      const label = this.#label(view, rule)
      const count = (seen.get(label) ?? 0) + 1
      seen.set(label, count)
      return { rule, label: count === 1 ? label : `${label} (${count})` }
    })
  }

  /** Makes a choice of {@link choices} and records it. */
  take({ rule, label }: Choice): TraceStep {
    const { walk, world, actors, model } = this.#setting
    const origin = at(world.origins, rule)
    const [before, was] = [this.#view(), walk.decode(this.#state)]
    const done = walk.take(this.#state, rule)
    this.#state = done.state
    const after = this.#view()
    const fired = done.coverage.map(point => at(walk.system.coverage, point))
    const packet = packetOf(before, origin)
    // A model describes views of its own world; these are of this world.
    const describe = (view: View, packed: number) => model.describe(view as never, packed)
    const step: TraceStep = {
      index: this.steps.length + 1,
      rule: origin.spec.name,
      choice: label,
      who: done.seen[0] ?? actors[origin.args.f ?? -1]?.name ?? '',
      event: this.#events.get(fired[0] ?? '') ?? '',
      ...(packet === 0 ? {} : { packet: describe(before, packet) }),
      sent: added(before.net ?? [], after.net ?? []).map(p => describe(after, p)),
      fired,
      changes: this.#changes(was, walk.decode(this.#state)),
      failed: [...done.failed],
    }
    this.steps.push(step)
    this.rules.push(rule)
    this.states.push(this.#state)
    return step
  }

  #view(): View {
    return viewOf(this.#setting.world.spec.shape, this.#setting.walk.decode(this.#state)) as View
  }

  #label(view: View, rule: number): string {
    const { spec, args } = at(this.#setting.world.origins, rule)
    // The types of a world's state and arguments are its own; these are this world's.
    return spec.label?.(view as never, args as never) ?? [spec.name, ...Object.values(args)].join(' ')
  }

  #changes(was: Values, is: Values): TraceStep['changes'] {
    const changed = [...this.#names].filter(([variable]) => was[variable] !== is[variable])
    return Object.fromEntries(
      changed.map(([variable, { name, read }]) => [
        name,
        [read(must(was[variable], variable)), read(must(is[variable], variable))],
      ]),
    )
  }
}

/** The part of a state that all worlds with a network share. */
interface View {
  readonly net?: readonly number[]
}

type Values = Readonly<Record<string, number>>

/**
 * A register's name in traces, such as `client.connection` for `flow[0].connection`, and its values, states by
 * name.
 */
interface RegisterName {
  readonly name: string
  readonly read: (value: number) => number | string
}

/**
 * Returns all registers but the network's places. The registers of a machine stand in a place, or an array of
 * places, named like the machine.
 */
function registerNames({ world, actors }: Setting): Map<string, RegisterName> {
  const states = (machine: string, region: string) =>
    world.spec.machines[machine]?.tables.regions.find(({ name }) => name === region)?.states
  return new Map(
    world.system.variables.flatMap(({ name }): [string, RegisterName][] => {
      if (name.startsWith('net[')) return []
      const [owner = '', register = ''] = name.split('.')
      const named = states(owner.replace(/\[\d+\]$/, ''), register) ?? states(register, register)
      const actor = actors.find(({ place }) => place === owner)
      const read = (value: number) => named?.[value]?.name ?? value
      return [[name, { name: actor ? `${actor.name}.${register}` : name, read }]]
    }),
  )
}

function eventsOfTransitions({ world }: Setting): Map<string, string> {
  return new Map(
    Object.entries(world.spec.machines).flatMap(([name, { transitions }]) =>
      transitions.map(({ id, event }): [string, string] => [`${name} ${id}`, event]),
    ),
  )
}

/** Returns the packet at the place of the network that a rule is about, or 0. */
const packetOf = (view: View, { args }: RuleOrigin): number =>
  args.m === undefined ? 0 : (view.net?.[args.m] ?? 0)

/** Returns the packets of `after` that `before` does not have. */
function added(before: readonly number[], after: readonly number[]): number[] {
  const rest = [...before]
  return after.filter(packet => {
    const at = rest.indexOf(packet)
    if (at >= 0) rest.splice(at, 1)
    return packet !== 0 && at < 0
  })
}

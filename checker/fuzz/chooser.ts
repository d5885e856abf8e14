import type { RuleKind } from '../ir/ir.ts'
import type { World } from '../lower/world.ts'
import type { State } from '../search/walk.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import { ROLE } from '../../spec/worlds/flow/state.ts'

/**
 * What a state is good for. A walk that chooses evenly is closed most of the time; the interesting ones are those where
 * ends are connected and may still move.
 */
const PHASES = ['opening', 'moving', 'settled', 'ending'] as const
type Phase = (typeof PHASES)[number]

type Weights = Readonly<Record<Phase, number>>

const even = (weight: number): Weights => ({
  opening: weight,
  moving: weight,
  settled: weight,
  ending: weight,
})

/** How likely each family of rules is, against the others that can be taken; found by watching coverage. */
const FAMILIES: Readonly<Record<string, Weights>> = {
  deliver: even(60),
  resolve: even(60),
  listen: even(60),
  connect: even(60),
  accept: even(15),
  timeout: even(15),
  expire: { ...even(10), ending: 20 },
  lose: { ...even(8), moving: 15 },
  duplicate: { ...even(5), moving: 10 },
  send: even(10),
  move: { ...even(30), ending: 15 },
  close: { opening: 3, moving: 2, settled: 20, ending: 30 },
  abort: even(1),
  'give up': even(1),
}

/** Families that a model adds. */
const OTHERS: Readonly<Record<RuleKind, Weights>> = {
  protocol: even(20),
  environment: even(10),
  fault: even(15),
}

/** What a walk's mood multiplies a family by: swarm testing (Groce et al., ISSTA 2012) finds more by leaving things out. */
const MOODS = [0, 1, 1, 4] as const

/** Without these nothing begins, so no mood leaves them out. */
const ALWAYS: ReadonlySet<string> = new Set(['listen', 'connect'])

/** Chooses among rules by weights that depend on the state. */
export class Chooser {
  /** Families of rules that stand beside each other. */
  readonly families: number
  readonly #familyOf: readonly number[]
  readonly #isLive: readonly boolean[]
  readonly #moody: readonly boolean[]
  /** By phase, then family. */
  readonly #weights: readonly (readonly number[])[]
  readonly #flows: readonly Followed[]

  /** For the rules with these indexes only, or for all. */
  constructor(world: World, rules: readonly number[] = world.origins.map((_, rule) => rule)) {
    const names = [...new Set(rules.map(rule => world.origins[rule]!.spec.name))]
    const kinds = names.map(name => world.origins.find(({ spec }) => spec.name === name)!.spec.kind)
    this.families = names.length
    this.#familyOf = rules.map(rule => names.indexOf(world.origins[rule]!.spec.name))
    this.#isLive = kinds.map(kind => kind !== 'fault')
    this.#moody = names.map((name, family) => kinds[family] !== 'protocol' && !ALWAYS.has(name))
    this.#weights = PHASES.map(phase =>
      names.map((name, family) => (FAMILIES[name] ?? OTHERS[kinds[family]!])[phase]),
    )
    this.#flows = followed(world)
  }

  /** The weights of one walk, by phase and family: `mood` has a number for each family. */
  mood(mood: readonly number[]): number[][] {
    return this.#weights.map(phase =>
      phase.map((weight, family) =>
        this.#moody[family] ? weight * MOODS[mood[family]! % MOODS.length]! : weight,
      ),
    )
  }

  /**
   * One of `enabled`: first a family by weight, then a member of it. -1 when there is none, or nothing but faults.
   * @param pick a number below 2^31, even throughout
   */
  choose(state: State, enabled: readonly number[], weights: readonly (readonly number[])[], pick: number) {
    const inPhase = weights[this.#phase(state)]!
    let [total, family, live] = [0, -1, false]
    for (const rule of enabled) {
      if (this.#familyOf[rule] === family) continue
      family = this.#familyOf[rule]!
      total += inPhase[family]!
      live ||= this.#isLive[family]!
    }
    return live && total > 0 ? this.#member(enabled, inPhase, pick % total, Math.floor(pick / total)) : -1
  }

  #member(enabled: readonly number[], weights: readonly number[], at: number, which: number): number {
    let [left, from] = [at, 0]
    for (;;) {
      const family = this.#familyOf[enabled[from]!]!
      let to = from
      while (to < enabled.length && this.#familyOf[enabled[to]!] === family) to++
      left -= weights[family]!
      if (left < 0) return enabled[from + (which % (to - from))]!
      from = to
    }
  }

  #phase(state: State): number {
    let [opening, ending, movable] = [true, false, false]
    for (const { connection, moves, mayMove } of this.#flows) {
      const at = state[connection]!
      if (at > CONNECTION.CONNECTED) ending = true
      if (at === CONNECTION.CONNECTED) opening = false
      if (moves >= 0 && state[moves]! < mayMove) movable = true
    }
    return ending ? 3 : opening ? 0 : movable ? 1 : 2
  }
}

/** Where the state of a flow, in worlds that have any, is among the variables; -1 for what it does not have. */
interface Followed {
  readonly connection: number
  readonly moves: number
  readonly mayMove: number
}

function followed({ spec, system }: World): Followed[] {
  const { flow = [] } = spec.shape as unknown as { flow?: readonly { role: number; mayMove: number }[] }
  const indexOf = (name: string) => system.variables.findIndex(variable => variable.name === name)
  return flow.flatMap(({ role, mayMove }, index) =>
    role === ROLE.LISTENER
      ? []
      : [
          {
            connection: indexOf(`flow[${index}].connection`),
            moves: indexOf(`flow[${index}].moves`),
            mayMove,
          },
        ],
  )
}

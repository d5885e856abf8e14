/** A closed world to explore, with bounds, lowered on demand. */

import type { Shape } from '../../checker/lower/value.ts'
import { lowerWhenRead } from '../../checker/lower/world.ts'
import type { RuleSpec, StateOf, WitnessSpec, WorldSpec, WorldView } from '../../checker/lower/worldSpec.ts'
import { must } from '../../checker/text/at.ts'
import type { Actor, Bounds, PacketFields, Range, TracedModel } from '../../checker/trace/model.ts'
import { type Invariants, livenessOf } from './invariant.ts'
import { promptBound, promptRules } from './prompt.ts'

export type { Actor, Bounds, PacketFields, Replacement } from '../../checker/trace/model.ts'

/** The arguments of rules: flow, message, address, binding, queue, packet and so on. Each world says which values they take. */
type ArgumentName =
  | 'a'
  | 'b'
  | 'e'
  | 'f'
  | 'k'
  | 'm'
  | 'n'
  | 'p'
  | 'proved'
  | 'q'
  | 'r'
  | 'rule'
  | 's'
  | 'to'
  | 'v'

type Arguments = Readonly<Record<ArgumentName, number>>

/** A rule of one of SAL's worlds. */
export interface WorldRule<W> extends RuleSpec<W, Arguments> {
  /** A timer fires. Prompt worlds have no such rule. */
  readonly timer?: true
}

/** One bound of a model: what it bounds, and the value that `--deep` gives it, besides its default and its range. */
export interface Bound extends Range {
  readonly what: string
  readonly deep: number
}

/** A model of SAL: what a trace needs to know of it, and what people read. */
export interface Model extends TracedModel {
  /** The properties of the protocol that it shows. */
  readonly shows: string
  readonly leavesOut: string
  readonly bounds: Readonly<Record<string, Bound>>
  /** The bounds of its prompt world that differ from those of the world itself, if it has one. */
  readonly prompt?: Bounds
  readonly invariants: Invariants
}

/** The values of all bounds of a model. */
export type Values<Name extends string> = Readonly<Record<Name, number>>

/** Returns the values of all bounds. Throws when one is missing. */
export const valuesOf = <Name extends string>(bounds: Readonly<Record<Name, Bound>>, given: Bounds) =>
  Object.fromEntries(Object.keys(bounds).map(name => [name, must(given[name], name)])) as Values<Name>

/** The part of a model that defines its world. */
interface WorldOf<S extends Shape, D extends string>
  extends Pick<WorldSpec<S, D, Arguments>, 'shape' | 'did' | 'machines' | 'effects' | 'scope'> {
  readonly rules: readonly WorldRule<WorldView<S, D>>[]
}

/** The definition of a model. `Name` names its bounds; its world's state has shape `S` and the cells `D` of a step. */
interface ModelSpec<Name extends string, S extends Shape, D extends string>
  extends Pick<Model, 'name' | 'shows' | 'leavesOut' | 'prompt'> {
  readonly bounds: Readonly<Record<Name, Bound>>
  readonly world: (bounds: Values<Name>) => WorldOf<S, D>
  readonly invariants: Invariants<WorldView<S, D>>
  readonly witnesses: readonly WitnessSpec<WorldView<S, D>>[]
  /** True if the world may stop in this state. */
  readonly final: (w: StateOf<WorldView<S, D>>) => boolean
  readonly actors: (bounds: Values<Name>) => readonly Actor[]
  readonly describe: (w: WorldView<S, D>, packet: number) => PacketFields
}

/** Returns the rules and the checks of a prompt world. A run that ends before its goal violates promptness. */
function promptChecks<W>(invariants: Invariants<W>, rules: readonly WorldRule<W>[]) {
  const taken = promptRules(rules)
  return {
    rules: taken,
    invariants: [],
    recoveries: [],
    liveness: livenessOf(invariants, taken, true),
    witnesses: [],
    final: () => true,
  }
}

/** Returns the model of a definition. Its world is lowered when it is asked for. */
export function modelOf<Name extends string, S extends Shape, D extends string>(
  spec: ModelSpec<Name, S, D>,
): Model {
  const { name, invariants, witnesses, final } = spec
  const bounds = spec.prompt ? { ...spec.bounds, ...promptBound } : spec.bounds
  const checks = { invariants: invariants.safety, recoveries: invariants.recoveries, witnesses, final }
  return {
    ...spec,
    bounds,
    actors: given => spec.actors(valuesOf(bounds, given)),
    world: (given, replacement = {}) => {
      const world = spec.world(valuesOf(bounds, given))
      return lowerWhenRead({
        ...world,
        name,
        machines: { ...world.machines, ...replacement.machines },
        scope: { ...world.scope, ...replacement.scope },
        ...(given.prompt === 1
          ? promptChecks(invariants, world.rules)
          : { ...checks, liveness: livenessOf(invariants, world.rules) }),
      })
    },
  }
}

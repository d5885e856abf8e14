/** A closed world to explore, with bounds, lowered on demand. */

import type { Shape } from '../../checker/lower/value.ts'
import { lowerWorld } from '../../checker/lower/world.ts'
import type { RuleSpec, WitnessSpec, WorldSpec, WorldView } from '../../checker/lower/worldSpec.ts'
import { must } from '../../checker/text/at.ts'
import type { Actor, Bounds, PacketFields, Range, TracedModel } from '../../checker/trace/model.ts'
import { type Invariants, livenessOf } from './invariant.ts'

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
export type WorldRule<W> = RuleSpec<W, Arguments>

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
  readonly invariants: Invariants
}

/** The values of all bounds of a model. */
export type Values<Name extends string> = Readonly<Record<Name, number>>

/** Returns the values of all bounds. Throws when one is missing. */
export const valuesOf = <Name extends string>(bounds: Readonly<Record<Name, Bound>>, given: Bounds) =>
  Object.fromEntries(Object.keys(bounds).map(name => [name, must(given[name], name)])) as Values<Name>

/** The definition of a model. `Name` names its bounds; its world's state has shape `S` and the cells `D` of a step. */
interface ModelSpec<Name extends string, S extends Shape, D extends string>
  extends Pick<Model, 'name' | 'shows' | 'leavesOut'> {
  readonly bounds: Readonly<Record<Name, Bound>>
  readonly world: (
    bounds: Values<Name>,
  ) => Pick<WorldSpec<S, D, Arguments>, 'shape' | 'did' | 'machines' | 'effects' | 'scope' | 'rules'>
  readonly invariants: Invariants<WorldView<S, D>>
  readonly witnesses: readonly WitnessSpec<WorldView<S, D>>[]
  /** Whether the world may rest as it is. */
  readonly final: (w: WorldView<S, D>) => boolean
  readonly actors: (bounds: Values<Name>) => readonly Actor[]
  readonly describe: (w: WorldView<S, D>, packet: number) => PacketFields
}

/** Returns the model of a definition. Its world is lowered when it is asked for. */
export function modelOf<Name extends string, S extends Shape, D extends string>(
  spec: ModelSpec<Name, S, D>,
): Model {
  const { name, bounds, invariants, witnesses, final } = spec
  return {
    ...spec,
    actors: given => spec.actors(valuesOf(bounds, given)),
    world: (given, replacement = {}) => {
      const world = spec.world(valuesOf(bounds, given))
      return lowerWorld({
        ...world,
        name,
        machines: { ...world.machines, ...replacement.machines },
        scope: { ...world.scope, ...replacement.scope },
        invariants: invariants.safety,
        recoveries: invariants.recoveries,
        liveness: livenessOf(invariants, world.rules),
        witnesses,
        final,
      })
    },
  }
}

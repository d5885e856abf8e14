/** A closed world to explore, with bounds, lowered on demand. */

import { holdsFlowId } from '../flow/identity.ts'
import { flow, flowScope } from '../flow/lowered.ts'
import * as notices from '../flow/notices.ts'
import { KINDS } from '../flow/packets.ts'
import { CONNECTION, MIGRATION } from '../flow/states.ts'
import { invariantScope, recoveries, safety } from '../invariants/index.ts'
import { listenerMachine, sameSyn } from '../listener/machine.ts'
import { type LoweredMachine, lower } from '../lower/step.ts'
import {
  type World as LoweredWorld,
  lowerWorld,
  type RuleSpec,
  type WitnessSpec,
  type WorldSpec,
} from '../lower/world.ts'
import * as attackers from './attackers.ts'
import * as network from './network.ts'
import * as packet from './packet.ts'
import * as rules from './rules.ts'
import { DID, modelShape, type Options, type Part, ROLE, type World } from './shape.ts'
import * as stage from './stage.ts'

/** One bound of a model: its default, what `--deep` makes of it, and the range that it may have. */
export interface Bound {
  readonly what: string
  readonly default: number
  readonly deep: number
  readonly min: number
  readonly max: number
}

export type Bounds = Readonly<Record<string, number>>

export interface Scene {
  readonly parts: readonly Part[]
  readonly options: Options
  /** Rules beyond those of every model. */
  readonly rules?: readonly RuleSpec<World>[]
  readonly scope?: Readonly<Record<string, unknown>>
}

export interface Model {
  readonly name: string
  /** What it shows. */
  readonly shows: string
  /** What it leaves out. */
  readonly leavesOut: string
  readonly bounds: Readonly<Record<string, Bound>>
  readonly scene: (bounds: Bounds) => Scene
  readonly witnesses: readonly WitnessSpec<World>[]
}

/** What a defect puts in place of the machines and functions that are right. */
export interface Replacement {
  readonly machines?: Readonly<Record<string, LoweredMachine>>
  readonly scope?: Readonly<Record<string, unknown>>
}

const listener = lower(listenerMachine)

const scope = {
  ...flowScope,
  ...notices,
  ...{ CONNECTION, MIGRATION, KINDS, ROLE, holdsFlowId, sameSyn },
  ...network,
  ...packet,
  ...rules,
  ...stage,
  ...attackers,
  ...invariantScope,
}

/** Terms of states; a flow's notices have some of the same names. */
const states = { ...CONNECTION, ...MIGRATION }

export function lowerModel(model: Model, bounds: Bounds, replacement: Replacement = {}): LoweredWorld {
  const scene = model.scene(bounds)
  const { options, parts } = scene
  const spec: WorldSpec = {
    name: model.name,
    shape: modelShape(parts, options),
    did: DID,
    machines: { flow, listener, ...replacement.machines },
    effects: stage.effects as never,
    scope: { ...scope, ...states, ...scene.scope, ...replacement.scope },
    rules: [
      ...rules.rulesOf(parts, options.capacity, options.widths.addresses),
      ...(scene.rules ?? []),
    ] as never,
    invariants: safety as never,
    recoveries: recoveries as never,
    witnesses: model.witnesses as never,
    final: isFinal as never,
  }
  return lowerWorld(spec)
}

/** Everything may rest as it is: flows that are open and idle, half-closed, gone or never begun. */
const isFinal = (w: World): boolean => w.flow.every(f => f.owed === 0)

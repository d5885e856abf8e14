/** Models of flows on hosts, with a listener and a network: what all of them are made of. */

import type { LoweredMachine } from '../../../checker/lower/step.ts'
import type { Shape } from '../../../checker/lower/value.ts'
import {
  type LoweredWorld,
  lowerWorld,
  type WitnessSpec,
  type WorldSpec,
} from '../../../checker/lower/world.ts'
import { at } from '../../../checker/text/at.ts'
import { flow, flowScope } from '../../machines/flow/compiled.ts'
import { holdsFlowId } from '../../machines/flow/identity.ts'
import * as notices from '../../machines/flow/notices.ts'
import { KINDS } from '../../machines/flow/packets.ts'
import { CONNECTION, MIGRATION } from '../../machines/flow/states.ts'
import { listener } from '../../machines/listener/compiled.ts'
import * as handshakes from '../../machines/listener/handshakes.ts'
import { sameSyn } from '../../machines/listener/machine.ts'
import { type Invariants, livenessOf } from '../invariant.ts'
import type { Actor, Bounds, Model, PacketFields, Replacement, WorldRule } from '../model.ts'
import * as network from '../network.ts'
import * as attackers from './attackers.ts'
import * as stage from './effects.ts'
import { flowInvariants } from './invariants/index.ts'
import * as packet from './packet.ts'
import * as rules from './rules.ts'
import { ACTED, DID, type FlowWorld, modelShape, type Options, type Part, ROLE } from './state.ts'
import * as stateless from './stateless.ts'
import * as terms from './terms.ts'

export interface Scene {
  readonly parts: readonly Part[]
  readonly options: Options
  /** Rules beyond those of every model. */
  readonly rules?: readonly WorldRule<FlowWorld>[]
  readonly scope?: Readonly<Record<string, unknown>>
  /** What else is in the world: more state, machines, and effects, of flows too. */
  readonly beside?: Beside
}

export interface Beside {
  readonly shape: Readonly<Record<string, Shape>>
  readonly did: readonly string[]
  readonly machines: Readonly<Record<string, LoweredMachine>>
  readonly effects: Readonly<Record<string, (w: never, self: never, params: never) => void>>
}

/** What one model of flows says of itself. */
interface Staging extends Pick<Model, 'name' | 'shows' | 'leavesOut' | 'bounds'> {
  readonly scene: (bounds: Bounds) => Scene
  readonly witnesses: readonly WitnessSpec<FlowWorld>[]
  /** Those of flows unless told. */
  readonly invariants?: Invariants
}

export interface FlowModel extends Model {
  readonly scene: (bounds: Bounds) => Scene
}

export const isFlowModel = (model: Model): model is FlowModel => 'scene' in model

const scope = {
  ...flowScope,
  ...notices,
  ...handshakes,
  ...{ CONNECTION, MIGRATION, KINDS, ROLE, ACTED, holdsFlowId, sameSyn },
  ...network,
  ...packet,
  ...rules,
  ...stage,
  ...stateless,
  ...attackers,
  ...terms,
}

/** Terms of states; a flow's notices have some of the same names. */
const states = { ...CONNECTION, ...MIGRATION }

export const flowModel = ({ invariants = flowInvariants, ...staging }: Staging): FlowModel => ({
  ...staging,
  invariants,
  world: (bounds, replacement) => lowerScene({ ...staging, invariants }, bounds, replacement),
  actors: bounds => staging.scene(bounds).parts.map(actorOf),
  describe: describePacket as never,
})

function lowerScene(
  { name, scene: sceneOf, witnesses, invariants }: Required<Staging>,
  bounds: Bounds,
  replacement: Replacement = {},
): LoweredWorld {
  const scene = sceneOf(bounds)
  const { options, parts, beside } = scene
  const all = [...rules.rulesOf(parts, options.capacity, options.widths.addresses), ...(scene.rules ?? [])]
  const spec: WorldSpec = {
    name,
    shape: { ...modelShape(parts, options), ...beside?.shape },
    did: [...DID, ...(beside?.did ?? [])],
    machines: { flow, listener, ...beside?.machines, ...replacement.machines },
    effects: { ...stage.effects, ...beside?.effects },
    scope: { ...scope, ...states, ...scene.scope, ...replacement.scope },
    rules: all as never,
    invariants: invariants.safety as never,
    recoveries: invariants.recoveries as never,
    liveness: livenessOf(invariants, all) as never,
    witnesses: witnesses as never,
    final: isFinal as never,
  }
  return lowerWorld(spec)
}

/** Everything may rest as it is: flows that are open and idle, half-closed, gone or never begun. */
const isFinal = (w: FlowWorld): boolean => w.flow.every(f => f.owed === 0)

const actorOf = ({ name, addresses, nonce }: Part, index: number): Actor => ({
  name,
  addresses,
  place: `flow[${index}]`,
  acts: { cell: 'flow', value: nonce },
})

function describePacket(w: FlowWorld, packed: number): PacketFields {
  const { kind, from, to, srcFlow, dstFlow, verno, ackno, nonce, fin } = packet.unpack(w, packed)
  return { kind: at(KINDS, kind), from, to, srcFlow, dstFlow, verno, ackno, nonce, fin }
}

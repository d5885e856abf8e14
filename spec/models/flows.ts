/** Models of flows on hosts, with a listener and a network: what all of them are made of. */

import { holdsFlowId } from '../flow/identity.ts'
import { flow, flowScope } from '../flow/lowered.ts'
import * as notices from '../flow/notices.ts'
import { KINDS } from '../flow/packets.ts'
import { CONNECTION, MIGRATION } from '../flow/states.ts'
import { flowInvariants, invariantScope } from '../invariants/index.ts'
import { listenerMachine, sameSyn } from '../listener/machine.ts'
import { lower } from '../lower/step.ts'
import {
  type World as LoweredWorld,
  lowerWorld,
  type RuleSpec,
  type WitnessSpec,
  type WorldSpec,
} from '../lower/world.ts'
import * as attackers from './attackers.ts'
import type { Actor, Bounds, Model, PacketFields, Replacement } from './model.ts'
import * as network from './network.ts'
import * as packet from './packet.ts'
import * as rules from './rules.ts'
import { DID, modelShape, type Options, type Part, ROLE, type World } from './shape.ts'
import * as stage from './stage.ts'

export interface Scene {
  readonly parts: readonly Part[]
  readonly options: Options
  /** Rules beyond those of every model. */
  readonly rules?: readonly RuleSpec<World>[]
  readonly scope?: Readonly<Record<string, unknown>>
}

/** What one model of flows says of itself. */
interface Staging extends Pick<Model, 'name' | 'shows' | 'leavesOut' | 'bounds'> {
  readonly scene: (bounds: Bounds) => Scene
  readonly witnesses: readonly WitnessSpec<World>[]
}

export interface FlowModel extends Model {
  readonly scene: (bounds: Bounds) => Scene
}

export const isFlowModel = (model: Model): model is FlowModel => 'scene' in model

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

export const flowModel = ({ witnesses, ...staging }: Staging): FlowModel => ({
  ...staging,
  invariants: flowInvariants,
  world: (bounds, replacement) => lowerScene(staging.name, staging.scene(bounds), witnesses, replacement),
  actors: bounds => staging.scene(bounds).parts.map(actorOf),
  describe: describePacket as never,
})

function lowerScene(
  name: string,
  scene: Scene,
  witnesses: readonly WitnessSpec<World>[],
  replacement: Replacement = {},
): LoweredWorld {
  const { options, parts } = scene
  const spec: WorldSpec = {
    name,
    shape: modelShape(parts, options),
    did: DID,
    machines: { flow, listener, ...replacement.machines },
    effects: stage.effects as never,
    scope: { ...scope, ...states, ...scene.scope, ...replacement.scope },
    rules: [
      ...rules.rulesOf(parts, options.capacity, options.widths.addresses),
      ...(scene.rules ?? []),
    ] as never,
    invariants: flowInvariants.safety as never,
    recoveries: flowInvariants.recoveries as never,
    witnesses: witnesses as never,
    final: isFinal as never,
  }
  return lowerWorld(spec)
}

/** Everything may rest as it is: flows that are open and idle, half-closed, gone or never begun. */
const isFinal = (w: World): boolean => w.flow.every(f => f.owed === 0)

const actorOf = ({ name, addresses, nonce }: Part, index: number): Actor => ({
  name,
  addresses,
  place: `flow[${index}]`,
  acts: { cell: 'flow', value: nonce },
})

function describePacket(w: World, packed: number): PacketFields {
  const { kind, from, to, srcFlow, dstFlow, verno, ackno, nonce, fin } = packet.unpack(w, packed)
  return { kind: KINDS[kind]!, from, to, srcFlow, dstFlow, verno, ackno, nonce, fin }
}

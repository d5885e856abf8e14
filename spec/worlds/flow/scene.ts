/** Models of flows on hosts, with a listener and a network: what all of them are made of. */

import type { Shape } from '../../../checker/lower/value.ts'
import type { AnyWorld, WitnessSpec } from '../../../checker/lower/worldSpec.ts'
import { at } from '../../../checker/text/at.ts'
import { flow, flowScope } from '../../machines/flow/compiled.ts'
import { holdsFlowId } from '../../machines/flow/identity.ts'
import * as notices from '../../machines/flow/notices.ts'
import { KINDS } from '../../machines/flow/packets.ts'
import { CONNECTION, MIGRATION } from '../../machines/flow/states.ts'
import { listener } from '../../machines/listener/compiled.ts'
import * as handshakes from '../../machines/listener/handshakes.ts'
import { sameSyn } from '../../machines/listener/machine.ts'
import type { Invariants } from '../invariant.ts'
import {
  type Actor,
  type Bound,
  type Bounds,
  type Model,
  modelOf,
  type PacketFields,
  type Values,
  valuesOf,
  type WorldRule,
} from '../model.ts'
import * as network from '../network.ts'
import * as attackers from './attackers.ts'
import * as stage from './effects.ts'
import { flowInvariants } from './invariants/index.ts'
import * as packet from './packet.ts'
import * as rules from './rules.ts'
import {
  ACTED,
  DID,
  type FlowSlot,
  type FlowState,
  type FlowWorld,
  modelShape,
  NOTICE,
  type Options,
  ROLE,
} from './state.ts'
import * as stateless from './stateless.ts'
import * as terms from './terms.ts'
import * as truth from './truth.ts'

export interface Scene<W extends FlowWorld = FlowWorld> {
  readonly slots: readonly FlowSlot[]
  readonly options: Options
  /** Rules beyond those of every model. */
  readonly rules?: readonly WorldRule<W>[]
  readonly scope?: Readonly<Record<string, unknown>>
  /** What else is in the world `W`: more state, machines, and effects, of flows too. */
  readonly beside?: Beside
}

export interface Beside extends Pick<AnyWorld, 'did' | 'machines' | 'effects'> {
  readonly shape: Readonly<Record<string, Shape>>
}

/** What one model of flows says of itself. `Name` names its bounds. */
interface Staging<Name extends string, W extends FlowWorld>
  extends Pick<Model, 'name' | 'shows' | 'leavesOut' | 'prompt'> {
  readonly bounds: Readonly<Record<Name, Bound>>
  readonly scene: (bounds: Values<Name>) => Scene<W>
  readonly witnesses: readonly WitnessSpec<W>[]
  /** By default those of flows. */
  readonly invariants?: Invariants<W>
}

export interface FlowModel extends Model {
  readonly slots: (bounds: Bounds) => readonly FlowSlot[]
}

export const isFlowModel = (model: Model): model is FlowModel => 'slots' in model

const scope = {
  ...flowScope,
  ...notices,
  ...handshakes,
  ...{ CONNECTION, MIGRATION, KINDS, ROLE, ACTED, NOTICE, holdsFlowId, sameSyn },
  ...network,
  ...packet,
  ...rules,
  ...stage,
  ...stateless,
  ...attackers,
  ...terms,
  ...truth,
}

/** Terms of states; a flow's notices have some of the same names. */
const states = { ...CONNECTION, ...MIGRATION }

export function flowModel<Name extends string, W extends FlowWorld = FlowWorld>(
  staging: Staging<Name, W>,
): FlowModel
/** Takes the model for one of flows alone: a scene puts what its own rules and properties see beside the flows. */
export function flowModel(staging: Staging<string, FlowWorld>): FlowModel {
  const { scene: sceneOf, invariants = flowInvariants, witnesses, ...rest } = staging
  const model = modelOf({
    ...rest,
    invariants,
    witnesses: [...witnesses, dataArrives],
    world: (bounds: Bounds) => worldOf(sceneOf(bounds), bounds.prompt ?? 0),
    final: isFinal,
    actors: bounds => sceneOf(bounds).slots.map(actorOf),
    describe: describePacket,
  })
  return { ...model, slots: bounds => sceneOf(valuesOf(staging.bounds, bounds)).slots }
}

function worldOf(scene: Scene, prompt: number) {
  const { slots, beside } = scene
  const options = { ...scene.options, prompt }
  return {
    shape: { ...modelShape(slots, options), ...beside?.shape },
    did: [...DID, ...(beside?.did ?? [])],
    machines: { flow, listener, ...beside?.machines },
    effects: { ...stage.effects, ...beside?.effects },
    scope: { ...scope, ...states, ...scene.scope },
    rules: [...rules.rulesOf(slots, options), ...(scene.rules ?? [])],
  }
}

/** A model whose ends may send data shows that it arrives. */
const dataArrives: WitnessSpec<FlowWorld> = {
  name: 'data arrives',
  seen: w => w.hasData === 0 || w.did.delivered === 1,
}

/** Everything may rest as it is: flows that are open and idle, half-closed, gone or never begun. */
const isFinal = (w: FlowState): boolean => w.flow.every(f => f.owed === 0)

const actorOf = ({ name, addresses, nonce }: FlowSlot, index: number): Actor => ({
  name,
  addresses,
  place: `flow[${index}]`,
  acts: { cell: 'flow', value: nonce },
})

function describePacket(w: FlowWorld, packed: number): PacketFields {
  const { kind, from, to, srcFlow, dstFlow, verno, ackno, nonce, fin, ...more } = packet.unpack(w, packed)
  const named = packet.named({
    capabilities: more.capabilities,
    challenge: more.challenge,
    echo: more.echo,
    joins: more.joins,
  })
  return { kind: at(KINDS, kind), from, to, srcFlow, dstFlow, verno, ackno, nonce, fin, ...named }
}

import type { WitnessSpec } from '../../../checker/lower/worldSpec.ts'
import { forwarder } from '../../machines/resolution/compiled.ts'
import * as reasons from '../../machines/resolution/reasons.ts'
import * as resolve from '../../machines/resolution/resolve.ts'
import { onOff, upTo } from '../bounds.ts'
import { modelOf } from '../model.ts'
import * as network from '../network.ts'
import { resolutionInvariants } from './invariants.ts'
import * as path from './path.ts'
import * as rules from './rules.ts'
import * as world from './state.ts'
import * as terms from './terms.ts'

const { FIRST, SECOND, FAR, NEAR, CLIENT, EVERYBODY, WANTED, KEYED } = world
const { unpackPath, hopsOf } = path
const { VISITED, TOO_FAR, WAS_BROADCAST, BY_RULE } = reasons
type ResolutionWorld = world.ResolutionWorld

const witnesses: readonly WitnessSpec<ResolutionWorld>[] = [
  {
    name: 'a SYN reaches an instance through two forwarders',
    seen: w => w.did.hop >= FIRST && hopsOf(unpackPath(w.did.packet)) === 2,
  },
  {
    name: 'two instances receive a SYN',
    seen: w => w.forwarder.every(h => h.address < FIRST || h.got === 1),
  },
  { name: 'a hop cuts a loop', seen: w => w.did.reason === VISITED },
  { name: 'a hop drops a SYN at the hop limit', seen: w => w.did.reason === TOO_FAR },
  {
    name: 'a hop does not forward a broadcast SYN',
    seen: w => w.did.reason === WAS_BROADCAST && w.did.hop === FAR,
  },
  {
    name: 'an instance receives a broadcast SYN',
    seen: w => w.did.hop === SECOND && unpackPath(w.did.packet).to === EVERYBODY && w.did.decided === 1,
  },
  { name: 'a rule drops a SYN', seen: w => w.did.reason === BY_RULE },
  {
    name: 'the longer prefix wins though its priority is lower',
    seen: w => w.did.hop === NEAR && w.did.length === 2,
  },
  {
    name: 'a listener at a prefix receives a SYN',
    seen: w => w.did.hop === FIRST && w.did.length === 1 && w.did.service === WANTED,
  },
  {
    name: 'a SYN for a keyed service passes the instance that registered a prefix',
    seen: w => w.did.hop === FAR && w.did.length === 0 && w.did.service === KEYED,
  },
  { name: 'a hop delays a SYN', seen: w => w.did.delayed === 1 },
  { name: 'the client has no rule', seen: w => w.did.refused === 1 && w.did.hop === CLIENT },
]

export const resolution = modelOf({
  name: 'resolution',
  shows:
    'Each hop resolves a first packet by the rules that it has when the packet arrives. Rules contradict each other, lead back, and are removed and added meanwhile; some belong to listeners at a service or at a prefix of it.',
  leavesOut: 'What instances answer, and what waits at a hop.',
  bounds: {
    capacity: { what: 'packets that the network holds', default: 2, deep: 2, min: 1, max: 6 },
    loss: onOff('packets may be lost', 1),
    connects: upTo('packets that the client sends', 2, 2, 3),
    changes: upTo('rules that are removed at the same time', 4, 5, 14),
    hops: { what: 'forwarders that a packet may visit', default: 2, deep: 3, min: 1, max: 3 },
  },
  invariants: resolutionInvariants,
  world: (bounds: world.ResolutionBounds) => ({
    shape: world.shapeOf(bounds),
    did: world.DID,
    machines: { forwarder },
    effects: world.effects,
    scope: { ...reasons, ...resolve, ...network, ...path, ...rules, ...world, ...terms },
    rules: rules.rulesOf(bounds),
  }),
  witnesses,
  final: w => w.net.every(packet => packet === 0),
  actors: () =>
    ['client', 'near hop', 'far hop', 'first instance', 'second instance'].map((name, index) => ({
      name,
      place: `forwarder[${index}]`,
      addresses: [index + 1],
      acts: { cell: 'hop', value: index + 1 },
    })),
  describe: (_w, packet) => {
    const { from, to, service, sources } = unpackPath(packet)
    const via = sources.filter(source => source !== 0).join(',')
    return { kind: 'SYN', from, to, service: service.toString(2), ...(via === '' ? {} : { via }) }
  },
})

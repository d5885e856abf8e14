import { at } from '../../../../checker/text/at.ts'
import { KINDS, SYN, SYNACK } from '../../../machines/flow/packets.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import { networkBounds, onOff, SPACE, upTo } from '../../bounds.ts'
import type { WorldRule } from '../../model.ts'
import { remove } from '../../network.ts'
import { promptBounds } from '../../prompt.ts'
import { FORGED } from '../attackers.ts'
import { receive } from '../effects.ts'
import { claimedInvariants } from '../invariants/index.ts'
import { type ModelPacket, unpack } from '../packet.ts'
import { isBound, packetAt, packetLabel } from '../rules.ts'
import { flowModel } from '../scene.ts'
import { networkOptions, slot } from '../slots.ts'
import { ACTED, type FlowWorld, ROLE } from '../state.ts'

const { RESPOND, CONNECTED, CLOSED } = CONNECTION

export const SERVER = 2
export const ROUTER = 4
/** A host that has asked for nothing, and the flowID that the attacker's SYN names. */
const VICTIM = { address: 3, flow: 6 }

/** The SYN whose SOURCE names the victim, as its receiver takes it. */
export const claim = (): ModelPacket => ({
  ...{ kind: SYN, verno: 0, ackno: 0, nonce: FORGED, fin: 0, proof: 0 },
  ...{ capabilities: 0, tells: 0, challenge: 0, echo: 0, joins: 0 },
  ...{ srcFlow: VICTIM.flow, dstFlow: 0, from: VICTIM.address, to: SERVER },
})

const rules = (capacity: number): WorldRule<FlowWorld>[] => [
  {
    name: 'forward',
    kind: 'protocol',
    each: packetAt,
    over: { m: Array.from({ length: capacity }, (_, i) => i) },
    when: (w, { m }) => w.net[m] !== 0 && !isBound(w, m) && unpack(w, at(w.net, m)).kind === SYN,
    take: (w, { m }) => {
      const p = unpack(w, at(w.net, m))
      remove(w, m)
      receive(w, { ...p, to: SERVER })
    },
    label: (w, { m }) => `forward ${packetLabel(w, at(w.net, m))}`,
  },
  {
    name: 'claim',
    kind: 'fault',
    // A model's slots are used once: one place is the victim's, the others are left to the client.
    when: w => w.flow.every(f => f.peerNonce === FORGED || f.synFrom !== VICTIM.address),
    take: w => receive(w, claim()),
    label: () => `claim ${KINDS[SYN]} from the victim`,
  },
]

export const reflection = flowModel({
  name: 'reflection',
  shows:
    'A client reaches a listener through a router, and an attacker sends SYNs that name a victim in SOURCE. The client connects, and the victim gets no more than one answer for each SYN.',
  leavesOut: 'Routes with more than one hop, and SYNs that come straight from their clients. Moves and data.',
  bounds: {
    ...networkBounds(2, 3),
    closes: upTo('who may close: 0 nobody, 1 the client, 2 the client and the servers', 2, 2, 2),
    shut: onOff('the listener may be shut', 1, 1),
    giveUp: onOff('retransmission may be given up at any time', 0, 1),
  },
  prompt: promptBounds,
  invariants: claimedInvariants,
  scene: b => {
    const server = { role: ROLE.CHILD, host: 1, home: SERVER, closes: b.closes >= 2 ? 1 : 0 }
    return {
      slots: [
        slot({
          name: 'client',
          role: ROLE.CLIENT,
          host: 0,
          nonce: 1,
          home: 1,
          target: ROUTER,
          closes: b.closes >= 1 ? 1 : 0,
        }),
        slot({ ...server, name: 'listener', role: ROLE.LISTENER, nonce: 0, closes: b.shut }),
        slot({ ...server, name: 'first server', nonce: 2, iss: 9 }),
        slot({ ...server, name: 'second server', nonce: 3, iss: 5 }),
      ],
      options: {
        widths: { flows: VICTIM.flow, nonces: FORGED, addresses: ROUTER, space: SPACE },
        ...networkOptions(b),
        giveUp: b.giveUp,
        backlog: 2,
        service: ROUTER,
        claimed: 1,
        stranger: VICTIM,
      },
      rules: rules(b.capacity),
      scope: { SERVER, VICTIM, FORGED, claim },
    }
  },
  witnesses: [
    {
      name: 'the client connects',
      seen: w =>
        at(w.flow, 0).connection === CONNECTED &&
        w.flow.some(f => f.role === ROLE.CHILD && f.connection === CONNECTED),
    },
    {
      name: 'a SYN that comes again is answered when the credit is spent',
      seen: w =>
        w.did.repeated === 1 &&
        w.did.sentKind === SYNACK &&
        w.flow.some(f => f.nonce === w.did.flow && f.credit === 0),
    },
    {
      name: 'the timer sends nothing, and the place stays',
      seen: w =>
        w.did.event === ACTED.TIMEOUT &&
        w.did.sent === 0 &&
        w.flow.some(f => f.nonce === w.did.flow && f.connection === RESPOND),
    },
    {
      name: 'a handshake ends in silence with its listener',
      seen: (w, was) =>
        w.did.event === ACTED.CLOSE &&
        w.did.sent === 0 &&
        was.flow.some(f => f.nonce === w.did.flow && f.connection === RESPOND),
    },
    {
      name: 'the place of the victim is free again',
      seen: w => w.flow.some(f => f.synFrom === VICTIM.address && f.connection === CLOSED),
    },
  ],
})

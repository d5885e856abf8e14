import { at } from '../../../../checker/text/at.ts'
import { FLOW_CHECKSUM } from '../../../machines/flow/capabilities.ts'
import { ACK } from '../../../machines/flow/packets.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import { networkBounds, onOff, upTo } from '../../bounds.ts'
import type { Values } from '../../model.ts'
import { promptBounds } from '../../prompt.ts'
import { flowModel, type Scene } from '../scene.ts'
import type { FlowWorld } from '../state.ts'
import { agree } from '../terms.ts'
import { type EndsBound, twoEnds } from './twoParty.ts'

const { CONNECTED, CLOSED } = CONNECTION

/** Two ends that offer these capabilities. With `prototypes`, each may turn out to be a prototype. */
export const negotiatingEnds = (b: Values<EndsBound | 'prototypes'>, offers: number): Scene => {
  const { slots, options } = twoEnds(b)
  return {
    slots: slots.map(slot => ({ ...slot, offers })),
    options: {
      ...options,
      widths: { ...options.widths, capabilities: offers },
      prototypes: b.prototypes,
    },
  }
}

const areConnected = (w: FlowWorld): boolean => w.flow.every(f => f.connection === CONNECTED)

export const negotiation = flowModel({
  name: 'negotiation',
  shows:
    "Two ends find out in the handshake what both know beyond the prototype's protocol. Either of them, or both, may be a prototype. Then they exchange data, move and close.",
  leavesOut:
    'What a capability does to packets of a move, and listeners that answer statelessly (flood shows those).',
  bounds: {
    ...networkBounds(2, 3),
    prototypes: onOff('each end may turn out to be a prototype', 1),
    clientMoves: upTo('moves of the client', 1, 1, 3),
    serverMoves: upTo('moves of the server', 0, 1, 3),
    data: upTo('data packets of each end', 1, 1, 3),
    closes: upTo('who may close: 0 nobody, 1 the client, 2 both', 1, 2, 2),
    aborts: onOff('ends may abort', 0, 1),
    giveUp: onOff('retransmission may be given up at any time', 0),
  },
  prompt: { ...promptBounds, aborts: 1 },
  scene: b => ({ ...negotiatingEnds(b, FLOW_CHECKSUM), scope: { areConnected, FLOW_CHECKSUM } }),
  witnesses: [
    {
      name: 'two ends agree on a capability',
      seen: w => areConnected(w) && w.flow.every(f => f.capabilities === FLOW_CHECKSUM),
    },
    {
      name: 'a prototype client connects',
      seen: w => areConnected(w) && at(w.flow, 0).offers === 0 && at(w.flow, 1).offers !== 0,
    },
    {
      name: 'a prototype server connects',
      seen: w => areConnected(w) && at(w.flow, 0).offers !== 0 && at(w.flow, 1).offers === 0,
    },
    {
      name: 'data arrives before the ACK that ends the handshake',
      seen: (w, was) =>
        w.did.delivered === 1 &&
        w.did.capabilities !== 0 &&
        at(was.flow, 1).connection === CONNECTION.RESPOND,
    },
    {
      name: 'data arrives after a move',
      seen: w =>
        w.did.delivered === 1 &&
        w.did.capabilities !== 0 &&
        at(w.flow, 0).local === 2 &&
        agree(at(w.flow, 0), at(w.flow, 1)),
    },
    { name: 'the ACK repeats the capabilities', seen: w => w.did.kind === ACK && w.did.capabilities !== 0 },
    { name: 'closed', seen: w => at(w.flow, 0).connection === CLOSED },
  ],
})

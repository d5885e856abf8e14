import { at } from '../../../../checker/text/at.ts'
import { ACK, RST, SYNACK } from '../../../machines/flow/packets.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import { networkBounds, upTo } from '../../bounds.ts'
import { promptBounds } from '../../prompt.ts'
import { send } from '../effects.ts'
import type { ModelPacket } from '../packet.ts'
import { flowModel } from '../scene.ts'
import { ACTED, type Flow, type FlowWorld, ROLE } from '../state.ts'
import { isTruthful } from '../truth.ts'
import { twoEnds } from './twoParty.ts'

const { CONNECTED, RESPOND } = CONNECTION

/** In this world an ACK whose `fin` is set names the service. */
export const takesOnlyFirstForm = (w: FlowWorld, f: Flow): boolean =>
  f.role !== ROLE.CHILD ||
  f.connection !== RESPOND ||
  w.did.kind === RST ||
  (w.did.kind === ACK && w.did.fin === 1)

export const prototypeServer = flowModel({
  name: 'prototype-server',
  shows:
    'A server completes a handshake as the prototype does: only by an ACK that names the service, and without ever retransmitting its SYN-ACK on a timer.',
  leavesOut: 'Moves and closing, which begin when the handshake is complete.',
  bounds: {
    ...networkBounds(3, 4),
    data: upTo('data packets of each end', 1, 2, 3),
  },
  prompt: promptBounds,
  scene: b => {
    const scene = twoEnds({ ...b, clientMoves: 0, serverMoves: 0, closes: 0, aborts: 0, giveUp: 0 })
    return {
      ...scene,
      scope: { speaksFor: takesOnlyFirstForm },
      beside: {
        shape: {},
        did: [],
        machines: {},
        effects: {
          transmit: (w: FlowWorld, f: Flow, p: ModelPacket & { service: number }): void => {
            if (!isTruthful(w, f, p)) w.did.untrue = 1
            if (p.kind !== SYNACK || w.did.event !== ACTED.TIMEOUT)
              send(w, f, { ...p, fin: p.kind === ACK ? p.service : p.fin })
          },
        },
      },
    }
  },
  witnesses: [
    { name: 'both ends connected', seen: w => w.flow.every(f => f.connection === CONNECTED) },
    {
      name: 'the repeated ACK completes the handshake',
      seen: (w, was) =>
        at(was.flow, 1).connection === RESPOND &&
        at(w.flow, 1).connection === CONNECTED &&
        was.net.every(p => p === 0 || w.net.some(q => q === p) || w.did.kind === ACK),
    },
  ],
})

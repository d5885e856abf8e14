import { at } from '../../../../checker/text/at.ts'
import { RSYN, SYNACK } from '../../../machines/flow/packets.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import { type NetworkBound, networkBounds, onOff, SPACE, upTo } from '../../bounds.ts'
import type { Values } from '../../model.ts'
import { promptBounds } from '../../prompt.ts'
import { flowModel, type Scene } from '../scene.ts'
import { networkOptions, slot } from '../slots.ts'
import { ACTED, ROLE } from '../state.ts'
import { agree, isHalfClosed } from '../terms.ts'

export type EndsBound = NetworkBound | 'clientMoves' | 'serverMoves' | 'data' | 'closes' | 'aborts' | 'giveUp'

/** A client at address 1, which may move to 2, and a server at 3, which may move to 4. */
export const twoEnds = (b: Values<EndsBound>): Scene => ({
  slots: [
    slot({
      name: 'client',
      role: ROLE.CLIENT,
      host: 0,
      nonce: 1,
      home: 1,
      addresses: [1, 2],
      target: 3,
      moves: b.clientMoves,
      data: b.data,
      closes: b.closes >= 1 ? 1 : 0,
      aborts: b.aborts,
    }),
    slot({
      name: 'server',
      role: ROLE.CHILD,
      host: 1,
      nonce: 2,
      iss: 9,
      home: 3,
      addresses: [3, 4],
      moves: b.serverMoves,
      data: b.data,
      closes: b.closes >= 2 ? 1 : 0,
      aborts: b.aborts,
    }),
  ],
  options: {
    widths: { flows: 2, nonces: 2, addresses: 4, space: SPACE },
    ...networkOptions(b),
    giveUp: b.giveUp,
    backlog: 0,
  },
})

const { CONNECTED, CLOSING, CLOSED } = CONNECTION

export const twoParty = flowModel({
  name: 'two-party',
  shows:
    'One client and one server connect, move and close in every order, over a network that loses, duplicates and reorders packets. Timers fire at any time.',
  leavesOut:
    'Attackers, listeners with several flows, and more moves, data and packets in flight than the bounds say.',
  bounds: {
    ...networkBounds(2, 3),
    clientMoves: upTo('moves of the client', 1, 2, 3),
    serverMoves: upTo('moves of the server', 1, 1, 3),
    data: upTo('data packets of each end', 0, 0, 3),
    closes: upTo('who may close: 0 nobody, 1 the client, 2 both', 2, 2, 2),
    aborts: onOff('ends may abort', 1),
    // Beside the packets and moves of deep bounds it would make a world too large for any machine.
    giveUp: onOff('retransmission may be given up at any time', 1, 0),
  },
  prompt: { ...promptBounds, aborts: 0, giveUp: 0 },
  scene: twoEnds,
  witnesses: [
    {
      name: 'the timer repeats a SYN-ACK',
      seen: w => w.did.event === ACTED.TIMEOUT && w.did.sentKind === SYNACK,
    },
    { name: 'both ends connected', seen: w => w.flow.every(f => f.connection === CONNECTED) },
    {
      name: 'the client moved and is proved',
      seen: w => at(w.flow, 1).peer === 2 && agree(at(w.flow, 0), at(w.flow, 1)),
    },
    {
      name: 'a move with one end closed',
      seen: w => isHalfClosed(at(w.flow, 0), at(w.flow, 1)) && at(w.flow, 1).peer === 2,
    },
    { name: 'a FIN inside a RSYN', seen: w => w.did.kind === RSYN && w.did.fin === 1 },
    { name: 'both close at once', seen: w => w.flow.every(f => f.connection === CLOSING) },
    { name: 'both ends closed', seen: w => w.flow.every(f => f.connection === CLOSED) },
  ],
})

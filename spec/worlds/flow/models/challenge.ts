import { at } from '../../../../checker/text/at.ts'
import { PATH_CHALLENGE } from '../../../machines/flow/capabilities.ts'
import { RSYNACK } from '../../../machines/flow/packets.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import { networkBounds, onOff, upTo } from '../../bounds.ts'
import { flowModel } from '../scene.ts'
import { agree } from '../terms.ts'
import { negotiatingEnds } from './negotiation.ts'

const { CONNECTED, CLOSED } = CONNECTION

export const challenge = flowModel({
  name: 'challenge',
  shows:
    'Two ends that use path challenges move, one after the other or both at once, and close. The proof of each new address returns the challenge that was sent there.',
  leavesOut: 'Peers that lie about their addresses (lying-peer shows those), and data.',
  bounds: {
    ...networkBounds(2, 3),
    prototypes: onOff('each end may be a prototype', 0, 1),
    clientMoves: upTo('moves of the client', 1, 2, 3),
    serverMoves: upTo('moves of the server', 1, 1, 3),
    data: upTo('data packets of each end', 0, 0, 3),
    closes: upTo('who may close: 0 nobody, 1 the client, 2 both', 1, 2, 2),
    aborts: onOff('ends may abort', 0),
    giveUp: onOff('retransmission may be given up at any time', 0, 1),
  },
  scene: b => negotiatingEnds(b, PATH_CHALLENGE),
  witnesses: [
    {
      name: 'both have moved and agree',
      seen: w =>
        at(w.flow, 0).local === 2 &&
        at(w.flow, 1).local === 4 &&
        agree(at(w.flow, 0), at(w.flow, 1)) &&
        w.flow.every(f => f.connection === CONNECTED),
    },
    {
      name: 'a RSYN-ACK returns a challenge and carries one',
      seen: w => w.did.kind === RSYNACK && w.did.echo === 1 && w.did.challenge === 1,
    },
    { name: 'closed', seen: w => at(w.flow, 0).connection === CLOSED },
  ],
})

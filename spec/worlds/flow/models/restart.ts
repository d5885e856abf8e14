import { at } from '../../../../checker/text/at.ts'
import { FLOW_CHECKSUM, RESET_TOKEN } from '../../../machines/flow/capabilities.ts'
import { RST } from '../../../machines/flow/packets.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import { networkBounds, onOff, upTo } from '../../bounds.ts'
import { restartInvariants } from '../invariants/index.ts'
import { flowModel } from '../scene.ts'
import { provesLoss } from '../terms.ts'
import { negotiatingEnds } from './negotiation.ts'

const { CONNECTED, CLOSED } = CONNECTION

/** Reset tokens are numbered after the nonces of the two ends. */
const TOKENS = 2

export const restart = flowModel({
  name: 'restart',
  shows:
    'Either host may restart and forget its flow, but not the secret from which its reset token follows. The other end learns of it by its next packet.',
  leavesOut:
    'A peer that has not been told a token, such as a prototype: it notices the restart when it gives up.',
  bounds: {
    ...networkBounds(2, 3),
    clientMoves: upTo('moves of the client', 1, 1, 3),
    serverMoves: upTo('moves of the server', 0, 1, 3),
    data: upTo('data packets of each end', 1, 1, 3),
    closes: upTo('who may close: 0 nobody, 1 the client, 2 both', 1, 2, 2),
    aborts: onOff('ends may abort', 0, 1),
    giveUp: onOff('retransmission may be given up at any time', 0),
  },
  invariants: restartInvariants,
  scene: b => {
    const scene = negotiatingEnds({ ...b, prototypes: 0 }, FLOW_CHECKSUM | RESET_TOKEN)
    const { widths } = scene.options
    return {
      slots: scene.slots.map(slot => ({ ...slot, token: slot.nonce + TOKENS })),
      options: {
        ...scene.options,
        restarts: 1,
        widths: { ...widths, nonces: widths.nonces + TOKENS, tokens: widths.nonces + TOKENS },
      },
    }
  },
  witnesses: [
    { name: 'a host restarts', seen: w => w.did.restarted !== 0 },
    {
      name: 'a client learns that its server has restarted',
      seen: (w, was) =>
        w.did.kind === RST && provesLoss(w, at(was.flow, 0)) && at(w.flow, 0).connection === CLOSED,
    },
    {
      name: 'a server knows its client by a token',
      seen: w => at(w.flow, 1).connection === CONNECTED && at(w.flow, 1).peerToken !== 0,
    },
  ],
})

import { at } from '../../../../checker/text/at.ts'
import { MAKE_BEFORE_BREAK } from '../../../machines/flow/capabilities.ts'
import { MIGRATION } from '../../../machines/flow/states.ts'
import { networkBounds, onOff, upTo } from '../../bounds.ts'
import type { WorldRule } from '../../model.ts'
import { promptBounds } from '../../prompt.ts'
import { flowModel } from '../scene.ts'
import { type FlowWorld, NOBODY } from '../state.ts'
import { agree, isLive, isMoving } from '../terms.ts'
import { negotiatingEnds } from './negotiation.ts'

const { INITIAL } = MIGRATION

/** The client's first address, and the one that it moves to. */
const HOME = 1
const NEXT = 2

const rules: WorldRule<FlowWorld>[] = [
  {
    name: 'lose address',
    kind: 'fault',
    when: w => w.owner[HOME] === at(w.flow, 0).host && isLive(at(w.flow, 0)),
    take: w => {
      w.owner[HOME] = NOBODY
      w.forsaken = 1
    },
    label: () => 'the client loses its first address',
  },
]

export const makeBeforeBreak = flowModel({
  name: 'make-before-break',
  shows:
    'Two ends that make before they break move and go on sending, one after the other or both at once. The client may move to an address at which nothing arrives, and then goes back. It may lose the address that it leaves.',
  leavesOut: 'Proofs by challenge (challenge shows those), and data of a peer that has moved more than once.',
  bounds: {
    ...networkBounds(2, 3),
    prototypes: onOff('each end may be a prototype', 0, 1),
    clientMoves: upTo('moves of the client', 1, 2, 3),
    serverMoves: upTo('moves of the server', 0, 1, 3),
    data: upTo('data packets of each end', 1, 1, 3),
    closes: upTo('who may close: 0 nobody, 1 the client, 2 both', 0, 2, 2),
    aborts: onOff('ends may abort', 0),
    giveUp: onOff('retransmission may be given up at any time', 0),
    dead: onOff('nothing arrives at the address to which the client moves', 1),
    losses: onOff('the client may lose its first address', 0, 1),
  },
  prompt: { ...promptBounds, serverMoves: 1, dead: 0 },
  scene: b => {
    const { slots, options } = negotiatingEnds(b, MAKE_BEFORE_BREAK)
    return {
      slots,
      options: {
        ...options,
        ...(b.dead === 1 && { dead: NEXT }),
        ...(b.losses === 1 && { reassignable: [HOME], mayLose: 1 }),
      },
      ...(b.losses === 1 && { rules }),
      scope: { HOME, NEXT, NOBODY },
    }
  },
  witnesses: [
    {
      name: 'data arrives while its sender moves',
      seen: w => w.did.delivered === 1 && w.did.from === HOME && isMoving(at(w.flow, 0)),
    },
    {
      name: 'the client has moved, or is back',
      seen: w =>
        at(w.flow, 0).moves > 0 &&
        at(w.flow, 1).rcvNxt !== 0 &&
        at(w.flow, 0).migration === INITIAL &&
        agree(at(w.flow, 0), at(w.flow, 1)),
    },
  ],
})

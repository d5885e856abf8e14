import { at } from '../../../../checker/text/at.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import { networkBounds, onOff, upTo } from '../../bounds.ts'
import { can, step } from '../../machines.ts'
import type { WorldRule } from '../../model.ts'
import { promptBounds } from '../../prompt.ts'
import { acts } from '../effects.ts'
import { halfClosedInvariants } from '../invariants/index.ts'
import { inRoom, isHere } from '../rules.ts'
import { flowModel } from '../scene.ts'
import { ACTED, type FlowWorld } from '../state.ts'
import { hasFinished, isHalfClosed } from '../terms.ts'
import { twoEnds } from './twoParty.ts'

const { CLOSEWAIT, CLOSED } = CONNECTION

/** The transport of each end sends what the other has not got, as often as that takes. */
const transfer: WorldRule<FlowWorld> = {
  name: 'transfer',
  kind: 'protocol',
  timer: true,
  each: inRoom,
  over: { f: [0, 1] },
  when: (w, { f }) =>
    !hasFinished(w, at(w.flow, f)) && can('flow', at(w.flow, f), 'SEND', { here: isHere(w, at(w.flow, f)) }),
  take: (w, { f }) => {
    const flow = at(w.flow, f)
    const sent = flow.sent
    const missing = at(w.flow, 1 - f).got
    acts(w, flow, ACTED.SEND)
    flow.sent = missing
    step('flow', flow, 'SEND', { here: isHere(w, flow) })
    flow.sent = sent > missing ? sent : missing + 1
  },
  label: (w, { f }) => `transfer ${f === 0 ? 'client' : 'server'} #${at(w.flow, 1 - f).got}`,
}

export const halfClosed = flowModel({
  name: 'half-closed',
  shows:
    'Each end closes when its transport has delivered everything, whether or not the other end has finished. Data and moves of both ends continue in the open half, and nothing is lost.',
  leavesOut:
    'Ends that abort, and ends that give up retransmission. How the transport learns what has arrived.',
  bounds: {
    ...networkBounds(2, 2),
    duplication: onOff('packets may be duplicated', 0, 1),
    clientMoves: upTo('moves of the client', 1, 1, 2),
    serverMoves: upTo('moves of the server', 1, 1, 2),
    data: { what: 'data packets of each end', default: 1, deep: 2, min: 1, max: 2 },
  },
  prompt: { ...promptBounds, serverMoves: 0 },
  invariants: halfClosedInvariants,
  scene: b => ({
    ...twoEnds({ ...b, closes: 2, aborts: 0, giveUp: 0 }),
    rules: [transfer],
    scope: { isHeld: hasFinished },
  }),
  witnesses: [
    {
      name: 'data arrives at an end that has closed',
      seen: (w, was) => w.did.delivered === 1 && isHalfClosed(at(was.flow, 0), at(was.flow, 1)),
    },
    {
      name: 'the end that is open moves',
      seen: w =>
        isHalfClosed(at(w.flow, 0), at(w.flow, 1)) &&
        at(w.flow, 0).peer === 4 &&
        at(w.flow, 1).connection === CLOSEWAIT,
    },
    { name: 'both ends closed', seen: w => w.flow.every(f => f.connection === CLOSED) },
  ],
})

/** Defects of path challenges. */

import type { Action } from '../../checker/lower/machine.ts'
import type { LoweredMachine } from '../../checker/lower/step.ts'
import { flow } from '../../spec/machines/flow/compiled.ts'
import type { Packet } from '../../spec/machines/flow/packets.ts'
import type { Registers } from '../../spec/machines/flow/registers.ts'
import { packets, transmitScope } from '../../spec/machines/flow/transmit.ts'
import type { Defect } from './defect.ts'
import { editAll, transmit, unasked } from './patch.ts'

const LIAR = { model: 'lying-peer', bounds: { capacity: 1, challenges: 1, lies: 3 } }

const { rsynackTo, challenge } = transmitScope

interface Args {
  readonly context: Registers
  readonly event: Packet
}

/** The RSYN-ACK to the old address carries the challenge of the new one. */
const told = transmit(({ context }: Args) => challenge(context, rsynackTo(context, context.peer)))

const doingAll = (change: (a: Action) => Action[]): LoweredMachine =>
  editAll(flow, t => ({ ...t, actions: t.actions.flatMap(change) }))

export const challengeDefects: readonly Defect[] = [
  {
    id: 'S16',
    sentence: 'An end adopts a new address although the proof does not return its challenge.',
    shownBy: [LIAR],
    replacement: { machines: { flow: editAll(flow, unasked('echoes')) } },
  },
  {
    id: 'S16b',
    sentence: 'An end also sends the challenge of a new address to the old one, where a liar reads it.',
    shownBy: [LIAR],
    replacement: {
      machines: { flow: doingAll(a => [a.params === packets.rsynackToPeer.params ? told : a]) },
    },
  },
  {
    id: 'S16c',
    sentence: 'An end uses one challenge for all addresses of its peer.',
    shownBy: [LIAR],
    replacement: { machines: { flow: doingAll(a => (a.name === 'challenge' ? [] : [a])) } },
  },
  {
    id: 'S17b',
    sentence: 'A proof of an older version completes the newest move.',
    shownBy: [LIAR],
    replacement: { machines: { flow: editAll(flow, unasked('sentAfterVersion')) } },
  },
  {
    id: 'S23',
    sentence: 'A mover does not keep the challenge, so it can prove no address.',
    shownBy: [{ model: 'challenge', bounds: { capacity: 2, clientMoves: 1 } }],
    replacement: { machines: { flow: doingAll(a => (a.name === 'hold' ? [] : [a])) } },
  },
]

/** Defects of moves during which data goes on. */

import type { Action } from '../../checker/lower/machine.ts'
import { overlaps } from '../../spec/machines/flow/capabilities.ts'
import { flow } from '../../spec/machines/flow/compiled.ts'
import { DATA } from '../../spec/machines/flow/packets.ts'
import type { Registers } from '../../spec/machines/flow/registers.ts'
import { transmitScope } from '../../spec/machines/flow/transmit.ts'
import type { Defect } from './defect.ts'
import { doing, edit, editAll, guard, never, replaceNamed, transmit, without } from './patch.ts'

const MOVING = { model: 'make-before-break', bounds: { capacity: 1, clientMoves: 1, data: 1, dead: 0 } }
const LATE = { ...MOVING, bounds: { ...MOVING.bounds, capacity: 2 } }
const DEAD = { model: 'make-before-break', bounds: { capacity: 1, clientMoves: 1, data: 0, dead: 1 } }
const LOSING = {
  model: 'make-before-break',
  bounds: { capacity: 1, clientMoves: 1, data: 1, dead: 0, losses: 1 },
}

interface Args {
  readonly context: Registers
}

const SENDS = ['CONNECTED', 'FINWAIT1', 'FINWAIT2', 'CLOSEWAIT'].map(state => `connection.${state} SEND`)

/** Guards that ask for the capability, and not for the address. */
const careless = guard('careless', ({ context }: Args) => overlaps(context.capabilities))

/** Forgets where the peer was. */
const forgetful = (a: Action): Action => {
  if (a.kind !== 'assign' || a.name !== 'adoptPeer') return a
  const { formerPeer: _, ...assignment } = a.assignment
  return { ...a, assignment }
}

const { control } = transmitScope

export const overlapDefects: readonly Defect[] = [
  {
    id: 'S32',
    sentence: 'An end that moves sends data from an address that it no longer has.',
    shownBy: [LOSING],
    replacement: {
      machines: {
        flow: edit(flow, SENDS, t => ({
          ...t,
          guard: t.guard && replaceNamed(t.guard, 'continues', careless),
        })),
      },
    },
  },
  {
    id: 'S32b',
    sentence: 'An end sends data to the address that its peer claims, before it is proved.',
    shownBy: [MOVING],
    replacement: {
      machines: {
        flow: edit(
          flow,
          SENDS,
          doing(
            transmit(({ context }: Args) => ({
              ...control(
                context,
                DATA,
                0,
                context.local,
                context.nextPeer === 0 ? context.peer : context.nextPeer,
              ),
              ...{ ackno: 0, nonce: 0 },
            })),
          ),
        ),
      },
    },
  },
  {
    id: 'S67',
    sentence: 'An end sends no data while either end moves, although both can.',
    shownBy: [MOVING],
    replacement: {
      machines: {
        flow: edit(flow, SENDS, t => ({ ...t, guard: t.guard && replaceNamed(t.guard, 'continues', never) })),
      },
    },
  },
  {
    id: 'S67b',
    sentence:
      "An end drops data that its peer sent before it moved, and that arrives after the move's proof.",
    shownBy: [LATE],
    replacement: { machines: { flow: editAll(flow, t => ({ ...t, actions: t.actions.map(forgetful) })) } },
  },
  {
    id: 'S23b',
    sentence: 'An end gives up its move, and does not tell its peer.',
    shownBy: [DEAD],
    replacement: {
      machines: {
        flow: without(flow, 'migration.RSYN_SENT GIVEUP #1', 'migration.RSYN_SENT_RECV GIVEUP #1'),
      },
    },
  },
]

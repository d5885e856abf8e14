/** Defects of what two ends agree on. */

import type { Action } from '../../checker/lower/machine.ts'
import { flow } from '../../spec/machines/flow/compiled.ts'
import type { Received } from '../../spec/machines/flow/events.ts'
import type { Registers } from '../../spec/machines/flow/registers.ts'
import type { openedBy } from '../../spec/machines/listener/handshakes.ts'
import type { Defect } from './defect.ts'
import { editAll, never, replaceNamed } from './patch.ts'

interface Args {
  readonly context: Registers
}

const NEGOTIATION = { model: 'negotiation', bounds: { capacity: 1, prototypes: 1, data: 1 } }

/** The client keeps what it offered. */
const unanswered = (a: Action): Action => {
  if (a.kind !== 'assign' || a.name !== 'bind') return a
  const { capabilities: _, ...assignment } = a.assignment
  return { ...a, assignment }
}

/** Takes a peer that moves to be where it was. */
const stickToPeer = (a: Action): Action =>
  a.kind === 'assign' && a.name === 'consider'
    ? { ...a, assignment: { ...a.assignment, nextPeer: (({ context }: Args) => context.peer) as never } }
    : a

/** Names all that the server offers, whatever the SYN names. */
const boasting = (
  syn: Received,
  flow: number,
  nonce: number,
  verno: number,
  claimed: number,
  offers: number,
  joins: number,
): ReturnType<typeof openedBy> => ({
  flow,
  nonce,
  verno,
  peerFlow: syn.srcFlow,
  peerNonce: syn.nonce,
  peerVerno: syn.verno,
  from: syn.from,
  to: syn.to,
  capabilities: offers,
  claimed,
  joins,
})

export const negotiationDefects: readonly Defect[] = [
  {
    id: 'S62',
    sentence: 'A client uses the capabilities that it offers, whether or not the server answers them.',
    shownBy: [NEGOTIATION],
    replacement: { machines: { flow: editAll(flow, t => ({ ...t, actions: t.actions.map(unanswered) })) } },
  },
  {
    id: 'S62b',
    sentence: 'A server answers all capabilities that it has, whatever the SYN names.',
    shownBy: [NEGOTIATION],
    replacement: { scope: { openedBy: boasting } },
  },
  {
    id: 'S64',
    sentence: 'A flow does not believe a RST with the reset token that its peer has told.',
    shownBy: [{ model: 'restart', bounds: { capacity: 1, data: 1 } }],
    replacement: {
      machines: {
        flow: editAll(flow, t => ({ ...t, guard: t.guard && replaceNamed(t.guard, 'forgotten', never) })),
      },
    },
  },
  {
    id: 'S65',
    sentence:
      'A server answers an announcement where it last knew the client, not where the RSYN comes from.',
    shownBy: [{ model: 'translator', bounds: { capacity: 1, announcements: 1 } }],
    replacement: {
      machines: { flow: editAll(flow, t => ({ ...t, actions: t.actions.map(stickToPeer) })) },
    },
  },
]

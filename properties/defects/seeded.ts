/** Defects that nobody has made yet, each of which one invariant is there to find. */

import type { Action, Guard } from '../../checker/lower/machine.ts'
import type { LoweredMachine } from '../../checker/lower/step.ts'
import { must } from '../../checker/text/at.ts'
import { flow } from '../../spec/machines/flow/compiled.ts'
import { type Packet, RSYN, RSYNACK } from '../../spec/machines/flow/packets.ts'
import { OWES_CONTROL, type Registers } from '../../spec/machines/flow/registers.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import { packets, transmitScope } from '../../spec/machines/flow/transmit.ts'
import { listener } from '../../spec/machines/listener/compiled.ts'
import type { Defect } from './defect.ts'
import {
  actionOf,
  both,
  doing,
  type Edit,
  edit,
  editAll,
  guard,
  never,
  not,
  replaceNamed,
  transmit,
  unasked,
  without,
  withTransition,
} from './patch.ts'

const { control, consumed } = transmitScope

interface Args {
  readonly context: Registers
  readonly event: Packet
}

const replacingAction = (change: (a: Action) => Action): LoweredMachine =>
  editAll(flow, t => ({ ...t, actions: t.actions.map(change) }))

const replacingGuard = (name: string, by: Guard): LoweredMachine =>
  editAll(flow, t => ({ ...t, guard: t.guard && replaceNamed(t.guard, name, by) }))

const bareRsyn = transmit(({ context }: Args) =>
  control(context, RSYN, consumed(context), context.nextLocal, context.peer),
)

const withoutAddress = (a: Action): Action => {
  if (a.kind !== 'assign' || a.name !== 'bind') return a
  const { peer: _, ...assignment } = a.assignment
  return { ...a, assignment }
}

/** RESPOND that waits for its client forever. */
const patient = edit(flow, ['connection.RESPOND TIMEOUT #3'], t => ({
  ...t,
  target: undefined,
  actions: [actionOf(flow, 'arm')],
}))

const confirming = (change: Edit): LoweredMachine => edit(listener, ['listener.OPEN CONFIRM #1'], change)
const finOwed = guard('finOwed', ({ context }: Args) => (context.owed & OWES_CONTROL) !== 0)
const notIn = (state: string): Guard => not({ kind: 'in', region: 'migration', state })
const sendsAnswer = ({ params }: Action): boolean =>
  params === packets.rsynack.params || params === packets.rsynackToPeer.params

/** Before the RSYN-ACK carried it: the FIN goes to the peer's old address, and the RSYN-ACK has a version of its own. */
const finApart = (): LoweredMachine => {
  const toCandidate = transmit(({ context }: Args) =>
    control(context, RSYNACK, context.sndNxt, context.local, context.nextPeer),
  )
  const toPeer = transmit(({ context }: Args) =>
    control(context, RSYNACK, context.sndNxt, context.local, context.peer),
  )
  const closing = editAll(flow, t =>
    t.event === 'CLOSE' && t.actions.some(a => a.name === 'finish')
      ? { ...t, actions: t.actions.map(a => (sendsAnswer(a) ? transmit(packets.fin.params) : a)) }
      : t,
  )
  return editAll(closing, t =>
    t.region === 'connection' && t.event === 'TIMEOUT' && t.actions.some(a => a.params === packets.fin.params)
      ? { ...t, guard: both(finOwed, notIn('RSYN_SENT'), notIn('RSYN_SENT_RECV')) }
      : {
          ...t,
          actions: t.actions.map(a =>
            a.params === packets.rsynack.params
              ? toCandidate
              : a.params === packets.rsynackToPeer.params
                ? toPeer
                : a,
          ),
        },
  )
}

export const seededDefects: readonly Defect[] = [
  {
    id: 'S2',
    sentence: 'An end whose peer is gone can neither close nor be reset.',
    shownBy: [{ model: 'two-party', bounds: { aborts: 1 } }],
    replacement: {
      machines: {
        flow: without(
          flow,
          'connection.CONNECTED CLOSE #1',
          'connection.CONNECTED CLOSE #2',
          'connection.CONNECTED CLOSE #3',
          'connection.CONNECTED CLOSE #4',
          'connection.CONNECTED RST #1',
        ),
      },
    },
  },
  {
    id: 'S3',
    sentence: 'A listener takes any ACK for an unknown flow as the answer to its SYN-ACK.',
    shownBy: [{ model: 'flood' }],
    replacement: { machines: { listener: confirming(unasked('genuine')) } },
  },
  {
    id: 'S3b',
    sentence: 'A listener does not remember which stateless answers were confirmed.',
    shownBy: [{ model: 'flood', bounds: { capacity: 2, closes: 2, memory: 2 } }],
    replacement: {
      machines: { listener: confirming(t => ({ ...t, guard: replaceNamed(must(t.guard), 'known', never) })) },
    },
  },
  {
    id: 'S3c',
    sentence: 'A stateless answer is valid forever.',
    shownBy: [{ model: 'flood', bounds: { epochs: 3 } }],
    replacement: { scope: { isValid: () => true } },
  },
  {
    id: 'S5',
    sentence: 'A handshake that no packet confirms keeps its place in the queue forever.',
    shownBy: [{ model: 'flood' }],
    replacement: { machines: { flow: patient } },
  },
  {
    id: 'S7',
    sentence: 'A listener whose backlog is half full drops SYNs.',
    shownBy: [{ model: 'flood' }],
    replacement: { machines: { listener: without(listener, 'listener.OPEN SYN #3') } },
  },
  {
    id: 'S9',
    sentence: 'A flowID is free again as soon as its flow is in TIME-WAIT.',
    shownBy: [{ model: 'handshake' }],
    replacement: {
      scope: {
        holdsFlowId: (f: { connection: number; localFlow: number }, id: number) =>
          f.localFlow === id &&
          f.connection !== CONNECTION.INIT &&
          f.connection !== CONNECTION.TIMEWAIT &&
          f.connection !== CONNECTION.CLOSED,
      },
    },
  },
  {
    id: 'S17',
    sentence:
      'A client acknowledges a late SYN-ACK at the address that the server moves back to, which is not proved yet.',
    shownBy: [{ model: 'crossing', bounds: { clientMoves: 0, serverMoves: 2 } }],
    replacement: {
      machines: {
        flow: edit(flow, ['connection.CONNECTED SYNACK #1'], t => ({
          ...t,
          guard: t.guard && replaceNamed(t.guard, 'fromCandidate', never),
        })),
      },
    },
  },
  {
    id: 'S21',
    sentence: 'A RSYN overrides an unacknowledged FIN and does not carry it.',
    shownBy: [{ model: 'two-party' }],
    replacement: {
      machines: { flow: replacingAction(a => (a.params === packets.rsyn.params ? bareRsyn : a)) },
    },
  },
  {
    id: 'S31',
    sentence: 'A host assigns data to a flow by flowIDs alone, whatever its source address.',
    shownBy: [{ model: 'replay', bounds: { data: 1 } }],
    replacement: {
      machines: {
        flow: replacingGuard(
          'fromFlow',
          guard('fromFlow', ({ context, event }: Args) => event.srcFlow === context.peerFlow),
        ),
      },
    },
  },
  {
    id: 'S37',
    sentence:
      'An end that closes while it validates sends its FIN apart from the RSYN-ACK, to an address that may be dead.',
    shownBy: [
      { model: 'two-party' },
      {
        model: 'rendezvous',
        bounds: { closes: 1, stranger: 0 },
      },
    ],
    replacement: { machines: { flow: finApart() } },
  },
  {
    id: 'S39',
    sentence: 'An end ignores a FIN that is repeated under a newer version after an abandoned move.',
    shownBy: [{ model: 'two-party', bounds: { giveUp: 1 } }],
    replacement: {
      machines: {
        flow: edit(
          flow,
          [
            'connection.CLOSING FIN #1',
            'connection.CLOSING FIN #2',
            'connection.CLOSEWAIT FIN',
            'connection.LASTACK FIN #1',
            'connection.LASTACK FIN #2',
            'connection.TIMEWAIT FIN',
          ],
          t => ({ ...t, guard: t.guard && replaceNamed(t.guard, 'fresh', never) }),
        ),
      },
    },
  },
  {
    id: 'S40',
    sentence: 'An end ignores a FIN inside a RSYN-ACK.',
    shownBy: [{ model: 'two-party' }],
    replacement: {
      machines: {
        flow: without(
          flow,
          ...flow.transitions
            .filter(t => t.event === 'RSYNACK' && t.actions.some(a => a.name === 'takeFin'))
            .map(t => t.id),
        ),
      },
    },
  },
  {
    id: 'S42',
    sentence: 'Data is delivered after both ends have closed.',
    shownBy: [{ model: 'two-party', bounds: { data: 1 } }],
    replacement: {
      machines: {
        flow: withTransition(flow, {
          id: 'connection.CLOSING DATA',
          region: 'connection',
          source: 'CLOSING',
          event: 'DATA',
          target: undefined,
          guard: undefined,
          actions: [actionOf(flow, 'deliver')],
        }),
      },
    },
  },
  {
    id: 'S44',
    sentence: 'An instance whose answer came second is not reset, and does not give up.',
    shownBy: [{ model: 'anycast' }],
    replacement: {
      machines: {
        flow: without(patient, 'connection.RESPOND RST', 'connection.RESPOND GIVEUP'),
      },
    },
  },
  {
    id: 'S45',
    sentence: 'A connection keeps the address of the service, not that of the instance that answered.',
    shownBy: [{ model: 'anycast' }],
    replacement: { machines: { flow: replacingAction(withoutAddress) } },
  },
  {
    id: 'S57',
    sentence: 'FIN-WAIT-2 ends after a minute, though the peer still sends.',
    shownBy: [{ model: 'half-closed' }, { model: 'two-party' }],
    replacement: {
      machines: {
        flow: edit(
          flow,
          ['connection.FINWAIT2 EXPIRE #1', 'connection.FINWAIT2 EXPIRE #2', 'connection.FINWAIT2 EXPIRE #3'],
          t => ({
            ...t,
            target: 'CLOSED',
            actions: [],
          }),
        ),
      },
    },
  },
  {
    id: 'S57b',
    sentence:
      'An end that has closed asks nothing while it moves, so one that moves all the time never notices that its peer is gone.',
    shownBy: [{ model: 'half-closed', bounds: { capacity: 1, clientMoves: 1 } }],
    replacement: {
      machines: {
        flow: without(flow, 'connection.FINWAIT2 EXPIRE #2'),
      },
    },
  },
  {
    id: 'S57c',
    sentence:
      'An end that has closed does not give up its peer while it moves, so one that moves all the time lives on after its peer.',
    shownBy: [{ model: 'two-party', bounds: { capacity: 1, clientMoves: 1, closes: 2, giveUp: 1 } }],
    replacement: {
      machines: {
        flow: edit(flow, ['connection.FINWAIT2 DEAD'], t => ({
          ...t,
          guard: both(must(t.guard), { kind: 'in', region: 'migration', state: 'INITIAL' }),
        })),
      },
    },
  },
  {
    id: 'S59',
    sentence: 'An end that has closed accepts no more data.',
    shownBy: [{ model: 'half-closed' }],
    replacement: {
      machines: {
        flow: without(flow, 'connection.FINWAIT1 DATA', 'connection.FINWAIT2 DATA'),
      },
    },
  },
  {
    id: 'S60',
    sentence:
      'A listener repeats a SYN-ACK to an address that only SOURCE names, and ends its handshake with a RST.',
    shownBy: [{ model: 'reflection' }],
    replacement: { machines: { flow: replacingGuard('isClaimed', never) } },
  },
  {
    id: 'S60b',
    sentence: 'A listener answers a repeated SYN only while there is credit.',
    shownBy: [{ model: 'reflection' }],
    replacement: {
      machines: {
        flow: edit(flow, ['connection.RESPOND SYN'], t => ({
          ...t,
          guard: both(
            must(t.guard),
            guard('hasCredit', ({ context }: Args) => context.credit > 0),
          ),
        })),
      },
    },
  },
  {
    id: 'S61',
    sentence:
      'A RST that comes instead of the last ACK is reported as a reset, though both ends have everything.',
    shownBy: [{ model: 'half-closed' }, { model: 'two-party' }],
    replacement: {
      machines: {
        flow: edit(flow, ['connection.CLOSING RST #1', 'connection.LASTACK RST #1'], t => ({
          ...t,
          actions: must(flow.transitions.find(({ id }) => id === 'connection.CONNECTED RST #1')).actions,
        })),
      },
    },
  },
  {
    id: 'S58',
    sentence: 'The client repeats the ACK of the handshake without the name of its service.',
    shownBy: [{ model: 'two-party' }],
    replacement: {
      machines: {
        flow: edit(
          flow,
          ['migration.INITIAL TIMEOUT #1'],
          doing(transmit(packets.proof.params), actionOf(flow, 'arm')),
        ),
      },
    },
  },
]

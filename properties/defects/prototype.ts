/** The prototype's defects, put back. Each is a patch of guards, actions or transitions of the machine that repaired it. */

import type { Transition } from '../../checker/lower/machine.ts'
import type { LoweredMachine } from '../../checker/lower/step.ts'
import { must } from '../../checker/text/at.ts'
import { flow } from '../../spec/machines/flow/compiled.ts'
import { type Packet, RSYNACK } from '../../spec/machines/flow/packets.ts'
import { OWES_MOVE, type Registers } from '../../spec/machines/flow/registers.ts'
import { notBefore } from '../../spec/machines/flow/serial.ts'
import { packets, transmitScope } from '../../spec/machines/flow/transmit.ts'
import type { Defect } from './defect.ts'
import {
  actionOf,
  both,
  doing,
  edit,
  guard,
  not,
  transmit,
  unasked,
  under,
  without,
  withTransition,
} from './patch.ts'

const { control } = transmitScope

interface Args {
  readonly context: Registers
  readonly event: Packet
}

const on = (events: readonly string[]) => (t: Transition) => events.includes(t.event)
const idsOf = (machine: LoweredMachine, wanted: (t: Transition) => boolean): string[] =>
  machine.transitions.filter(wanted).map(t => t.id)

const authentic = guard(
  'authentic',
  ({ context, event }: Args) => event.nonce === context.peerNonce && event.srcFlow === context.peerFlow,
)
const acknowledges = guard('acknowledges', ({ context, event }: Args) => event.ackno === context.sndNxt)
const moveOwed = guard('moveOwed', ({ context }: Args) => (context.owed & OWES_MOVE) !== 0)
const aheadOnly = guard(
  'aheadOnly',
  ({ context, event }: Args) =>
    notBefore(event.verno, context.rcvNxt, context.space) && event.verno !== context.rcvNxt,
)

/** D1: the responder answers a repeated RSYN by an ACK; the mover takes that ACK for an answer to its RSYN. */
const plainAckForRsyn = (): LoweredMachine => {
  const answered = edit(flow, ['migration.RSYN_RECV RSYN #2'], doing(transmit(packets.proof.params)))
  const strict = edit(answered, ['migration.RSYN_SENT RSYNACK #1'], t => ({
    ...t,
    guard: both(must(t.guard), moveOwed),
  }))
  return withTransition(strict, {
    id: 'migration.RSYN_SENT ACK',
    region: 'migration',
    source: 'RSYN_SENT',
    event: 'ACK',
    target: undefined,
    guard: both(authentic, acknowledges),
    actions: [actionOf(flow, 'settleMove')],
  })
}

/** D5: the answer overrides this end's RSYN, and goes to the peer's old address. */
const answerOverrides = (): LoweredMachine => {
  const toOldAddress = transmit(({ context }: Args) => ({
    ...control(context, RSYNACK, context.sndNxt, context.nextLocal, context.peer),
  }))
  const arm = actionOf(flow, 'arm')
  const entered = edit(
    flow,
    ['migration.RSYN_SENT RSYN #2'],
    doing(actionOf(flow, 'consider'), toOldAddress, arm),
  )
  const repeated = edit(
    entered,
    ['migration.RSYN_SENT_RECV TIMEOUT #1', 'migration.RSYN_SENT_RECV TIMEOUT #2'],
    doing(toOldAddress, arm),
  )
  return edit(repeated, ['migration.RSYN_SENT_RECV RSYN #4'], doing(toOldAddress))
}

/** D6: FINWAIT2 does not look at what completes a migration. */
const deafFinwait2 = (): LoweredMachine =>
  edit(
    flow,
    ['migration.RSYN_RECV ACK #1', 'migration.RSYN_RECV ACK #2', 'migration.RSYN_RECV RSYNACK #1'],
    t => ({
      ...t,
      guard: both(must(t.guard), not({ kind: 'in', region: 'connection', state: 'FINWAIT2' })),
    }),
  )

/** D12: any control packet moves the expected version forward, those that consume none included. */
const jumping = (): LoweredMachine =>
  ['INITIAL', 'RSYN_SENT', 'RSYN_RECV', 'RSYN_SENT_RECV'].reduce(
    (machine, source) =>
      withTransition(machine, {
        id: `migration.${source} ACK jump`,
        region: 'migration',
        source,
        event: 'ACK',
        target: undefined,
        guard: both(authentic, aheadOnly),
        actions: [
          {
            kind: 'assign',
            name: 'jump',
            assignment: { rcvNxt: ({ event }: Args) => event.verno },
            params: undefined,
          },
        ],
      }),
    flow,
  )

const bySynFlowIdAlone = (): LoweredMachine =>
  edit(
    flow,
    ['connection.RESPOND SYN'],
    under(guard('sameFlowId', ({ context, event }: Args) => event.srcFlow === context.peerFlow)),
  )

const finAcknowledgesNothing = (): LoweredMachine =>
  without(
    flow,
    'connection.FINWAIT1 FIN #1',
    'connection.CLOSING FIN #1',
    'connection.LASTACK FIN #1',
    'connection.CLOSED FIN',
  )

const forgetfulServer = (): LoweredMachine =>
  without(
    edit(flow, ['migration.INITIAL RSYN #1'], t => ({
      ...t,
      guard: both(must(t.guard), not({ kind: 'in', region: 'connection', state: 'RESPOND' })),
    })),
    ...idsOf(flow, t => t.source === 'RESPOND' && ['TIMEOUT', 'DATA', 'FIN', 'RSYN'].includes(t.event)),
    'migration.INITIAL TIMEOUT #1',
    'migration.INITIAL TIMEOUT #2',
  )

export const prototypeDefects: readonly Defect[] = [
  {
    id: 'D1',
    sentence:
      'A host answers a repeated RSYN with a plain ACK, which the mover accepts as the answer. The real RSYN-ACK no longer matches, and the move hangs.',
    shownBy: [{ model: 'two-party' }, { model: 'crossing' }],
    replacement: { machines: { flow: plainAckForRsyn() } },
  },
  {
    id: 'D2',
    sentence: 'A flow accepts a RST without the nonce.',
    shownBy: [{ model: 'off-path' }],
    replacement: { machines: { flow: edit(flow, idsOf(flow, on(['RST'])), unasked('authentic')) } },
  },
  {
    id: 'D3',
    sentence: 'A flow accepts RSYN-ACK and ACK without the nonce.',
    shownBy: [{ model: 'off-path' }],
    replacement: {
      machines: { flow: edit(flow, idsOf(flow, on(['RSYNACK', 'ACK'])), unasked('authentic')) },
    },
  },
  {
    id: 'D4',
    sentence: 'Any ACK that is not too old completes a move, so the new address is never proved reachable.',
    shownBy: [{ model: 'two-party' }, { model: 'crossing' }],
    replacement: {
      machines: { flow: edit(flow, ['migration.RSYN_RECV ACK #1'], under(both(authentic, acknowledges))) },
    },
  },
  {
    id: 'D5',
    sentence:
      "When moves cross, the answer to the peer's RSYN overrides this end's RSYN and goes to the peer's old address.",
    shownBy: [{ model: 'crossing' }],
    replacement: { machines: { flow: answerOverrides() } },
  },
  {
    id: 'D6',
    sentence: 'FINWAIT2 ignores ACKs, so a move in a half-closed connection cannot finish.',
    shownBy: [{ model: 'two-party' }],
    replacement: { machines: { flow: deafFinwait2() } },
  },
  {
    id: 'D7',
    sentence: 'LASTACK closes on an ACK that does not cover the FIN.',
    shownBy: [{ model: 'two-party' }],
    replacement: {
      machines: {
        flow: edit(
          flow,
          ['connection.LASTACK ACK', 'connection.LASTACK RSYNACK #1'],
          unasked('acknowledges'),
        ),
      },
    },
  },
  {
    id: 'D8',
    sentence:
      "A listener recognizes a repeated SYN by the peer's flowID alone, so two clients with the same flowID collide.",
    shownBy: [{ model: 'two-clients' }],
    replacement: {
      machines: { flow: bySynFlowIdAlone() },
      scope: { sameSyn: (a: { srcFlow: number }, b: { srcFlow: number }) => a.srcFlow === b.srcFlow },
    },
  },
  {
    id: 'D9',
    sentence:
      "When the last ACK of the handshake is lost, the server is stuck: it never repeats its SYN-ACK, and the client's next packets do not confirm.",
    shownBy: [{ model: 'two-party' }],
    replacement: { machines: { flow: forgetfulServer() } },
  },
  {
    id: 'D10',
    sentence:
      "A FIN does not acknowledge the peer's FIN, and a peer that is gone stays silent. When the ACK is lost, this end resends forever.",
    shownBy: [{ model: 'two-party' }],
    replacement: { machines: { flow: finAcknowledgesNothing() } },
  },
  {
    id: 'D11',
    sentence:
      'A flow that no longer exists answers with silence instead of RST, so a half-open peer never learns that it has ended.',
    shownBy: [{ model: 'two-party', bounds: { aborts: 1 } }],
    replacement: { machines: { flow: without(flow, ...idsOf(flow, t => t.source === 'CLOSED')) } },
  },
  {
    id: 'D12',
    sentence: 'The expected version jumps to the version of any control packet at or above it.',
    shownBy: [{ model: 'two-party' }],
    replacement: { machines: { flow: jumping() } },
  },
  {
    id: 'D15',
    sentence:
      'Each SYN is resolved to an instance anew, and the client follows whichever answers: two instances share one flow.',
    shownBy: [{ model: 'anycast' }],
    replacement: {
      machines: {
        flow: edit(flow, ['connection.CONNECTED SYNACK #2'], t => ({
          ...t,
          actions: [actionOf(flow, 'bind'), transmit(packets.handshakeAck.params)],
        })),
      },
    },
  },
]

/** Defects in a flow's notices, timers and packets, and in the registers that it keeps. */
import { flow } from '../../spec/machines/flow/compiled.ts'
import { RST } from '../../spec/machines/flow/packets.ts'
import type { Registers } from '../../spec/machines/flow/registers.ts'
import { packets, transmitScope } from '../../spec/machines/flow/transmit.ts'
import type { Defect } from './defect.ts'
import { type Edit, edit, editAll, transmit, without } from './patch.ts'

const { control } = transmitScope

/** A transition without the actions of these names. */
const skipping =
  (...names: string[]): Edit =>
  t => ({ ...t, actions: t.actions.filter(({ name }) => !names.includes(name)) })

/** The RST of an abort, under a version that is not the flow's. */
const oldReset = transmit(({ context }: { context: Registers }) => ({
  ...control(context, RST, 0, context.local, context.peer),
  echo: 0,
  joins: 0,
}))

export const outputDefects: readonly Defect[] = [
  {
    id: 'S17c',
    sentence:
      'After crossing moves an end repeats its proof, though the peer has shown that it has completed the move.',
    shownBy: [{ model: 'crossing' }],
    replacement: { machines: { flow: without(flow, 'migration.RSYN_RECV ACK #1') } },
  },
  {
    id: 'S76',
    sentence: 'An application does not hear that its peer has closed.',
    shownBy: [{ model: 'two-party' }],
    replacement: {
      machines: { flow: edit(flow, ['connection.CONNECTED FIN'], skipping('notify')) },
    },
  },
  {
    id: 'S77',
    sentence: 'The FIN of an end gets only the tries that its last packet has left.',
    shownBy: [{ model: 'two-party' }],
    replacement: {
      machines: { flow: editAll(flow, t => (t.event === 'CLOSE' ? skipping('renew')(t) : t)) },
    },
  },
  {
    id: 'S77b',
    sentence: "FIN-WAIT-2 does not restart its timer when the peer's data shows that it is alive.",
    shownBy: [{ model: 'half-closed' }],
    replacement: {
      machines: { flow: edit(flow, ['connection.FINWAIT2 DATA'], skipping('linger')) },
    },
  },
  {
    id: 'S78',
    sentence: "The RST of an abort has the version 0, which is outside the peer's window.",
    shownBy: [{ model: 'two-party', bounds: { aborts: 1 } }],
    replacement: {
      machines: {
        flow: editAll(flow, t =>
          t.event === 'ABORT'
            ? { ...t, actions: t.actions.map(a => (a.params === packets.rst.params ? oldReset : a)) }
            : t,
        ),
      },
    },
  },
  {
    id: 'S79',
    sentence: 'TIME-WAIT keeps the address that its peer claimed last.',
    shownBy: [{ model: 'two-party' }],
    replacement: {
      machines: { flow: edit(flow, ['migration.RSYN_RECV always'], skipping('forgetCandidate')) },
    },
  },
]

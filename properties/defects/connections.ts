/** Defects of connections with several flows. */

import type { Action } from '../../checker/lower/machine.ts'
import { connection } from '../../spec/machines/connection/compiled.ts'
import type { AnyConnectionEvent } from '../../spec/machines/connection/events.ts'
import type { ConnectionRegisters } from '../../spec/machines/connection/machine.ts'
import type { Defect } from './defect.ts'
import { always, edit, editAll, guard, replaceNamed, unasked, under, without } from './patch.ts'

const bounds = {
  capacity: 1,
  adds: 1,
  removes: 0,
  changes: 0,
  closes: 0,
  aborts: 0,
  deaths: 0,
  data: 0,
  forges: 0,
  marks: 0,
  keeps: 0,
}
const shown = (more: Readonly<Record<string, number>>) => [{ model: 'flows', bounds: { ...bounds, ...more } }]

/** Takes the version and the wishes of an advertisement, and leaves out the backups. */
const forgetful = (a: Action): Action => {
  if (a.kind !== 'assign') return a
  const { spared: _, ...assignment } = a.assignment
  return { ...a, assignment }
}

const doingAll = (change: (a: Action) => Action[]) =>
  editAll(connection, t => ({ ...t, actions: t.actions.flatMap(change) }))

/** Leaves out an action by name. */
const never = (name: string) => doingAll(a => (a.name === name ? [] : [a]))

const confirming = connection.transitions
  .flatMap(({ actions }) => actions)
  .filter(({ name }) => name === 'confirm')

interface Args {
  readonly context: ConnectionRegisters
  readonly event: AnyConnectionEvent
}

/** Does not count flows that join. */
const isLastLive = guard(
  'isLastLive',
  ({ context, event }: Args) =>
    (context.live & event.flow) !== 0 && context.live - (context.live & event.flow) === 0,
)

export const connectionDefects: readonly Defect[] = [
  {
    id: 'S33f',
    sentence: 'A connection reserves a place for a SYN that proves nothing.',
    shownBy: shown({ forges: 1 }),
    replacement: { machines: { connection: edit(connection, ['flows.OPEN JOIN #3'], unasked('proves')) } },
  },
  {
    id: 'S34',
    sentence: 'An end believes an advertisement without a proof.',
    shownBy: shown({ adds: 0, forges: 1 }),
    replacement: {
      machines: {
        connection: edit(
          connection,
          ['flows.OPEN ADVERTISED #1', 'flows.OPEN ADVERTISED #2'],
          unasked('proves'),
        ),
      },
    },
  },
  {
    id: 'S34b',
    sentence: 'An end stops advertising when an older version is echoed.',
    shownBy: shown({ changes: 2, removes: 1 }),
    replacement: { machines: { connection: edit(connection, ['flows.OPEN ECHOED'], unasked('isCurrent')) } },
  },
  {
    id: 'S34c',
    sentence: 'An end does not repeat an advertisement that was lost.',
    shownBy: shown({ adds: 0, changes: 1 }),
    replacement: { machines: { connection: without(connection, 'flows.OPEN RETRY') } },
  },
  {
    id: 'S35',
    sentence: 'The accepter removes flows itself: when both ends remove one at once, none is left.',
    shownBy: shown({ removes: 1 }),
    replacement: {
      machines: {
        connection: edit(connection, ['flows.OPEN REMOVE #1', 'flows.OPEN REMOVE #2'], t => ({
          ...t,
          guard: t.guard && replaceNamed(t.guard, 'isOpener', always),
        })),
      },
    },
  },
  {
    id: 'S35c',
    sentence: 'The opener removes a flow before its peer has confirmed another one, whose path then dies.',
    shownBy: shown({ removes: 1, deaths: 1 }),
    replacement: {
      machines: { connection: edit(connection, ['flows.OPEN REMOVE #1'], unasked('isReplaced')) },
    },
  },
  {
    id: 'S35e',
    sentence: 'The opener counts a flow as confirmed as soon as its own end is connected.',
    shownBy: shown({ removes: 1, deaths: 1 }),
    replacement: {
      machines: {
        connection: edit(connection, ['flows.OPEN UP #1', 'flows.OPEN UP #2'], t => ({
          ...t,
          actions: [...t.actions, ...confirming],
        })),
      },
    },
  },
  {
    id: 'S35d',
    sentence: 'The opener never removes a flow whose removal had to wait.',
    shownBy: shown({ removes: 1 }),
    replacement: { machines: { connection: without(connection, 'flows.OPEN HEED') } },
  },
  {
    id: 'S35b',
    sentence: 'A connection is over when its last connected flow ends, although another one joins.',
    shownBy: shown({ deaths: 1 }),
    replacement: {
      machines: { connection: edit(connection, ['flows.OPEN DOWN #1'], under(isLastLive)) },
    },
  },
  {
    id: 'S36',
    sentence: 'What a dead flow has not delivered is sent by no other flow.',
    shownBy: shown({ deaths: 1, data: 1 }),
    replacement: { machines: { connection: never('leave') } },
  },
  {
    id: 'S68',
    sentence: 'A connection goes on counting a flow that has ended.',
    shownBy: shown({ deaths: 1 }),
    replacement: { machines: { connection: never('exclude') } },
  },
  {
    id: 'S72',
    sentence: 'An end ignores which flows its peer wants as backups.',
    shownBy: shown({ marks: 2, data: 1 }),
    replacement: {
      machines: {
        connection: editAll(connection, t => ({
          ...t,
          actions: t.actions.map(a => (a.name === 'note' ? forgetful(a) : a)),
        })),
      },
    },
  },
  {
    id: 'S70',
    sentence: 'A connection takes no further flow once one of its ends has finished.',
    shownBy: shown({ closes: 1 }),
    replacement: {
      machines: {
        connection: edit(connection, ['flows.OPEN CLOSE #1'], unasked('hasHeard')),
      },
    },
  },
  {
    id: 'S71',
    sentence: 'A FIN that ends one flow ends the direction of the whole connection.',
    shownBy: shown({ removes: 2 }),
    replacement: {
      machines: {
        connection: edit(connection, ['flows.OPEN FIN #1', 'flows.OPEN FIN #2'], unasked('hasEnded')),
      },
    },
  },
  {
    id: 'S75',
    sentence:
      'An end whose flow is refused asks nothing on its others, although the peer may have forgotten all of them.',
    shownBy: shown({ adds: 2, aborts: 0, closes: 0, deaths: 1 }),
    replacement: {
      machines: {
        connection: edit(connection, ['flows.OPEN DOWN #4', 'flows.CLOSING DOWN #4'], t => ({
          ...t,
          actions: t.actions.filter(a => a.name !== 'probe'),
        })),
      },
    },
  },
  {
    id: 'S69',
    sentence: 'An end that aborts resets only one flow of its connection.',
    shownBy: shown({ aborts: 1 }),
    replacement: {
      machines: {
        connection: edit(connection, ['flows.OPEN ABORT'], t => ({
          ...t,
          actions: t.actions.filter(a => a.name !== 'abort'),
        })),
      },
    },
  },
  {
    id: 'S80',
    sentence: 'The transport does not hear of a flow that joins.',
    shownBy: shown({}),
    replacement: {
      machines: {
        connection: edit(connection, ['flows.OPEN UP #2'], t => ({
          ...t,
          actions: t.actions.filter(({ name }) => name !== 'use'),
        })),
      },
    },
  },
]

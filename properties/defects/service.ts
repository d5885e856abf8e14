/** Defects of the service plane: the prototype's, and seeded ones. */

import { must } from '../../checker/text/at.ts'
import { ACK, RSYN, RSYNACK } from '../../spec/machines/flow/packets.ts'
import { rendezvous } from '../../spec/machines/rendezvous/compiled.ts'
import { delayQueue, forwarder } from '../../spec/machines/resolution/compiled.ts'
import type { Asked, PrefixRule } from '../../spec/machines/resolution/resolve.ts'
import type { Defect } from './defect.ts'
import { actionOf, edit, guard, naming, replaceNamed, unasked, without } from './patch.ts'

/** The queue goes on as if nobody had answered. */
const unforgetting = edit(delayQueue, ['delayQueue.ASKING ANSWERED'], t => ({
  ...t,
  target: undefined,
  actions: [actionOf(delayQueue, 'release')],
}))

const acksToo = guard(
  'asks',
  ({ event }: { readonly event: { readonly kind: number } }) =>
    event.kind === RSYN || event.kind === RSYNACK || event.kind === ACK,
)

export const serviceDefects: readonly Defect[] = [
  {
    id: 'D13',
    sentence: 'A packet that was released from the delay queue is delayed again, for ever.',
    shownBy: [{ model: 'delay' }],
    replacement: {
      machines: { delayQueue: without(delayQueue, 'delayQueue.IDLE MISS #1', 'delayQueue.ASKING MISS #1') },
    },
  },
  {
    id: 'S25',
    sentence: 'The rendezvous relays nothing.',
    shownBy: [{ model: 'rendezvous' }],
    replacement: { machines: { rendezvous: without(rendezvous, 'rendezvous.BOUND RELAY #2') } },
  },
  {
    id: 'S26',
    sentence: 'A binding takes any announcement of its holder, older ones too.',
    shownBy: [{ model: 'rendezvous' }],
    replacement: {
      machines: { rendezvous: edit(rendezvous, ['rendezvous.BOUND BIND #1'], unasked('isNewer')) },
    },
  },
  {
    id: 'S26b',
    sentence: 'The rendezvous relays an ACK too, which the new address takes for the end of its move.',
    shownBy: [{ model: 'rendezvous', bounds: { capacity: 2 } }],
    replacement: {
      machines: {
        rendezvous: edit(naming(rendezvous, { ACK }), ['rendezvous.BOUND RELAY #2'], t => ({
          ...t,
          guard: replaceNamed(must(t.guard), 'asks', acksToo),
        })),
      },
    },
  },
  {
    id: 'S26c',
    sentence: 'The rendezvous relays what was relayed before.',
    shownBy: [{ model: 'rendezvous', bounds: { stranger: 1 } }],
    replacement: { machines: { rendezvous: without(rendezvous, 'rendezvous.BOUND RELAY #1') } },
  },
  {
    id: 'S43',
    sentence: 'The priority of a rule counts for more than the length of its prefix.',
    shownBy: [{ model: 'resolution' }],
    replacement: {
      scope: {
        beats: (rule: PrefixRule, other: PrefixRule) =>
          rule.priority > other.priority || (rule.priority === other.priority && rule.length > other.length),
      },
    },
  },
  {
    id: 'S43b',
    sentence: 'Who listens at a prefix gets what certifies itself, without the key.',
    shownBy: [{ model: 'resolution' }],
    replacement: {
      scope: {
        matches: (rule: PrefixRule, asked: Asked) =>
          rule.weight > 0 && asked.service >> (asked.width - rule.length) === rule.prefix,
      },
    },
  },
  {
    id: 'S46',
    sentence: 'A forwarder does not look at the sources of what it forwards.',
    shownBy: [{ model: 'resolution' }],
    replacement: { machines: { forwarder: without(forwarder, 'forwarder.OPEN FORWARD #2') } },
  },
  {
    id: 'S46b',
    sentence: 'What came by broadcast is forwarded.',
    shownBy: [{ model: 'resolution' }],
    replacement: { machines: { forwarder: without(forwarder, 'forwarder.OPEN FORWARD #1') } },
  },
  {
    id: 'S46c',
    sentence: 'A packet may pass any number of forwarders.',
    shownBy: [{ model: 'resolution' }],
    replacement: { machines: { forwarder: without(forwarder, 'forwarder.OPEN FORWARD #3') } },
  },
  {
    id: 'S50',
    sentence: 'The delay queue holds any number of packets.',
    shownBy: [{ model: 'delay' }],
    replacement: {
      machines: {
        delayQueue: edit(
          delayQueue,
          ['delayQueue.IDLE MISS #2', 'delayQueue.ASKING MISS #3'],
          unasked('hasPlace'),
        ),
      },
    },
  },
  {
    id: 'S50b',
    sentence: 'What was released is released again by the next answer.',
    shownBy: [{ model: 'delay' }],
    replacement: { machines: { delayQueue: unforgetting } },
  },
  {
    id: 'S50c',
    sentence: 'A packet makes room for a source that has more waiting.',
    shownBy: [{ model: 'delay', bounds: { second: 2, cap: 2, room: 3 } }],
    replacement: { scope: { yieldsTo: () => true } },
  },
  {
    id: 'S50d',
    sentence: 'A packet that makes room is still counted.',
    shownBy: [{ model: 'delay', bounds: { second: 2 } }],
    replacement: {
      machines: {
        delayQueue: edit(delayQueue, ['delayQueue.ASKING YIELD #2'], t => ({
          ...t,
          actions: t.actions.filter(({ name }) => name === 'evict'),
        })),
      },
    },
  },
  {
    id: 'S52',
    sentence: 'The delay queue keeps its packets when the controller is gone.',
    shownBy: [{ model: 'delay' }],
    replacement: { machines: { delayQueue: without(delayQueue, 'delayQueue.ASKING LOST') } },
  },
  {
    id: 'S52b',
    sentence: 'The controller is asked once.',
    shownBy: [{ model: 'delay' }],
    replacement: { machines: { delayQueue: without(delayQueue, 'delayQueue.ASKING TIMEOUT') } },
  },
]

/** Defects of the service plane: the prototype's, and seeded ones. */

import { must } from '../../checker/text/at.ts'
import { ACK, RSYN, RSYNACK } from '../../spec/machines/flow/packets.ts'
import { rendezvous } from '../../spec/machines/rendezvous/compiled.ts'
import { delayQueue, forwarder, seeker } from '../../spec/machines/resolution/compiled.ts'
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
    sentence: 'A packet released from the delay queue is delayed again, forever.',
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
    sentence: 'A binding accepts any announcement of its holder, also older ones.',
    shownBy: [{ model: 'rendezvous' }],
    replacement: {
      machines: { rendezvous: edit(rendezvous, ['rendezvous.BOUND BIND #1'], unasked('isNewer')) },
    },
  },
  {
    id: 'S26b',
    sentence: 'The rendezvous also relays ACKs, which the mover accepts as the end of its move.',
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
    sentence: 'The rendezvous relays packets that were relayed before.',
    shownBy: [{ model: 'rendezvous', bounds: { stranger: 1 } }],
    replacement: { machines: { rendezvous: without(rendezvous, 'rendezvous.BOUND RELAY #1') } },
  },
  {
    id: 'S43',
    sentence: "A rule's priority outweighs the length of its prefix.",
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
    sentence: 'A listener at a prefix gets packets for a keyed service without having its key.',
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
    sentence: 'A forwarder ignores the sources of the packets that it forwards.',
    shownBy: [{ model: 'resolution' }],
    replacement: { machines: { forwarder: without(forwarder, 'forwarder.OPEN FORWARD #2') } },
  },
  {
    id: 'S46b',
    sentence: 'A forwarder forwards packets that arrived by broadcast.',
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
    sentence: 'The next answer releases packets a second time.',
    shownBy: [{ model: 'delay' }],
    replacement: { machines: { delayQueue: unforgetting } },
  },
  {
    id: 'S50c',
    sentence: 'A packet makes room for a source that has more waiting packets.',
    shownBy: [{ model: 'delay', bounds: { second: 2, cap: 2, room: 3 } }],
    replacement: { scope: { yieldsTo: () => true } },
  },
  {
    id: 'S50d',
    sentence: 'The queue still counts a packet that it dropped to make room.',
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
    sentence: 'A host queries the controller only once.',
    shownBy: [{ model: 'delay' }],
    replacement: { machines: { delayQueue: without(delayQueue, 'delayQueue.ASKING TIMEOUT') } },
  },
  {
    id: 'S66',
    sentence: 'A host repeats its SYN to the same instance, although that is dead.',
    shownBy: [{ model: 'seeking' }],
    replacement: { machines: { seeker: without(seeker, 'seeker.SEEKING SILENT') } },
  },
  {
    id: 'S66b',
    sentence: 'The first refusal ends a connect, although other instances serve.',
    shownBy: [{ model: 'seeking' }],
    replacement: { machines: { seeker: without(seeker, 'seeker.SEEKING REFUSED #2') } },
  },
  {
    id: 'S66c',
    sentence: 'A host forgets which instances have refused, and asks them again.',
    shownBy: [{ model: 'seeking' }],
    replacement: { scope: { nextOf: (w: { readonly asked: number }) => 1 - w.asked } },
  },
  {
    id: 'S66d',
    sentence: 'Each copy of a refusal counts as another one.',
    shownBy: [{ model: 'seeking', bounds: { capacity: 2 } }],
    replacement: { machines: { seeker: without(seeker, 'seeker.SEEKING REFUSED #1') } },
  },
]

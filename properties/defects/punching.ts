/** Defects of relays, and of ends that leave them. */
import { flow } from '../../spec/machines/flow/compiled.ts'
import { relay } from '../../spec/machines/relay/compiled.ts'
import type { Defect } from './defect.ts'
import { edit, unasked } from './patch.ts'

export const punchingDefects: readonly Defect[] = [
  {
    id: 'S84',
    sentence: 'A relay carries packets to the server from whatever address they come.',
    shownBy: [{ model: 'punching' }],
    replacement: {
      machines: { relay: edit(relay, ['relay.BOUND FORTH #1'], unasked('fromClient')) },
    },
  },
  {
    id: 'S84b',
    sentence: 'A relay carries a repeated SYN to an address that is not connected to it.',
    shownBy: [{ model: 'punching' }],
    replacement: {
      machines: { relay: edit(relay, ['relay.ASKED SYN #1'], unasked('isProved')) },
    },
  },
  {
    id: 'S85c',
    sentence: 'An end takes an answer to its move from an address at which it does not reach its peer.',
    shownBy: [{ model: 'punching', bounds: { dependent: 1, filters: 0 } }],
    replacement: {
      machines: {
        flow: edit(
          flow,
          ['migration.RSYN_SENT RSYNACK #1', 'migration.INITIAL RSYNACK #1'],
          unasked('fromReached'),
        ),
      },
    },
  },
  {
    id: 'S85b',
    sentence:
      'The server does not follow a client that leaves the relay, so their translators never open for each other.',
    shownBy: [{ model: 'punching' }],
    replacement: { scope: { hearsPunch: () => false } },
  },
  {
    id: 'S85',
    sentence: 'An end never begins a move again, and never gives up where its peer claimed to be.',
    shownBy: [{ model: 'punching' }],
    replacement: { scope: { isStill: () => false } },
  },
]

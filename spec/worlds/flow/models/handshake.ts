import { at } from '../../../../checker/text/at.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import { networkBounds, onOff, SPACE, upTo } from '../../bounds.ts'
import { promptBounds } from '../../prompt.ts'
import { flowModel } from '../scene.ts'
import { networkOptions, slot } from '../slots.ts'
import { ACTED, ROLE } from '../state.ts'

const { CONNECTED, CLOSED, TIMEWAIT } = CONNECTION

export const handshake = flowModel({
  name: 'handshake',
  shows:
    'Two flows of one host connect to a listener with a bounded queue, at once or in turn, and close. The host chooses flowIDs while others are in use or in TIME-WAIT.',
  leavesOut: 'Moves, data, and more clients than two.',
  bounds: {
    ...{ ...networkBounds(2, 2), duplication: onOff('packets may be duplicated', 0, 1) },
    clients: { what: 'flows of the client host', default: 2, deep: 2, min: 1, max: 2 },
    backlog: {
      what: 'handshakes in progress that the listener keeps',
      default: 2,
      deep: 2,
      min: 1,
      max: 2,
    },
    closes: upTo('who may close: 0 nobody, 1 the first client and the first server, 2 all flows', 1, 2, 2),
    shut: onOff('the listener may be shut', 1, 1),
    aborts: onOff('ends may abort', 0, 1),
    giveUp: onOff('retransmission may be given up at any time', 0, 1),
  },
  prompt: promptBounds,
  scene: b => {
    const client = {
      role: ROLE.CLIENT,
      host: 0,
      home: 1,
      id: 0,
      target: 2,
      closes: b.closes >= 2 ? 1 : 0,
      aborts: b.aborts,
    }
    const server = {
      host: 1,
      home: 2,
      id: 0,
      closes: b.closes >= 2 ? 1 : 0,
      aborts: b.aborts,
    }
    return {
      slots: [
        slot({ ...client, name: 'first client', nonce: 1, closes: b.closes >= 1 ? 1 : 0 }),
        ...(b.clients === 2 ? [slot({ ...client, name: 'second client', nonce: 2, iss: 3 })] : []),
        slot({
          ...server,
          name: 'listener',
          role: ROLE.LISTENER,
          nonce: 0,
          aborts: 0,
          closes: b.shut,
        }),
        slot({
          ...server,
          name: 'first server',
          role: ROLE.CHILD,
          nonce: 3,
          iss: 9,
          closes: b.closes >= 1 ? 1 : 0,
        }),
        ...(b.clients === 2
          ? [slot({ ...server, name: 'second server', role: ROLE.CHILD, nonce: 4, iss: 5 })]
          : []),
      ],
      options: {
        widths: { flows: 2, nonces: 4, addresses: 2, space: SPACE },
        ...networkOptions(b),
        giveUp: b.giveUp,
        backlog: b.backlog,
      },
    }
  },
  witnesses: [
    { name: 'connected', seen: w => w.flow.some(f => f.role === ROLE.CHILD && f.connection === CONNECTED) },
    {
      name: 'a SYN is refused for want of room or listener',
      seen: w => w.did.refused === 1 || w.did.answered === 1 || w.did.sentRst === 1,
    },
    {
      name: 'a handshake in progress is reset with its listener',
      seen: w => w.did.event === ACTED.CLOSE && w.did.sentRst === 1,
    },
    { name: 'a SYN is repeated', seen: w => w.did.repeated === 1 },
    { name: 'TIME-WAIT', seen: w => w.flow.some(f => f.connection === TIMEWAIT) },
    { name: 'closed', seen: w => at(w.flow, 0).connection === CLOSED },
  ],
})

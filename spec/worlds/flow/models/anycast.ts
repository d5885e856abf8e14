import { at } from '../../../../checker/text/at.ts'
import { SYN } from '../../../machines/flow/packets.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import { networkBounds, onOff, SPACE, upTo } from '../../bounds.ts'
import { insert, remove } from '../../network.ts'
import { promptBounds } from '../../prompt.ts'
import { pack, unpack } from '../packet.ts'
import { isBound, packetAt, packetLabel } from '../rules.ts'
import { flowModel } from '../scene.ts'
import { networkOptions, slot } from '../slots.ts'
import { ROLE } from '../state.ts'

const { CONNECTED, RESPOND, CLOSED } = CONNECTION

/** The address that stands for the service until a hop resolves it. */
const SERVICE = 5

export const anycast = flowModel({
  name: 'anycast',
  shows:
    'Each copy and each repetition of a SYN is resolved anew, so two instances may answer. The first answer that arrives gets the flow, and the other instance is reset.',
  leavesOut: 'How a hop chooses among instances, and the hops between.',
  bounds: {
    ...networkBounds(2, 3),
    moves: upTo('moves of the client', 1, 1, 2),
    data: upTo('data packets of each end', 1, 1, 2),
    closes: upTo('who may close: 0 nobody, 1 the client, 2 the client and the servers', 1, 1, 2),
    giveUp: onOff('retransmission may be given up at any time', 0),
  },
  prompt: promptBounds,
  scene: b => {
    const server = {
      role: ROLE.CHILD,
      iss: 9,
      data: b.data,
      closes: b.closes >= 2 ? 1 : 0,
    }
    return {
      slots: [
        slot({
          name: 'client',
          role: ROLE.CLIENT,
          host: 0,
          nonce: 1,
          home: 1,
          addresses: [1, 2],
          target: SERVICE,
          moves: b.moves,
          data: b.data,
          closes: b.closes >= 1 ? 1 : 0,
        }),
        slot({ ...server, name: 'first instance', host: 1, nonce: 2, home: 3 }),
        slot({ ...server, name: 'second instance', host: 2, nonce: 3, home: 4 }),
      ],
      options: {
        widths: { flows: 3, nonces: 3, addresses: 5, space: SPACE },
        ...networkOptions(b),
        giveUp: b.giveUp,
        backlog: 0,
        service: SERVICE,
      },
      rules: [
        {
          name: 'resolve',
          kind: 'protocol',
          each: packetAt,
          over: { m: Array.from({ length: b.capacity }, (_, i) => i), to: [3, 4] },
          when: (w, { m }) => w.net[m] !== 0 && !isBound(w, m) && unpack(w, at(w.net, m)).kind === SYN,
          take: (w, { m, to }) => {
            const p = unpack(w, at(w.net, m))
            remove(w, m)
            insert(w, pack(w, { ...p, to: to }))
          },
          label: (w, { m, to }) =>
            `resolve ${packetLabel(w, at(w.net, m))} to ${to === 3 ? 'the first' : 'the second'} instance`,
        },
      ],
    }
  },
  witnesses: [
    {
      name: 'two instances answer',
      seen: w => at(w.flow, 1).connection === RESPOND && at(w.flow, 2).connection === RESPOND,
    },
    {
      name: 'one has the flow and the other is reset',
      seen: w =>
        at(w.flow, 0).connection === CONNECTED &&
        at(w.flow, 1).connection === CONNECTED &&
        at(w.flow, 2).connection === CLOSED,
    },
  ],
})

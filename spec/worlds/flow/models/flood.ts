import { at } from '../../../../checker/text/at.ts'
import { ACK, KINDS, SYN } from '../../../machines/flow/packets.ts'
import { next } from '../../../machines/flow/serial.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import { networkBounds, onOff, SPACE, upTo } from '../../bounds.ts'
import { step } from '../../machines.ts'
import type { WorldRule } from '../../model.ts'
import { FORGED } from '../attackers.ts'
import { receive } from '../effects.ts'
import { flowModel } from '../scene.ts'
import { networkOptions, slot } from '../slots.ts'
import { type FlowWorld, ROLE } from '../state.ts'
import { turnEpoch } from '../stateless.ts'

const { CONNECTED, TIMEWAIT, CLOSED } = CONNECTION

/** An address that nobody answers from, and the flowID that its packets name. */
const STRANGER = { address: 3, flow: 6 }
const SERVER = 2
const CLIENT = { nonce: 1, iss: 14 }
/** The first nonce and flowID of the answers, one for each epoch. */
const FIRST_ANSWER = 3
const ANSWER_ISS = 5

/** SYNs from forged addresses, and ACKs whose sender has guessed everything except what only a SYN-ACK reveals. */
const strangers = (epochs: number): WorldRule<FlowWorld>[] => [
  {
    name: 'flood',
    kind: 'fault',
    when: () => true,
    take: w =>
      receive(w, {
        ...{ kind: SYN, verno: 0, ackno: 0, nonce: FORGED, fin: 0, proof: 0 },
        ...{ capabilities: 0, tells: 0, challenge: 0, echo: 0, joins: 0 },
        ...{ srcFlow: STRANGER.flow, dstFlow: 0, from: STRANGER.address, to: SERVER },
      }),
    label: () => `flood with ${KINDS[SYN]}`,
  },
  {
    name: 'guess',
    kind: 'fault',
    over: { e: Array.from({ length: epochs }, (_, e) => FIRST_ANSWER + e) },
    when: () => true,
    take: (w, { e }) =>
      receive(w, {
        ...{ kind: ACK, verno: 1, nonce: FORGED, fin: 0, proof: 0 },
        ...{ capabilities: 0, tells: 0, challenge: 0, echo: 0, joins: 0 },
        ...{ ackno: next(ANSWER_ISS, SPACE), srcFlow: STRANGER.flow, dstFlow: e },
        ...{ from: STRANGER.address, to: SERVER },
      }),
    label: (_w, { e }) => `guess an ${KINDS[ACK]} to flow ${e}`,
  },
]

/** The flow of another client waits to be accepted. */
const crowd: WorldRule<FlowWorld> = {
  name: 'crowd',
  kind: 'environment',
  when: w => w.listener.listener === 0 && w.listener.pending + w.listener.ready < w.listener.queue,
  take: w => step('listener', w.listener, 'CONFIRM', { genuine: 1, known: 0, room: 1 }),
  label: () => 'another client connects',
}

const turn: WorldRule<FlowWorld> = {
  name: 'turn',
  kind: 'environment',
  when: w => w.epoch + 1 < w.epochs,
  take: w => turnEpoch(w),
  label: () => 'the epoch turns',
}

export const flood = flowModel({
  name: 'flood',
  shows:
    'SYNs from forged addresses fill a listener, which then answers without keeping state. A client still connects, and its ACK makes one flow, once, until the answer is too old.',
  leavesOut:
    'How flowID and version encode the answer: the model takes a guess of both to be impossible. Moves and data.',
  bounds: {
    ...networkBounds(2, 3),
    epochs: { what: 'epochs of the key for stateless answers', default: 3, deep: 3, min: 1, max: 3 },
    memory: { what: 'confirmed answers that the host remembers', default: 2, deep: 2, min: 1, max: 3 },
    closes: upTo('who may close: 0 nobody, 1 the client, 2 the client and the servers', 2, 2, 2),
    aborts: onOff('ends may abort', 0, 1),
    giveUp: onOff('retransmission may be given up at any time', 0),
    offers: onOff('both ends offer a capability', 1),
  },
  scene: b => {
    const server = {
      role: ROLE.CHILD,
      host: 1,
      home: SERVER,
      closes: b.closes >= 2 ? 1 : 0,
      aborts: b.aborts,
      offers: b.offers,
    }
    return {
      slots: [
        slot({
          ...CLIENT,
          name: 'client',
          role: ROLE.CLIENT,
          host: 0,
          home: 1,
          target: SERVER,
          closes: b.closes >= 1 ? 1 : 0,
          aborts: b.aborts,
          offers: b.offers,
        }),
        slot({ name: 'listener', role: ROLE.LISTENER, host: 1, home: SERVER, nonce: 0 }),
        slot({ ...server, name: 'admitted server', nonce: 2, iss: 9 }),
        ...Array.from({ length: b.epochs }, (_, epoch) =>
          slot({
            ...server,
            name: `answer of epoch ${epoch}`,
            nonce: FIRST_ANSWER + epoch,
            iss: ANSWER_ISS,
            answers: CLIENT.nonce,
            epoch,
          }),
        ),
      ],
      options: {
        widths: {
          flows: STRANGER.flow,
          nonces: FORGED,
          addresses: STRANGER.address,
          space: SPACE,
          capabilities: 1,
        },
        ...networkOptions(b),
        giveUp: b.giveUp,
        backlog: 1,
        stranger: STRANGER,
        epochs: b.epochs,
        memory: b.memory,
      },
      rules: [...strangers(b.epochs), crowd, ...(b.epochs > 1 ? [turn] : [])],
      scope: { STRANGER, SERVER, FIRST_ANSWER, ANSWER_ISS, FORGED, SPACE },
    }
  },
  witnesses: [
    { name: 'a SYN is answered and not kept', seen: w => w.did.answered === 1 },
    {
      name: 'the client connects in a flood',
      seen: w =>
        w.listener.pending > 0 &&
        at(w.flow, 0).connection === CONNECTED &&
        w.flow.some(f => f.answers !== 0 && f.connection === CONNECTED),
    },
    {
      name: 'an answer of the epoch before is confirmed',
      seen: w => w.did.confirmed === 1 && w.flow.some(f => f.nonce === w.did.flow && f.epoch < w.epoch),
    },
    { name: 'an answer is too old', seen: w => w.did.kind === ACK && w.epoch === 2 && w.did.confirmed === 0 },
    { name: 'an ACK is refused for want of room', seen: w => w.did.kind === ACK && w.did.refused === 1 },
    { name: 'TIME-WAIT', seen: w => w.flow.some(f => f.answers !== 0 && f.connection === TIMEWAIT) },
    { name: 'closed', seen: w => w.flow.some(f => f.answers !== 0 && f.connection === CLOSED) },
  ],
})

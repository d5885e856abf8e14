import { bits } from '../../../../checker/lower/value.ts'
import { at } from '../../../../checker/text/at.ts'
import { PATH_CHALLENGE } from '../../../machines/flow/capabilities.ts'
import { ACK, FIN, KINDS, type Packet, RSYN, RSYNACK } from '../../../machines/flow/packets.ts'
import { next } from '../../../machines/flow/serial.ts'
import { bitsFor, type NetworkBound, networkBounds, onOff, SPACE, upTo } from '../../bounds.ts'
import type { WorldRule } from '../../model.ts'
import { effects, receive } from '../effects.ts'
import { lyingInvariants } from '../invariants/index.ts'
import type { ModelPacket } from '../packet.ts'
import { flowModel } from '../scene.ts'
import type { Flow, FlowWorld } from '../state.ts'
import { isLive } from '../terms.ts'
import { twoEnds } from './twoParty.ts'

/** An address of nobody in the model: its host has asked for nothing. */
export const VICTIM = 5
/** The liar's two addresses. */
export const LIARS_OWN = [1, 2] as const

/** `knows` 1: the liar has received the challenge that the server drew last. `lies`: how often it has lied, of `mayLie`. */
export type LyingWorld = FlowWorld & { knows: number; lies: number; mayLie: number }

/**
 * The worst that a peer can say that is not where it claims to be. It has its own nonce and the right flowIDs, and it
 * guesses all versions right. It returns a challenge only if the challenge was sent to an address of its own.
 */
export const lie = (w: LyingWorld, g: Flow, kind: number, from: number, ahead: number): ModelPacket => ({
  ...{ kind, fin: 0, challenge: 0, capabilities: 0, tells: 0, joins: 0 },
  verno: ahead === 1 ? next(g.rcvNxt, g.space) : g.rcvNxt,
  ackno: g.sndNxt,
  nonce: g.peerNonce,
  ...{ srcFlow: g.peerFlow, dstFlow: g.localFlow, from, to: g.local },
  proof: from === VICTIM ? 0 : 1,
  echo: w.knows,
})

const rules: readonly WorldRule<LyingWorld>[] = [
  {
    name: 'lie',
    kind: 'fault',
    over: { k: [ACK, RSYN, RSYNACK, FIN], a: [...LIARS_OWN, VICTIM], n: [0, 1] },
    when: w => w.lies < w.mayLie && isLive(at(w.flow, 1)),
    take: (w, { k, a, n }) => {
      w.lies = w.lies + 1
      receive(w, lie(w, at(w.flow, 1), k, a, n))
    },
    label: (_w, { k, a, n }) => `lie with ${KINDS[k]} from ${a}${n === 1 ? ', one version ahead' : ''}`,
  },
]

/** The liar reads whatever reaches an address of its own. */
export const overhear = (w: LyingWorld, p: Packet): void => {
  if (p.challenge === 1 && (p.to === 1 || p.to === 2)) w.knows = 1
}

export const lyingPeer = flowModel<NetworkBound | 'closes' | 'data' | 'challenges' | 'lies', LyingWorld>({
  name: 'lying-peer',
  shows:
    'A client lies about its address, to have a server send data to a victim. It knows its own nonce and guesses all versions, but it reads only packets that are sent to an address of its own. The victim gets no data, and no more than three packets for each that names it.',
  leavesOut: 'Moves of the server. Liveness: a lie may take the versions of the two ends apart for good.',
  bounds: {
    ...networkBounds(1, 2),
    challenges: onOff('the ends use path challenges; without them the victim gets the data', 1),
    lies: upTo('lies', 3, 5, 9),
    data: upTo('data packets of each end', 1, 1, 3),
    closes: upTo('who may close: 0 nobody, 1 the client, 2 both', 0, 1, 2),
  },
  invariants: lyingInvariants,
  scene: b => {
    const scene = twoEnds({ ...b, clientMoves: 1, serverMoves: 0, aborts: 0, giveUp: 0 })
    const offers = b.challenges === 1 ? PATH_CHALLENGE : 0
    return {
      slots: scene.slots.map(slot => ({ ...slot, offers })),
      options: {
        ...scene.options,
        widths: { flows: 2, nonces: 2, addresses: VICTIM, space: SPACE, capabilities: offers },
      },
      rules,
      scope: { VICTIM, LIARS_OWN, lie, overhear },
      beside: {
        shape: { knows: bits(1), lies: bits(bitsFor(b.lies)), mayLie: b.lies },
        did: [],
        machines: {},
        effects: {
          challenge: (w: LyingWorld): void => {
            w.knows = 0
          },
          transmit: (w: LyingWorld, f: Flow, p: Packet): void => {
            overhear(w, p)
            effects.transmit(w, f, p)
          },
        },
      },
    }
  },
  witnesses: [
    { name: 'the liar moves', seen: w => at(w.flow, 1).peer === 2 },
    { name: 'the victim is asked', seen: w => w.did.answerTo === VICTIM },
    {
      name: 'data leaves after a lie',
      seen: w => w.did.dataTo !== 0 && at(w.flow, 1).nextPeer === VICTIM,
    },
  ],
})

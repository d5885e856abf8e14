/** The steps of a client's host that seeks an instance, and what happens to the instances. */
import { at } from '../../../checker/text/at.ts'
import { refusesSyn } from '../../machines/flow/identity.ts'
import { RST, SYN } from '../../machines/flow/packets.ts'
import { CONNECTION } from '../../machines/flow/states.ts'
import { receive } from '../flow/effects.ts'
import { unpack } from '../flow/packet.ts'
import { packetAt, packetLabel } from '../flow/rules.ts'
import type { FlowWorld } from '../flow/state.ts'
import { step } from '../machines.ts'
import type { WorldRule } from '../model.ts'
import { remove } from '../network.ts'
import { CLIENT, FIRST, SERVICE, type SeekingWorld } from './state.ts'

const { INIT, REQUEST, CLOSED } = CONNECTION

const NAMES = ['first', 'second']

/** False for a SYN without an instance, and for a RST that the client's host takes before the connecting flow does. */
export const notForSeeker = (w: FlowWorld, m: number): boolean =>
  unpack(w, at(w.net, m)).to !== SERVICE &&
  (unpack(w, at(w.net, m)).kind !== RST ||
    unpack(w, at(w.net, m)).to !== CLIENT ||
    at(w.flow, 0).connection !== REQUEST)

/**
 * The client's host leads a SYN to the instance that it asks now. A dead one gets nothing. The host turns now instead of when
 * the timer expires, because only then does it lead another SYN.
 */
export const lead = (w: SeekingWorld, m: number): void => {
  const p = unpack(w, at(w.net, m))
  remove(w, m)
  w.did.led = w.asked + 1
  if (at(w.dead, w.asked) === 0) receive(w, { ...p, to: FIRST + w.asked })
  step('seeker', w.seeker, 'SILENT')
}

/** A RST reaches the host of the connecting client. A RST that does not know the SYN proves nothing. */
export const refuse = (w: SeekingWorld, m: number): void => {
  const p = unpack(w, at(w.net, m))
  const by = p.from - FIRST
  const again = at(w.refused, by)
  remove(w, m)
  if (refusesSyn(at(w.flow, 0), p)) {
    w.refused[by] = 1
    step('seeker', w.seeker, 'REFUSED', {
      others: w.refused.every(r => r === 1) ? 0 : 1,
      hop: 0,
      again: again,
    })
    if (w.did.turned === 1) step('flow', at(w.flow, 0), 'TIMEOUT')
    if (w.did.passed === 1) receive(w, p)
  }
}

export const seekingRules = (capacity: number): WorldRule<SeekingWorld>[] => [
  {
    name: 'resolve',
    kind: 'protocol',
    each: packetAt,
    over: { m: Array.from({ length: capacity }, (_, i) => i) },
    when: (w, { m }) => w.net[m] !== 0 && !notForSeeker(w, m),
    take: (w, { m }) => {
      if (unpack(w, at(w.net, m)).kind === SYN) lead(w, m)
      else refuse(w, m)
    },
    label: (w, { m }) => `the client's host takes ${packetLabel(w, at(w.net, m))}`,
  },
  {
    name: 'stop',
    kind: 'environment',
    over: { f: [1, 2] },
    when: (w, { f }) => at(w.dead, f - 1) === 0 && at(w.flow, f).connection === INIT,
    take: (w, { f }) => {
      at(w.flow, f).connection = CLOSED
    },
    label: (_w, { f }) => `the ${NAMES[f - 1]} instance stops serving`,
  },
  {
    name: 'die',
    kind: 'environment',
    over: { f: [1, 2] },
    when: (w, { f }) => at(w.dead, f - 1) === 0 && at(w.flow, f).connection === INIT,
    take: (w, { f }) => {
      w.dead[f - 1] = 1
    },
    label: (_w, { f }) => `the host of the ${NAMES[f - 1]} instance dies`,
  },
]

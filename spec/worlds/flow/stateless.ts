/**
 * SYNs that are answered without a flow. A real answer's flowID and version follow from a keyed hash of the SYN and the
 * time; in a model each client has a flow slot for its answer in each epoch, and a slot that has not begun is no state.
 */

import { common, RESET_TOKEN } from '../../machines/flow/capabilities.ts'
import type { Received } from '../../machines/flow/events.ts'
import { ACK, SYNACK } from '../../machines/flow/packets.ts'
import { next, previous } from '../../machines/flow/serial.ts'
import { CONNECTION } from '../../machines/flow/states.ts'
import { confirmedBy, synBefore } from '../../machines/listener/handshakes.ts'
import { step } from '../machines.ts'
import { insert } from '../network.ts'
import { heard, madeFrom, noteSent } from './effects.ts'
import { type ModelPacket, pack } from './packet.ts'
import { type Flow, type FlowWorld, ROLE } from './state.ts'
import { isAt, isValid } from './terms.ts'

/** The SYN-ACK that this epoch's slot of the client would send. */
export const answerSyn = (w: FlowWorld, f: Flow, p: Received): void => {
  for (const g of w.flow) {
    if (g.answers !== 0 && g.host === f.host && g.answers === p.nonce && g.epoch === w.epoch) {
      const synack = {
        ...{ kind: SYNACK, verno: g.iss, ackno: next(p.verno, g.space), nonce: g.nonce, fin: 0, service: 0 },
        ...{ srcFlow: g.id, dstFlow: p.srcFlow, from: p.to, to: p.from },
        capabilities: common(g.offers, p.capabilities),
        tells: common(common(g.offers, p.capabilities), RESET_TOKEN) === 0 ? 0 : 1,
        ...{ challenge: 0, echo: 0, joins: 0 },
      }
      noteSent(w, g, synack)
      insert(w, pack(w, { ...synack, proof: 0 }))
    }
  }
}

/** An ACK whose flow does not exist may confirm an answer: its host's listener decides. */
export const receiveStrayAck = (w: FlowWorld, p: ModelPacket): void => {
  for (const f of w.flow) {
    if (f.role === ROLE.LISTENER)
      if (w.epochs > 0 && p.kind === ACK && isAt(w, f, p.to))
        if (
          w.flow.every(
            g =>
              g.host !== f.host ||
              g.localFlow !== p.dstFlow ||
              g.connection === CONNECTION.INIT ||
              g.connection === CONNECTION.CLOSED,
          )
        )
          step('flow', f, 'ACK', heard(w, f, p))
  }
}

/** Whether the packet shows the valid answer that stands in this slot, to the client whose SYN it answered. */
export const isGenuine = (w: FlowWorld, g: Flow, p: Received): boolean =>
  g.answers !== 0 &&
  g.id === p.dstFlow &&
  isValid(w, g) &&
  p.ackno === next(g.iss, g.space) &&
  w.flow.some(
    f =>
      f.nonce === g.answers &&
      f.nonce === p.nonce &&
      f.id === p.srcFlow &&
      f.home === p.from &&
      next(f.iss, f.space) === p.verno,
  )

/** The listener looks at an ACK for a flow that does not exist. */
export const offerAck = (w: FlowWorld, f: Flow, p: Received): void => {
  const syn = synBefore(p, f.space)
  let remembered = 0
  for (const g of w.flow) remembered = remembered + g.confirmed
  step('listener', w.listener, 'CONFIRM', {
    genuine: w.flow.some(g => isGenuine(w, g, p)) ? 1 : 0,
    known: w.flow.some(
      g => g.host === f.host && ((g.confirmed === 1 && g.id === p.dstFlow) || madeFrom(g, syn)),
    )
      ? 1
      : 0,
    room: remembered < w.memory ? 1 : 0,
  })
  if (w.did.confirmed === 1) confirmAs(w, f, p)
}

/** The slot of the answer becomes the flow. */
export const confirmAs = (w: FlowWorld, f: Flow, p: Received): void => {
  for (const g of w.flow) {
    if (g.answers !== 0 && g.host === f.host && g.id === p.dstFlow) {
      w.did.flow = g.nonce
      w.did.again = g.connection !== CONNECTION.INIT ? 1 : 0
      g.confirmed = 1
      g.synFrom = p.from
      g.synVerno = previous(p.verno, g.space)
      step('flow', g, 'CONFIRM', confirmedBy(p, g.id, g.nonce, g.space, g.offers))
    }
  }
}

/** The next epoch: what is no longer valid need not be remembered. */
export const turnEpoch = (w: FlowWorld): void => {
  w.epoch = w.epoch + 1
  for (const g of w.flow) if (g.answers !== 0 && g.epoch + 1 < w.epoch) g.confirmed = 0
}

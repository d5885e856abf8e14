/** A connection's end takes the SYNs of flows that join, and hears what becomes of these flows. */
import { connection } from '../../machines/connection/compiled.ts'
import { ENDED, UNPROVED } from '../../machines/connection/reasons.ts'
import { ACCEPTED, CLOSED, PEER_CLOSED, RESET, TIMED_OUT } from '../../machines/flow/notices.ts'
import { RST } from '../../machines/flow/packets.ts'
import { next } from '../../machines/flow/serial.ts'
import { CONNECTION } from '../../machines/flow/states.ts'
import { accept, heard, madeFrom, tell } from '../flow/effects.ts'
import { type ModelPacket, pack } from '../flow/packet.ts'
import type { Beside } from '../flow/scene.ts'
import { type Flow, ROLE } from '../flow/state.ts'
import { isAt } from '../flow/terms.ts'
import { type EffectsOf, step } from '../machines.ts'
import { insert } from '../network.ts'
import { bitOf, copiesOf, DID, type JoiningWorld, shapeOf } from './state.ts'

const { INIT, RESPOND, CONNECTED, CLOSEWAIT } = CONNECTION

/** The bit of the first slot that has not begun, or 0. */
export const freeBit = (w: JoiningWorld): number => {
  let bit = 0
  for (const f of w.flow) if (bit === 0 && f.role === ROLE.CHILD && f.connection === INIT) bit = bitOf(f)
  return bit
}

/** The SYN reaches the connection before any listener. */
export const receiveJoin = (w: JoiningWorld, p: ModelPacket): void => {
  if (w.flow.some(f => f.role === ROLE.CHILD && isAt(w, f, p.to))) offerJoin(w, p)
}

export const offerJoin = (w: JoiningWorld, p: ModelPacket): void => {
  const known = w.flow.some(f => madeFrom(f, p))
  w.did.copies = copiesOf(w, p.nonce)
  step('connection', w.end, 'JOIN', {
    ...{ flow: freeBit(w), backup: 0, proves: p.joins === 1 ? 1 : 0, known: known ? 1 : 0 },
    ...{ copies: w.did.copies, spent: p.joins === 1 ? w.spent : 0 },
  })
  for (const f of w.flow) {
    if (f.role === ROLE.CHILD) {
      if (w.did.welcomed === bitOf(f)) accept(w, f, heard(w, f, p))
      else if (w.did.knownJoin === 1 && madeFrom(f, p)) {
        w.did.flow = f.nonce
        step('flow', f, 'SYN', heard(w, f, p))
      }
    }
  }
  if (w.did.rejected !== 0 && w.did.rejected !== UNPROVED) refuse(w, p)
}

/** A RST that proves that its sender has the SYN. */
export const refuse = (w: JoiningWorld, p: ModelPacket): void =>
  insert(
    w,
    pack(w, {
      ...{ kind: RST, verno: 0, ackno: next(p.verno, 16), nonce: p.nonce, fin: 0 },
      ...{ srcFlow: p.dstFlow, dstFlow: p.srcFlow, from: p.to, to: p.from, proof: 0 },
      ...{ capabilities: 0, tells: 0, challenge: 0, echo: 0, joins: 0 },
    }),
  )

/** The connection closes this flow: this end has finished, or nobody waits for the handshake any more. */
export const mustClose = (w: JoiningWorld, f: Flow): boolean =>
  f.role === ROLE.CHILD &&
  ((w.end.finished === 1 && (f.connection === CONNECTED || f.connection === CLOSEWAIT)) ||
    (f.connection === RESPOND && (w.end.pending & bitOf(f)) === 0))

/** In a world, CLOSED is the state. */
export const CLOSED_NOTICE = CLOSED

/** The connection hears of its flow. */
export const noteJoined = (w: JoiningWorld, f: Flow, notice: number): void => {
  if (notice === ACCEPTED) {
    w.spent = 1
    step('connection', w.end, 'UP', { flow: bitOf(f) })
  }
  if (notice === PEER_CLOSED) step('connection', w.end, 'FIN', { flow: bitOf(f), ended: 1 })
  if (notice === CLOSED_NOTICE) step('connection', w.end, 'DOWN', { flow: bitOf(f), why: ENDED.CLOSED })
  if (notice === RESET) step('connection', w.end, 'DOWN', { flow: bitOf(f), why: ENDED.RESET })
  if (notice === TIMED_OUT) step('connection', w.end, 'DOWN', { flow: bitOf(f), why: ENDED.TIMED_OUT })
}

type End = JoiningWorld['end']

export const beside = (mayEnd: number): Beside => ({
  shape: shapeOf(mayEnd),
  did: DID,
  machines: { connection },
  effects: {
    welcome: (w: JoiningWorld, _end: End, p: { flow: number }): void => {
      w.did.welcomed = p.flow
    },
    again: (w: JoiningWorld): void => {
      w.did.knownJoin = 1
    },
    reject: (w: JoiningWorld, _end: End, p: { reason: number }): void => {
      w.did.rejected = p.reason
    },
    // `mustClose` follows from the registers.
    close: (): void => {},
    abort: (): void => {},
    confirmEnd: (): void => {},
    mark: (): void => {},
    join: (): void => {},
    use: (): void => {},
    leave: (): void => {},
    probe: (): void => {},
    advertise: (): void => {},
    adopt: (): void => {},
    echo: (): void => {},
    heed: (): void => {},
    over: (): void => {},
    notify: (w: JoiningWorld, f: Flow, p: { notice: number }): void => {
      if (p.notice === RESET) w.did.reset = 1
      tell(w, p.notice)
      if (f.role === ROLE.CHILD) noteJoined(w, f, p.notice)
    },
  } satisfies EffectsOf<'connection', JoiningWorld, End> & Record<'notify', unknown>,
})

/** What happens to flows and between them: packets arrive, and the effects of the ends reach the flows. */
import { at } from '../../../checker/text/at.ts'
import { connection } from '../../machines/connection/compiled.ts'
import { ENDED, UNPROVED } from '../../machines/connection/reasons.ts'
import { type EffectsOf, step } from '../machines.ts'
import { insert } from '../network.ts'
import { bit, carries, type End, type FlowsPacket, type FlowsWorld, OWN, pack, SEEN, SENT } from './state.ts'
import { isOver } from './terms.ts'

export const send = (w: FlowsWorld, from: number, kind: number, f: number): void => {
  if ((w.dead & bit(f)) === 0)
    insert(
      w,
      pack({
        ...{ kind, flow: f, to: 1 - from, version: 0, place: 0, proves: 1, named: 0 },
        wishes: kind === SENT.FIN ? at(w.end, from).finished : 0,
        backups: kind === SENT.SYN ? at(w.end, from).backups & bit(f) : 0,
      }),
    )
}

/** The first flow that this end may use, or 3. */
export const usable = (e: End): number => {
  let found = 3
  for (let f = 0; f < 3; f++) if (found === 3 && (e.live & bit(f)) !== 0 && carries(at(e.sees, f))) found = f
  return found
}

/** Sends the advertisement, on any flow that works. A flow whose path is dead has timeouts, so the end takes another one. */
export const advertise = (w: FlowsWorld, from: number): void => {
  const e = at(w.end, from)
  for (let f = 0; f < 3; f++)
    if ((e.live & bit(f)) !== 0 && (w.dead & bit(f)) === 0 && w.did.advertising === 1) {
      w.did.advertising = 0
      insert(
        w,
        pack({
          ...{ kind: SENT.ADVERT, flow: f, to: 1 - from, version: e.version },
          ...{ wishes: e.unwanted, place: e.place, proves: 1, backups: e.backups, named: e.live | e.pending },
        }),
      )
    }
  w.did.advertising = 0
}

/** The effects of the step that an end has just taken. */
export const carryOut = (w: FlowsWorld, i: number): void => {
  const e = at(w.end, i)
  for (let f = 0; f < 3; f++) {
    if (w.did.joined === bit(f)) {
      e.sees[f] = SEEN.JOINING
      send(w, i, SENT.SYN, f)
    }
    if (w.did.welcomed === bit(f)) {
      e.sees[f] = SEEN.WAITING
      send(w, i, SENT.ANSWER, f)
    }
    if ((w.did.closing & bit(f)) !== 0) close(w, i, f)
    if ((w.did.aborting & bit(f)) !== 0 && e.sees[f] !== SEEN.NONE) {
      e.sees[f] = SEEN.DEAD
      send(w, i, SENT.RST, f)
    }
    if ((w.did.probing & bit(f)) !== 0) send(w, i, SENT.ASK, f)
    // Another flow sends what this one has not delivered.
    if (w.did.leaving === bit(f) && i === 0 && w.carrier === f + 1) w.carrier = 0
  }
  if (w.did.advertising === 1) advertise(w, i)
  w.did.asked = w.did.asked | w.did.probing
  w.did.joined = 0
  w.did.welcomed = 0
  w.did.closing = 0
  w.did.aborting = 0
  w.did.probing = 0
  w.did.leaving = 0
}

/** The transport has finished, so the flow's FIN leaves. */
export const close = (w: FlowsWorld, i: number, f: number): void => {
  const e = at(w.end, i)
  if (e.sees[f] === SEEN.UP) {
    e.sees[f] = SEEN.SHUT
    send(w, i, SENT.FIN, f)
  } else if (e.sees[f] === SEEN.GOT) {
    e.sees[f] = SEEN.LAST
    send(w, i, SENT.FIN, f)
  }
}

/** A flow ends at one end, which tells its connection. */
export const down = (w: FlowsWorld, i: number, f: number, why: number): void => {
  const e = at(w.end, i)
  e.sees[f] = why === ENDED.CLOSED ? SEEN.GONE : SEEN.DEAD
  step('connection', e, 'DOWN', { flow: bit(f), why })
  carryOut(w, i)
}

/** The flow is reset, and the connection goes on without it. A peer that ends it with a FIN instead means the same. */
export const drop = (w: FlowsWorld, i: number, byFin: number): void => {
  const flows = w.did.aborting
  for (let f = 0; f < 3; f++)
    if (byFin === 1 && flows === bit(f)) {
      w.did.aborting = 0
      at(w.end, i).sees[f] = SEEN.GONE
      send(w, i, SENT.FIN, f)
    }
  carryOut(w, i)
  for (let f = 0; f < 3; f++)
    if ((flows & bit(f)) !== 0) {
      step('connection', at(w.end, i), 'DOWN', { flow: bit(f), why: ENDED.CLOSED })
      carryOut(w, i)
    }
}

/** The opener looks at each flow that the accepter wants to end. */
export const heed = (w: FlowsWorld, i: number): void => {
  const flows = w.did.heeding
  w.did.heeding = 0
  for (let f = 0; f < 3; f++)
    if ((flows & bit(f)) !== 0) {
      step('connection', at(w.end, i), 'HEED', { flow: bit(f) })
      drop(w, i, 0)
    }
}

export const up = (w: FlowsWorld, i: number, f: number): void => {
  const e = at(w.end, i)
  e.sees[f] = SEEN.UP
  step('connection', e, 'UP', { flow: bit(f) })
  carryOut(w, i)
  // The accepter of a flow hears last of it.
  if (i === 0 && f !== OWN) confirm(w, f)
}

export const isUnconfirmed = (w: FlowsWorld, f: number): boolean =>
  (at(w.end, 0).live & bit(f)) !== 0 && (at(w.end, 0).confirmed & bit(f)) === 0

/** The opener hears that the accepter has the flow. */
export const confirm = (w: FlowsWorld, f: number): void => {
  if (isUnconfirmed(w, f)) {
    step('connection', at(w.end, 0), 'CONFIRMED', { flow: bit(f) })
    heed(w, 0)
  }
}

/** Only an end at which the flow is connected sends this in it. */
export const confirms = (kind: number): boolean =>
  kind === SENT.CONFIRM ||
  kind === SENT.FIN ||
  kind === SENT.FINISHED ||
  kind === SENT.ADVERT ||
  kind === SENT.ECHO

export const receiveSyn = (w: FlowsWorld, i: number, f: number, p: FlowsPacket): void => {
  const e = at(w.end, i)
  const known = e.sees[f] === SEEN.NONE ? 0 : 1
  if (e.sees[f] === SEEN.DEAD || e.sees[f] === SEEN.GONE || isOver(e)) send(w, i, SENT.RST, f)
  else {
    step('connection', e, 'JOIN', {
      ...{ flow: bit(f), proves: p.proves, known, copies: 0, spent: 0 },
      backup: p.backups === 0 ? 0 : 1,
    })
    if (w.did.again === 1 && e.sees[f] === SEEN.WAITING) send(w, i, SENT.ANSWER, f)
    if (w.did.rejected !== 0 && w.did.rejected !== UNPROVED) send(w, i, SENT.RST, f)
    carryOut(w, i)
  }
}

/** The connection hears of the FIN. The acknowledgment of the receiver's own FIN says that there was one. */
export const end = (w: FlowsWorld, i: number, f: number, p: FlowsPacket): void => {
  step('connection', at(w.end, i), 'FIN', { flow: bit(f), ended: p.kind === SENT.FIN ? p.wishes : 1 })
  carryOut(w, i)
}

/** A FIN, or a packet that acknowledges the receiver's own after it. */
export const receiveFin = (w: FlowsWorld, i: number, f: number, p: FlowsPacket): void => {
  const e = at(w.end, i)
  const seen = at(e.sees, f)
  // A FIN of a joiner carries its proof.
  if (seen === SEEN.WAITING) up(w, i, f)
  if (e.sees[f] === SEEN.UP) {
    e.sees[f] = SEEN.GOT
    end(w, i, f, p)
  } else if (e.sees[f] === SEEN.SHUT) {
    if (seen === SEEN.WAITING) e.sees[f] = SEEN.LAST
    else if (p.kind === SENT.FIN) send(w, i, SENT.FINISHED, f)
    end(w, i, f, p)
    if (seen !== SEEN.WAITING) down(w, i, f, ENDED.CLOSED)
  } else if (seen === SEEN.LAST && p.kind === SENT.FINISHED) down(w, i, f, ENDED.CLOSED)
  else if ((seen === SEEN.GONE || seen === SEEN.LAST) && p.kind === SENT.FIN) send(w, i, SENT.FINISHED, f)
}

export const receiveAdvert = (w: FlowsWorld, i: number, f: number, p: FlowsPacket): void => {
  const e = at(w.end, i)
  step('connection', e, 'ADVERTISED', {
    version: p.version,
    proves: p.proves,
    wishes: p.wishes,
    backups: p.backups,
    named: p.named,
  })
  if (w.did.adopting === 1) e.knows = p.place
  if (w.did.echoing !== 0) {
    w.did.echoing = 0
    // By the flow by which the advertisement came.
    if ((w.dead & bit(f)) === 0)
      insert(
        w,
        pack({
          ...{ kind: SENT.ECHO, flow: f, to: 1 - i, version: p.version },
          ...{ wishes: 0, place: 0, proves: 1, backups: 0, named: 0 },
        }),
      )
  }
  carryOut(w, i)
  heed(w, i)
}

/** A packet arrives at an end. */
export const receive = (w: FlowsWorld, p: FlowsPacket): void => {
  for (let i = 0; i < 2; i++) for (let f = 0; f < 3; f++) if (p.to === i && p.flow === f) arrive(w, i, f, p)
}

/** A packet arrives at a flow. */
export const arrive = (w: FlowsWorld, i: number, f: number, p: FlowsPacket): void => {
  const e = at(w.end, i)
  w.did.end = i + 1
  w.did.kind = p.kind
  w.did.flow = f
  w.did.proves = p.proves
  w.did.version = p.version
  if (i === 0 && f === OWN && carries(at(e.sees, f)) && confirms(p.kind)) confirm(w, f)
  const seen = at(e.sees, f)
  if (p.kind === SENT.SYN) receiveSyn(w, i, f, p)
  else if (p.kind === SENT.RST) {
    if (seen !== SEEN.NONE && seen !== SEEN.GONE && seen !== SEEN.DEAD) down(w, i, f, ENDED.RESET)
  } else if (seen === SEEN.DEAD || (seen === SEEN.GONE && p.kind !== SENT.FIN && p.kind !== SENT.FINISHED))
    send(w, i, SENT.RST, f)
  else if (p.kind === SENT.ANSWER) {
    if (seen === SEEN.JOINING) up(w, i, f)
    if (carries(at(e.sees, f))) send(w, i, SENT.PROOF, f)
  } else if (p.kind === SENT.PROOF) {
    if (seen === SEEN.WAITING) up(w, i, f)
    if (i === 1 && carries(at(e.sees, f)) && isUnconfirmed(w, f)) send(w, i, SENT.CONFIRM, f)
  } else if (p.kind === SENT.FIN || p.kind === SENT.FINISHED) receiveFin(w, i, f, p)
  else if (carries(seen)) {
    if (p.kind === SENT.DATA && (seen === SEEN.UP || seen === SEEN.SHUT)) w.delivered = 1
    if (p.kind === SENT.ADVERT) receiveAdvert(w, i, f, p)
    if (p.kind === SENT.ECHO) {
      step('connection', e, 'ECHOED', { version: p.version, proves: p.proves })
      carryOut(w, i)
    }
  }
}

export const machines = { connection }

/** What the effects of an end note, for `carryOut`. */
export const effects = {
  join: (w: FlowsWorld, _e: End, p: { flow: number }): void => {
    w.did.joined = p.flow
  },
  welcome: (w: FlowsWorld, _e: End, p: { flow: number }): void => {
    w.did.welcomed = p.flow
  },
  again: (w: FlowsWorld): void => {
    w.did.again = 1
  },
  reject: (w: FlowsWorld, _e: End, p: { reason: number }): void => {
    w.did.rejected = p.reason
  },
  use: (w: FlowsWorld, _e: End, p: { flow: number }): void => {
    w.did.used = p.flow
  },
  leave: (w: FlowsWorld, _e: End, p: { flow: number }): void => {
    w.did.leaving = p.flow
  },
  // `maySend` reads the registers.
  mark: (): void => {},
  confirmEnd: (w: FlowsWorld): void => {
    w.did.confirmed = 1
  },
  close: (w: FlowsWorld, _e: End, p: { flows: number }): void => {
    w.did.closing = p.flows
  },
  abort: (w: FlowsWorld, _e: End, p: { flows: number }): void => {
    w.did.aborting = p.flows
  },
  probe: (w: FlowsWorld, _e: End, p: { flows: number }): void => {
    w.did.probing = p.flows
  },
  advertise: (w: FlowsWorld): void => {
    w.did.advertising = 1
  },
  adopt: (w: FlowsWorld, _e: End, p: { flows: number }): void => {
    w.did.adopting = 1
    w.did.heeding = p.flows
  },
  echo: (w: FlowsWorld): void => {
    w.did.echoing = 1
  },
  heed: (w: FlowsWorld, _e: End, p: { flows: number }): void => {
    w.did.heeding = p.flows
  },
  over: (w: FlowsWorld, _e: End, p: { why: number }): void => {
    w.did.over = p.why
  },
} satisfies EffectsOf<'connection', FlowsWorld, End>

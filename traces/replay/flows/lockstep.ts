/**
 * Plays the model `flows` on two real hosts: after each choice both ends must have the same flows, registers and packets. Each flow of the
 * stack has its whole machine, of which the model shows a few states: acknowledgments that it leaves out are lost.
 */
import { viewOf } from '../../../checker/lower/view.ts'
import { at, must } from '../../../checker/text/at.ts'
import { type Choice, Recorder } from '../../../checker/trace/recorder.ts'
import type { Datagram } from '../../../impl/link/link.ts'
import { isUnconfirmed } from '../../../spec/worlds/flows/effects.ts'
import { packetLabel, repeated } from '../../../spec/worlds/flows/rules.ts'
import {
  bit,
  ENDS_OF,
  FLOWS,
  type FlowsPacket,
  type FlowsWorld,
  OWN,
  pack,
  SEEN,
  SENT,
  unpack,
} from '../../../spec/worlds/flows/state.ts'
import type { SalSetting } from '../../catalogue.ts'
import type { Difference } from '../compare.ts'
import type { Taken } from '../lockstep.ts'
import { compareEnd } from './compare.ts'
import { Ends } from './ends.ts'
import { type Act, limitAfter, limitBefore } from './limits.ts'
import { forged, isOldReset, refusesSyn, seen } from './packets.ts'
import { Prober, SAYS } from './prober.ts'

/** A packet in flight, and the model's number for it. */
interface Held {
  readonly packed: number
  readonly datagram: Datagram
}

export class FlowsLockstep {
  readonly #setting: SalSetting
  readonly recorder: Recorder
  readonly #ends = new Ends()
  /** The last SYN of each flow. */
  readonly #syns: (Datagram | undefined)[] = []
  #held: Held[] = []

  constructor(setting: SalSetting) {
    this.#setting = setting
    this.recorder = new Recorder(setting)
  }

  /** Makes a choice on both, and compares the results. */
  take(choice: Choice): Taken {
    const before = this.#view()
    const { args } = must(this.#setting.world.origins[choice.rule])
    const step = this.recorder.take(choice)
    const after = this.#view()
    const { rule } = step
    const taken = args.m === undefined ? undefined : this.#find(at(before.net, args.m))
    if (rule === 'deliver' || rule === 'lose') this.#held = this.#held.filter(held => held !== taken)
    if (rule === 'duplicate') this.#held.push({ ...must(taken) })
    if (rule === 'path dies') this.#held = this.#held.filter(({ packed }) => unpack(packed).flow !== args.f)
    const expected = this.#expected(after)
    const arrives =
      rule === 'deliver' ? unpack(must(taken).packed) : rule === 'forge' ? forgedAs(args) : undefined
    const act: Act = {
      ...{ rule, args, packet: arrives, sent: expected.map(unpack) },
      ...(rule === 'deliver' ? this.#resetIn(must(taken)) : { isRefusal: false, isOld: false }),
    }
    const limit = limitBefore(act, before, this.#ends)
    if (limit) return { step, limit }
    this.#prefer(act, after)
    const undone = this.#perform(act, before, after, taken)
    const sent = this.#collect(act, before, after)
    const late = limitAfter(act, before, this.#ends)
    if (late) return { step, limit: late }
    const difference = undone ?? this.#compare(sent, expected, before, after)
    this.#ends.tick()
    return difference ? { step, difference } : { step }
  }

  #view(): FlowsWorld {
    const { walk, world } = this.#setting
    return viewOf(world.spec.shape, walk.decode(this.recorder.state)) as unknown as FlowsWorld
  }

  #find(packed: number): Held {
    return must(this.#held.find(held => held.packed === packed))
  }

  #resetIn({ packed, datagram }: Held): Pick<Act, 'isRefusal' | 'isOld'> {
    const { to, flow } = unpack(packed)
    const real = this.#ends.flow(to, flow)
    if (real === undefined) return { isRefusal: false, isOld: false }
    const isRefusal = refusesSyn(datagram, real.nonce)
    return { isRefusal, isOld: !isRefusal && isOldReset(datagram, must(real.state.rcvNxt)) }
  }

  /** Returns the packets of the model that are new in the network. */
  #expected({ net }: FlowsWorld): number[] {
    const added = net.filter(packed => packed !== 0)
    for (const { packed } of this.#held) added.splice(added.indexOf(packed), 1)
    return added
  }

  /** Chooses the flows for what the ends advertise. The model takes the first one that works, and echoes where the advert came from. */
  #prefer({ sent }: Act, { end, dead }: FlowsWorld): void {
    for (const e of ENDS_OF) {
      const told = sent.filter(p => p.to !== e && (p.kind === SENT.ADVERT || p.kind === SENT.ECHO))
      const working = FLOWS.filter(f => (at(end, e).live & ~dead & bit(f)) !== 0)
      this.#ends.prefer(e, told.length > 0 ? told.map(({ flow }) => flow) : working.slice(0, 1))
    }
  }

  /** Makes the choice on the stack. */
  #perform(act: Act, before: FlowsWorld, after: FlowsWorld, taken: Held | undefined): Difference | undefined {
    const { rule, args } = act
    const { e = 0, f = 0, k = 0 } = args
    const ends = this.#ends
    switch (rule) {
      case 'deliver':
        this.#receive(act, before, after, must(taken).datagram)
        return undefined
      case 'forge':
        this.#receive(act, before, after, this.#forge(args))
        return undefined
      case 'lose':
      case 'duplicate':
      case 'path dies':
      case 'move':
        return undefined
      case 'add':
        // A host has more places for flows.
        if (at(at(before.end, e).sees, e + 1) === SEEN.NONE) ends.add(e, k === 1)
        return undefined
      case 'mark':
        ends.mark(e, f, k === 1)
        return undefined
      case 'remove': {
        const mayRemove = at(after.end, e).removed === 1
        const removes = ends.remove(e, f)
        return removes === mayRemove
          ? undefined
          : { part: 'remove', model: `${mayRemove}`, stack: `${removes}` }
      }
      case 'keep':
        ends.keep(e, f)
        return undefined
      case 'change':
        ends.change(e, at(after.end, e).place)
        return undefined
      case 'close':
        ends.step(e, { type: 'CLOSE' })
        return undefined
      case 'abort':
        ends.step(e, { type: 'ABORT' })
        return undefined
      case 'ask':
        ends.say(e, f, SAYS.ASK)
        return undefined
      case 'send':
        ends.say(0, f, SAYS.DATUM)
        return undefined
      case 'retry':
        ends.retry(e)
        return undefined
      case 'give up':
        ends.giveUp(e, f)
        return undefined
      case 'timeout':
        return this.#timeOut(e, f, repeated(before, e, f))
      default:
        throw new Error(`the replay cannot perform the rule '${rule}'`)
    }
  }

  /** The timer of the flow, or that of its transport, repeats a packet of this kind. */
  #timeOut(e: number, f: number, kind: number): Difference | undefined {
    if (kind === SENT.DATA) this.#ends.say(e, f, SAYS.DATUM)
    else if (!this.#ends.timeOut(e, f))
      return { part: 'timer', model: `that of flow ${f} at end ${e}`, stack: 'the timer does not run' }
    return undefined
  }

  #receive({ packet }: Act, before: FlowsWorld, after: FlowsWorld, datagram: Datagram): void {
    const { to, flow, kind } = must(packet)
    const was = at(at(before.end, to).sees, flow)
    if (was === SEEN.NONE && at(at(after.end, to).sees, flow) !== SEEN.NONE) this.#ends.announce(to, flow)
    // The model does not tell TIME-WAIT from its end. Only a FIN finds the flow there, and is acknowledged.
    if (was === SEEN.GONE && kind !== SENT.FIN && kind !== SENT.FINISHED && kind !== SENT.RST)
      this.#ends.expire(to, flow)
    this.#ends.receive(to, datagram)
  }

  #forge(args: Act['args']): Datagram {
    const { kind, to, flow, version } = forgedAs(args)
    const { nonce } = must(this.#ends.flow(1 - to, flow) ?? this.#ends.flow(1 - to, 0))
    return forged(kind, to, version, nonce, this.#syns[flow])
  }

  /** Returns what both ends send on paths that are not dead, and the model shows. */
  #collect(act: Act, before: FlowsWorld, after: FlowsWorld): Held[] {
    const all: Held[] = []
    for (const e of ENDS_OF)
      for (const datagram of this.#ends.flush(e)) {
        const packet = seen(datagram, e, this.#ends, before)
        if (packet === undefined || isUnasked(packet, act, before)) continue
        if (packet.kind === SENT.SYN) this.#syns[packet.flow] = datagram
        if ((after.dead & bit(packet.flow)) === 0) all.push({ packed: pack(packet), datagram })
      }
    return all
  }

  #compare(
    sent: readonly Held[],
    expected: readonly number[],
    before: FlowsWorld,
    after: FlowsWorld,
  ): Difference | undefined {
    const left = [...sent]
    const missing = expected.filter(packed => {
      const index = left.findIndex(held => held.packed === packed)
      if (index >= 0) this.#held.push(...left.splice(index, 1))
      return index < 0
    })
    // A full network loses what does not fit.
    const isFull = after.net.every(packed => packed !== 0)
    if (missing.length > 0 || (left.length > 0 && !isFull))
      return {
        part: 'sent',
        model: expected.map(packetLabel).join(', '),
        stack: sent.map(({ packed }) => packetLabel(packed)).join(', '),
      }
    const fault = this.#ends.fault
    if (fault !== undefined) return { part: 'fault', model: 'none', stack: fault }
    const isNew = before.delivered === 0 && after.delivered === 1
    if (isNew && !FLOWS.some(f => hasDatum(this.#ends, f)))
      return { part: 'delivered', model: '1', stack: '0' }
    return compareEnd(0, after, this.#ends) ?? compareEnd(1, after, this.#ends)
  }
}

const hasDatum = (ends: Ends, f: number): boolean => {
  const transport = ends.flow(1, f)?.transport
  return transport instanceof Prober && transport.hasDatum
}

/** The model confirms only to a proof, and only while the opener waits for it. A host also does when an advert repeats the proof. */
const isUnasked = ({ kind }: FlowsPacket, { packet }: Act, w: FlowsWorld): boolean =>
  kind === SENT.CONFIRM && (packet?.kind !== SENT.PROOF || !isUnconfirmed(w, OWN))

const forgedAs = ({ e = 0, k = 0, v = 0 }: Act['args']): FlowsPacket => ({
  ...{ kind: k, flow: k === SENT.SYN ? 2 - e : 0, to: e, version: v },
  ...{ wishes: 1, place: 1, proves: 0, backups: 1, named: 1 },
})

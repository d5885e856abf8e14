/** Runs a model and the stack in lockstep: after each choice both must have the same states, registers and packets. */

import { viewOf } from '../../checker/lower/view.ts'
import { must } from '../../checker/text/at.ts'
import { encodePacket } from '../../checker/trace/encode.ts'
import { TraceError } from '../../checker/trace/errors.ts'
import type { TracePacket, TraceStep } from '../../checker/trace/format.ts'
import { type Choice, Recorder } from '../../checker/trace/recorder.ts'
import type { Address, Datagram } from '../../impl/link/link.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import { PROTOCOL_DATAGRAM } from '../../spec/wire/format.ts'
import { encodeHeader } from '../../spec/wire/header.ts'
import { flagsOf } from '../../spec/wire/kinds.ts'
import { forge } from '../../spec/worlds/flow/attackers.ts'
import { isFlowModel } from '../../spec/worlds/flow/scene.ts'
import { type FlowSlot, type FlowWorld, NOBODY, ROLE } from '../../spec/worlds/flow/state.ts'
import { mustClose } from '../../spec/worlds/joining/effects.ts'
import type { JoiningWorld } from '../../spec/worlds/joining/state.ts'
import { NOWHERE, type RendezvousWorld } from '../../spec/worlds/rendezvous/state.ts'
import type { SalSetting } from '../catalogue.ts'
import { Cast } from './cast.ts'
import { compareFlow, type Difference } from './compare.ts'
import { Dictionary, FORGED_NONCE, modelAddress, realAddress } from './dictionary.ts'
import { claimed, forwarded } from './forwarded.ts'
import { describe, HeldPackets } from './held.ts'
import { isFirst, Joiner } from './joiner.ts'
import { Meeting, wasRelayed } from './meeting.ts'

const HEADER_BYTES = 256
/** The models of flows that the stack cannot play, and why. */
export const UNPLAYED: ReadonlyMap<string, string> = new Map([
  // It computes flowID and version from the SYN. `impl/host/flows/flood.test.ts` tests hosts under a flood instead.
  ['flood', 'a host computes the numbers of stateless answers itself'],
  ['lying-peer', 'a host does not lie: its mover says where it is'],
  // `impl/host/connections/connections.test.ts` attacks hosts.
  ['join-attack', 'a host draws the keys of a connection, so the replay cannot forge proofs'],
  // `impl/host/flows/seeking.test.ts` tests hosts that seek.
  ['seeking', 'a host turns to another instance by its clock, which the model lacks'],
  // `impl/host/relay/relay.test.ts` tests hosts behind translators.
  ['punching', 'the replay has neither its relay nor its translators'],
])

export interface Taken {
  readonly step: TraceStep
  /** The difference after the step. */
  readonly difference?: Difference
  /** Why stack and model cannot be compared any further: the model has no words for what the stack does. */
  readonly limit?: string
}

export class Lockstep {
  readonly #setting: SalSetting
  readonly #slots: readonly FlowSlot[]
  readonly recorder: Recorder
  readonly #dictionary = new Dictionary()
  readonly #cast: Cast
  readonly #held: HeldPackets
  readonly #space: number
  /** The rendezvous, where there is one. */
  readonly #meeting: Meeting | undefined
  /** The connection that a flow joins, where there is one. */
  readonly #joiner: Joiner | undefined
  /** Packets that left before the hosts are flushed. */
  #early: Datagram[] = []
  /** Packets that entered the network in this step. */
  #entered: string[] = []

  /** Throws TRACE_STACK for a model without flows, and for those of `UNPLAYED`. */
  constructor(setting: SalSetting) {
    const { model, variant } = setting
    if (!isFlowModel(model))
      throw new TraceError(
        'TRACE_STACK',
        `the stack cannot play '${model.name}', which has no flows; replay it without --on stack`,
      )
    const why = UNPLAYED.get(model.name)
    if (why !== undefined)
      throw new TraceError(
        'TRACE_STACK',
        `the stack cannot play '${model.name}': ${why}; replay it without --on stack`,
      )
    this.#setting = setting
    this.#slots = model.slots(variant.bounds)
    this.recorder = new Recorder(setting)
    const view = this.#view()
    this.#space = must(view.flow[0]).space
    const isJoining = hasJoiner(view)
    this.#cast = new Cast(this.#slots, this.#dictionary, view.listener.backlog, this.#space, isJoining)
    if (isJoining) this.#joiner = new Joiner(this.#cast)
    this.#held = new HeldPackets(view.net.length)
    if (hasRendezvous(view)) this.#meeting = new Meeting(this.#cast.hosts(), view)
  }

  /** Makes a choice on both, and compares the results. */
  take(choice: Choice): Taken {
    const before = this.#view()
    const step = this.recorder.take(choice)
    const limit = this.#limit(before) ?? this.#strayLimit(step) ?? this.#joinLimit()
    if (limit) return { step, limit }
    const undone = this.#perform(choice, step, before)
    const difference = undone ?? this.#compare(step)
    this.#cast.retire()
    return difference ? { step, difference } : { step }
  }

  #view(): FlowWorld {
    const { walk, world } = this.#setting
    return viewOf(world.spec.shape, walk.decode(this.recorder.state)) as unknown as FlowWorld
  }

  /**
   * Returns why the two cannot be compared after this step. A model has few flowIDs and slots. A host derives a flow's nonce
   * from its flowID, so only in a model can two flows share a flowID and differ in their nonce. A host also creates flows for
   * SYNs for which the model has no slot left.
   */
  #limit(before: FlowWorld): string | undefined {
    const after = this.#view()
    const slots = this.#slots
    for (const [index, flow] of after.flow.entries()) {
      if (must(before.flow[index]).connection !== 0 || flow.localFlow === 0) continue
      const { host } = must(slots[index])
      const isTaken = (other: FlowWorld['flow'][number], at: number) =>
        at !== index && must(slots[at]).host === host && other.localFlow === flow.localFlow
      if (after.flow.some(isTaken)) return `the model uses flowID ${flow.localFlow} a second time`
    }
    const hasBegun = after.flow.some(
      (f, i) => f.role === ROLE.CHILD && f.connection !== must(before.flow[i]).connection,
    )
    return after.listener.pending > before.listener.pending && !hasBegun
      ? 'the model has no slot for another flow'
      : undefined
  }

  /** In a model, a relayed packet may reach the rendezvous again as if it had never been relayed; the stack can tell. */
  #strayLimit({ rule, packet }: TraceStep): string | undefined {
    const held = rule === 'stray' ? this.#held.find(must(packet), isPlain) : undefined
    return held === undefined || isPlain(held) ? undefined : 'a relayed packet strays to the rendezvous'
  }

  /** A host ends handshakes that nobody waits for together with their connection; in the model they may go on for a while. */
  #joinLimit(): string | undefined {
    const view = this.#view()
    const isLate =
      hasJoiner(view) && view.flow.some(f => f.connection === CONNECTION.RESPOND && mustClose(view, f))
    return isLate ? 'the connection ends while a flow joins' : undefined
  }

  #perform({ rule }: Choice, step: TraceStep, before: FlowWorld): Difference | undefined {
    const { args } = must(this.#setting.world.origins[rule])
    const player = args.f === undefined ? undefined : this.#cast.players[args.f]
    if (step.packet !== undefined) return this.#carry(step, before, args)
    if (this.#meeting?.act(step, args, before as RendezvousWorld)) return undefined
    if (this.#happens(step.rule, player) || this.#ends(step.rule, player)) return undefined
    if (step.rule === 'claim') {
      const syn = claimed()
      this.#deliver(syn, modelAddress(syn.to), before)
      return undefined
    }
    if (player === undefined) return this.#change(step, args)
    switch (step.rule) {
      case 'listen':
        this.#cast.listen(player)
        return undefined
      case 'connect': {
        const flow = must(this.#view().flow[must(args.f)]).localFlow
        if (flow !== 0) this.#cast.connect(player, flow, this.#joiner?.join(flow))
        return undefined
      }
      case 'shut':
        this.#cast.shut(player.host)
        return undefined
      case 'accept':
        this.#cast.accept(player)
        return undefined
      case 'send':
        this.#cast.say(player, must(before.flow[must(args.f)]).sent)
        return undefined
      case 'transfer':
        this.#cast.say(player, must(before.flow[1 - must(args.f)]).got)
        return undefined
      case 'move':
        this.#cast.move(player, must(args.a))
        return undefined
      case 'close':
        this.#cast.close(player)
        return undefined
      case 'abort':
        this.#cast.abort(player)
        return undefined
      case 'timeout':
      case 'give up':
      case 'go back':
      case 'unanswered':
        return this.#cast.timeOut(player, step.rule !== 'timeout')
          ? undefined
          : { part: 'timer', model: `${step.choice}`, stack: 'the timer does not run' }
      case 'expire':
        this.#cast.expire(player)
        return undefined
      case 'forge':
        this.#forge(args as Record<'f' | 'k' | 's' | 'n', number>, before)
        return undefined
      default:
        throw new Error(`the replay cannot perform the rule '${step.rule}'`)
    }
  }

  /** Performs a rule about what hosts know, also that a peer is dead, and about their translators. Returns false for any other. */
  #happens(rule: string, player: Cast['players'][number] | undefined): boolean {
    if (rule === 'prototype') must(player).host.offers = 0
    else if (rule === 'restart') this.#cast.restart(must(player))
    else if (rule === 'dead') this.#cast.giveUpPeer(must(player))
    else if (rule === 'announce') {
      const [announcer] = this.#cast.players
      this.#cast.move(must(announcer), must(announcer).slot.home)
    } else return rule === 'rebind'
    return true
  }

  /** Performs a rule about the end of a connection that flows join. Returns false for any other. */
  #ends(rule: string, player: Cast['players'][number] | undefined): boolean {
    if (rule === 'end') this.#joiner?.end()
    else if (rule === 'peer ends') this.#early = this.#joiner?.peerEnds() ?? []
    else if (rule === 'close joined') this.#cast.close(must(player))
    else return false
    return true
  }

  /** Performs a rule about a packet in the network. */
  #carry(
    { rule, packet }: TraceStep,
    before: FlowWorld,
    { to, b }: Readonly<Record<string, number>>,
  ): Difference | undefined {
    const held = this.#held.find(must(packet), rule === 'stray' ? isPlain : undefined)
    if (held === undefined)
      return { part: 'network', model: encodePacket(must(packet)), stack: 'no such packet' }
    if (rule === 'duplicate') this.#put(held, held.packet)
    else if (rule === 'resolve') this.#entered.push(encodePacket(this.#held.redirect(held, must(to))))
    else if (rule !== 'replay') this.#held.take(held)
    if (rule === 'deliver' || rule === 'replay') this.#deliver(held, must(packet).to, before)
    else if (rule === 'forward') {
      const sent = forwarded(held)
      this.#deliver(sent, modelAddress(sent.to), before)
    } else if (rule === 'relay') must(this.#meeting).hear(held)
    else if (rule === 'stray')
      must(this.#meeting).stray(held, must((before as RendezvousWorld).rendezvous[must(b)]).at)
    return undefined
  }

  #deliver(given: Datagram, at: number, before: FlowWorld): void {
    const behind = before.flow.find(({ outside }) => outside !== 0 && outside === at)
    const to = behind?.home ?? at
    const datagram = behind === undefined ? given : { ...given, to: realAddress(to) }
    const after = this.#view()
    const index = after.flow.findIndex(
      (flow, i) => flow.role === ROLE.CHILD && must(before.flow[i]).connection === 0 && flow.connection !== 0,
    )
    const begins =
      index < 0
        ? undefined
        : { player: must(this.#cast.players[index]), flow: must(after.flow[index]).localFlow }
    if (this.#joiner !== undefined) this.#joiner.mayJoin = begins !== undefined
    this.#cast.deliver(must(before.owner[to]), datagram, begins)
    if (this.#joiner !== undefined) this.#joiner.mayJoin = false
  }

  /** Performs a rule about the world. */
  #change({ rule }: TraceStep, { a, to }: Readonly<Record<string, number>>): undefined {
    if (rule !== 'reassign' && rule !== 'cut' && rule !== 'lose address')
      throw new Error(`the replay cannot perform the rule '${rule}'`)
    const { owner } = this.#view()
    const isDead = (address: Address): boolean => {
      const host = owner[modelAddress(address)]
      return host === NOWHERE || host === NOBODY
    }
    const given = a === undefined ? undefined : realAddress(a)
    for (const { host, slot } of this.#cast.players) {
      const others = host.addresses.filter(other => other !== given && !isDead(other))
      host.setAddresses(given !== undefined && slot.host === to ? [...others, given] : others)
    }
    return undefined
  }

  /** Delivers a forged packet. The attacker knows all registers but the nonce. */
  #forge({ f, k, s, n }: Record<'f' | 'k' | 's' | 'n', number>, before: FlowWorld): void {
    const { flow } = must(this.#cast.players[f])
    const stranger = {
      address: realAddress(before.stranger.address),
      flow: before.stranger.flow,
    }
    const { kind, fin, from, to, ...numbers } = forge(
      { stranger } as FlowWorld,
      { ...must(flow).state } as unknown as FlowWorld['flow'][number],
      k,
      s,
      n,
    )
    const bytes = new Uint8Array(HEADER_BYTES)
    const { high: nonceHigh, low: nonceLow } = FORGED_NONCE
    const end = encodeHeader(
      {
        ...{ ...numbers, nonceHigh, nonceLow, protocol: PROTOCOL_DATAGRAM, flags: flagsOf(kind, fin) },
        ...{ service: undefined, sourceService: undefined, sources: [] },
      },
      bytes,
      0,
    )
    const host = must(before.owner[forgedTo(before, f, n)])
    this.#cast.deliver(host, { from, to, bytes: bytes.subarray(0, end) })
  }

  #put(datagram: Datagram, packet: TracePacket): void {
    if (this.#held.put(datagram, packet)) this.#entered.push(encodePacket(packet))
  }

  #compare({ rule, packet, sent }: TraceStep): Difference | undefined {
    const nonceOfFlow = (flowId: number, from: Address) =>
      this.#cast.players.find(
        ({ flow, slot }) => flow?.id === flowId && (flow.local === from || slot.outside !== 0),
      )?.slot.nonce ?? -1
    this.#cast.learnTokens()
    const view = this.#view()
    const enter = (datagram: Datagram, seen: Datagram): void =>
      this.#put(datagram, this.#provedBy(describe(seen, this.#dictionary, this.#space, nonceOfFlow)))
    const left = [...this.#early.splice(0), ...this.#cast.flush()]
    for (const datagram of this.#joiner === undefined ? left : left.filter(one => !isFirst(one))) {
      const behind = view.flow.find(
        ({ outside, home }) => outside !== 0 && realAddress(home) === datagram.from,
      )
      const shown = behind === undefined ? datagram : { ...datagram, from: realAddress(behind.outside) }
      const seen = hasRendezvous(view) ? must(this.#meeting).entering(shown, view) : shown
      if (seen !== undefined) enter(shown, seen)
    }
    for (const { datagram, seen } of this.#meeting?.relayed() ?? []) enter(datagram, seen)
    // In the model, a stray packet that is relayed to its own destination does not enter the network again.
    const back = rule === 'stray' ? this.#entered.indexOf(encodePacket(must(packet))) : -1
    if (back >= 0) this.#entered.splice(back, 1)
    const [stack, model] = [this.#entered.splice(0).sort().join(' '), sent.map(encodePacket).sort().join(' ')]
    if (stack !== model) return { part: 'sent', model, stack }
    for (const [index, player] of this.#cast.players.entries()) {
      const listener = this.#cast.listenerOf(player)
      const different = compareFlow(player, must(view.flow[index]), listener, this.#dictionary)
      if (different) return different
      if (player.slot.role !== ROLE.LISTENER || listener === undefined) continue
      for (const count of ['pending', 'ready'] as const)
        if (view.listener[count] !== listener.state[count])
          return {
            part: `listener.${count}`,
            model: String(view.listener[count]),
            stack: String(listener.state[count]),
          }
    }
    if (hasJoiner(view)) return must(this.#joiner).compare(view)
    return hasRendezvous(view) ? must(this.#meeting).compare(view) : undefined
  }

  /** A model's proof names the flow for which it is made: that of the sender's peer. That of a SYN names none. */
  #provedBy(packet: TracePacket): TracePacket {
    if (packet.joins === undefined || packet.kind === 'SYN') return packet
    const sender = this.#cast.players.find(({ slot }) => slot.nonce === packet.nonce)?.flow
    return { ...packet, joins: sender ? this.#dictionary.modelNonce(sender.peerNonce) + 1 : 0 }
  }
}

const hasJoiner = (world: FlowWorld): world is JoiningWorld => 'end' in world

const hasRendezvous = (world: FlowWorld): world is RendezvousWorld => 'rendezvous' in world

const isPlain = (held: Datagram): boolean => !wasRelayed(held)

/** Returns the address in the model to which the same forged packet goes. */
const forgedTo = (before: FlowWorld, f: number, n: number): number =>
  forge(before, must(before.flow[f]), 0, 0, n).to

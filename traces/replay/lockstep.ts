/** A model and the stack, step by step together: after each choice both have the same states, registers and packets. */

import { viewOf } from '../../checker/lower/view.ts'
import { must } from '../../checker/text/at.ts'
import { encodePacket } from '../../checker/trace/encode.ts'
import { TraceError } from '../../checker/trace/errors.ts'
import type { TracePacket, TraceStep } from '../../checker/trace/format.ts'
import { type Choice, Recorder } from '../../checker/trace/recorder.ts'
import type { Address, Datagram } from '../../impl/link/link.ts'
import { PROTOCOL_DATAGRAM } from '../../spec/wire/format.ts'
import { encodeHeader } from '../../spec/wire/header.ts'
import { flagsOf } from '../../spec/wire/kinds.ts'
import { forge } from '../../spec/worlds/flow/attackers.ts'
import { isFlowModel } from '../../spec/worlds/flow/scene.ts'
import { type FlowSlot, type FlowWorld, ROLE } from '../../spec/worlds/flow/state.ts'
import { NOWHERE, type RendezvousWorld } from '../../spec/worlds/rendezvous/state.ts'
import type { SalSetting } from '../catalogue.ts'
import { Cast } from './cast.ts'
import { compareFlow, type Difference } from './compare.ts'
import { Dictionary, FORGED_NONCE, modelAddress, realAddress } from './dictionary.ts'
import { claimed, forwarded } from './forwarded.ts'
import { describe, HeldPackets } from './held.ts'
import { Meeting, wasRelayed } from './meeting.ts'

const HEADER_BYTES = 256
/**
 * The model of stateless answers. A host hides such an answer in the flowID and the version that it computes of the SYN,
 * and both differ from the model's. The tests of hosts under a flood (`impl/host/flows/flood.test.ts`) cover what it shows.
 */
export const STATELESS = 'flood'

export interface Taken {
  readonly step: TraceStep
  /** The difference after the step. */
  readonly difference?: Difference
  /** Where the model says less than the stack does, and the two can be compared no further. */
  readonly limit?: string
}

export class Lockstep {
  readonly #setting: SalSetting
  readonly #slots: readonly FlowSlot[]
  readonly #recorder: Recorder
  readonly #dictionary = new Dictionary()
  readonly #cast: Cast
  readonly #held: HeldPackets
  readonly #space: number
  /** The rendezvous, where there is one. */
  readonly #meeting: Meeting | undefined
  /** Packets that have entered the network in this step. */
  #entered: string[] = []

  /** Throws TRACE_STACK for a model that is not of flows, and for that of stateless answers. */
  constructor(setting: SalSetting) {
    const { model, variant } = setting
    if (!isFlowModel(model))
      throw new TraceError(
        'TRACE_STACK',
        `the stack does not play '${model.name}', which is not of flows; replay it without --on stack`,
      )
    if (model.name === STATELESS)
      throw new TraceError(
        'TRACE_STACK',
        `the stack does not play '${model.name}': a host chooses the numbers of stateless answers itself; replay it without --on stack`,
      )
    this.#setting = setting
    this.#slots = model.slots(variant.bounds)
    this.#recorder = new Recorder(setting)
    const view = this.#view()
    this.#space = must(view.flow[0]).space
    this.#cast = new Cast(this.#slots, this.#dictionary, view.listener.backlog, this.#space)
    this.#held = new HeldPackets(view.net.length)
    if (hasRendezvous(view)) this.#meeting = new Meeting(this.#cast.hosts(), view)
  }

  choices(): Choice[] {
    return this.#recorder.choices()
  }

  get state() {
    return this.#recorder.state
  }

  /** Makes a choice on both, and compares them. */
  take(choice: Choice): Taken {
    const before = this.#view()
    const step = this.#recorder.take(choice)
    const limit = this.#limit(before) ?? this.#strayLimit(step)
    if (limit) return { step, limit }
    const undone = this.#perform(choice, step, before)
    const difference = undone ?? this.#compare(step)
    this.#cast.retire()
    return difference ? { step, difference } : { step }
  }

  #view(): FlowWorld {
    const { walk, world } = this.#setting
    return viewOf(world.spec.shape, walk.decode(this.#recorder.state)) as unknown as FlowWorld
  }

  /**
   * A model has few flowIDs and slots. A host derives a flow's nonce from its flowID, so that a second flow of the same
   * one is another in a model only; and it makes flows of SYNs for which a model has no slot left.
   */
  #limit(before: FlowWorld): string | undefined {
    const after = this.#view()
    const slots = this.#slots
    for (const [index, flow] of after.flow.entries()) {
      if (must(before.flow[index]).connection !== 0 || flow.localFlow === 0) continue
      const { host } = must(slots[index])
      const isTaken = (other: FlowWorld['flow'][number], at: number) =>
        at !== index && must(slots[at]).host === host && other.localFlow === flow.localFlow
      if (after.flow.some(isTaken)) return `flowID ${flow.localFlow} is given for the second time`
    }
    const hasBegun = after.flow.some(
      (f, i) => f.role === ROLE.CHILD && f.connection !== must(before.flow[i]).connection,
    )
    return after.listener.pending > before.listener.pending && !hasBegun
      ? 'the model has no slot for another flow'
      : undefined
  }

  /** To a model a packet that was relayed is like any other, and may come to the rendezvous again as if it had not been. */
  #strayLimit({ rule, packet }: TraceStep): string | undefined {
    const held = rule === 'stray' ? this.#held.find(must(packet), isPlain) : undefined
    return held === undefined || isPlain(held) ? undefined : 'a packet strays that was relayed before'
  }

  #perform({ rule }: Choice, step: TraceStep, before: FlowWorld): Difference | undefined {
    const { args } = must(this.#setting.world.origins[rule])
    const player = args.f === undefined ? undefined : this.#cast.players[args.f]
    if (step.packet !== undefined) return this.#carry(step, before, args)
    if (this.#meeting?.act(step, args, before as RendezvousWorld)) return undefined
    if (step.rule === 'claim') {
      const syn = claimed()
      this.#deliver(syn, modelAddress(syn.to), before)
      return undefined
    }
    if (player === undefined) return this.#change(step, args)
    switch (step.rule) {
      case 'prototype':
        player.host.offers = 0
        return undefined
      case 'listen':
        this.#cast.listen(player)
        return undefined
      case 'connect': {
        const flow = must(this.#view().flow[must(args.f)]).localFlow
        if (flow !== 0) this.#cast.connect(player, flow)
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
        throw new Error(`no hand for the rule '${step.rule}'`)
    }
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

  #deliver(datagram: Datagram, to: number, before: FlowWorld): void {
    const after = this.#view()
    const index = after.flow.findIndex(
      (flow, i) => flow.role === ROLE.CHILD && must(before.flow[i]).connection === 0 && flow.connection !== 0,
    )
    const begins =
      index < 0
        ? undefined
        : { player: must(this.#cast.players[index]), flow: must(after.flow[index]).localFlow }
    this.#cast.deliver(must(before.owner[to]), datagram, begins)
  }

  /** Performs a rule about the world. */
  #change({ rule }: TraceStep, { a, to }: Readonly<Record<string, number>>): undefined {
    if (rule !== 'reassign' && rule !== 'cut') throw new Error(`no hand for the rule '${rule}'`)
    const { owner } = this.#view()
    const isDead = (address: Address): boolean => owner[modelAddress(address)] === NOWHERE
    const given = a === undefined ? undefined : realAddress(a)
    for (const { host, slot } of this.#cast.players) {
      const others = host.addresses.filter(other => other !== given && !isDead(other))
      host.setAddresses(given !== undefined && slot.host === to ? [...others, given] : others)
    }
    return undefined
  }

  /** The attacker knows all registers but the nonce. */
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
      this.#cast.players.find(({ flow }) => flow?.id === flowId && flow.local === from)?.slot.nonce ?? -1
    const view = this.#view()
    const enter = (datagram: Datagram, seen: Datagram): void =>
      this.#put(datagram, describe(seen, this.#dictionary, this.#space, nonceOfFlow))
    for (const datagram of this.#cast.flush()) {
      const seen = hasRendezvous(view) ? must(this.#meeting).entering(datagram, view) : datagram
      if (seen !== undefined) enter(datagram, seen)
    }
    for (const { datagram, seen } of this.#meeting?.relayed() ?? []) enter(datagram, seen)
    // What strays and is relayed to where it was going has not entered the network for the model.
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
    return hasRendezvous(view) ? must(this.#meeting).compare(view) : undefined
  }
}

const hasRendezvous = (world: FlowWorld): world is RendezvousWorld => 'rendezvous' in world

const isPlain = (held: Datagram): boolean => !wasRelayed(held)

/** The model's address that the same forged packet goes to. */
const forgedTo = (before: FlowWorld, f: number, n: number): number =>
  forge(before, must(before.flow[f]), 0, 0, n).to

/**
 * Outages of a flow's path. An end that has finished and waits for its peer's FIN gives up after a minute (FIN-WAIT-2).
 * That is an error without a fault of the stack only if no packet could reach it for at least that long.
 */

import { at, must } from '../../checker/text/at.ts'
import { defaultLimits } from '../../impl/host/limits.ts'
import type { Address } from '../../impl/link/link.ts'
import { DEAD_AFTER_MS } from '../../impl/sockets/vigil.ts'
import { overlaps } from '../../spec/machines/flow/capabilities.ts'
import { MIGRATION } from '../../spec/machines/flow/states.ts'
import type { Application } from './application.ts'
import type { Conversation } from './conversation.ts'
import type { Simulation } from './simulation.ts'
import { addressOf, placeOf, type Station } from './station.ts'

const PATIENCE_MS = defaultLimits.lingerMs
/** Three of the four looks at a silent peer. */
const SILENT_MS = 0.75 * DEAD_AFTER_MS
/** An end that has waited for so long asks once more, and waits 3 s for the answer. */
const LAST_ANSWER_MS = 3000
/** Behind a translator that shows the end elsewhere, it gets an answer only when it announces itself again: by its next try. */
const ANNOUNCEMENT_MS = 16_000
/** From a keep-alive to the look after the next: 15 s and 25 s. */
const ASKS_MS = 40_000

export class Outages {
  /** By conversation, when the current outage began. */
  readonly #since = new Map<Conversation, number>()
  /** By conversation, the last outage that has ended. */
  readonly #last = new Map<Conversation, { readonly untilMs: number; readonly forMs: number }>()
  /** By conversation, how long its longest outage was, ms. */
  readonly #longest = new Map<Conversation, number>()

  /** Returns how long its path was down at a time at most, ms. */
  longestMs(conversation: Conversation, now: number): number {
    const current = now - (this.#since.get(conversation) ?? now)
    return Math.max(this.#longest.get(conversation) ?? 0, current)
  }

  /** Notes which paths are down after something happened to addresses or cuts. Excuses flows that an outage ended. */
  follow(simulation: Simulation): void {
    for (const conversation of simulation.conversations.values()) {
      const since = this.#since.get(conversation)
      if (!this.#isUp(simulation, conversation)) {
        if (since === undefined) this.#since.set(conversation, simulation.now)
        continue
      }
      if (since === undefined) continue
      this.#longest.set(conversation, this.longestMs(conversation, simulation.now))
      this.#since.delete(conversation)
      this.#last.set(conversation, { untilMs: simulation.now, forMs: simulation.now - since })
      const isLong = simulation.now - since >= PATIENCE_MS
      // The time during which an end did not run must not count against its peer.
      const gaveUp = ({ flow, station }: Application): boolean => {
        const atMs = simulation.watch.gaveUpAt(flow)
        return atMs >= since && atMs !== station.wokeMs
      }
      if (isLong && conversation.ends.some(gaveUp))
        conversation.excuse('its path was down for longer than an end waits')
    }
  }

  /** Whether an end that gave up its peer could not have heard it for nearly as long as it waits. */
  explains(simulation: Simulation, conversation: Conversation, end: Application): boolean {
    const { now, plan, plane } = simulation
    // Any of the routers may have been away until the network was well again.
    if (conversation.server === undefined && plane.isNamed)
      return now - plan.calmMs < DEAD_AFTER_MS - SILENT_MS
    const since = end.station.wokeMs === now ? now : (this.#since.get(conversation) ?? now)
    if (now - since >= SILENT_MS) return true
    const last = this.#last.get(conversation)
    const isAnnouncing = end.station.nat !== undefined && end.flow.migration !== MIGRATION.INITIAL
    const answerMs = isAnnouncing ? ANNOUNCEMENT_MS : LAST_ANSWER_MS
    if (last !== undefined && now - last.untilMs <= answerMs && last.forMs >= SILENT_MS) return true
    const peer = must(
      conversation.ends.find(one => one !== end)?.station ?? simulation.stations[conversation.plan.to],
    )
    const sleptMs = peer.sleptAt(now - DEAD_AFTER_MS)
    // A peer that has lost its mapping in its sleep announces itself when two of its questions got no answer.
    const lifetimeMs =
      plan.nats?.find(({ host }) => host === peer.index)?.lifetimeMs ?? Number.POSITIVE_INFINITY
    return sleptMs + (sleptMs >= lifetimeMs ? ASKS_MS : 0) >= SILENT_MS
  }

  #isUp(simulation: Simulation, { plan, client, server }: Conversation): boolean {
    const { paths, plane, stations } = simulation
    if (client === undefined || (server === undefined && plane.isNamed)) return true
    const station = server?.station ?? at(stations, plan.to)
    const via = addressOf(plan.to, plan.via)
    if (server !== undefined && (client.set ?? server.set) !== undefined)
      return (
        client.station.isRunning &&
        station.isRunning &&
        client.station.nat?.isFull !== true &&
        isJoined(simulation, client.station, station)
      )
    const one = addressOfEnd(simulation, client)
    const other = server === undefined ? via : addressOfEnd(simulation, server)
    return (
      client.station.isRunning &&
      station.isRunning &&
      client.station.nat?.isFull !== true &&
      hasPlace(simulation, client) &&
      (server === undefined ? simulation.has(station, via) : hasPlace(simulation, server)) &&
      (server === undefined || plane.rendezvous !== undefined || canFind(simulation, client, server)) &&
      paths.carries(one, other) &&
      paths.carries(other, one)
    )
  }
}

/** Whether any path between two hosts works. */
const isJoined = ({ paths }: Simulation, one: Station, other: Station): boolean =>
  one.link
    .addresses()
    .some(a =>
      other.link.addresses().some(b => paths.carries(a, b, other.index) && paths.carries(b, a, one.index)),
    )

/** Whether one of two ends is still where the other knows it. */
const canFind = (simulation: Simulation, one: Application, other: Application): boolean =>
  simulation.has(one.station, placeOf(other.flow.peer)) ||
  simulation.has(other.station, placeOf(one.flow.peer))

/** Returns the address of an end, or the next one if it has lost that. */
export function addressOfEnd(
  simulation: Simulation,
  { flow, station }: Pick<Application, 'flow' | 'station'>,
): Address {
  const goesOn = overlaps(flow.state.capabilities) && simulation.has(station, flow.local)
  return flow.isMoving && !goesOn ? must(flow.state.nextLocal) : flow.local
}

/** Whether an end is at an address that its station has, or moves to one. An end that is over needs none. */
function hasPlace(simulation: Simulation, { flow, station, isOver }: Application): boolean {
  if (isOver) return true
  const goesOn = !flow.isMoving || overlaps(flow.state.capabilities)
  return (
    (goesOn && simulation.has(station, flow.local)) ||
    (flow.isMoving && simulation.has(station, must(flow.state.nextLocal)))
  )
}

/**
 * Outages of a flow's path. An end that has finished and waits for its peer's FIN gives up after a minute (FIN-WAIT-2).
 * That is an error without a fault of the stack only if no packet could reach it for at least that long.
 */
import { must } from '../../checker/text/at.ts'
import { defaultLimits } from '../../impl/host/limits.ts'
import type { Application } from './application.ts'
import type { Conversation } from './conversation.ts'
import type { Station } from './station.ts'
import type { World } from './world.ts'

const PATIENCE_MS = defaultLimits.lingerMs

export class Outages {
  /** By conversation, when the current outage began. */
  readonly #since = new Map<Conversation, number>()
  /** Pairs of stations that are cut, the lower number first. */
  readonly #cuts = new Set<string>()

  divide(one: Station, other: Station, isCut: boolean): void {
    const pair = pairOf(one, other)
    if (isCut) this.#cuts.add(pair)
    else this.#cuts.delete(pair)
  }

  /** Notes which paths are down after something happened to addresses or cuts. Excuses flows that an outage ended. */
  follow(world: World): void {
    for (const conversation of world.conversations.values()) {
      const since = this.#since.get(conversation)
      if (!this.#isUp(world, conversation)) {
        if (since === undefined) this.#since.set(conversation, world.now)
        continue
      }
      if (since === undefined) continue
      this.#since.delete(conversation)
      const isLong = world.now - since >= PATIENCE_MS
      if (isLong && conversation.ends.some(({ flow }) => world.watch.gaveUpAt(flow) >= since))
        conversation.excuse('its path was down for longer than an end waits')
    }
  }

  #isUp(world: World, { client, server }: Conversation): boolean {
    if (client === undefined || server === undefined) return true
    return (
      hasPlace(world, client) &&
      hasPlace(world, server) &&
      !this.#cuts.has(pairOf(client.station, server.station))
    )
  }
}

const pairOf = (one: Station, other: Station): string =>
  [one.index, other.index].sort((a, b) => a - b).join(' ')

/** Whether an end is at an address that its station has, or moves to one. An end that is over needs none. */
function hasPlace(world: World, { flow, station, isOver }: Application): boolean {
  return isOver || world.has(station, flow.isMoving ? must(flow.state.nextLocal) : flow.local)
}

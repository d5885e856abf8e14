/**
 * Outages of a flow's path. An end that has finished and waits for its peer's FIN gives up after a minute (FIN-WAIT-2).
 * That is an error without a fault of the stack only if no packet could reach it for at least that long.
 */

import { must } from '../../checker/text/at.ts'
import { defaultLimits } from '../../impl/host/limits.ts'
import type { Address } from '../../impl/link/link.ts'
import { overlaps } from '../../spec/machines/flow/capabilities.ts'
import type { Application } from './application.ts'
import type { Conversation } from './conversation.ts'
import type { Simulation } from './simulation.ts'

const PATIENCE_MS = defaultLimits.lingerMs

export class Outages {
  /** By conversation, when the current outage began. */
  readonly #since = new Map<Conversation, number>()
  /** Notes which paths are down after something happened to addresses or cuts. Excuses flows that an outage ended. */
  follow(simulation: Simulation): void {
    for (const conversation of simulation.conversations.values()) {
      const since = this.#since.get(conversation)
      if (!this.#isUp(simulation, conversation)) {
        if (since === undefined) this.#since.set(conversation, simulation.now)
        continue
      }
      if (since === undefined) continue
      this.#since.delete(conversation)
      const isLong = simulation.now - since >= PATIENCE_MS
      if (isLong && conversation.ends.some(({ flow }) => simulation.watch.gaveUpAt(flow) >= since))
        conversation.excuse('its path was down for longer than an end waits')
    }
  }

  #isUp(simulation: Simulation, { client, server }: Conversation): boolean {
    if (client === undefined || server === undefined) return true
    const [one, other] = [placeOf(client), placeOf(server)]
    const { paths } = simulation
    return (
      hasPlace(simulation, client) &&
      hasPlace(simulation, server) &&
      paths.carries(one, other) &&
      paths.carries(other, one)
    )
  }
}

/** Returns the address at which an end is, or to which it goes because that is gone. */
const placeOf = ({ flow }: Application): Address =>
  flow.isMoving && !overlaps(flow.state.capabilities) ? must(flow.state.nextLocal) : flow.local

/** Whether an end is at an address that its station has, or moves to one. An end that is over needs none. */
function hasPlace(simulation: Simulation, { flow, station, isOver }: Application): boolean {
  if (isOver) return true
  const goesOn = !flow.isMoving || overlaps(flow.state.capabilities)
  return (
    (goesOn && simulation.has(station, flow.local)) ||
    (flow.isMoving && simulation.has(station, must(flow.state.nextLocal)))
  )
}

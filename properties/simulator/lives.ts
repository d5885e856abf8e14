/** Hosts that crash and restart, and stop to listen. */
import { must } from '../../checker/text/at.ts'
import { forgetPlaces } from './addressChanges.ts'
import type { Simulation } from './simulation.ts'
import type { Station } from './station.ts'

export function crash(simulation: Simulation, station: Station, keepsSecret: boolean): void {
  if (station.host === undefined) return
  station.keepsSecret = keepsSecret
  // An application may have paused, but what has arrived for it is judged. With its host it goes for good.
  for (const { ends } of simulation.conversations.values())
    for (const end of ends) if (end.station === station) end.readRest()
  station.crash()
  if (station.isRouter) {
    // Of flows a router knew nothing.
    if (station.index === simulation.stations.length - 1) forgetPlaces(simulation)
    return
  }
  for (const conversation of simulation.conversations.values()) {
    const { plan, client, server } = conversation
    const isAsked = server === undefined && simulation.plane.areAlike(plan.to, station.index)
    if (plan.host === station.index || isAsked || server?.station === station)
      if (!(must(client).isOver && (server === undefined || server.isOver)))
        conversation.excuse('a host crashed')
  }
}

export function restart(simulation: Simulation, station: Station): void {
  if (station.host === undefined) simulation.start(station, station.keepsSecret)
}

export function unlisten(simulation: Simulation, station: Station): void {
  const { host, listener } = station
  if (host === undefined || !listener?.isOpen) return
  for (const conversation of simulation.conversations.values())
    if (!conversation.isBegun && simulation.plane.areAlike(conversation.plan.to, station.index))
      conversation.excuse('nobody listens')
  host.unlisten(listener, station.time)
}

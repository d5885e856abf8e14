/** The loss of a network for good, and which connections it excuses. */
import { must } from '../../checker/text/at.ts'
import type { Flow } from '../../impl/host/flows/flow.ts'
import type { Application } from './application.ts'
import { addressOfEnd } from './outages.ts'
import type { Simulation } from './simulation.ts'
import { addressNumber, placeOf } from './station.ts'

/** Connections go on that have a flow elsewhere, or whose ends both know where to open one. */
export function excuseLost(simulation: Simulation, network: number): void {
  for (const conversation of simulation.conversations.values()) {
    const { client, server } = conversation
    const goesOn =
      client !== undefined &&
      server !== undefined &&
      (hasFlow(simulation, network, client, server) || isRescued(simulation, network, client, server))
    if (!goesOn) conversation.excuse('its network is gone for good')
  }
}

const flowsOf = ({ flow, set }: Application): readonly Flow[] => [...(set?.flows ?? [flow])]

/**
 * Whether both ends have a flow that needs no address of this network, none that is another host's now, and whose end the server has
 * not asked for.
 */
function hasFlow(simulation: Simulation, network: number, client: Application, server: Application): boolean {
  return flowsOf(client).some(flow => {
    const { isLive, peer, id } = flow
    const { station } = client
    const place = addressOfEnd(simulation, { flow, station })
    const other = flowsOf(server).find(({ state }) => state.peerFlow === id)
    const joined = other?.belongsTo
    const isUnwanted = joined !== undefined && (joined.state.unwanted & joined.bitOf(must(other))) !== 0
    return (
      isLive &&
      other?.isLive === true &&
      !isUnwanted &&
      [place, peer, other.local, placeOf(other.peer)].every(one => addressNumber(one) !== network) &&
      simulation.has(station, place) &&
      simulation.has(server.station, placeOf(peer))
    )
  })
}

/**
 * Whether either end opens another flow when something is due: a stream that carries data, whose ends know an address of each other
 * in another network. Nobody opens a flow to a client behind a translator.
 */
function isRescued(
  simulation: Simulation,
  network: number,
  client: Application,
  server: Application,
): boolean {
  return (
    client.station.nat === undefined &&
    client.transport !== undefined &&
    knows(simulation, network, client, server) &&
    knows(simulation, network, server, client)
  )
}

function knows(simulation: Simulation, network: number, end: Application, other: Application): boolean {
  const { flow } = end
  const connection = flow.belongsTo
  return (
    flow.isLive &&
    connection?.isOpen === true &&
    [flow.peer, ...connection.peerAddresses].some(
      address => addressNumber(address) !== network && simulation.has(other.station, address),
    )
  )
}

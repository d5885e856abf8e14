/** Sends advertisements of connections and their echoes, each in a plain ACK of a flow that works. */
import { ACK } from '../../../spec/machines/flow/packets.ts'
import { MIGRATION } from '../../../spec/machines/flow/states.ts'
import type { Flow } from '../flows/flow.ts'
import type { Packets, Told } from '../packets/packets.ts'
import type { HostAddresses } from '../paths/hostAddresses.ts'
import { advertisement } from './adverts.ts'
import type { Connection } from './connection.ts'

/** An advertisement is repeated after 1 s, doubling up to a minute. */
const RETRY_MS = 1000
const MOST_RETRY_MS = 60_000

/** The parts of a host that this uses. */
export interface TellingHost {
  readonly packets: Packets
  readonly places: HostAddresses
}

export class Telling {
  readonly #host: TellingHost
  /** Connections with an advertisement that has no echo. */
  readonly owing = new Set<Connection>()

  constructor(host: TellingHost) {
    this.#host = host
  }

  advertise(connection: Connection, now: number): void {
    const working = carriers(connection)
    // Each repetition takes another flow: one path may lose what the others let pass.
    const flow = working[connection.sent % working.length]
    if (flow !== undefined)
      this.#send(flow, { advertised: advertisement(connection, flow, this.#host.places.own) }, now)
    connection.retryAt = now + Math.min(MOST_RETRY_MS, RETRY_MS * 2 ** connection.sent++)
    this.owing.add(connection)
  }

  /** Answers where the advertisement has come from, because that path works. */
  echo(connection: Connection, version: number, from: Flow | undefined, now: number): void {
    const working = carriers(connection)
    const flow = working.find(one => one === from) ?? working[0]
    if (flow !== undefined)
      this.#send(flow, { echoed: { version, mac: connection.keys.echo(flow.id, version) } }, now)
  }

  /** The peer has the newest advertisement, or need not have it. */
  settle(connection: Connection): void {
    connection.retryAt = Infinity
    connection.sent = 0
    this.owing.delete(connection)
  }

  nextTimeout(): number {
    let next = Infinity
    for (const { retryAt } of this.owing) next = Math.min(next, retryAt)
    return next
  }

  #send(flow: Flow, told: Told, now: number): void {
    const { state, nonce, transport } = flow
    const numbers = { verno: state.sndNxt, ackno: state.rcvNxt, srcFlow: flow.id, dstFlow: state.peerFlow }
    const packet = {
      ...{ kind: ACK, fin: 0, service: 0, capabilities: 0, tells: 0, challenge: 0, echo: state.held },
      ...{ ...numbers, from: state.local, to: state.peer, joins: state.joins },
    }
    this.#host.packets.control(packet, transport.protocol, nonce.high, nonce.low, flow, now, told)
  }
}

/** Returns the flows that may send a plain ACK: those that neither move nor see their peer move, where it would prove an address. */
function carriers(connection: Connection): readonly Flow[] {
  const usable = connection
    .members(connection.state.live)
    .filter(({ flow }) => flow.isLive && flow.migration === MIGRATION.INITIAL)
    .map(({ flow }) => flow)
  const working = usable.filter(flow => !((flow.transport.timeouts ?? 0) > 0))
  return working.length > 0 ? working : usable
}

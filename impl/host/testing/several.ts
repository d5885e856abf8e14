/** For tests: two hosts whose connections may have several flows, with a transport of datagrams for each flow. */
import { at, must } from '../../../checker/text/at.ts'
import { parseAddress } from '../../link/address.ts'
import type { Datagram, Link } from '../../link/link.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import type { Connection, FlowsOwner } from '../connections/connection.ts'
import type { Flow } from '../flows/flow.ts'
import type { Limits } from '../limits.ts'
import { ECHO, type Echo, listen } from './echo.ts'
import { Hosts, type Station } from './hosts.ts'

export const [CLIENT, CLIENT_NEXT, SERVER, SERVER_NEXT] = [
  '10.0.0.1',
  '10.0.1.1',
  '10.0.0.2',
  '10.0.1.2',
].map(text => parseAddress(text)) as [number, number, number, number]

/** The owner of a connection, which notes what it hears. */
export class Owner implements FlowsOwner {
  takes = true
  readonly flows: Flow[] = []
  readonly left: Flow[] = []
  readonly backups: boolean[] = []
  readonly over: number[] = []

  newTransport(): DatagramTransport | undefined {
    return this.takes ? new DatagramTransport() : undefined
  }

  onFlow(flow: Flow): void {
    this.flows.push(flow)
  }

  onLeave(flow: Flow): void {
    this.left.push(flow)
  }

  onBackup(_flow: Flow, isBackup: boolean): void {
    this.backups.push(isBackup)
  }

  onOver(why: number): void {
    this.over.push(why)
  }
}

/** A connection between two hosts with two addresses each. */
export class Several {
  readonly hosts = new Hosts(1, 10)
  readonly client: Station
  readonly server: Station
  readonly owners = { client: new Owner(), server: new Owner() }
  readonly echo: Echo
  readonly flow: Flow

  /** `watch` sees every packet, those of the first handshake included. */
  constructor(
    limits: Partial<Limits> = {},
    queue = 256,
    watch?: (datagram: Datagram, from: Station<Link>, hosts: Hosts) => void,
  ) {
    this.hosts.pass = (datagram, from) => {
      watch?.(datagram, from, this.hosts)
      return true
    }
    this.client = this.hosts.add(['10.0.0.1', '10.0.1.1'], limits)
    this.server = this.hosts.add(['10.0.0.2', '10.0.1.2'], limits)
    this.client.host.ownerOf = () => this.owners.client
    this.server.host.ownerOf = () => this.owners.server
    this.echo = listen(this.server, queue)
    const transport = new DatagramTransport()
    this.flow = this.client.host.connect({ service: ECHO, transport, via: SERVER, from: CLIENT }, 0)
    this.run()
  }

  run(ms = 200): void {
    this.hosts.run(this.hosts.now + ms)
  }

  /** The server's end of the first flow. */
  get accepted(): Flow {
    return at(this.echo.accepted, 0)
  }

  /** The connection at each end, once it has several flows. */
  get ends(): readonly [Connection, Connection] {
    return [must(this.flow.belongsTo), must(this.accepted.belongsTo)]
  }

  /** Adds a flow of the client. */
  join(): Flow {
    const flow = this.client.host.connections.join(
      this.flow,
      { from: CLIENT_NEXT, to: SERVER_NEXT },
      this.hosts.now,
    )
    this.run()
    return flow
  }

  /** Nothing passes that names one of these addresses. */
  kill(...dead: readonly number[]): void {
    this.hosts.pass = ({ from, to }) => !dead.includes(from) && !dead.includes(to)
  }
}

/** Records what passes, by kind, from now on. */
export function record(several: Several): Datagram[] {
  const seen: Datagram[] = []
  several.hosts.pass = packet => {
    seen.push({ ...packet, bytes: packet.bytes.slice() })
    return true
  }
  return seen
}

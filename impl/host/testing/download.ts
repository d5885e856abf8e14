/** For tests: two hosts with two networks each, between which a stream over two flows carries a download. */
import { at, must } from '../../../checker/text/at.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { Stream } from '../../transport/stream/stream.ts'
import type { Transport } from '../../transport/transport.ts'
import type { FlowsOwner } from '../connections/connection.ts'
import type { Flow } from '../flows/flow.ts'
import type { Limits } from '../limits.ts'
import { prefixOfId, serviceIdOf } from '../services/serviceId.ts'
import { Hosts, type Station } from './hosts.ts'
import { CLIENT, CLIENT_NEXT, SERVER, SERVER_NEXT } from './several.ts'

const SERVICE = serviceIdOf('acme/download')
export const TOTAL = 300_000

/** A stream as the owner of its connection, and what happened to it. */
class Owner implements FlowsOwner {
  readonly stream: Stream
  readonly flows: Flow[] = []
  left = 0
  over = 0
  #sequence = 100

  constructor(stream: Stream) {
    this.stream = stream
  }

  newTransport(): Transport {
    return this.stream.join({ initialSequence: this.#sequence++, mss: 1400 })
  }

  onFlow(flow: Flow): void {
    this.flows.push(flow)
  }

  onLeave(flow: Flow): void {
    this.left++
    this.stream.leave(flow.transport)
  }

  onOver(why: number): void {
    this.over = why
  }
}

/** A client that downloads from a server, with two networks each. */
export class Download {
  readonly hosts: Hosts
  readonly client: Station
  readonly server: Station
  readonly accepted: Flow
  readonly owners: readonly [Owner, Owner]
  readonly first: Flow
  readonly second: Flow
  read = 0

  /** `isRequest`: the client's data ends before the second flow joins. `limits`: of the server. */
  constructor(isRequest = false, limits: Partial<Limits> = {}, hosts = new Hosts(1, 10)) {
    this.hosts = hosts
    this.client = hosts.add(['10.0.0.1', '10.0.1.1'])
    this.server = hosts.add(['10.0.0.2', '10.0.1.2'], limits)
    const { client, server } = this
    const accepted: Flow[] = []
    // The owner is the stream of the connection's first flow.
    const owners = new Map<Flow, Owner>()
    for (const { host } of [client, server]) host.ownerOf = first => owners.get(first)
    server.host.listen(prefixOfId(SERVICE), {
      transport: () => new Stream({ initialSequence: 7, mss: 1400 }),
      onReady: listener => accepted.push(must(server.host.accept(listener))),
    })
    const stream = new Stream({ initialSequence: 5, mss: 1400 })
    this.first = client.host.connect({ service: SERVICE, transport: stream, via: SERVER, from: CLIENT }, 0)
    hosts.run(100)
    const served = at(accepted, 0)
    this.accepted = served
    this.owners = [new Owner(stream), new Owner(served.transport as Stream)]
    owners.set(this.first, this.owners[0])
    owners.set(served, this.owners[1])
    if (isRequest) {
      stream.finish(hosts.now)
      this.run(100)
      if (this.first.connection !== CONNECTION.FINWAIT2) throw new Error('the request has not ended')
    }
    this.second = client.host.connections.join(this.first, { from: CLIENT_NEXT, to: SERVER_NEXT }, hosts.now)
    this.run(100)
    stream.user = {
      onReadable: () => {
        for (let bytes = stream.read(); bytes !== undefined; bytes = stream.read()) this.read += bytes.length
      },
    }
    this.owners[1].stream.write(new Uint8Array(TOTAL))
    this.owners[1].stream.finish(hosts.now)
  }

  run(ms: number): void {
    this.hosts.run(this.hosts.now + ms)
  }

  /** A third flow begins to join. */
  join(): Flow {
    const { client, first, hosts } = this
    const flow = client.host.connections.join(first, { from: CLIENT_NEXT, to: SERVER_NEXT }, hosts.now)
    this.run(5)
    return flow
  }
}

/** Two hosts with two addresses each, and a stream between them that carries known bytes both ways. */
import { at, must } from '../../../checker/text/at.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { parseAddress } from '../../link/address.ts'
import { Stream } from '../../transport/stream/stream.ts'
import { bytesAt } from '../../transport/stream/testing/transfer.ts'
import type { Flow } from '../flows/flow.ts'
import { prefixOfId } from '../services/serviceId.ts'
import { ECHO, notices } from './echo.ts'
import { Hosts, type Station } from './hosts.ts'

/** One end of the stream: its application writes the next known bytes, and keeps what it reads. */
export interface Half {
  readonly station: Station
  readonly flow: Flow
  readonly stream: Stream
  readonly notices: readonly string[]
  /** True once the application has seen the peer's end. */
  readonly ended: () => boolean
  readonly written: () => number
  readonly heard: () => Buffer
  write(size: number): void
  finish(): void
  /** Moves the flow to the other address of its host, unless it cannot move now. */
  move(): void
}

function halfOf(hosts: Hosts, station: Station, flow: Flow): Half {
  const stream = flow.transport as Stream
  let written = 0
  let hasFinished = false
  let hasEnded = false
  const parts: Buffer[] = []
  const read = (): void => {
    for (let part = stream.read(); part !== undefined; part = stream.read()) parts.push(part)
  }
  stream.user = {
    onReadable: read,
    onEnd: () => {
      hasEnded = true
    },
  }
  read()
  return {
    station,
    flow,
    stream,
    notices: notices(flow),
    ended: () => hasEnded,
    written: () => written,
    heard: () => Buffer.concat(parts),
    write(size) {
      if (hasFinished) return
      stream.write(bytesAt(written, size))
      written += size
    },
    finish() {
      hasFinished = true
      station.host.finish(flow, hosts.now)
    },
    move() {
      const other = must(station.host.addresses.find(address => address !== flow.local))
      if (flow.isLive && !flow.isMoving) station.host.migrate(flow, other, hosts.now)
    },
  }
}

/** Returns both halves of a connected stream. */
export function halves(seed = 1): { readonly hosts: Hosts; readonly client: Half; readonly server: Half } {
  const hosts = new Hosts(seed)
  const [here, there] = [hosts.add(['10.0.0.1', '10.0.1.1']), hosts.add(['10.0.0.2', '10.0.1.2'])]
  const accepted: Flow[] = []
  there.host.listen(prefixOfId(ECHO), {
    transport: () => new Stream({ initialSequence: 1, mss: 1400 }),
    onReady: listener => accepted.push(must(there.host.accept(listener))),
  })
  const transport = new Stream({ initialSequence: 2, mss: 1400 })
  const flow = here.host.connect({ service: ECHO, transport, via: parseAddress('10.0.0.2') }, hosts.now)
  hosts.run(100)
  if (flow.connection !== CONNECTION.CONNECTED) throw new Error('the stream is not connected')
  return { hosts, client: halfOf(hosts, here, flow), server: halfOf(hosts, there, at(accepted, 0)) }
}

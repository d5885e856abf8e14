/**
 * What an idle flow costs in memory: 100,000 streams that are connected, have each said something both ways, and are
 * silent since. Both hosts are in this process, so that half of what is there is one end's.
 */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { must } from '../checker/text/at.ts'
import type { Flow } from '../impl/host/flows/flow.ts'
import { Host } from '../impl/host/host.ts'
import { systemRandom } from '../impl/host/random/random.ts'
import { prefixOfId, serviceIdOf } from '../impl/host/services/serviceId.ts'
import { type Address, fromIPv4 } from '../impl/link/address.ts'
import { newStream } from '../impl/sockets/transports.ts'
import type { Stream } from '../impl/transport/stream/stream.ts'
import { table } from './table.ts'

const FLOWS = 100_000
/** Flows that are opened together. */
const AT_ONCE = 100
const PACKET_BYTES = 1452
const WORD = new Uint8Array(100)
const SERVICE = serviceIdOf('bench/idle')
const [HERE, THERE]: readonly [Address, Address] = [fromIPv4(0x7f000001, 1), fromIPv4(0x7f000001, 2)]

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes that this process holds: objects, and what buffers have outside of the heap. */
function held(): number {
  for (let i = 0; i < 3; i++) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

class Pair {
  readonly random = systemRandom()
  readonly client: Host
  readonly server: Host
  readonly accepted: Flow[] = []
  /** As the machine's clock is: V8 makes an object of each time that is kept. */
  now = 1_800_000_000_000.25

  constructor() {
    const limits = { flows: 2 * FLOWS }
    this.client = new Host({ random: this.random, packetBytes: PACKET_BYTES, limits })
    this.server = new Host({ random: this.random, packetBytes: PACKET_BYTES, limits })
    this.client.setAddresses([HERE])
    this.server.setAddresses([THERE])
    this.server.listen(prefixOfId(SERVICE), {
      queue: AT_ONCE,
      backlog: AT_ONCE,
      transport: () => newStream(this.random, PACKET_BYTES, true),
      onReady: listener => this.accepted.push(must(this.server.accept(listener))),
    })
  }

  /** Until nobody has anything to send, timers included. */
  settle(): void {
    for (let silent = 0; silent < 2; ) {
      const there = this.client.flush(this.now)
      this.server.receive(there, this.now)
      const back = this.server.flush(this.now)
      this.client.receive(back, this.now)
      this.now += 20.0625
      this.client.poll(this.now)
      this.server.poll(this.now)
      silent = there.length + back.length === 0 ? silent + 1 : 0
    }
  }

  open(): void {
    const flows = Array.from({ length: AT_ONCE }, () =>
      this.client.connect(
        { service: SERVICE, transport: newStream(this.random, PACKET_BYTES, true), via: THERE },
        this.now,
      ),
    )
    this.settle()
    const ends = [...flows, ...this.accepted.splice(0)].map(({ transport }) => transport as Stream)
    for (const end of ends) end.write(WORD)
    this.settle()
    this.read(ends)
  }

  read(ends: readonly Stream[]): void {
    for (const end of ends) while (end.read() !== undefined) {}
    this.settle()
  }

  get ends(): readonly Stream[] {
    return [...this.client.flows(), ...this.server.flows()].map(({ transport }) => transport as Stream)
  }
}

export async function weighIdle(): Promise<string> {
  const pair = new Pair()
  pair.open()
  const before = held()
  while (pair.client.flowCount < FLOWS + AT_ONCE) pair.open()
  // A server that derives the flowID of a flow in use drops the SYN. Its copy opens the flow a second later, in a later batch.
  pair.read(pair.ends)
  const each = (held() - before) / (2 * FLOWS)
  const { ends } = pair
  if (ends.length !== 2 * (FLOWS + AT_ONCE) || ends.some(({ buffered }) => buffered > 0))
    throw new Error('the flows are not all there, or not idle')
  return table([
    ['idle flows', 'bytes each', 'wanted'],
    [`${FLOWS} streams, connected and used`, each.toFixed(0), '<= 2048'],
  ])
}

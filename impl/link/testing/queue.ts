/** Run by a test: sends more in one turn than the queue holds, and prints the counters. */
import { type Address, parseAddress } from '../address.ts'
import { openUdp } from '../udp.ts'
import { MAX_QUEUED } from '../udpSocket.ts'

const link = await openUdp({ addresses: [parseAddress('127.0.0.1:0')] })
const [self] = link.addresses() as [Address]
const isDone = link.send(
  Array.from({ length: MAX_QUEUED + 500 }, () => ({ from: self, to: self, bytes: new Uint8Array(1) })),
)
while (link.counters.received < link.counters.sent) await new Promise(setImmediate)
const isDoneLater = link.send([])
await link.close()
console.log(JSON.stringify({ ...link.counters, isDone, isDoneLater }))

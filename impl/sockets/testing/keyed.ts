/** A service with a key, stacks with or without it, and impostors. */

import type { KeyObject } from 'node:crypto'
import { must } from '../../../checker/text/at.ts'
import type { Flow } from '../../host/flows/flow.ts'
import { certifiedName, newServiceKey, publicKeyOf, readServiceKey } from '../../host/services/certificate.ts'
import type { Answered } from '../../host/services/proof.ts'
import { listenedPrefixOf } from '../../host/services/serviceId.ts'
import { parseAddress } from '../../link/address.ts'
import type { Datagram, Link } from '../../link/link.ts'
import { UdpLink } from '../../link/udp.ts'
import type { OwnedTransport } from '../handleOwner.ts'
import { Stack } from '../index.ts'

export const key = readServiceKey(newServiceKey())
export const other = readServiceKey(newServiceKey())
export const service = certifiedName('acme/bank', publicKeyOf(key))

/** Opens a stack that resets its remaining flows on close, because the flows of impostors never end. */
export async function open(address: string, keys: readonly KeyObject[] = [], link?: Link): Promise<Stack> {
  const place = link === undefined ? { addresses: [`${address}:0`] } : { link }
  const stack = await new Stack({ ...place, keys }).opened()
  return Object.assign(stack, { [Symbol.asyncDispose]: () => stack.close({ limitMs: 0 }) })
}

/** Returns a UDP link at `address`. `sends` and `takes` turn each datagram into none, one or several. */
export async function linkAt(
  address: string,
  takes: (datagram: Datagram) => readonly Datagram[],
  sends: (datagram: Datagram) => readonly Datagram[] = datagram => [datagram],
): Promise<Link> {
  const link = new UdpLink()
  await link.add(parseAddress(`${address}:0`))
  return {
    mtu: link.mtu,
    addresses: () => link.addresses(),
    send: batch => link.send(batch.flatMap(sends)),
    receive: hear => link.receive(batch => hear(batch.flatMap(takes))),
    changed: hear => link.changed(hear),
    close: () => link.close(),
  }
}

/** Accepts flows to the service like a program without the key, and lets `act` write to each. */
export function impostor<T extends OwnedTransport>(
  { host, driver }: Stack,
  transport: () => T,
  act: (transport: T, flow: Flow) => void,
): void {
  const run = (): void => {
    for (let flow = host.accept(listener); flow !== undefined; flow = host.accept(listener)) {
      act(flow.transport as unknown as T, flow)
      driver.kick()
    }
  }
  const listener = host.listen(listenedPrefixOf(service), {
    transport,
    onReady: () => driver.put({ isDue: false, run }),
  })
}

/** Returns the values that an instance signs for an accepted flow. */
export const answered = (flow: Flow): Answered => ({
  service: flow.service,
  client: { flowId: must(flow.state.peerFlow) >>> 0, nonce: flow.peerNonce },
  instance: { flowId: flow.id, nonce: flow.nonce },
})

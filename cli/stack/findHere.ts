import { AdminError, openRunning, type Running } from '../../impl/admin/index.ts'
import {
  covers,
  isCertified,
  SERVICE_BITS,
  type ServicePrefix,
  serviceIdOf,
  servicePrefixOf,
} from '../../impl/host/services/serviceId.ts'
import { askEach, servicesOf } from './running.ts'

/**
 * Where a service is that a process of this user on this machine listens to, itself or by the longest prefix of it: its
 * addresses, best first. None: nobody does, or it cannot be asked. Rejects with a ServiceError.
 */
export async function findHere(service: string): Promise<readonly string[]> {
  const wanted = serviceIdOf(service)
  let running: readonly Running[] = []
  try {
    running = await openRunning()
    const found = await askEach(running, async ({ client }) => {
      const prefixes = (await servicesOf(client)).map(({ id }) => servicePrefixOf(id))
      const those = prefixes.filter(prefix => isFor(prefix, wanted)).map(({ bits }) => bits)
      if (those.length === 0) return { bits: -1, addresses: [] }
      return { bits: Math.max(...those), addresses: (await client.ask('stack', {})).addresses }
    })
    const longest = Math.max(...found.map(({ bits }) => bits))
    return found.filter(({ bits }) => bits === longest).flatMap(({ addresses }) => addresses)
  } catch (error) {
    if (error instanceof AdminError) return []
    throw error
  } finally {
    for (const { client } of running) client.close()
  }
}

/** A keyed service is listened to whole. */
const isFor = (prefix: ServicePrefix, wanted: Uint8Array): boolean =>
  covers(prefix, wanted) && (prefix.bits === SERVICE_BITS || !isCertified(wanted))

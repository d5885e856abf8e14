import { printServiceId, serviceIdOf } from '../../impl/sal/serviceId.ts'
import { ControlError, openRunning, type Running } from '../../impl/socket/control/index.ts'
import { askEach, servicesOf } from './running.ts'

/**
 * Where a service is that a process of this user on this machine listens to: its addresses, best first. None: nobody
 * does, or it cannot be asked. Rejects with a ServiceError.
 */
export async function findHere(service: string): Promise<readonly string[]> {
  const wanted = printServiceId(serviceIdOf(service))
  let running: readonly Running[] = []
  try {
    running = await openRunning()
    const found = await askEach(running, async ({ client }) => {
      const isHere = (await servicesOf(client)).some(({ id }) => id === wanted)
      return isHere ? (await client.ask('stack', {})).addresses : []
    })
    return found.flat()
  } catch (error) {
    if (error instanceof ControlError) return []
    throw error
  } finally {
    for (const { client } of running) client.close()
  }
}

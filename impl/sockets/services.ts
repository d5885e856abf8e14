/** Services as sockets take them: by name, by digits, or as the 32 bytes themselves. */
import type { RandomSource } from '../host/random/random.ts'
import {
  listenedPrefixOf,
  prefixOfId,
  printServiceId,
  SERVICE_BYTES,
  type ServicePrefix,
  serviceIdOf,
} from '../host/services/serviceId.ts'
import { socketError } from './errors.ts'

/** `acme/echo`, 64 hexadecimal digits, or 32 bytes. */
export type Service = string | Uint8Array

/** Names that were used last: a process asks for few, again and again, and each costs a hash for each of its parts. */
const MOST_KNOWN = 256
const known = new Map<string, Uint8Array>()

function idOfName(name: string): Uint8Array {
  const id = known.get(name) ?? serviceIdOf(name)
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(name, id)
  return id
}

/** Of a name the bytes are shared: nobody writes to them. Throws a ServiceError, EINVAL. */
export function serviceOf(service: Service): Uint8Array {
  if (typeof service === 'string') return idOfName(service)
  if (service instanceof Uint8Array && service.length === SERVICE_BYTES) return service
  throw socketError('EINVAL', 'resolve', { sentence: `a service is a name, or ${SERVICE_BYTES} bytes` })
}

/** What a program listens at: a service, or a prefix such as `acme/store/*`. Throws a ServiceError, EINVAL. */
export const listenedOf = (service: Service): ServicePrefix =>
  typeof service === 'string' ? listenedPrefixOf(service) : prefixOfId(serviceOf(service))

export const serviceText = (service: Service): string =>
  typeof service === 'string' ? service : printServiceId(service)

/** Of a socket that needs a name and was given none. */
export function randomServiceId(random: RandomSource): Uint8Array {
  const id = new Uint8Array(SERVICE_BYTES)
  random(id)
  return id
}

/** Services in the forms that sockets take: a name, digits, or 32 bytes. */
import { Latest } from '../../checker/text/latest.ts'
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

/** True for a service, in contrast to options that name one. Its length is not checked. */
export const isService = (value: unknown): value is Service =>
  typeof value === 'string' || value instanceof Uint8Array

/** Recently used names. A process uses few, again and again, and each costs a hash per part. */
const MOST_KNOWN = 256
const recent = new Latest<string, Uint8Array>(MOST_KNOWN)

function idOfName(name: string): Uint8Array {
  const known = recent.get(name)
  if (known !== undefined) return known
  const id = serviceIdOf(name)
  recent.set(name, id)
  return id
}

/** Returns the serviceID. The bytes of a name are shared: do not write to them. Throws a ServiceError, EINVAL. */
export function serviceOf(service: Service): Uint8Array {
  if (typeof service === 'string') return idOfName(service)
  if (service instanceof Uint8Array && service.length === SERVICE_BYTES) return service
  throw socketError('EINVAL', 'resolve', { sentence: `a service is a name, or ${SERVICE_BYTES} bytes` })
}

/** Returns what a program listens to: a service, or a prefix such as `acme/store/*`. Throws a ServiceError, EINVAL. */
export const listenedOf = (service: Service): ServicePrefix =>
  typeof service === 'string' ? listenedPrefixOf(service) : prefixOfId(serviceOf(service))

export const serviceText = (service: Service): string =>
  typeof service === 'string' ? service : printServiceId(service)

/** Returns a random name, for a socket that needs one and was given none. */
export function randomServiceId(random: RandomSource): Uint8Array {
  const id = new Uint8Array(SERVICE_BYTES)
  random(id)
  return id
}

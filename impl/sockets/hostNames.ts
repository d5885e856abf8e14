/**
 * Services under host names, for programs that know only hosts: `web.acme.serval` is the service `acme/web`. Also reads
 * the arguments of `net`, which name hosts and ports.
 */
import { socketError } from './errors.ts'
import { isService, type Service } from './services.ts'

/** The end of such host names. */
export const HOST_SUFFIX = '.serval'

/** The options of `net.connect` that can name a service: a host under `.serval`. The port means nothing. */
export interface HostOptions {
  readonly host?: string | undefined
  readonly port?: number | string | undefined
  readonly path?: string | undefined
}

/** Returns the service of a host name, in any case, with or without the final dot; undefined for other hosts. */
export function serviceOfHost(host: string, suffix = HOST_SUFFIX): string | undefined {
  const name = host.toLowerCase().replace(/\.$/, '')
  if (!name.endsWith(suffix)) return undefined
  const labels = name.slice(0, -suffix.length).split('.')
  return labels.includes('') ? undefined : labels.reverse().join('/')
}

/**
 * Returns the options among the arguments of `connect` and `listen`, and the function among them: a service, options, or
 * a port with a host. Throws ENOTFOUND for a host of no service, ERR_MISSING_ARGS if nothing names one.
 */
export function namedIn<T extends object>(
  args: readonly unknown[],
  syscall: 'connect' | 'listen',
): { readonly options: T & { readonly service: Service }; readonly callback: (() => void) | undefined } {
  const callback = args.findLast(arg => typeof arg === 'function') as (() => void) | undefined
  const [first, second] = args
  if (isService(first)) return { options: { service: first } as T & { service: Service }, callback }
  const given: { readonly service?: unknown; readonly host?: unknown } = Object(first)
  if (isService(given.service)) return { options: given as T & { service: Service }, callback }
  const host = given.host ?? second
  if (typeof host !== 'string') throw socketError('ERR_MISSING_ARGS', syscall)
  const service = serviceOfHost(host)
  if (service === undefined)
    throw socketError('ENOTFOUND', syscall, {
      sentence: `'${host}' is the host of no service; such hosts end with ${HOST_SUFFIX}`,
    })
  return { options: { ...given, service } as T & { service: Service }, callback }
}

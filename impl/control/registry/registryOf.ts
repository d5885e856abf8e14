/** Registries as people name them. */
import { RegistryError } from './errors.ts'
import { MemoryRegistry } from './memory.ts'
import { NatsRegistry } from './nats.ts'
import type { Registry } from './registry.ts'

/**
 * `memory`, which `file` survives in, or `nats://127.0.0.1:4222`, with a `,` between several servers of one cluster, and
 * after a `/` the bucket if it is another than `serval`. Throws REGISTRY_NAME.
 */
export function registryOf(name: string, file?: string): Registry {
  if (name === 'memory') return new MemoryRegistry(file === undefined ? {} : { file })
  const [, servers, bucket] = /^nats:\/\/([\w.:[\],-]+)(?:\/([\w-]{1,64}))?$/.exec(name) ?? []
  const all = servers?.split(',') ?? []
  if (servers !== undefined && all.every(one => URL.canParse(`nats://${one}`)))
    return new NatsRegistry({ servers: all, ...(bucket !== undefined && { bucket }) })
  throw new RegistryError('REGISTRY_NAME', `'${name}' is no registry; write memory or nats://127.0.0.1:4222`)
}

/** Registries by name. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { credsAuthenticator } from '@nats-io/transport-node'
import { RegistryError } from './errors.ts'
import { MemoryRegistry } from './memory.ts'
import { NatsRegistry } from './nats.ts'
import type { NatsLogin, NatsTls } from './natsServers.ts'
import type { NatsOptions } from './natsSession.ts'
import type { Registry } from './registry.ts'

const FORM =
  /^(?<scheme>nats|tls):\/\/(?:(?<login>[^@/?\s]+)@)?(?<servers>[\w.:[\],-]+)(?:\/(?<bucket>[\w-]{1,64}))?(?:\?(?<query>\S+))?$/

/** The options after the `?`. */
const OPTIONS = ['replicas', 'creds', 'ca', 'cert', 'key']
const TLS_OPTIONS = ['ca', 'cert', 'key']
const REPLICAS = ['1', '3', '5']

/**
 * Parses the name of a registry: `memory`, which survives in `file`, or `nats://127.0.0.1:4222` as in {@link natsOf}.
 * Throws REGISTRY_NAME, REGISTRY_FILE.
 */
export function registryOf(name: string, file?: string): Registry {
  if (name === 'memory') return new MemoryRegistry(file === undefined ? {} : { file })
  return new NatsRegistry(natsOf(name, ['memory']))
}

/**
 * Parses the URL of NATS servers, `nats://127.0.0.1:4222`. Variants: `tls://` for TLS; `USER:PASSWORD@` or `TOKEN@` before
 * the servers; several servers of one cluster, separated by `,`; the name of a bucket after a `/`; options such as
 * `replicas=3` after a `?`. `others` are names that the caller takes besides. Throws REGISTRY_NAME, REGISTRY_FILE.
 */
export function natsOf(name: string, others: readonly string[] = []): NatsOptions {
  const parts = FORM.exec(name)?.groups
  const servers = parts?.servers?.split(',') ?? []
  if (parts === undefined || !servers.every(one => URL.canParse(`nats://${one}`)))
    throw misnamed(name, `write ${[...others, 'nats://127.0.0.1:4222'].join(', ')} or tls://127.0.0.1:4222`)
  const query = new URLSearchParams(parts.query)
  for (const option of query.keys())
    if (!OPTIONS.includes(option))
      throw misnamed(name, `'${option}' is not an option; there are ${OPTIONS.join(', ')}`)
  const { bucket } = parts
  if (parts.scheme === 'nats' && TLS_OPTIONS.some(option => query.has(option)))
    throw misnamed(name, `${TLS_OPTIONS.join(', ')} are for TLS; write tls://`)
  return {
    servers,
    ...(bucket !== undefined && { bucket }),
    ...replicasIn(name, query),
    ...loginIn(name, parts.login, query),
    ...(parts.scheme === 'tls' && { tls: tlsIn(query) }),
  }
}

function replicasIn(name: string, query: URLSearchParams): Pick<NatsOptions, 'replicas'> {
  const replicas = query.get('replicas')
  if (replicas === null) return {}
  if (!REPLICAS.includes(replicas)) throw misnamed(name, `replicas is ${REPLICAS.join(', ')}`)
  return { replicas: Number(replicas) }
}

function loginIn(name: string, login: string | undefined, query: URLSearchParams): { login?: NatsLogin } {
  const creds = query.get('creds')
  if (creds !== null) return { login: { credentials: credentialsIn(creds) } }
  if (login === undefined) return {}
  try {
    const [user = '', pass, ...more] = login.split(':').map(decodeURIComponent)
    if (more.length > 0) throw misnamed(name, 'a : within a user or password is %3A')
    return { login: pass === undefined ? { token: user } : { user, pass } }
  } catch (error) {
    if (error instanceof URIError) throw misnamed(name, 'a % within a user or password is %25')
    throw error
  }
}

/** Rejects a file of another kind here, because the server would only disconnect. */
function credentialsIn(file: string): Uint8Array {
  const credentials = Buffer.from(textOf(file))
  try {
    credsAuthenticator(credentials)('')
  } catch {
    throw new RegistryError(
      'REGISTRY_FILE',
      `${file} holds no credentials of NATS; name a file with a user's JWT and its seed, as nsc makes it`,
    )
  }
  return credentials
}

/** Throws REGISTRY_FILE if the files contain no PEM, or the key does not match the certificate. */
function tlsIn(query: URLSearchParams): NatsTls {
  const files = TLS_OPTIONS.flatMap(option => query.get(option) ?? [])
  const [ca, cert, key] = TLS_OPTIONS.map(option => query.get(option))
  const tls = {
    ...(ca && { ca: textOf(ca) }),
    ...(cert && { cert: textOf(cert) }),
    ...(key && { key: textOf(key) }),
  }
  try {
    // A TLS context silently ignores an authority that it cannot read.
    if (tls.ca !== undefined) new X509Certificate(tls.ca)
    createSecureContext(tls)
  } catch (error) {
    throw new RegistryError(
      'REGISTRY_FILE',
      `${files.join(', ')}: ${(error as Error).message}; name files of PEM, with the key of the certificate`,
    )
  }
  return tls
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new RegistryError('REGISTRY_FILE', `${file} cannot be read (${code}); name a file that can`)
  }
}

/** Leaves out the login, which may contain a password. */
const misnamed = (name: string, remedy: string): RegistryError =>
  new RegistryError(
    'REGISTRY_NAME',
    `'${name.replace(/\/\/[^@]*@/, '//...@')}' is no registry and no NATS server; ${remedy}`,
  )

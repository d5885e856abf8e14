/** The private key with which `listen` proves a service to its clients. */
import type { KeyObject } from 'node:crypto'
import { certifiedName, publicKeyOf, readServiceKey } from '../../impl/host/services/certificate.ts'
import { isCertified, listenedPrefixOf } from '../../impl/host/services/serviceId.ts'
import { ServiceKeys } from '../../impl/sockets/serviceKeys.ts'
import { CliError } from '../errors.ts'
import { readText } from '../files.ts'

/**
 * Returns the key in `file`, none for a plain service: a key with which a plain name is registered proves nothing to clients.
 * Throws a ServiceError, CLI_READ, CLI_KEY.
 */
export function keysFor(service: string, file: string | undefined): KeyObject[] {
  const { id } = listenedPrefixOf(service)
  if (!isCertified(id)) return []
  if (file === undefined)
    throw new CliError('CLI_KEY', `clients of '${service}' verify its key; give the file with --key`)
  const key = keyIn(file)
  if (new ServiceKeys([key]).of(id) !== undefined) return [key]
  const name = certifiedName('NAME', publicKeyOf(key)).replace(/^name/, 'NAME')
  throw new CliError(
    'CLI_KEY',
    `'${service}' has not the key in ${file}; that is of services such as ${name}`,
  )
}

/** Throws CLI_READ, CLI_KEY. */
export function keyIn(file: string): KeyObject {
  const text = readText(file)
  try {
    return readServiceKey(text)
  } catch {
    throw new CliError('CLI_KEY', `${file} holds no private key of Ed25519; make one: serval key new FILE`)
  }
}

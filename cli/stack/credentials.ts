/** Reads the files of `--key` and `--grant`: the key that registers names, and the grants that let it. */
import { unwatchFile, watchFile } from 'node:fs'
import type { Agent, Credential } from '../../impl/controller/index.ts'
import { publicKeyOf } from '../../impl/host/services/certificate.ts'
import { areEqual, GRANT_FORM, readGrant } from '../../impl/host/services/grant.ts'
import { CliError } from '../errors.ts'
import { explain } from '../explain.ts'
import { readText } from '../files.ts'
import { say } from './say.ts'
import { keyIn } from './serviceKey.ts'

export interface CredentialFiles {
  readonly key?: string
  readonly grant?: string
}

/** How often the files of grants are looked at, ms. */
const LOOK_MS = 2000
/** Grants in one file. */
const GRANTS_LIMIT = 256

/** Returns the grants in a file: one on each line, beside empty lines and comments. Throws CLI_READ, CLI_GRANT. */
export function grantsIn(file: string): string[] {
  const lines = readText(file)
    .split('\n')
    .map((line, i) => ({ grant: line.trim(), place: i + 1 }))
    .filter(({ grant }) => grant !== '' && !grant.startsWith('#'))
  const grants = lines.map(({ grant }) => grant)
  if (grants.length === 0 || grants.length > GRANTS_LIMIT)
    throw new CliError('CLI_GRANT', `${file} holds ${grants.length} grants; give 1 to ${GRANTS_LIMIT}`)
  for (const { grant, place } of lines)
    if (!GRANT_FORM.test(grant) || readGrant(grant) === undefined)
      throw new CliError(
        'CLI_GRANT',
        `line ${place} of ${file} is no grant; write what serval key sign prints`,
      )
  return grants
}

/** Returns the credentials in the files. Throws CLI_READ, CLI_KEY, CLI_GRANT. */
export function credentialsIn({ key: keyFile, grant: grantFile }: CredentialFiles): Credential[] {
  if (grantFile !== undefined && keyFile === undefined)
    throw new CliError('CLI_GRANT', '--grant is for a key; name its file with --key')
  if (keyFile === undefined) return []
  const key = keyIn(keyFile)
  if (grantFile === undefined) return [{ key }]
  const own = publicKeyOf(key)
  const grants = grantsIn(grantFile)
  if (!grants.every(grant => areEqual(readGrant(grant)?.at(-1)?.to ?? own, own)))
    throw new CliError('CLI_GRANT', `a grant in ${grantFile} is for another key than that in ${keyFile}`)
  return grants.map(grant => ({ key, grant }))
}

/** Registers again whenever one of the files of grants changes, until the signal. */
export function keepGrants(agent: Agent, files: readonly CredentialFiles[], signal: AbortSignal): void {
  const read = (): void => {
    try {
      agent.authorize(files.flatMap(credentialsIn))
      say('the grants have changed: registering with them')
    } catch (error) {
      say(`${explain(error)}; the grants before go on`, 'error')
    }
  }
  const watched = new Set(files.flatMap(({ grant }) => grant ?? []))
  for (const file of watched) watchFile(file, { interval: LOOK_MS, persistent: false }, read)
  signal.addEventListener('abort', () => {
    for (const file of watched) unwatchFile(file, read)
  })
}

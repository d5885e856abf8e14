import { type KeyObject, randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { must } from '../../checker/text/at.ts'
import { hashOf } from '../../impl/controller/authority/tokens.ts'
import { Credentials } from '../../impl/controller/credentials.ts'
import {
  certifiedName,
  newServiceKey,
  publicKeyOf,
  readServiceKey,
} from '../../impl/host/services/certificate.ts'
import {
  areEqual,
  type GrantLink,
  grantOf,
  printPublicKey,
  readGrant,
  readPublicKey,
} from '../../impl/host/services/grant.ts'
import { printPrefix, type ServicePrefix, servicePrefixOf } from '../../impl/host/services/serviceId.ts'
import type { Define } from '../define.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit.ts'
import { readText, writeSecret } from '../files.ts'
import { durationOption } from '../options.ts'
import { print } from '../screen.ts'
import { grantsIn } from '../stack/credentials.ts'
import { say } from '../stack/say.ts'
import { keyIn } from '../stack/serviceKey.ts'

interface SignOptions {
  readonly for?: number
  readonly grant?: string
}

const DAY_MS = 86_400_000
const TOKEN_BYTES = 32
/** The longest life of a grant. Nothing revokes one earlier but another key. */
const MOST_MS = 366 * DAY_MS

export const define: Define = (command, done) => {
  command.description(
    'Makes keys to which names belong, grants some of these names to other keys for a while, and makes tokens of hosts. docs/authority.md shows all steps.',
  )
  const add = (name: string, summary: string, description: string): Command =>
    command.command(name).summary(summary).description(description)
  add(
    'new',
    'make a private key',
    'Makes a private key in a new file that only its user may read, and prints its public key.',
  )
    .argument('<file>', 'the file, which must not exist')
    .action((file: string) => done(newKey(file)))
  add(
    'show',
    'print a public key, or grants',
    'Prints the public key of a private key, or what the grants of a file are for.',
  )
    .argument('<file>', 'a private key (PEM), or grants')
    .action((file: string) => done(show(file)))
  add(
    'token',
    'make a token for a host',
    'Makes a token in a new file that only its user may read, and prints its hash for the file of a controller.',
  )
    .argument('<file>', 'the file, which must not exist')
    .action((file: string) => done(newToken(file)))
  add(
    'sign',
    'grant a name to another key',
    'Prints a grant: the holder of a public key may register a name, and all names below it, for a while.',
  )
    .argument('<key>', 'the file of the private key that the name belongs to')
    .argument('<name>', "a name or a prefix: acme/web, or 'acme/*'")
    .argument('<public-key>', 'what `serval key show` prints where the other key is')
    .option(
      '--for <time>',
      'how long the grant lasts: 12h or 7d (default: 24h)',
      durationOption('--for', 1000, MOST_MS),
    )
    .option('--grant <file>', 'the grant by which the private key itself may register the name')
    .action((key: string, name: string, to: string, options: SignOptions) =>
      done(signGrant(key, name, to, options)),
    )
}

/** Throws CLI_WRITE. */
function newKey(file: string): number {
  const pem = newServiceKey()
  writeSecret(file, pem)
  print(printPublicKey(publicKeyOf(readServiceKey(pem))))
  return EXIT.HOLDS
}

/** Throws CLI_WRITE. */
function newToken(file: string): number {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  writeSecret(file, `${token}\n`)
  print(hashOf(token))
  return EXIT.HOLDS
}

/** Throws CLI_READ, CLI_KEY, CLI_GRANT. */
function show(file: string): number {
  if (!readText(file).includes('PRIVATE KEY')) {
    const names = namesIn(file)
    for (const grant of grantsIn(file))
      for (const link of readGrant(grant) ?? []) print(linkText(link, names))
    return EXIT.HOLDS
  }
  const key = publicKeyOf(keyIn(file))
  print(printPublicKey(key))
  // Not on standard output, which a script gives to `serval key sign`.
  say(`a keyed service of this key: ${certifiedName('NAME', key).replace(/^name/, 'NAME')}`)
  return EXIT.HOLDS
}

const linkText = ({ prefix, expiresMs, from, to }: GrantLink, names: ReadonlyMap<string, string>): string => {
  const digits = printPrefix(prefix)
  return `${printPublicKey(from)} lets ${printPublicKey(to)} register ${names.get(digits) ?? digits} until ${timeText(expiresMs)}`
}

/** Returns the names in the comments of a file of grants, by prefix. A comment that lies names another prefix. */
function namesIn(file: string): Map<string, string> {
  const names = new Map<string, string>()
  for (const [, name = ''] of readText(file).matchAll(/^# (\S+) for ed25519:/gm))
    try {
      const prefix = servicePrefixOf(name)
      names.set(printPrefix(prefix), prefix.text)
    } catch {
      // Somebody's own comment.
    }
  return names
}

const timeText = (ms: number): string =>
  ms <= 8.64e15 ? new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z') : 'the end of time'

/** Returns the grant by which the key itself may register the names. Throws CLI_READ, CLI_GRANT. */
function ownGrant(file: string, key: KeyObject, prefix: ServicePrefix): string {
  const mine = publicKeyOf(key)
  const own = grantsIn(file).filter(grant => areEqual(must(readGrant(grant)?.at(-1)).to, mine))
  const found = new Credentials(own.map(grant => ({ key, grant }))).permitting(prefix)?.grant
  if (found !== undefined) return found
  throw new CliError(
    'CLI_GRANT',
    `no grant in ${file} lets this key register ${prefix.text}; ask for one that does`,
  )
}

/** Throws a ServiceError, CLI_READ, CLI_KEY, CLI_GRANT. */
function signGrant(file: string, name: string, to: string, options: SignOptions): number {
  const prefix = servicePrefixOf(name)
  const key = keyIn(file)
  const receiver = readPublicKey(to)
  if (receiver === undefined)
    throw new CliError(
      'CLI_GRANT',
      `'${to}' is no public key; give what serval key show prints, ed25519: and 43 letters`,
    )
  const expiresMs = Date.now() + (options.for ?? DAY_MS)
  const own = options.grant === undefined ? undefined : ownGrant(options.grant, key, prefix)
  try {
    const grant = grantOf(key, { prefix, expiresMs, to: receiver }, own)
    print(`# ${prefix.text} for ${to} until ${timeText(expiresMs)}`)
    print(grant)
  } catch (error) {
    if (error instanceof RangeError) throw new CliError('CLI_GRANT', error.message)
    throw error
  }
  return EXIT.HOLDS
}

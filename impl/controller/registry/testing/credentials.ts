/** For tests: a server's configuration with an operator and an account, and credentials of a user, as `nsc` writes them. */
import { nkeys } from '@nats-io/transport-node'

type Pair = ReturnType<typeof nkeys.createUser>

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Returns a NATS JWT, in which `issuer` vouches for `subject` and its rights. */
function signed(issuer: Pair, subject: Pair, type: string, claims: object): string {
  const [iss, sub] = [issuer.getPublicKey(), subject.getPublicKey()]
  const nats = { ...claims, type, version: 2 }
  const text = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part({ jti: sub, iat: 0, iss, name: type, sub, nats })}`
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString('base64url')}`
}

/** -1: no limit. */
const FREE = { subs: -1, data: -1, payload: -1 }
const ALL = {
  ...{ ...FREE, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 },
  ...{ mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 },
}

/** Returns the server's configuration, its user's credentials, and those of a user without an account there. */
export function credentials() {
  const [operator, system, account, other] = [
    nkeys.createOperator(),
    nkeys.createAccount(),
    nkeys.createAccount(),
    nkeys.createAccount(),
  ] as const
  const accounts = [
    [system, signed(operator, system, 'account', { limits: { ...FREE, conn: -1 } })],
    [account, signed(operator, account, 'account', { limits: ALL })],
  ] as const
  const config = [
    `operator: ${signed(operator, operator, 'operator', {})}`,
    `system_account: ${system.getPublicKey()}`,
    'resolver: MEMORY',
    'resolver_preload: {',
    ...accounts.map(([pair, jwt]) => `  ${pair.getPublicKey()}: ${jwt}`),
    '}',
  ].join('\n')
  return { config, known: userOf(account), unknown: userOf(other) }
}

function userOf(account: Pair): string {
  const user = nkeys.createUser()
  const jwt = signed(account, user, 'user', FREE)
  const block = (name: string, text: string): string =>
    `-----BEGIN ${name}-----\n${text}\n------END ${name}------\n`
  return block('NATS USER JWT', jwt) + block('USER NKEY SEED', Buffer.from(user.getSeed()).toString())
}

/** Destinations as programs and operators write them: addresses, and names of hosts, which DNS translates at each connect. */
import { type LookupAddress, lookup } from 'node:dns'
import { promisify } from 'node:util'
import { type Address, fromParts, parseDestination, SERVER_PORT } from '../link/address.ts'
import { socketError } from './errors.ts'

/** Returns all addresses of a host, best first. Rejects if it has none. */
export type Lookup = (host: string) => Promise<readonly LookupAddress[]>

const systemLookup: Lookup = host => promisify(lookup)(host, { all: true, order: 'verbatim' })

const NAMED = /^([^:]+)(?::(\d{1,5}))?$/
const LABEL = /^[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?$/i
const LETTER = /[a-z]/i
const MOST_NAME = 253
/** Addresses of one name that are tried. */
const MOST_ADDRESSES = 16

/** Returns host and port if `text` names a host, such as `router.example:54325`. An address, or what resembles one, does not. */
function namedIn(text: string): { readonly host: string; readonly port: number } | undefined {
  if (!LETTER.test(text)) return undefined
  const [, host = '', port = `${SERVER_PORT}`] = NAMED.exec(text) ?? []
  const labels = host.replace(/\.$/, '').split('.')
  const isName =
    host.length <= MOST_NAME && labels.every(label => LABEL.test(label)) && LETTER.test(labels.at(-1) ?? '')
  return isName && Number(port) > 0 && Number(port) < 65_536 ? { host, port: Number(port) } : undefined
}

/** Throws LINK_ADDRESS if `text` is neither an address nor the name of a host. Asks nobody. */
export function checkDestination(text: string): void {
  if (namedIn(text) === undefined) parseDestination(text)
}

/** Returns the addresses if all destinations are addresses, else undefined. Throws LINK_ADDRESS. */
export function addressesIn(texts: readonly string[]): readonly Address[] | undefined {
  const found: Address[] = []
  for (const text of texts) if (namedIn(text) === undefined) found.push(parseDestination(text))
  return found.length === texts.length ? found : undefined
}

/**
 * Resolves to the addresses of all destinations in their order, those of a name in the system's (RFC 6724). Rejects with ENOTFOUND if
 * no destination has any.
 */
export async function addressesOf(
  texts: readonly string[],
  syscall: string,
  ask: Lookup = systemLookup,
): Promise<readonly Address[]> {
  let cause: unknown
  const found: Address[] = []
  for (const text of texts) {
    const named = namedIn(text)
    if (named === undefined) found.push(parseDestination(text))
    else
      try {
        const all = (await ask(named.host)).slice(0, MOST_ADDRESSES)
        found.push(...all.map(({ address }) => fromParts(address, named.port)).filter(Boolean))
      } catch (error) {
        cause = error
      }
  }
  if (found.length > 0) return found
  const sentence = `DNS knows no address of ${texts.join(', ')}; correct the name, or give an address`
  throw socketError('ENOTFOUND', syscall, { cause, sentence })
}

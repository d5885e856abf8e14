/** Chooses among a host's addresses: by name, and in the order of preference. */
import { networkInterfaces } from 'node:os'
import { fromParts, NO_ADDRESS, parseAddress, printAddress, withPort } from '../link/address.ts'
import { LinkError } from '../link/errors.ts'
import type { Address } from '../link/link.ts'
import { socketError } from './errors.ts'

const hostPart = (address: Address): Address => withPort(address, 0)

/** True if `wanted` names `address`: its port must match unless it is 0. */
const isNamed = (address: Address, wanted: Address): boolean =>
  address === wanted || (wanted === hostPart(wanted) && hostPart(address) === wanted)

/**
 * Returns one of `addresses`: `127.0.0.2:54325`, `127.0.0.2` for any port there, `eth0` for the first on that
 * interface. 0 if there is none. Throws LINK_ADDRESS for a text that is neither an address nor an interface.
 */
export function addressOn(addresses: readonly Address[], text: string): Address {
  const interfaces = networkInterfaces()
  const infos = Object.hasOwn(interfaces, text) ? interfaces[text] : undefined
  const wanted = infos?.map(info => fromParts(info.address, 0)) ?? [addressOf(text)]
  return addresses.find(address => wanted.some(one => isNamed(address, one))) ?? NO_ADDRESS
}

function addressOf(text: string): Address {
  try {
    return parseAddress(text, 0)
  } catch {
    throw new LinkError(
      'LINK_ADDRESS',
      `'${text.slice(0, 80)}' is neither an address nor an interface that is up; \`ip address\` lists both`,
    )
  }
}

/** Returns `addresses` with the wanted ones first, in their order: an address that left and returned gets its place back. */
export function byPreference(addresses: readonly Address[], wanted: readonly Address[]): readonly Address[] {
  const rank = (address: Address): number => {
    const place = wanted.findIndex(one => isNamed(address, one))
    return place < 0 ? wanted.length : place
  }
  return addresses.toSorted((a, b) => rank(a) - rank(b))
}

/** Each of them is an instance of each service in the directory. A host behind a few translators needs a few. */
const MOST_ADVERTISED = 8

/** Returns the addresses of the option `advertise` of a stack, without repetitions. Throws LINK_ADDRESS, EINVAL. */
export function advertised(texts: readonly string[] = []): readonly string[] {
  const addresses = new Set(texts.map(text => printAddress(parseAddress(text))))
  if (addresses.size <= MOST_ADVERTISED) return [...addresses]
  throw socketError('EINVAL', 'open', {
    sentence: `advertise has ${addresses.size} addresses; give at most ${MOST_ADVERTISED}`,
  })
}

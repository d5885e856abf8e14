/** Chooses among a host's addresses: by name, and in the order of preference. */
import { networkInterfaces } from 'node:os'
import { fromParts, NO_ADDRESS, parseAddress, withPort } from '../link/address.ts'
import { LinkError } from '../link/errors.ts'
import type { Address } from '../link/link.ts'

const hostPart = (address: Address): Address => withPort(address, 0)

/** Whether `wanted` names `address`: with its port, or with any if its own is 0. */
const isNamed = (address: Address, wanted: Address): boolean =>
  address === wanted || (wanted === hostPart(wanted) && hostPart(address) === wanted)

/**
 * One of `addresses`: `127.0.0.2:54325`, `127.0.0.2` for any port there, `eth0` for the first on that interface. 0 when
 * there is none. Throws LINK_ADDRESS for what is neither an address nor an interface.
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

/** `addresses`, those first that were asked for, in that order: one that went and came back has its place again. */
export function byPreference(addresses: readonly Address[], wanted: readonly Address[]): readonly Address[] {
  const rank = (address: Address): number => {
    const place = wanted.findIndex(one => isNamed(address, one))
    return place < 0 ? wanted.length : place
  }
  return addresses.toSorted((a, b) => rank(a) - rank(b))
}

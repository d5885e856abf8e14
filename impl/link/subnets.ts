/** Ranges of addresses in lists of `node:net`. */
import { type BlockList, isIP, isIPv6 } from 'node:net'

/** The family of the text of an address, as a `BlockList` names it. */
export const familyOf = (host: string): 'ipv4' | 'ipv6' => (isIPv6(host) ? 'ipv6' : 'ipv4')

/** Adds a range such as `10.1.0.0/16` to a list. Returns false for a text that is no range. */
export function addSubnet(list: BlockList, subnet: string): boolean {
  const [, host = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(subnet) ?? []
  const family = familyOf(host)
  if (isIP(host) === 0 || Number(bits) > (family === 'ipv6' ? 128 : 32)) return false
  list.addSubnet(host, Number(bits), family)
  return true
}

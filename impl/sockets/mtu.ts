/** The option `mtu` of a stack. */
import { DEFAULT_MTU } from '../link/link.ts'
import { socketError } from './errors.ts'

/** Headers of IPv6 and UDP: so a flow may move between IPv4 and IPv6. */
const HEADERS = 40 + 8
/** The least that every IPv6 path carries (RFC 8200, 5), and the most that an IP packet holds. */
const LEAST_MTU = 1280
const MOST_MTU = 65_535

/** Returns the longest payload of UDP in an IP packet of `mtu` bytes. Throws EINVAL. */
export function payloadOf(mtu = DEFAULT_MTU + HEADERS): number {
  if (Number.isInteger(mtu) && mtu >= LEAST_MTU && mtu <= MOST_MTU) return mtu - HEADERS
  const sentence = `mtu is ${mtu}; give a whole number from ${LEAST_MTU} to ${MOST_MTU}`
  throw socketError('EINVAL', 'open', { sentence })
}

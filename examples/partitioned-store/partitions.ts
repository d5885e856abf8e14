/**
 * Which service a key is asked of: `acme/store` is its first 64 bits, and the next ones are the first of the key's hash.
 * So a rule for a prefix of 66 bits is about a quarter of the keys, one of 65 bits about half of them.
 */
import { hash } from 'node:crypto'
import { prefixOfId, serviceIdOf } from '../../impl/sal/serviceId.ts'

const NAME = serviceIdOf('acme/store')
const NAME_BITS = 64
/** Bits of the hash that are told apart: there are 64 partitions. */
const PARTITION_BITS = 6

/** The service of the partition that begins with these bits, the highest of `bits`. */
function partition(bits: number): Uint8Array {
  const id = NAME.slice()
  id[NAME_BITS / 8] = bits & (0xff << (8 - PARTITION_BITS))
  return id
}

export const partitionOf = (key: string): Uint8Array => partition(hash('sha256', key, 'buffer')[0]!)

export const PARTITIONS = Array.from({ length: 2 ** PARTITION_BITS }, (_, i) =>
  partition(i << (8 - PARTITION_BITS)),
)

/** For rules: the keys whose hash begins as the number `first` of so many bits. */
export const prefixOf = (first: number, bits: number): string =>
  prefixOfId(partition(bits === 0 ? 0 : first << (8 - bits)), NAME_BITS + bits).text

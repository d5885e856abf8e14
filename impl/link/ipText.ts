import { must } from '../../checker/text/at.ts'

/** IP addresses as text: RFC 4291 and RFC 5952 for IPv6. Pure, and safe for any text. */

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/

/** Returns 32 bits, or -1 if the text is not four decimal numbers with dots. */
export function readIPv4(text: string): number {
  const match = IPV4.exec(text)
  if (match === null) return -1
  let ip = 0
  for (const part of match.slice(1)) {
    // Rejected, because a leading zero used to mean octal.
    if (Number(part) > 255 || (part.length > 1 && part[0] === '0')) return -1
    ip = ip * 256 + Number(part)
  }
  return ip
}

export const printIPv4 = (ip: number): string =>
  `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`

/** Returns the groups on one side of `::`, or undefined if one is malformed. The last may be an IPv4 address: two groups. */
function readGroups(text: string): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const groups: number[] = []
  for (const [i, part] of parts.entries()) {
    const ip = i === parts.length - 1 && part.includes('.') ? readIPv4(part) : -1
    if (ip >= 0) groups.push(ip >>> 16, ip & 0xffff)
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

/** Returns eight groups of 16 bits, or undefined if the text is not an IPv6 address without a zone. */
export function readIPv6(text: string): readonly number[] | undefined {
  const sides = text.split('::')
  if (sides.length > 2) return undefined
  const [head, tail] = sides.map(readGroups)
  if (head === undefined || (sides.length === 2 && tail === undefined)) return undefined
  if (sides.length === 1) return head.length === 8 ? head : undefined
  // An IPv4 part may only end the whole address.
  if ((sides[0] as string).includes('.')) return undefined
  const zeros = 8 - head.length - must(tail).length
  return zeros < 1 ? undefined : [...head, ...Array<number>(zeros).fill(0), ...must(tail)]
}

/**
 * Returns the start and length of the longest run of at least two zero groups; the first if several are equal (RFC 5952
 * 4.2).
 */
function longestZeros(groups: readonly number[]): readonly [number, number] {
  let best: readonly [number, number] = [-1, 1]
  for (let i = 0; i < 8; i++) {
    let length = 0
    while (i + length < 8 && groups[i + length] === 0) length++
    if (length > best[1]) best = [i, length]
  }
  return best
}

/** Returns the canonical text (RFC 5952), which is also what the system's resolver writes. */
export function printIPv6(groups: readonly number[]): string {
  const hex = groups.map(group => group.toString(16))
  const [start, length] = longestZeros(groups)
  if (start < 0) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}

/** True for an IPv4-mapped address, ::ffff:a.b.c.d (RFC 4291 2.5.5.2). */
export const isMapped = (groups: readonly number[]): boolean =>
  groups[5] === 0xffff && groups.slice(0, 5).every(group => group === 0)

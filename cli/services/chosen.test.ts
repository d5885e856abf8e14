import { expect, test } from 'vitest'
import type { Listed } from '../../impl/controller/index.ts'
import { chosenOf, countsOf, countsText } from './chosen.ts'

const one = (service: string, last: number, more: Partial<Listed> = {}): Listed => ({
  ...{
    service,
    id: `i${last}`,
    address: `192.0.2.${last}:54325`,
    priority: 100,
    weight: 1,
    leaseMs: 1000 * last,
  },
  flows: last,
  ...more,
})
/** As a controller lists them: by service, then by address. */
const listed = [
  one('acme', 2),
  one('acme/web', 1, { flows: null }),
  one('acme/web', 3, { weight: 0, out: 'draining' }),
  one('acme/web/eu', 4),
  one('acme/webs', 5),
]
const addresses = (rows: readonly Listed[]) => rows.map(({ id }) => id)

test('a name chooses its service and all below it, and no other that begins with the same letters', () => {
  expect(addresses(chosenOf(listed, { below: 'acme/web' }))).toEqual(['i1', 'i3', 'i4'])
  expect(addresses(chosenOf(listed, { below: 'ACME/web/*' }))).toEqual(['i1', 'i3', 'i4'])
  expect(addresses(chosenOf(listed, { below: 'acme/web/' }))).toEqual(['i1', 'i3', 'i4'])
  for (const below of ['', '/', '*']) expect(chosenOf(listed, { below })).toHaveLength(listed.length)
})

test('rows keep the order of the listing, or are sorted by a column: the shortest lease and the most flows first', () => {
  expect(addresses(chosenOf(listed, {}))).toEqual(['i2', 'i1', 'i3', 'i4', 'i5'])
  expect(addresses(chosenOf(listed, { sort: 'lease' }))).toEqual(['i1', 'i2', 'i3', 'i4', 'i5'])
  expect(addresses(chosenOf(listed, { sort: 'flows' }))).toEqual(['i5', 'i4', 'i3', 'i2', 'i1'])
})

test('counts', () => {
  expect(countsText(countsOf(listed))).toBe('4 services, 5 instances, 1 draining, 14 flows')
})

/** Keeps services.md true: its mapping, its table and its limits are those of the code. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { at, must } from '../checker/text/at.ts'
import { certifiedName } from '../impl/host/services/certificate.ts'
import {
  listenedPrefixOf,
  printServiceId,
  serviceIdOf,
  servicePrefixOf,
} from '../impl/host/services/serviceId.ts'
import { listServices } from '../impl/host/services/serviceListing.ts'
import {
  DEFAULT_PRIORITY,
  LISTEN_PRIORITY,
  LISTEN_WEIGHT,
  PRIORITY_LIMIT,
  RULES_LIMIT,
  ServiceTable,
  TARGETS_LIMIT,
  type Target,
  WEIGHT_LIMIT,
} from '../impl/host/services/serviceTable.ts'
import { parseAddress, printAddress } from '../impl/link/address.ts'
import { page, root, tableOf } from './pages.ts'

const services = page('docs/services.md')
const blockWith = (text: string): readonly string[] =>
  must(services.blocks.find(block => block.text.includes(text)))
    .text.trim()
    .split('\n')

test('names map to what is printed', () => {
  const lines = blockWith('acme/echo/eu').map(line => line.split(/ +/))
  expect(lines.map(([name]) => printServiceId(serviceIdOf(must(name))))).toEqual(
    lines.map(([, digits]) => digits),
  )
})

test('a name with a key maps to what is printed', () => {
  // The public key of RFC 8032 7.1, test 1.
  const publicKey = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex')
  const name = certifiedName('acme/web', publicKey)
  expect(blockWith('acme/web#')).toEqual([name, printServiceId(serviceIdOf(name))])
})

test('the table is listed as printed', () => {
  const forward = (host: string): Target<string> => ({ kind: 'forward', address: parseAddress(host) })
  const table = new ServiceTable<string>()
  const echo = servicePrefixOf('acme/echo')
  table.add(servicePrefixOf('*'), forward('192.0.2.1'), DEFAULT_PRIORITY, 1)
  table.add(servicePrefixOf('acme'), { kind: 'delay' }, 100, 1)
  table.add(echo, forward('192.0.2.9'), 50, 0)
  table.add(echo, forward('192.0.2.7'), 100, 3)
  table.add(echo, forward('192.0.2.8'), 100, 1)
  table.add(listenedPrefixOf('acme/echo'), { kind: 'demux', listener: '' }, LISTEN_PRIORITY, LISTEN_WEIGHT)
  const resolve = (name: string, times: number) => {
    for (let i = 0; i < times; i++) table.resolve(serviceIdOf(name), 0, 0, 108, 0)
  }
  resolve('acme/echo', 12)
  resolve('acme/echo/eu', 4)
  resolve('other', 2)
  const printTarget = (target: Target<string>): string =>
    target.kind === 'forward' ? `forward ${printAddress(target.address)}` : target.kind
  expect(blockWith('PACKETS')).toEqual(listServices(table.rules(), printTarget))
})

test('prefixes cover what the table says', () => {
  const digits = printServiceId(servicePrefixOf('acme').id)
  expect(tableOf(services, 'prefix').map(([prefix]) => must(prefix).replaceAll('`', ''))).toEqual([
    'acme/echo/*',
    'acme/web# and 32 digits',
    '64 digits',
    '64 digits, /, a number from 0 to 256',
    '*',
  ])
  expect(['acme/echo/*', digits, `${digits}/32`, '*'].map(text => servicePrefixOf(text).bits)).toEqual([
    64, 256, 32, 0,
  ])
})

test('limits and numbers are those of the code', () => {
  const grouped = (n: number): string => n.toLocaleString('en')
  expect(tableOf(services, 'limit').map(([, value]) => value)).toEqual([
    grouped(RULES_LIMIT),
    grouped(TARGETS_LIMIT),
    `0 to ${grouped(PRIORITY_LIMIT)}`,
  ])
  expect(WEIGHT_LIMIT).toBe(PRIORITY_LIMIT)
  expect(services.prose).toContain(
    `priority ${grouped(LISTEN_PRIORITY)} and weight ${grouped(LISTEN_WEIGHT)}`,
  )
})

test('options of rules are those of the code', () => {
  const options = at(
    (
      readFileSync(join(root, 'impl/sockets/rules.ts'), 'utf8').split('interface RuleOptions {')[1] ?? ''
    ).split('}'),
    0,
  )
  expect(tableOf(services, 'option').map(([cell]) => must(cell).replaceAll('`', ''))).toEqual(
    [...options.matchAll(/readonly (\w+)\?/g)].map(([, name]) => name),
  )
})

test('targets and faults of certificates are those of the code, and no others', () => {
  const namesOf = (path: string, pattern: RegExp): string[] =>
    [...readFileSync(join(root, path), 'utf8').matchAll(pattern)].map(([, name]) => must(name)).sort()
  const inTable = (first: string): string[] =>
    tableOf(services, first)
      .flatMap(([cell]) => must(must(cell).match(/\w+/g)))
      .sort()
  expect(inTable('target')).toEqual(
    namesOf('impl/host/services/table/targets.ts', /^ +\| \{ readonly kind: '(\w+)'/gm),
  )
  expect(inTable('fault')).toEqual(namesOf('impl/host/services/certificate.ts', /^ +\| '(\w+)'/gm))
})

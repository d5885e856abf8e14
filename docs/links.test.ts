/** Keeps links.md true: its tables and limits are those of the code. */

import { expect, test } from 'vitest'
import { must } from '../checker/text/at.ts'
import { CLIENT_PORT, parseAddress, portOf, SERVER_PORT } from '../impl/link/address.ts'
import { newCounters } from '../impl/link/counters.ts'
import { MAX_HOSTS, MAX_OF_NETWORK } from '../impl/link/hosts.ts'
import { MAX_HELD, NO_FAULTS } from '../impl/link/impairment.ts'
import { DEFAULT_MTU } from '../impl/link/link.ts'
import { MIN_LATENCY_MS } from '../impl/link/memory.ts'
import { MAX_INTERFACES } from '../impl/link/readCapture.ts'
import { MAX_QUEUED } from '../impl/link/udpSocket.ts'
import { namesIn, page, tableOf } from './pages.ts'

const links = page('docs/links.md')

test('faults, with their defaults', () => {
  const told = tableOf(links, 'fault').map(([name, value]) => [must(name).replaceAll('`', ''), Number(value)])
  expect(Object.fromEntries(told)).toEqual(NO_FAULTS)
})

test('counters', () => {
  expect(namesIn(links, 'counter')).toEqual(Object.keys(newCounters()))
})

test('ports, and every text is an address', () => {
  expect(tableOf(links, 'port').map(([port]) => Number(port))).toEqual([SERVER_PORT, CLIENT_PORT])
  const texts = namesIn(links, 'text')
  expect(texts.length).toBeGreaterThan(6)
  for (const text of texts) expect(portOf(parseAddress(text))).toBe(SERVER_PORT)
})

test('limits', () => {
  const said = [
    `a table of ${MAX_HOSTS}`,
    `at most ${MAX_OF_NETWORK} slots`,
    `at least ${MIN_LATENCY_MS}`,
    `at most ${MAX_QUEUED} datagrams a socket`,
    `MTU is ${DEFAULT_MTU} bytes`,
    `At most ${MAX_HELD} copies`,
    `up to ${MAX_INTERFACES} interfaces`,
  ]
  const prose = links.prose.replaceAll(/\s+/g, ' ')
  expect(said.filter(words => !prose.includes(words))).toEqual([])
})

/** The counters and limits that the page on security names are those of the code. */

import { expect, test } from 'vitest'
import { at } from '../checker/text/at.ts'
import { Counters } from '../impl/host/counters.ts'
import { VALID_MS } from '../impl/host/flows/answers.ts'
import { defaultLimits } from '../impl/host/limits.ts'
import { BINDINGS_LIMIT } from '../impl/host/rendezvous/rendezvous.ts'
import { MAX_HOSTS } from '../impl/link/hosts.ts'
import { page } from './pages.ts'

const security = page('docs/security.md')

test('counters', () => {
  const rows = at(security.text.slice(security.text.indexOf('| counter |')).split('\n\n'), 0)
  const named = rows
    .split('\n')
    .flatMap(row => [...(row.split('|')[1]?.matchAll(/`(\w+)`/g) ?? [])].map(([, name]) => name))
  expect(named.length).toBeGreaterThan(8)
  expect(Object.keys(new Counters())).toEqual(expect.arrayContaining(named))
})

test('limits', () => {
  const { delayed, delayedForOne } = defaultLimits
  const said = [
    `at most ${VALID_MS / 1000} s`,
    `a slot among ${delayed.toLocaleString('en')}`,
    `${delayedForOne} for one service`,
    `${BINDINGS_LIMIT.toLocaleString('en')} bindings`,
    `${MAX_HOSTS.toLocaleString('en')} slots`,
  ]
  expect(said.filter(words => !security.text.includes(words))).toEqual([])
})

/** Keeps controllers.md true: its messages and limits are those of the code. */

import { expect, test } from 'vitest'
import { must } from '../checker/text/at.ts'
import * as limits from '../impl/controller/limits.ts'
import { ANSWERS, QUESTIONS } from '../impl/controller/messages.ts'
import { page } from './pages.ts'

const controllers = page('docs/controllers.md')
const firstCells = (pattern: RegExp): string[] =>
  [...controllers.prose.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell]) =>
    [...must(cell).matchAll(pattern)].map(([, name]) => must(name)),
  )

test('messages are those of both ends', () => {
  const told = firstCells(/^`([a-z]+)`$/g)
  expect(told.filter(name => name !== 'memory')).toEqual([...Object.keys(QUESTIONS), ...Object.keys(ANSWERS)])
})

test('limits are those of the code', () => {
  const grouped = (value: number): string => value.toLocaleString('en-US')
  for (const value of [
    ...[limits.REGISTRATIONS_LIMIT, limits.REGISTRATIONS_PER_HOST, limits.PEERS_LIMIT, limits.ASKED_LIMIT],
    ...[limits.STANDING_LIMIT, limits.LINE_LIMIT_CHARS, limits.ANSWER_LIMIT_CHARS, limits.NEAR_PRIORITY],
  ])
    expect(controllers.prose).toContain(grouped(value))
  expect(controllers.prose).toContain(`after ${limits.MISTAKES_LIMIT} the connection ends`)
  expect(controllers.prose).toContain(`lease (${limits.LEASE_MS / 1000} s)`)
})

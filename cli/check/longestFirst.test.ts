import { expect, test } from 'vitest'
import { jobsOf, withPromptWorlds, worldName } from '../jobs.ts'
import { inOrderOf, longestFirst } from './longestFirst.ts'
import type { CheckRequest } from './unit.ts'

const worlds = withPromptWorlds(jobsOf([], 'default', {}), {}).map(job => ({
  job,
  invariants: 'all' as const,
}))
const names = (some: CheckRequest['worlds']) => some.map(({ job }) => worldName(job))

test('the longest models begin first, and all others in their order, with their prompt worlds', () => {
  const begun = names(longestFirst(worlds))
  expect(begun.slice(0, 4)).toEqual(['two-party', 'handshake', 'flows', 'flood'])
  expect(begun.slice(4)).toEqual(names(worlds).filter(name => !begun.slice(0, 4).includes(name)))
  expect(begun).toContain('two-party, prompt')
})

test('results come back in the order of the models; those of a search that was stopped are missing', () => {
  const begun = longestFirst(worlds)
  const results = names(begun)
  expect(inOrderOf(worlds, begun, results)).toEqual(names(worlds))
  expect(inOrderOf(worlds, begun, results.slice(0, 2))).toEqual(['handshake', 'two-party'])
})

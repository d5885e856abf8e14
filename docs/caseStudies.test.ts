/** Keeps case-studies.md true: it has every case study, with its claim and its pictures. What they print is run beside them. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { at } from '../checker/text/at.ts'
import { caseStudies } from '../examples/index.ts'
import { page, root } from './pages.ts'

const { blocks, links } = page('docs/case-studies.md')
const squeezed = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

test('has every case study, in order', () => {
  const commands = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text.trim())
  expect(commands).toEqual(caseStudies.map(({ name }) => `npx serval example ${name}`))
})

test.for(caseStudies)('$name: its claim was seen, and its picture is there', ({ name, claim }) => {
  const command = blocks.findIndex(({ text }) => text === `npx serval example ${name}\n`)
  const printed = squeezed(at(blocks, command + 1).text)
  expect(printed).toContain(`Seen: ${claim} The picture: out/${name}.svg`)
  expect(links).toContain(`${name}.svg`)
  expect(existsSync(join(root, `docs/${name}.svg`))).toBe(true)
})

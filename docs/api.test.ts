/** Every symbol of the public API has a comment, which `npm run api` prints as a page. typedoc.json lists the modules. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { at } from '../checker/text/at.ts'
import { root } from './pages.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const { entryPoints } = JSON.parse(read('typedoc.json')) as { entryPoints: readonly string[] }

const DECLARED = /^export (?:declare |abstract |async )*(?:class|function|interface|type|const) (\w+)/gm

/** The symbols that a module exports, each with the file that declares it. */
function symbolsOf(path: string): readonly (readonly [name: string, file: string])[] {
  const text = read(path)
  const own = [...text.matchAll(DECLARED)].map(match => [at(match, 1), path] as const)
  const passed = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)'/gm)].flatMap(match =>
    at(match, 1)
      .split(',')
      .map(name => name.replace(/^\s*type /, '').trim())
      .filter(name => name !== '')
      .map(name => [name, join(dirname(path), at(match, 2))] as const),
  )
  return [...own, ...passed]
}

/** Whether a comment ends on the line before the declaration of `name`. */
const hasComment = (name: string, file: string): boolean =>
  new RegExp(
    `\\*/\\nexport (?:declare |abstract |async )*(?:class|function|interface|type|const) ${name}\\b`,
  ).test(read(file))

test.for(entryPoints)('every symbol of %s has a comment', path => {
  const symbols = symbolsOf(path)
  expect(symbols.length).toBeGreaterThan(1)
  expect(symbols.filter(([name, file]) => !hasComment(name, file)).map(([name]) => name)).toEqual([])
})

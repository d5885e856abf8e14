/**
 * Writes docs/errors.md: every code that the project throws or reports, from the comments of the unions of codes.
 * `npm run docs` runs it; a test holds the page equal to the sources.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

interface Entry {
  readonly code: string
  readonly meaning: string
  readonly remedy: string
}

interface Family {
  readonly title: string
  readonly entries: readonly Entry[]
}

/** The unions of codes, in the order of the page. */
const FAMILIES: readonly (readonly [title: string, path: string])[] = [
  ['Commands', 'cli/errors.ts'],
  ['Sockets', 'impl/sockets/errors.ts'],
  ['Service names and rules', 'impl/host/services/serviceErrors.ts'],
  ['Controllers', 'impl/controller/errors.ts'],
  ['Registries', 'impl/controller/registry/errors.ts'],
  ['Running stacks', 'impl/admin/errors.ts'],
  ['Hosts', 'impl/host/errors.ts'],
  ['Streams', 'impl/transport/stream/errors.ts'],
  ['Links', 'impl/link/errors.ts'],
  ['Captures', 'impl/link/captured.ts'],
  ['Packets', 'spec/wire/faults.ts'],
  ['The checker', 'checker/ir/errors.ts'],
  ['Lowering', 'checker/lower/errors.ts'],
  ['Traces', 'checker/trace/errors.ts'],
  ['Logs of steps', 'traces/steps/errors.ts'],
  ['Plans of the simulator', 'properties/simulator/errors.ts'],
]

/** Files that declare a union of codes. */
export const unionFiles = (): string[] =>
  globSync('{checker,spec,impl,properties,traces,studio,cli}/**/*.ts', { cwd: root }).filter(path =>
    /^export type \w*Code =\n/m.test(readFileSync(join(root, path), 'utf8')),
  )

export const familyFiles: readonly string[] = FAMILIES.map(([, path]) => path)

/** A comment's first sentence is the meaning, the others are the remedy. */
const MEMBER = /^ {2}\/\*\*\s+((?:(?!\*\/)[\s\S])*?)\s*\*\/\n {2}\| '(\w+)'/gm

export function familyOf(title: string, path: string): Family {
  const text = readFileSync(join(root, path), 'utf8')
  const entries = [...text.matchAll(MEMBER)].map(([, comment = '', code = '']) => {
    const words = comment.replaceAll(/(?:^|\s*\n)\s*\*\s*/g, ' ').trim()
    const end = words.search(/\.( |$)/)
    return { code, meaning: words.slice(0, end + 1), remedy: words.slice(end + 1).trim() }
  })
  return { title, entries }
}

export const families = (): readonly Family[] => FAMILIES.map(([title, path]) => familyOf(title, path))

export function catalogue(): string {
  const sections = families().map(({ title, entries }) => {
    const rows = entries.map(({ code, meaning, remedy }) => `| \`${code}\` | ${meaning} | ${remedy} |`)
    return [`## ${title}`, '', '| code | meaning | what to do |', '|---|---|---|', ...rows].join('\n')
  })
  return `${['# Error codes', HEAD, ...sections].join('\n\n')}\n`
}

const HEAD =
  'Every error has a stable code. The message adds the thing it is about and a remedy. `npm run docs` writes this page from the sources.'

if (process.argv[1] === import.meta.filename) writeFileSync(join(root, 'docs/errors.md'), catalogue())

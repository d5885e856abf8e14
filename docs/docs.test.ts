/** Keeps the documents true: commands, paths, links, tables, examples and the picture are those of the code. */

import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { scratchFolder } from '../checker/testing/scratchFolder.ts'
import { at, must } from '../checker/text/at.ts'
import { traceCodec } from '../checker/trace/format.ts'
import { findInvariant } from '../cli/find.ts'
import { type Choice, jobsOf } from '../cli/jobs.ts'
import { machines } from '../cli/machines.ts'
import { makeProgram } from '../cli/program.ts'
import { runServal } from '../cli/testing/runServal.ts'
import { explored } from '../examples/turnstile.ts'
import { defects } from '../properties/defects/index.ts'
import { flow } from '../spec/machines/flow/compiled.ts'
import { EVENT_FIELDS } from '../spec/machines/flow/events.ts'
import { flowMachine } from '../spec/machines/flow/machine.ts'
import { NOTICES } from '../spec/machines/flow/notices.ts'
import { initialRegisters } from '../spec/machines/flow/registers.ts'
import { liveness, recoveries, safety } from '../spec/worlds/invariants.ts'
import { readChart } from '../studio/chart/readChart.ts'
import { svg } from '../studio/chart/svg.ts'
import { namesIn, page, pages, root, tableOf } from './pages.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const readme = page('README.md')
const protocol = page('docs/protocol.md')
const invariants = page('docs/invariants.md')

/** Lines that people may type, with where they stand. */
const commands = pages.flatMap(({ path, blocks, spans }) =>
  [...blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n')), ...spans]
    .flatMap(line => line.split(/ && | # /))
    .map(line => [line.trim(), path] as const),
)

/** Whose first argument is a file that is there, or a machine. */
const TAKES_FILES = new Set(['replay', 'validate', 'visualize'])

/** Commands without commands of their own. */
const leaves = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves)

/** As a shell has them. */
const wordsOf = (line: string): string[] =>
  must(line.match(/'[^']*'|\S+/g)).map(word => word.replaceAll("'", ''))

describe('commands', () => {
  const ofServal = commands.filter(([line]) => line.startsWith('npx serval'))

  /** What check, fuzz and the tour write, or what is there. */
  const isSubject = (name: string): boolean => {
    if (['out/tour.pcapng', 'out/tour.steps.ndjson'].includes(name)) return true
    const [, model, defect, invariant] = /^out\/([a-z-]+)-(D\d+)-(\w+)\.trace\.json$/.exec(name) ?? []
    if (model === undefined) return Object.hasOwn(machines, name) || existsSync(join(root, name))
    jobsOf([model], 'default', { defect: must(defect) })
    return findInvariant(must(invariant)) === invariant
  }

  test.for(ofServal)('%s (%s)', async ([line]) => {
    const program = await makeProgram(() => {})
    let done = false
    for (const command of leaves(program))
      command.action((subject: unknown, options: Choice & { invariant?: readonly string[] }) => {
        if (Array.isArray(subject)) jobsOf(subject, 'default', options)
        if (TAKES_FILES.has(command.name())) expect(subject).toSatisfy(isSubject)
        options?.invariant?.forEach(findInvariant)
        done = true
      })
    const [typed] = line.split(/ [<>|] /)
    await program.parseAsync(wordsOf(must(typed)).slice(2), { from: 'user' })
    expect(done).toBe(true)
  })

  test('of npm are scripts', () => {
    const scripts = ['ci', 'pack', ...Object.keys(JSON.parse(read('package.json')).scripts)]
    const ofNpm = commands.filter(([line]) => line.startsWith('npm ') && !line.startsWith('npm i '))
    expect(ofNpm.length).toBeGreaterThan(3)
    for (const [line] of ofNpm)
      expect(scripts).toContain(line.replace(/^npm (run )?/, '').replace(/ -- .*/, ''))
  })

  test('are all that can be typed', async () => {
    const shown = new Set(ofServal.map(([line]) => line.split(' ')[2]))
    const { commands } = await makeProgram(() => {})
    expect([...shown].sort()).toEqual(commands.map(command => command.name()).sort())
  })
})

const baseOf = (path: string): string => path.replace(/^.*\//, '')

/** The names of all files of the code. */
const fileNames = new Set(
  globSync('{checker,spec,impl,properties,traces,studio,cli,*.json}/**', { cwd: root }).map(baseOf),
)

describe.each(pages)('$path', ({ path, text, spans, links }) => {
  // What begins with acme or serval is a service's name, and with a number a network; git ignores out and dist.
  test('names files that are there', () => {
    const isThere = (span: string): boolean =>
      span.includes('/')
        ? /^(out|dist|acme|serval|[\d.]+)\//.test(span) || existsSync(join(root, span))
        : fileNames.has(span) || existsSync(join(root, span))
    const paths = spans.filter(span => /^[\w.-]*(\/[\w.-]*)+$|^[\w-]+\.(ts|md|json|svg)$/.test(span))
    expect(paths.filter(span => !isThere(span))).toEqual([])
  })

  test('links to what is there', () => {
    const broken = links
      .filter(link => !link.startsWith('https://'))
      .filter(link => {
        const [file, anchor] = link.split('#')
        const target = file === '' ? path : relative(root, join(root, dirname(path), must(file)))
        if (!existsSync(join(root, target))) return true
        return anchor !== undefined && !page(target).anchors.includes(anchor)
      })
    expect(broken).toEqual([])
  })

  test('points at nothing outside this repository', () => {
    const places = [...text.matchAll(/(?<![\w.:/*<~])(?:~|\.{0,2})\/[\w.-][\w./-]*/g)].map(([place]) => place)
    const outside = places
      .filter(place => place !== '/dev/null')
      .filter(
        place => /^[~/]/.test(place) || relative(root, join(root, dirname(path), place)).startsWith('..'),
      )
    expect(outside).toEqual([])
  })
})

describe('invariants.md', () => {
  test('lists invariants 1 to 85 with their names, marked as they are checked', () => {
    const marks = (id: string) =>
      [safety, recoveries, liveness.filter(({ isPrompt }) => !isPrompt), prompt].flatMap((list, i) =>
        list.some(one => one.id === id) ? [at(MARKS, i)] : [],
      )
    const names = (number: string) =>
      [...safety, ...recoveries, ...liveness].flatMap(({ id, name }) =>
        Number.parseInt(id, 10) === +number ? [name] : [],
      )
    const table = tableOf(invariants, '#').map(([id, called, , , , now]) => [
      id,
      called,
      must(now).replace(/^(later|test).*/, ''),
    ])
    const expected = Array.from({ length: 85 }, (_, i) => String(i + 1)).map(id => [
      id,
      names(id).join(', '),
      marks(id).join(', '),
    ])
    expect(table).toEqual(expected)
  })
})

describe('protocol.md', () => {
  test('has the defects D1 to D15, and says which can be put back', () => {
    const known = new Set(defects.map(({ id }) => id))
    const listed = tableOf(protocol, 'id').map(([id, , , back]) => [id, back === 'yes'])
    expect(listed).toEqual(Array.from({ length: 15 }, (_, i) => [`D${i + 1}`, known.has(`D${i + 1}`)]))
  })

  test('says of every defect of the prototype where the machine departs', () => {
    const departures = must(/^## Departures.*?(?=^## )/ms.exec(protocol.text))[0]
    const cited = new Set(departures.match(/\bD\d+\b/g))
    expect(defects.filter(({ id }) => id.startsWith('D') && !cited.has(id)).map(({ id }) => id)).toEqual([])
  })

  test('names the states, registers, events and effects of the machine', () => {
    for (const region of flow.tables.regions)
      expect(namesIn(protocol, region.name)).toEqual(region.states.map(({ name }) => name))
    expect(namesIn(protocol, 'register').sort()).toEqual(Object.keys(initialRegisters).sort())
    expect(namesIn(protocol, 'events').sort()).toEqual(Object.keys(EVENT_FIELDS).sort())
    const emitted = flow.transitions.flatMap(t => t.actions).filter(({ kind }) => kind === 'effect')
    expect(new Set(namesIn(protocol, 'effect'))).toEqual(new Set([...emitted.map(a => a.name), 'linger']))
  })
})

const MARKS = ['safety', 'recovery', 'liveness', 'prompt']

/** Prompt properties have the number of what must hold, and a letter. */
const prompt = liveness.flatMap(({ id, isPrompt }) => (isPrompt ? [{ id: id.replace('p', '') }] : []))

describe('the picture', () => {
  test('is the one that the command draws now', SLOW, async () => {
    expect(read('docs/flow.svg').trim()).toBe((await svg(readChart(flowMachine, { notice: NOTICES }))).trim())
  })

  test('in small has transitions of the machine', () => {
    const { transitions } = must(flow.tables.regions.find(({ name }) => name === 'migration'))
    const known = new Set(transitions.map(({ source, target }) => `${source} --> ${target}`))
    const block = must(readme.blocks.find(({ language }) => language === 'mermaid'))
    const drawn = [...block.text.matchAll(/(\w+ --> \w+) :/g)].map(([, edge]) => must(edge))
    expect(drawn.length).toBeGreaterThan(8)
    expect(drawn.filter(edge => !known.has(edge))).toEqual([])
  })
})

describe('what is shown is what happens', () => {
  test('the counterexample of verify.md', SLOW, async () => {
    using folder = scratchFolder()
    // In the narrowest world, for one property: the path to it is the same, and the world is lowered faster.
    const quicker = ['--bound', 'capacity=1', '--invariant', '12']
    const args = ['check', 'off-path', '--defect', 'D2', '--workers', '1', ...quicker]
    const { stdout } = await runServal(args, { cwd: folder.path })
    const shown = must(page('docs/verify.md').blocks.find(({ text }) => text.startsWith('off-path with D2')))
    expect(stdout).toContain(shown.text)
  })

  test('the columns and fields of check', SLOW, async () => {
    const [asText, asJson] = await Promise.all([
      runServal(['check', 'crossing', '--bound', 'capacity=1', '--workers', '1']),
      runServal(['check', 'resolution', '--bound', 'connects=1', '--workers', '1', '--json']),
    ])
    const shown = must(page('docs/verify.md').blocks.find(({ text }) => text.startsWith('MODEL')))
    const stable = (text: string) => text.split('\n').map(line => line.replace(/[\d.]+ s +[\d.]+ k? ?/, ''))
    for (const line of stable(shown.text).filter(line => line !== ''))
      expect(stable(asText.stdout).map(squeezed)).toContain(squeezed(line))
    const absent = ['defect', 'reason', 'violation']
    const fields = [...Object.keys(JSON.parse(asJson.stdout)[0]), ...absent]
    expect(namesIn(page('docs/checker.md'), 'field').sort()).toEqual(fields.sort())
  })

  test('the example of the README', () => {
    const { text } = must(readme.blocks.find(({ language }) => language === 'ts'))
    expect(read('examples/echo.ts')).toContain(text)
  })

  test('the example of architecture.md', SLOW, async () => {
    const { blocks } = page('docs/architecture.md')
    expect(must(blocks.find(({ language }) => language === 'ts')).text).toBe(read('examples/turnstile.ts'))
    expect(await explored()).toMatchObject({ verdict: 'holds', distinct: 7, depth: 6 })
  })
})

const squeezed = (line: string): string => line.replaceAll(/\s+/g, ' ').trim()

test('traces.md names the parts of a trace', () => {
  const traces = page('docs/traces.md')
  const [required, optional] = traceCodec.types
  const [always, sometimes] = required.props.steps.type.types
  const namesOf = (...codecs: readonly { readonly props: object }[]) =>
    codecs.flatMap(({ props }) => Object.keys(props)).sort()
  expect(namesIn(traces, 'header').sort()).toEqual(namesOf(required, optional))
  expect(namesIn(traces, 'step').sort()).toEqual(namesOf(always, sometimes))
})

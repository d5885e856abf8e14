/**
 * What design and style ask of the code as a whole: which room may open which, that the specification is pure, that
 * files and functions stay small, and that tests are whole. Sources are read as Node reads them, types blanked out.
 */

import { existsSync, globSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join, relative } from 'node:path'
import type {
  AnyNode,
  Function as FunctionNode,
  Identifier,
  MemberExpression,
  Node,
  Property,
  VariableDeclarator,
} from 'acorn'
import { parse } from 'acorn'
import { describe, expect, test } from 'vitest'
import { at, must } from './checker/text/at.ts'

const ROOMS = [
  'checker',
  'spec',
  'impl',
  'properties',
  'traces',
  'studio',
  'cli',
  'bench',
  'examples',
  'entries',
  'build',
]

/** Rooms whose inner rooms are ordered: each opens itself and those before it. */
const STOREYS = {
  impl: ['link', 'transport', 'host', 'sockets', 'http', 'admin', 'controller', 'byName', 'proxy'],
  checker: ['text', 'ir', 'codegen', 'lower', 'liveness', 'search', 'fuzz', 'trace', 'testing'],
}
const BELOW_IMPL = ['checker/lower', 'checker/text', 'spec']

/** The table of what the inner rooms of `room` open, `below` included. */
const storeys = (room: keyof typeof STOREYS, below: readonly string[]) =>
  Object.fromEntries(
    STOREYS[room].map((name, i) => [
      `${room}/${name}`,
      [...below, ...STOREYS[room].slice(0, i + 1).map(opened => `${room}/${opened}`)],
    ]),
  )

/** The folders that files of a folder may import from. The longest name that fits decides. Data flows one way. */
const OPENS: Readonly<Record<string, readonly string[]>> = {
  /** Takes any machine and any world: it knows nothing of SAL. */
  ...storeys('checker', []),
  spec: ['checker/lower', 'checker/text', 'spec'],
  'spec/machines': ['checker/lower', 'checker/text', 'spec/machines'],
  ...storeys('impl', BELOW_IMPL),
  properties: ['checker', 'spec', 'properties'],
  'properties/simulator': ['checker', 'spec', 'properties', 'impl'],
  traces: ['checker', 'spec', 'properties', 'traces'],
  'traces/replay': ['checker', 'spec', 'properties', 'traces', 'impl'],
  studio: ['checker', 'spec', 'studio'],
  cli: ROOMS,
  bench: ROOMS,
  examples: ROOMS.filter(room => room !== 'cli'),
  entries: ['checker', 'spec', 'impl', 'studio', 'entries'],
  build: ['checker', 'build'],
}

/** Inside each world, from the bottom up: a file opens those of its own storey and of those below. */
const WORLD_STOREYS = [
  ['packet', 'path', 'state'],
  ['terms', 'truth'],
  ['invariants'],
  ['effects', 'stateless', 'attackers', 'rules'],
  ['slots', 'scene'],
  ['model', 'models'],
]
/** Worlds that are built on another one. */
const WORLD_BELOW: Readonly<Record<string, string>> = {
  rendezvous: 'flow',
  punching: 'flow',
  seeking: 'flow',
  joining: 'flow',
}
/** Beside the worlds: what lists all of them. The other files there lie below every world. */
const OVER_WORLDS = ['index', 'invariants']

/** What may be imported as types only, besides. */
const SEES: Readonly<Record<string, readonly string[]>> = {
  spec: ['checker/trace'],
  studio: ['traces'],
  traces: ['studio'],
}

/** What SAL is, and what lowers it: without clock, chance, promises and I/O. */
const PURE = ['spec', 'checker/lower', 'checker/ir', 'checker/text']
/** Of crypto, only its hashes. */
const SPEC_PACKAGES = ['xstate', 'acorn', 'node:crypto']

/** Names of what is not a function of its input: clocks, chance, promises, I/O. */
const IMPURE = new Set(
  `Date performance setTimeout setInterval setImmediate queueMicrotask process console Promise fetch crypto globalThis
  require Worker Atomics SharedArrayBuffer randomBytes randomFill randomFillSync randomInt randomUUID`.split(
    /\s+/,
  ),
)

/** Lines. A file holds one concept; most are far shorter than this limit. A function fits a screen. */
const FILE_LINES = 400
const FUNCTION_LINES = 60

/** Those that are longer today. They may shrink, and a new one needs a reason. */
const LONG_FILES: Readonly<Record<string, number>> = {}
const LONG_FUNCTIONS: Readonly<Record<string, number>> = {}
/** So much a long one may shrink before its number must be lowered. */
const SLACK_LINES = 20

interface File {
  readonly path: string
  readonly text: string
  readonly isTest: boolean
  readonly tree: Node
}

const isTest = (path: string): boolean => /\.(test|long)\.ts$|\/testing\//.test(path)

const root = import.meta.dirname
const files: readonly File[] = globSync([`{${ROOMS.join(',')}}/**/*.{ts,js}`, '*.ts'], { cwd: root })
  .sort()
  .map(path => {
    const text = readFileSync(join(root, path), 'utf8')
    const tree = parse(stripTypeScriptTypes(text), {
      ecmaVersion: 'latest',
      sourceType: 'module',
      locations: true,
      allowHashBang: true,
    })
    return { path, text, isTest: isTest(path), tree }
  })

type Placed = readonly [AnyNode, Node | undefined]

/** Returns `node` and every node below it, each with the one it stands in. */
function nodesOf(node: Node, parent?: Node, found: Placed[] = []): Placed[] {
  found.push([node as AnyNode, parent])
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value])
      if (child !== null && typeof child === 'object' && typeof child.type === 'string')
        nodesOf(child, node, found)
  return found
}

/** Every node of a file, with the one it stands in; found once. */
const nodesByFile = new Map<File, readonly Placed[]>()
const nodesIn = (file: File): readonly Placed[] => {
  const nodes = nodesByFile.get(file) ?? nodesOf(file.tree)
  nodesByFile.set(file, nodes)
  return nodes
}

/** Whether an identifier is a new variable or parameter, whatever the same name means elsewhere. */
const isDeclared = (node: AnyNode, parent: Node | undefined): node is Identifier =>
  node.type === 'Identifier' &&
  ((parent?.type === 'VariableDeclarator' && (parent as VariableDeclarator).id === node) ||
    (parent !== undefined && 'params' in parent && (parent.params as Node[]).includes(node)))

/** Whether an identifier is what follows a dot, or the name of a field. */
const isMemberName = (node: AnyNode, parent: Node | undefined): boolean =>
  (parent?.type === 'MemberExpression' && (parent as MemberExpression).property === node) ||
  (parent?.type === 'Property' && (parent as Property).key === node)

/** The value of the longest name in `table` that `path` begins with. */
const lookUp = <T>(table: Readonly<Record<string, T>>, path: string): T | undefined => {
  const names = Object.keys(table).filter(name => path.startsWith(`${name}/`) || path.startsWith(`${name}.`))
  return table[
    at(
      names.sort((a, b) => b.length - a.length),
      0,
    )
  ]
}

interface Import {
  readonly from: string
  readonly onlyTypes: boolean
}

/** Imports and re-exports, read from the text: stripping has removed those of types. */
function importsOf({ text }: File): Import[] {
  const statements = text.matchAll(/^(?:import|export)\s+(type\s+)?[^'"`;]*?\bfrom\s+['"]([^'"]+)['"]/gm)
  const bare = text.matchAll(/\bimport\s*\(?\s*['"]([^'"]+)['"]/g)
  return [
    ...[...statements].map(m => ({ from: at(m, 2), onlyTypes: m[1] !== undefined })),
    ...[...bare].map(m => ({ from: at(m, 1), onlyTypes: false })),
  ]
}

const within = (path: string, folders: readonly string[]): boolean =>
  folders.some(folder => path.startsWith(`${folder}/`))

const opensOfTest = (path: string): readonly string[] => {
  if (within(path, ['cli', 'bench'])) return ROOMS
  if (within(path, ['examples'])) return ROOMS.filter(room => room !== 'cli')
  return within(path, ['checker']) ? ['checker'] : ROOMS.slice(0, 6)
}

/** Returns the wrong imports of a file. Tests may open every room but the outermost, and those of the checker only it. */
function wrongImports(file: File): string[] {
  if (!file.path.includes('/')) return []
  return importsOf(file).flatMap(({ from, onlyTypes }) => {
    if (!from.startsWith('.'))
      return within(file.path, PURE) && !file.isTest && !SPEC_PACKAGES.includes(from)
        ? [`${file.path} imports ${from}`]
        : []
    const target = relative(root, join(root, dirname(file.path), from))
    if (!existsSync(join(root, target))) return [`${file.path} imports ${from}, which is not there`]
    const opens = file.isTest ? opensOfTest(file.path) : (lookUp(OPENS, file.path) ?? [])
    const sees = onlyTypes ? (lookUp(SEES, file.path) ?? []) : []
    return within(target, [...opens, ...sees]) || target === 'package.json'
      ? []
      : [`${file.path} opens ${target}`]
  })
}

/** The world and the first name inside it: `flow` and `models`, or no world and `model`. */
function placeInWorlds(path: string): { readonly world?: string; readonly name: string } | undefined {
  const [, world, name] = /^spec\/worlds\/(?:(\w+)\/)?(\w+)/.exec(path) ?? []
  return name === undefined ? undefined : { ...(world === undefined ? {} : { world }), name }
}

const storeyOf = (name: string): number => WORLD_STOREYS.findIndex(names => names.includes(name))

/** Whether a file of `spec/worlds` may open another one. */
function opensInWorlds(path: string, target: string): boolean {
  const [from, to] = [placeInWorlds(path), placeInWorlds(target)]
  if (from === undefined || to === undefined) return true
  if (to.world === undefined) return from.world === undefined || !OVER_WORLDS.includes(to.name)
  if (from.world === undefined) return OVER_WORLDS.includes(from.name)
  if (from.world !== to.world) return WORLD_BELOW[from.world] === to.world
  return storeyOf(to.name) <= storeyOf(from.name)
}

const sources = files.filter(file => !file.isTest)
const tests = files.filter(file => /\.(test|long)\.ts$/.test(file.path))

test('there is something to look at', () => {
  expect(sources.length).toBeGreaterThan(80)
  expect(tests.length).toBeGreaterThan(20)
  expect(files.flatMap(importsOf).length).toBeGreaterThan(300)
})

test('rooms open only rooms below them', () => {
  expect(files.flatMap(wrongImports)).toEqual([])
})

describe('worlds', () => {
  const inWorlds = files.filter(file => placeInWorlds(file.path) !== undefined)

  test('every file has its storey', () => {
    const names = inWorlds.map(({ path }) => must(placeInWorlds(path)))
    expect(names.filter(({ world, name }) => world !== undefined && storeyOf(name) < 0)).toEqual([])
    expect(new Set(names.map(({ world }) => world)).size).toBe(11)
  })

  test('state <- terms <- invariants <- rules and effects <- models', () => {
    const wrong = inWorlds.flatMap(file =>
      importsOf(file)
        .map(({ from }) => relative(root, join(root, dirname(file.path), from)))
        .filter(target => !opensInWorlds(file.path, target))
        .map(target => `${file.path} opens ${target}`),
    )
    expect(wrong).toEqual([])
  })
})

test('the specification is pure', () => {
  const impure = (file: File): string[] => {
    const nodes = nodesIn(file)
    const declared = new Set(nodes.flatMap(([node, parent]) => (isDeclared(node, parent) ? [node.name] : [])))
    return nodes.flatMap(([node, parent]) => {
      const line = `${file.path}:${node.loc?.start.line}`
      if ('async' in node && node.async) return [`${line} is async`]
      if (node.type === 'AwaitExpression' || node.type === 'ImportExpression') return [`${line} awaits`]
      if (node.type !== 'Identifier' || isMemberName(node, parent)) {
        const ofMath = parent?.type === 'MemberExpression' && (parent as MemberExpression).object
        return ofMath &&
          ofMath.type === 'Identifier' &&
          ofMath.name === 'Math' &&
          node.type === 'Identifier' &&
          node.name === 'random'
          ? [`${line} uses chance`]
          : []
      }
      return IMPURE.has(node.name) && !declared.has(node.name) ? [`${line} uses ${node.name}`] : []
    })
  }
  expect(sources.filter(file => within(file.path, PURE)).flatMap(impure)).toEqual([])
})

describe('size', () => {
  /** What is over the limit and over what it may be, and permissions that nothing needs any more. */
  const excess = (
    sizes: ReadonlyMap<string, number>,
    limit: number,
    permitted: Readonly<Record<string, number>>,
  ) => [
    ...[...sizes]
      .filter(([name, lines]) => lines > (permitted[name] ?? limit))
      .map(([n, l]) => `${n} has ${l} lines`),
    ...Object.entries(permitted)
      .filter(([name, lines]) => (sizes.get(name) ?? 0) <= Math.max(limit, lines - SLACK_LINES))
      .map(([name]) => `${name} is shorter now: lower its number, or remove it`),
  ]

  test('files are short', () => {
    const sizes = new Map(files.map(({ path, text }) => [path, text.trimEnd().split('\n').length]))
    expect(excess(sizes, FILE_LINES, LONG_FILES)).toEqual([])
  })

  test('functions fit a screen', () => {
    const sizes = new Map<string, number>()
    for (const file of sources)
      for (const [node, parent] of nodesIn(file)) {
        if (!/^(Function|ArrowFunction)/.test(node.type)) continue
        const { loc, id } = node as FunctionNode
        const owner = parent as { id?: { name?: string }; key?: { name?: string } } | undefined
        const name = id?.name ?? owner?.id?.name ?? owner?.key?.name ?? 'a function'
        const lines = must(loc).end.line - must(loc).start.line + 1
        sizes.set(`${file.path} ${name}`, Math.max(lines, sizes.get(`${file.path} ${name}`) ?? 0))
      }
    expect(excess(sizes, FUNCTION_LINES, LONG_FUNCTIONS)).toEqual([])
  })
})

test('nothing is left to be done later', () => {
  const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`)
  expect(files.filter(({ text }) => marks.test(text)).map(({ path }) => path)).toEqual([])
})

/** The rooms of the package, which also runs on Node 20. */
const PACKED = /^(checker|spec|impl|properties|traces|cli|studio|entries)\//

test('the package needs nothing that Node 20 lacks', () => {
  const newer = /\b(?:(?:Map|Object)\.groupBy|Promise\.(?:withResolvers|try)|Array\.fromAsync)[(<]/
  const used = sources.filter(({ path, text }) => PACKED.test(path) && newer.test(text))
  expect(used.map(({ path }) => path)).toEqual([])
})

describe('tests', () => {
  test('none is skipped, and none stands alone', () => {
    const partial = /\b(test|it|describe|suite)(\.\w+)*\.(only|skip|todo|fails)\b|\bx(it|test|describe)\(/
    expect(tests.filter(({ text }) => partial.test(text)).map(({ path }) => path)).toEqual([])
  })

  test('every one asserts something', () => {
    /** `expect` of expect(x).not.toBe(y); of fc.assert(p), `fc` and `assert`. */
    const called = (node: AnyNode): readonly string[] => {
      if (node.type !== 'CallExpression') return []
      const { callee } = node
      const parts = callee.type === 'MemberExpression' ? [callee.object, callee.property] : [callee]
      return parts.flatMap(part => (part.type === 'Identifier' ? [part.name] : []))
    }
    /** test(...) or test.each(...)(...), with what it does. */
    const isTestCall = (node: AnyNode): boolean =>
      node.type === 'CallExpression' &&
      node.arguments.length > 1 &&
      [...called(node), ...called(node.callee as AnyNode)].some(name => name === 'test' || name === 'it')
    const idle = tests.flatMap(file => {
      const { path } = file
      const nodes = nodesIn(file).map(([node]) => node)
      const callsOf = (node: Node) => new Set(nodesOf(node).flatMap(([n]) => called(n)))
      const isAny = (names: Iterable<string>, of: ReadonlySet<string>) =>
        [...names].some(name => of.has(name))
      const declared = nodes.flatMap(node =>
        (node.type === 'VariableDeclarator' || node.type === 'FunctionDeclaration') &&
        node.id?.type === 'Identifier'
          ? [{ name: node.id.name, calls: callsOf(node) }]
          : [],
      )
      // Functions of the file that assert, and those that call them.
      const asserts = new Set(['expect', 'expectTypeOf', 'assert'])
      for (let before = 0; before !== asserts.size; ) {
        before = asserts.size
        for (const { name, calls } of declared) if (isAny(calls, asserts)) asserts.add(name)
      }
      return nodes
        .filter(n => isTestCall(n) && !isAny(callsOf(n), asserts))
        .map(n => `${path}:${must(n.loc).start.line}`)
    })
    expect(idle).toEqual([])
  })
})

/** Packs the package, puts it into empty projects, and uses it as programs do. Needs no network: dependencies are linked. */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { build, transform } from 'esbuild'
import { rollup } from 'rollup'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'

const root = join(import.meta.dirname, '..')
const run = promisify(execFile)
const described = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const entries: readonly string[] = Object.keys(described.exports)
  .filter(name => described.exports[name].require)
  .map(name => name.replace('.', 'serval'))

/** The Nodes to run it with: this one, the one that the machine has, and those that a list in the environment names. */
const nodes = [
  process.execPath,
  ...systemNode(),
  ...(process.env.SERVAL_NODES ?? '').split(':').filter(Boolean),
]

let project = ''
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'serval-package-'))
  // The type check of `npm test` covers these files, and packing source maps takes as long as all else in the package.
  const quickly = ['--noCheck', '--sourceMap', 'false', '--inlineSources', 'false']
  execFileSync(process.execPath, ['build/build.ts', ...quickly], { cwd: root, stdio: 'ignore' })
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project], {
    cwd: root,
  })
  const [{ filename }] = JSON.parse(`${packed}`)
  const modules = join(project, 'node_modules')
  mkdirSync(join(modules, 'serval'), { recursive: true })
  execFileSync('tar', [
    '-xzf',
    join(project, filename),
    '-C',
    join(modules, 'serval'),
    '--strip-components=1',
  ])
  for (const name of installedWith()) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  writeFileSync(join(project, 'package.json'), '{"type":"module"}')
}, SLOW.timeout)
afterAll(() => rmSync(project, { recursive: true, force: true }))

/** The packages that npm installs with it, and the types of Node that TypeScript projects have. */
function installedWith(): readonly string[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const names = Object.entries<{ dev?: true; optional?: true }>(packages)
    .filter(([path, { dev, optional }]) => path.lastIndexOf('node_modules/') === 0 && !dev && !optional)
    .map(([path]) => path.slice('node_modules/'.length))
  return [...names, '@types/node', 'undici-types']
}

function systemNode(): readonly string[] {
  const found = (process.env.PATH ?? '').split(':').map(folder => join(folder, 'node'))
  const outside = found.filter(file => !file.includes('node_modules') && file !== process.execPath)
  return outside.filter(isNode).slice(0, 1)
}

function isNode(file: string): boolean {
  try {
    const [major, minor] = `${execFileSync(file, ['-p', 'process.versions.node'], { stdio: 'pipe' })}`
      .split('.')
      .map(Number)
    return (major as number) > 20 || (major === 20 && (minor as number) >= 19)
  } catch {
    return false
  }
}

const say = async (node: string, name: string, text: string): Promise<string> => {
  writeFileSync(join(project, name), text)
  const { stdout } = await run(node, [name], { cwd: project })
  return stdout.trim()
}

const ECHO = `import { connect, createServer } from 'serval'
const server = createServer(socket => socket.pipe(socket))
server.listen('acme/echo', () => {
  const socket = connect('acme/echo')
  socket.end('hello')
  socket.on('data', bytes => console.log(String(bytes)))
  socket.on('close', () => server.close())
})
`

describe.for(nodes)('with %s', node => {
  test('import and require load the same modules', async () => {
    const text = `import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
for (const entry of ${JSON.stringify(entries)}) {
  const [required, imported] = [require(entry), await import(entry)]
  const names = Object.keys(imported)
  if (names.length === 0 || names.some(name => required[name] !== imported[name])) console.log(entry)
}
`
    expect(await say(node, 'both.mjs', text)).toBe('')
    expect(entries).toContain('serval/checker')
  })

  test('a service answers', async () => {
    expect(await say(node, 'echo.mjs', ECHO)).toBe('hello')
  })

  test('a program that knows only net reaches a service by name, and commands list its flow', async () => {
    const server = `import { createServer, Stack } from 'serval'
const stack = await new Stack({ addresses: ['127.0.0.1'] }).opened()
createServer({ stack }, socket => socket.on('error', () => {}).write('found')).listen('acme/web', () => console.log(stack.addresses[0]))
`
    writeFileSync(join(project, 'server.mjs'), server)
    const app = `import { execFile } from 'node:child_process'
import net from 'node:net'
const socket = net.connect(80, 'web.acme.serval').on('data', bytes => {
  console.log(String(bytes))
  const args = [${JSON.stringify(join('node_modules/serval', described.bin.serval))}, 'flows', '--pid', process.pid]
  execFile(process.execPath, args, (error, listed) => {
    console.log(error?.message ?? /CONNECTED/.test(listed))
    socket.destroy()
  })
})
`
    writeFileSync(join(project, 'app.mjs'), app)
    const child = spawn(node, ['server.mjs'], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] })
    const [address] = await once(child.stdout, 'data')
    const env = { ...process.env, SERVAL_VIA: `${address}`.trim() }
    const { stdout } = await run(node, ['--import', 'serval/register', 'app.mjs'], { cwd: project, env })
    expect(stdout).toBe('found\ntrue\n')
    child.kill()
  })

  // The oldest Node is the last. The other suites run these with this one.
  test.runIf(node === nodes.at(-1))('two threads find the states that the command finds', SLOW, async () => {
    const text = `import { explore, settingOf } from 'serval/checker'
import { models } from 'serval/spec'
const { world } = settingOf({ model: 'delay', bounds: { first: 1, second: 1, loss: 0 } }, { models, defects: [] })
const { verdict, distinct } = await explore(world.system, { workers: 2 })
console.log(JSON.stringify({ verdict, distinct }))
`
    const command = join(project, 'node_modules/serval', described.bin.serval)
    const bounds = ['first=1', 'second=1', 'loss=0'].flatMap(bound => ['--bound', bound])
    const check = ['check', 'delay', ...bounds, '--workers', '1', '--json']
    const { stdout } = await run(node, [command, ...check], { cwd: project })
    const [{ verdict, distinct }] = JSON.parse(stdout)
    expect(distinct).toBeGreaterThan(1000)
    expect(JSON.parse(await say(node, 'check.mjs', text))).toEqual({ verdict: 'holds', distinct })
    expect(verdict).toBe('holds')
  })
})

test('sockets load few files, and neither XState nor the code that lowers', async () => {
  const text = `import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
const loaded = []
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
await import('serval')
const files = loaded.filter(url => url.startsWith('file:'))
// The bundler names the module before its code.
const modules = files.flatMap(url => readFileSync(fileURLToPath(url), 'utf8').match(/^\\/\\/ \\S+\\.js$/gm) ?? [])
const heavy = [...files, ...modules].filter(name => /xstate|acorn|elkjs|nats|standalone|checker\\/(search|codegen)/.test(name))
console.log(files.length < 20, modules.length > 50, heavy.join())
`
  expect(await say(process.execPath, 'light.mjs', text)).toBe('true true')
})

const USE = `import type { AddressInfo } from 'node:net'
import type net from 'node:net'
import { connect, createServer, type Server, type Socket } from 'serval'
import { bits, explore, lowerWorld, type Violation } from 'serval/checker'
import { Controller, MemoryRegistry } from 'serval/controller'
import { flowMachine, models } from 'serval/spec'
import { Hosts, Network } from 'serval/testing'
export const socketOfNet = (socket: Socket): net.Socket => socket
export const serverOfNet = (server: Server): net.Server => server
connect('acme/web').on('path', ({ local }) => local.length).on('close', (hadError: boolean) => hadError)
createServer(socket => void socket.end())
export const all = [bits, explore, lowerWorld, Controller, MemoryRegistry, flowMachine, models, Hosts, Network] as const
export type Types = [Violation, AddressInfo]
// @ts-expect-error A service has no number.
connect(42)
`

describe('TypeScript', () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const strict = [
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--types',
    'node',
    '--ignoreConfig',
    '--singleThreaded',
  ]

  test.for([
    ['nodenext', 'nodenext', ['use.ts', 'use.cts'], []],
    // The first has checked the declarations themselves.
    ['esnext', 'bundler', ['use.ts'], ['--skipLibCheck']],
  ] as const)('compiles with module %s, resolution %s', SLOW, async ([module, resolution, names, more]) => {
    for (const name of names) writeFileSync(join(project, name), USE)
    const args = [tsc, ...strict, ...more, '--module', module, '--moduleResolution', resolution, ...names]
    const { stdout } = await run(process.execPath, args, { cwd: project }).catch(failed => failed)
    expect(stdout).toBe('')
  })
})

/** Each bundles `echo.mjs` into one minified file. */
const bundlers: Readonly<Record<string, (from: string, to: string) => Promise<unknown>>> = {
  async esbuild(from, to) {
    const options = {
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
    } as const
    await build({ ...options, entryPoints: [from], outfile: to })
  },
  async rollup(from, to) {
    const minify = { name: 'minify', renderChunk: (code: string) => transform(code, { minify: true }) }
    // The package is bundled already. Looking for what its code never uses takes most of rollup's time.
    const plugins = [nodeResolve(), minify]
    const bundle = await rollup({ input: from, plugins, logLevel: 'silent', treeshake: false })
    await bundle.write({ file: to, format: 'esm' })
  },
}

describe('bundled and minified', () => {
  test.for(Object.entries(bundlers))(
    'by %s, a service answers without the code that lowers',
    SLOW,
    async ([name, bundle]) => {
      const [from, to] = [join(project, 'echo.mjs'), join(project, `${name}.mjs`)]
      writeFileSync(from, ECHO)
      await bundle(from, to)
      expect(readFileSync(to, 'utf8')).not.toMatch(/new Function|xstate/)
      expect((await run(process.execPath, [to])).stdout).toBe('hello\n')
    },
  )
})

test('the package has what programs load and people read, and no more', () => {
  const folder = join(project, 'node_modules/serval')
  expect(readdirSync(folder).sort()).toEqual(['LICENSE', 'README.md', 'cli', 'dist', 'docs', 'package.json'])
  expect(
    readdirSync(join(folder, 'dist'), { recursive: true }).filter(name => /\.(test|long)\./.test(`${name}`)),
  ).toEqual([])
})

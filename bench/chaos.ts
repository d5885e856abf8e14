/**
 * `npm run chaos`: runs a controller, two routers and four replicas as processes, stops and kills them while a client connects all
 * the time, and prints for each fault the connects that failed, the slowest one, and the time until all are quick again.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { printTable } from '../cli/screen.ts'
import { connect, Stack } from '../impl/sockets/index.ts'

const SERVICE = 'chaos/web'
/** A port of its own: other stacks of this machine have the default one. */
const at = (last: number): string => `127.0.77.${last}:54425`
const CONTROLLER = at(1)
const ROUTERS = [at(2), at(3)]
const REPLICAS = [at(11), at(12), at(13), at(14)]
const CLIENT = at(50)

/** The pause between connects, ms. */
const EVERY_MS = 50
/** A connect that takes longer has met the fault, ms. Scheduling on a busy machine takes up to the half of it. */
const SLOW_MS = 300
/** How long a connect may take before it counts as failed, ms. */
const LIMIT_MS = 10_000
/** How long each fault is watched, and how long the plane gets to come up, ms. */
const WATCH_MS = 8000
const READY_MS = 20_000

const work = mkdtempSync(join(tmpdir(), 'serval-chaos-'))
const main = join(import.meta.dirname, '..', 'cli', 'main.ts')
const running = new Map<string, ChildProcess>()

function start(name: string, ...args: readonly string[]): void {
  const env = { ...process.env, XDG_RUNTIME_DIR: join(work, 'run'), XDG_STATE_HOME: join(work, 'state') }
  running.set(name, spawn(process.execPath, [main, ...args], { stdio: 'ignore', env }))
}
const startController = (): void =>
  start('controller', 'controller', '--address', CONTROLLER, '--file', join(work, 'journal'))
const startRouter = (address: string): void =>
  start(address, 'router', '--address', address, '--controller', CONTROLLER)
const startReplica = (address: string): void =>
  start(address, 'listen', SERVICE, '--address', address, '--controller', CONTROLLER, '--echo')

async function stop(name: string, signal: NodeJS.Signals): Promise<void> {
  const child = running.get(name)
  child?.kill(signal)
  if (child?.exitCode === null && child.signalCode === null && signal !== 'SIGSTOP') await once(child, 'exit')
}

interface Attempt {
  readonly beganMs: number
  readonly tookMs: number
  readonly error: string
}

/** Connects once, sends a byte and waits for its echo. */
async function attempt(stack: Stack): Promise<Attempt> {
  const beganMs = performance.now()
  const socket = connect({ service: SERVICE, via: ROUTERS, stack, deadAfterMs: LIMIT_MS })
  let error = ''
  try {
    socket.end('x')
    for await (const _ of socket);
  } catch (failure) {
    error = (failure as NodeJS.ErrnoException).code ?? String(failure)
  }
  return { beganMs, tookMs: performance.now() - beganMs, error }
}

/** Connects all the time for as long as the fault is watched. */
async function watch(stack: Stack, fault: () => Promise<void>) {
  const beganMs = performance.now()
  const attempts: Promise<Attempt>[] = [attempt(stack)]
  const done = fault()
  while (performance.now() - beganMs < WATCH_MS) {
    attempts.push(attempt(stack))
    await wait(EVERY_MS)
  }
  await done
  const all = await Promise.all(attempts)
  const bad = all.filter(one => one.error !== '' || one.tookMs > SLOW_MS)
  const recoveredMs = Math.max(0, ...bad.map(one => one.beganMs - beganMs))
  const failed = all.filter(one => one.error !== '')
  return {
    connects: all.length,
    failed: failed.length,
    codes: [...new Set(failed.map(one => one.error))].join(' '),
    slowestMs: Math.max(...all.map(one => one.tookMs)),
    recoveredMs,
  }
}

const [FIRST, SECOND, THIRD] = REPLICAS as [string, string, string]
const [ROUTER] = ROUTERS as [string]

const faults: readonly (readonly [
  what: string,
  cause: () => Promise<void>,
  mend: () => Promise<void> | void,
])[] = [
  ['nothing', async () => {}, () => {}],
  ['a replica is killed', () => stop(FIRST, 'SIGKILL'), () => startReplica(FIRST)],
  ['a replica hangs', () => stop(SECOND, 'SIGSTOP'), () => void running.get(SECOND)?.kill('SIGCONT')],
  ['a replica stops in order', () => stop(THIRD, 'SIGTERM'), () => startReplica(THIRD)],
  ['a router hangs', () => stop(ROUTER, 'SIGSTOP'), () => void running.get(ROUTER)?.kill('SIGCONT')],
  ['a router is killed', () => stop(ROUTER, 'SIGKILL'), () => startRouter(ROUTER)],
  [
    'the controller is killed, and restarts',
    async () => {
      await stop('controller', 'SIGKILL')
      startController()
    },
    () => {},
  ],
]

async function run(): Promise<void> {
  mkdirSync(join(work, 'run'), { mode: 0o700 })
  await using stack = await new Stack({ addresses: [CLIENT] }).opened()
  startController()
  ROUTERS.forEach(startRouter)
  REPLICAS.forEach(startReplica)
  await ready(stack)
  const rows = [['FAULT', 'CONNECTS', 'FAILED', 'SLOWEST', 'RECOVERED AFTER']]
  for (const [what, cause, mend] of faults) {
    const { connects, failed, codes, slowestMs, recoveredMs } = await watch(stack, cause)
    rows.push([
      ...[what, String(connects), `${failed}${codes && ` ${codes}`}`],
      ...[`${Math.round(slowestMs)} ms`, `${Math.round(recoveredMs)} ms`],
    ])
    await mend()
    await ready(stack)
  }
  printTable(rows)
}

/** Waits until many connects in a row are quick. */
async function ready(stack: Stack): Promise<void> {
  const untilMs = performance.now() + READY_MS
  for (let inRow = 0; inRow < 20 && performance.now() < untilMs; ) {
    const { error, tookMs } = await attempt(stack)
    inRow = error === '' && tookMs < SLOW_MS ? inRow + 1 : 0
    await wait(EVERY_MS)
  }
}

try {
  await run()
} finally {
  for (const child of running.values()) child.kill('SIGKILL')
  rmSync(work, { recursive: true, force: true })
}
process.exit()

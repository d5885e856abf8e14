/** For tests: servers of databases, each in a process of its own with a folder of its own. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leaveOut } from '../../../checker/testing/programs.ts'
import { at } from '../../../checker/text/at.ts'
import { freePort } from '../../link/testing/freePort.ts'

export interface Running extends AsyncDisposable {
  readonly port: number
}

/** Returns where Debian has the programs of Postgres. If they are not here, says what is left out; throws under CI. */
export function postgresForTests(leftOut: string): string | undefined {
  const found = globSync('/usr/lib/postgresql/*/bin').find(folder => existsSync(join(folder, 'initdb')))
  if (found === undefined) leaveOut(`postgresql is not installed: ${leftOut}`, process.env.CI)
  return found
}

/** The system's users for servers that refuse to run as root. */
const isRoot = process.getuid?.() === 0
const asUser = (user: string): readonly string[] =>
  isRoot ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups'] : []

function ownFolder(user: string): string {
  const folder = mkdtempSync(join(tmpdir(), `serval-${user}-`))
  if (isRoot) {
    const [uid, gid] = ['-u', '-g'].map(flag => Number(execFileSync('id', [flag, user])))
    chownSync(folder, uid as number, gid as number)
  }
  return folder
}

function start(command: readonly string[], cwd: string, more: NodeJS.ProcessEnv = {}): ChildProcess {
  const env = { ...process.env, ...more }
  return spawn(at(command, 0), command.slice(1), { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Resolves when standard error or output of the process contains `ready`. */
async function whenReady(child: ChildProcess, ready: string): Promise<void> {
  let said = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', text => {
        said += text
        if (said.includes(ready)) resolve()
      })
    child.once('close', () => reject(new Error(`not ready: ${said}`)))
  })
}

/** `signal` ends it at once. */
function running(
  child: ChildProcess,
  port: number,
  folder: string,
  signal: NodeJS.Signals = 'SIGKILL',
): Running {
  const ended = once(child, 'close')
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill(signal)
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Starts Postgres at a TCP port of 127.0.0.1, with the user postgres and no password. `under` is the command that runs it. */
export async function startPostgres(
  programs: string,
  port: number,
  under: readonly string[] = [],
): Promise<Running> {
  const folder = ownFolder('postgres')
  const run = asUser('postgres')
  const data = join(folder, 'data')
  const made = [...run, join(programs, 'initdb'), '-D', data, '-U', 'postgres', '-A', 'trust']
  execFileSync(at(made, 0), [...made.slice(1), '--no-sync', '--locale=C'], { cwd: folder, stdio: 'ignore' })
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    autovacuum: 'off',
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const command = [...under, ...run, join(programs, 'postgres'), '-D', data, '-p', String(port), ...flags]
  const child = start(command, folder)
  await whenReady(child, 'ready to accept connections')
  return running(child, port, folder, 'SIGQUIT')
}

/** Starts Redis at a TCP port of 127.0.0.1; it keeps nothing on the disk. */
export async function startRedis(program: string, port: number): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'serval-redis-'))
  const child = start([program, '--port', String(port), '--bind', '127.0.0.1', '--save', ''], folder)
  await whenReady(child, 'eady to accept connections')
  return running(child, port, folder)
}

/** Starts MariaDB at a TCP port of 127.0.0.1, with the user tester and no password. */
export async function startMariadb(program: string, port: number): Promise<Running> {
  const folder = ownFolder('mysql')
  const data = join(folder, 'data')
  const user = asUser('mysql')
  const made = [...user, 'mariadb-install-db', '--no-defaults', `--datadir=${data}`, '--skip-test-db']
  execFileSync(at(made, 0), made.slice(1), { cwd: folder, stdio: 'ignore' })
  const init = join(folder, 'init.sql')
  writeFileSync(init, "create user tester@'127.0.0.1' identified by '';\n")
  const flags = [`--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1', `--init-file=${init}`]
  const socket = `--socket=${join(folder, 'socket')}`
  const child = start([...user, program, '--no-defaults', ...flags, socket, '--skip-name-resolve'], folder)
  await whenReady(child, 'ready for connections')
  return running(child, port, folder)
}

/** Starts RabbitMQ at a TCP port of 127.0.0.1, with its own user guest. */
export async function startRabbit(port: number): Promise<Running> {
  const folder = ownFolder('rabbitmq')
  // Erlang's own name server, which would outlive the test.
  const hadNames = spawnSync('epmd', ['-names']).status === 0
  const child = start([...asUser('rabbitmq'), '/usr/lib/rabbitmq/bin/rabbitmq-server'], folder, {
    ...{
      HOME: folder,
      RABBITMQ_NODENAME: `serval-${process.pid}@localhost`,
      RABBITMQ_NODE_PORT: String(port),
    },
    ...{ RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1', RABBITMQ_DIST_PORT: String(await freePort()) },
    ...{
      RABBITMQ_MNESIA_BASE: folder,
      RABBITMQ_LOG_BASE: folder,
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    },
  })
  await whenReady(child, 'completed with')
  const server = running(child, port, folder, 'SIGTERM')
  return {
    port,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      if (!hadNames) spawnSync('epmd', ['-kill'])
    },
  }
}

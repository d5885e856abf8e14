/** For tests: commands at a terminal of their own, which `script` of util-linux makes. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { leaveOut } from '../checker/testing/programs.ts'
import { COMMAND } from './testing/runServal.ts'

/** Returns whether tests can have a terminal. If not, prints why the suite skips them; throws under `CI`. */
export function terminalsForTests(ci: string | undefined, command = 'script'): boolean {
  if (/util-linux/.test(`${spawnSync(command, ['--version']).stdout}`)) return true
  leaveOut(
    `tests at a terminal are skipped: ${command} of util-linux not found; install with: apt-get install bsdutils`,
    ci,
  )
  return false
}

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** The sequence that clears a terminal before it is redrawn. */
const CLEAR = '\x1b[H\x1b[J'
/** The byte that Ctrl-C sends. */
const INTERRUPT = '\x03'

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** Starts `serval` with `args` at a terminal of this size; its admin sockets are in the folder `runtime`. */
export function startAtTerminal(args: readonly string[], runtime: string, { columns, rows }: Size) {
  const { FORCE_COLOR: _, NODE_OPTIONS: __, ...env } = process.env
  const words = [process.execPath, COMMAND, ...args].map(quoted).join(' ')
  const command = `stty cols ${columns} rows ${rows}; exec ${words}`
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
    env: { ...env, SHELL: '/bin/sh', XDG_RUNTIME_DIR: runtime, NO_COLOR: '1' },
  })
  let all = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    all += text
  })
  const ended = once(child, 'close').then(([status]) => status as number | null)
  return {
    ended,
    /** What the terminal shows when the last thing drawn matches; all of it is drawn at once. */
    async shows(pattern: RegExp): Promise<string> {
      for (;;) {
        const screen = all.slice(all.lastIndexOf(CLEAR) + CLEAR.length).replaceAll('\r\n', '\n')
        if (all.includes(CLEAR) && pattern.test(screen)) return screen
        if (child.stdout.readableEnded) throw new Error(`never showed ${pattern}, but: ${all}`)
        await Promise.race([once(child.stdout, 'data'), ended])
      }
    },
    /** Presses Ctrl-C; resolves with the exit code. */
    interrupt(): Promise<number | null> {
      child.stdin.write(INTERRUPT)
      return ended
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

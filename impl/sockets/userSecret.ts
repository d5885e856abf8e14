/** The secret of this user's stacks, which outlives their processes: clients of a restarted server learn of it at once. */
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { socketError } from './errors.ts'

const SECRET_BYTES = 32
/** For the owner alone. */
const [FILE_MODE, FOLDER_MODE, FOR_OTHERS] = [0o600, 0o700, 0o077]

/**
 * Returns the folder of what this user's stacks and commands keep: `serval` in `$XDG_STATE_HOME` or `~/.local/state`. Undefined for
 * a user without a home, as in some containers.
 */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { XDG_STATE_HOME: given = '' } = env
  if (isAbsolute(given)) return join(given, 'serval')
  const home = homeOf()
  return isAbsolute(home) ? join(home, '.local', 'state', 'serval') : undefined
}

/** Returns the home of this user; empty without one. */
function homeOf(): string {
  try {
    return homedir()
  } catch {
    return ''
  }
}

/** The file of {@link userSecret}. */
const secretFile = (): string | undefined => {
  const folder = stateFolder()
  return folder && join(folder, 'secret')
}

/**
 * Returns the secret in `file`, and makes the file if there is none. Undefined where that is impossible: peers then notice a
 * restart later. Throws ESECRET if the file is not this user's alone, or holds no secret.
 */
export function userSecret(file = secretFile()): Uint8Array | undefined {
  if (file === undefined || (!existsSync(file) && !make(file))) return undefined
  const found = lstatSync(file)
  if (!found.isFile()) throw refuse(`${file} is no file; remove it`)
  if (found.uid !== process.getuid?.()) throw refuse(`${file} belongs to another user; remove it`)
  if ((found.mode & FOR_OTHERS) !== 0)
    throw refuse(`${file} is open to others; chmod it to 600, or remove it`)
  if (found.size !== SECRET_BYTES)
    throw refuse(`${file} has ${found.size} bytes, not ${SECRET_BYTES}; remove it`)
  try {
    return readFileSync(file)
  } catch (error) {
    throw refuse(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code}); chmod it to 600, or remove it`,
    )
  }
}

/** Returns the secret of this user, or undefined with a warning where {@link userSecret} throws. */
export function keptSecret(): Uint8Array | undefined {
  try {
    return userSecret()
  } catch (error) {
    process.emitWarning(error as Error)
    return undefined
  }
}

const refuse = (sentence: string): Error => socketError('ESECRET', 'open', { sentence })

/** Makes the file in one step, so that two processes that start at once have the same secret. Returns false if it cannot. */
function make(file: string): boolean {
  // Containers that share the folder may have the same process number, also as one that was killed here.
  const draft = `${file}.${randomUUID()}`
  try {
    mkdirSync(dirname(file), { recursive: true, mode: FOLDER_MODE })
    writeFileSync(draft, randomBytes(SECRET_BYTES), { mode: FILE_MODE, flag: 'wx' })
    linkSync(draft, file)
  } catch {
    // Another process was faster, or the file system is full, read-only, or has no links.
  } finally {
    discard(draft)
  }
  return existsSync(file)
}

function discard(draft: string): void {
  try {
    rmSync(draft)
  } catch {
    // It was not made.
  }
}

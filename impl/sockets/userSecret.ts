/** The secret of this user's stacks, which outlives their processes: clients of a restarted server learn of it at once. */
import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { socketError } from './errors.ts'

const SECRET_BYTES = 32
/** For the owner alone. */
const [FILE_MODE, FOLDER_MODE, FOR_OTHERS] = [0o600, 0o700, 0o077]

/** Returns the folder of what this user's stacks and commands keep: `serval` in `$XDG_STATE_HOME` or `~/.local/state`. */
export const stateFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'serval')

/**
 * Returns the secret in `file`, and makes the file if there is none. Undefined where that is impossible: peers then notice a
 * restart later. Throws ESECRET if the file is open to others, or holds no secret.
 */
export function userSecret(file = join(stateFolder(), 'secret')): Uint8Array | undefined {
  if (!existsSync(file) && !make(file)) return undefined
  const { mode, uid } = lstatSync(file)
  if ((mode & FOR_OTHERS) !== 0 || uid !== process.getuid?.())
    throw refuse(`${file} is open to others; chmod it to 600, or remove it`)
  const secret = readFileSync(file)
  if (secret.length !== SECRET_BYTES)
    throw refuse(`${file} has ${secret.length} bytes, not ${SECRET_BYTES}; remove it`)
  return secret
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
  const draft = `${file}.${process.pid}`
  try {
    mkdirSync(dirname(file), { recursive: true, mode: FOLDER_MODE })
    writeFileSync(draft, randomBytes(SECRET_BYTES), { mode: FILE_MODE, flag: 'wx' })
  } catch {
    return false
  }
  try {
    linkSync(draft, file)
  } catch {
    // Another process was faster, or the file system has no links.
  } finally {
    rmSync(draft)
  }
  return existsSync(file)
}

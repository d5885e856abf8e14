/** Returns the environment for a program that a command or a controller runs: without its own token and debugging. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const { SERVAL_DEBUG: _, SERVAL_TOKEN: __, ...env } = process.env
  return env
}

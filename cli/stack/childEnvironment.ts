/** Returns the environment for a program that a command runs for others: without the command's token and debugging. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const { SERVAL_DEBUG: _, SERVAL_TOKEN: __, ...env } = process.env
  return env
}

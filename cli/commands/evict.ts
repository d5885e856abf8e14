import type { Define } from '../define.ts'
import { EXIT } from '../exit.ts'
import { json, pidOption } from '../options.ts'
import { plural, print, printJson } from '../screen.ts'
import { theOne, withRunning } from '../stack/running.ts'

export interface EvictOptions {
  readonly undo?: boolean
  readonly pid?: number
  readonly json?: boolean
}

export const define: Define = (command, done) => {
  command
    .description(
      'Takes an instance out of resolution at the controller on this machine. It keeps its connections and gets no new ones, also after it moves or the controller restarts, until --undo lets it back, or its program unregisters the service or starts again.',
    )
    .argument(
      '<service>',
      "a name such as acme/web, 64 hexadecimal digits, or a prefix such as 'acme/store/*'",
    )
    .argument('<address>', 'the address of the instance, as serval services --via lists it')
    .option(
      '--undo',
      'let the instance back: it returns when its host next registers it, within 10 s or a third of its lease',
    )
    .addOption(pidOption())
    .addOption(json())
    .action(async (service: string, address: string, options: EvictOptions) =>
      done(await evict(service, address, options)),
    )
}

/** `serval evict`. Rejects with CLI_NOBODY, CLI_PID, ADMIN_RULE, ADMIN_FOLDER. */
export function evict(
  service: string,
  address: string,
  { undo = false, pid, json }: EvictOptions,
): Promise<number> {
  return withRunning(pid, async running => {
    const { client } = await theOne(running, true)
    const { instances } = await client.ask('evict', { service, address, undo })
    if (json) printJson({ instances })
    else
      print(`${undo ? 'admitted' : 'evicted'}: ${plural(instances, 'instance')} of ${service} at ${address}`)
    return EXIT.HOLDS
  })
}

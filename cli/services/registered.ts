/** `serval services --via`. It loads a stack, which a list of this machine's services does not need. */
import { controllerAt } from '../../impl/controller/controllerAt.ts'
import { listInstances } from '../../impl/controller/directory.ts'
import { Stack } from '../../impl/sockets/index.ts'
import { print, printJson, printTable } from '../screen.ts'
import { instanceRows } from '../stack/instances.ts'
import { say } from '../stack/say.ts'
import { watching } from '../stack/watching.ts'
import { chosenOf, countsOf, countsText } from './chosen.ts'
import type { ServicesOptions } from './options.ts'

/**
 * Prints the services that are registered with the controller at `via`, and returns the exit code. Rejects with
 * CONTROLLER_GONE, errors of sockets.
 */
export async function printRegistered(
  via: string,
  { watch, json, address = [], count, ...choice }: ServicesOptions,
): Promise<number> {
  controllerAt(via)
  await using stack = await new Stack({ addresses: address }).opened()
  return await watching(watch, async () => {
    const all = await listInstances(stack, via, what => say(`the controller's registry: ${what}`))
    const listed = chosenOf(all, choice)
    if (count) {
      if (json) printJson(countsOf(listed))
      else print(countsText(countsOf(listed)))
      return
    }
    if (json) printJson(listed)
    else if (listed.length === 0) {
      const which = choice.below === undefined ? '' : ` below ${choice.below}`
      print(`no services${which} are registered at ${via}`)
    } else printTable(instanceRows(listed))
  })
}

import { serversName } from '../../impl/controller/registry/natsServers.ts'
import { natsOf } from '../../impl/controller/registry/registryOf.ts'
import { codeHash } from '../campaign/code.ts'
import { Queue } from '../campaign/queue.ts'
import { work } from '../campaign/worker.ts'
import type { Define } from '../define.ts'
import { EXIT, EXITS } from '../exit.ts'
import { interruptible } from '../interrupt.ts'
import { ProgressLine } from '../progressLine.ts'

export const define: Define = (command, done) => {
  command
    .description(
      'Works for campaigns, which `check`, `fuzz` and `simulate` put on a NATS server with `--campaign`. It takes one unit of work at a time, for as long as it runs; start one for each core. Several machines may work for one campaign.',
    )
    .argument('<url>', 'nats://HOST:PORT, or nats://HOST:PORT/NAME for one campaign only')
    .addHelpText('after', EXITS)
    .action(async (url: string) => {
      done(await runWorker(url))
    })
}

/** `serval worker`: works on units until Ctrl-C. Rejects with REGISTRY_NAME, REGISTRY_DOWN, REGISTRY_LOGIN and REGISTRY_TLS. */
function runWorker(url: string): Promise<number> {
  const { bucket: only, ...to } = natsOf(url)
  return interruptible(async signal => {
    const queue = await Queue.connect(to)
    const line = new ProgressLine(() => performance.now())
    try {
      line.say(`working for ${serversName(to)}, version ${codeHash()}`)
      await work(queue, { only, say: text => line.say(text), signal })
    } finally {
      await queue.close()
    }
    return EXIT.INTERRUPTED
  })
}

/** A program of the lab: a controller that relays. Usage: controller.ts ADDRESS */
import { Controller, registryOf } from '../../impl/controller/index.ts'
import { Stack } from '../../impl/sockets/index.ts'

const [address = ''] = process.argv.slice(2)
const stack = await new Stack({ addresses: [`${address}:54325`], carries: true }).opened()
await new Controller({ stack, registry: registryOf('memory') }).open()
console.log('open')

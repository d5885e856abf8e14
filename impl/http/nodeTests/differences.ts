/** Tests of Node's that cannot pass over Serval's sockets, with the reason of each. */
export const differences: ReadonlyMap<string, string> = new Map()

/** A graph as compressed rows: the edges of vertex `v` are those from `start[v]` to before `start[v + 1]`. */
export interface Rows {
  readonly size: number
  readonly start: Int32Array
  /** The vertex to which each edge leads; negative if that vertex is not in the graph. */
  readonly target: Int32Array
}

/** Whether an edge of a vertex counts. */
type Follows = (vertex: number, edge: number) => boolean

/** Finds strongly connected components by Tarjan's algorithm, without recursion, in parts of one graph. */
export class Components {
  readonly #rows: Rows
  /** The number of the component of each vertex. Numbers are never used twice. */
  readonly of: Int32Array
  /** The part that each vertex belongs to: the number of the last call of `find` that had it. */
  readonly #part: Int32Array
  readonly #index: Int32Array
  readonly #low: Int32Array
  readonly #edge: Int32Array
  readonly #stack: Int32Array
  readonly #calls: Int32Array
  #parts = 0
  #found = 0

  constructor(rows: Rows) {
    this.#rows = rows
    const array = () => new Int32Array(rows.size)
    this.of = array()
    this.#part = array()
    this.#index = array()
    this.#low = array()
    this.#edge = array()
    this.#stack = array()
    this.#calls = array()
  }

  /** The bytes that the search takes for each vertex. */
  static readonly BYTES = 28

  /**
   * Calls `each` for every component of the part that `vertices` are, by the edges that `follows` accepts, or by
   * all edges. The vertices of the component are those of the array from `from` to before `to`, which the next call overwrites.
   */
  find(
    vertices: Int32Array,
    follows: Follows | undefined,
    each: (vertices: Int32Array, from: number, to: number) => void,
  ): void {
    const part = ++this.#parts
    for (const vertex of vertices) {
      this.#part[vertex] = part
      this.#index[vertex] = 0
      this.of[vertex] = 0
    }
    let visited = 0
    for (const vertex of vertices)
      if (this.#index[vertex] === 0) visited = this.#search(vertex, visited, follows, each)
  }

  #search(
    root: number,
    before: number,
    follows: Follows | undefined,
    each: (vertices: Int32Array, from: number, to: number) => void,
  ): number {
    const { start, target } = this.#rows
    const { of } = this
    const [part, index, low, next, stack, calls] = [
      this.#part,
      this.#index,
      this.#low,
      this.#edge,
      this.#stack,
      this.#calls,
    ]
    const number = this.#parts
    let visited = before
    let top = 0
    let depth = 0
    const enter = (vertex: number) => {
      index[vertex] = ++visited
      low[vertex] = visited
      next[vertex] = start[vertex] as number
      stack[top++] = vertex
      calls[depth++] = vertex
    }
    enter(root)
    while (depth > 0) {
      const vertex = calls[depth - 1] as number
      const edge = next[vertex] as number
      if (edge < (start[vertex + 1] as number)) {
        next[vertex] = edge + 1
        const to = target[edge] as number
        if (to < 0 || part[to] !== number || (follows && !follows(vertex, edge))) continue
        if (index[to] === 0) enter(to)
        else if (of[to] === 0 && (index[to] as number) < (low[vertex] as number))
          low[vertex] = index[to] as number
        continue
      }
      depth--
      const parent = calls[depth - 1] as number
      if (depth > 0 && (low[vertex] as number) < (low[parent] as number)) low[parent] = low[vertex] as number
      if (low[vertex] !== index[vertex]) continue
      const found = ++this.#found
      let from = top
      do of[stack[--from] as number] = found
      while (stack[from] !== vertex)
      each(stack, from, top)
      top = from
    }
    return visited
  }
}

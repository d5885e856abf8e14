/** The messages between the processes of the tour. */

/** To the provider: offer so many bytes. To the consumer: fetch them. */
export type Order =
  | { readonly do: 'provide'; readonly bytes: number; readonly service: string }
  | { readonly do: 'move' }
  | {
      readonly do: 'fetch'
      readonly bytes: number
      readonly service: string
      readonly via: string
      /** The files into which it records packets and steps. */
      readonly packets: string
      readonly steps: string
    }

/** One change of path. */
export interface Move {
  readonly who: 'client' | 'server'
  readonly from: string
  readonly to: string
  /** The part of the content that had arrived, 0 to 1. */
  readonly at: number
  /** From the wish to the first byte that came over the new path, in ms. */
  readonly ms: number
}

export type Report =
  | { readonly says: 'listening'; readonly address: string }
  | { readonly says: 'progress'; readonly bytes: number; readonly move: boolean }
  | { readonly says: 'moved'; readonly from: string; readonly to: string }
  | { readonly says: 'provided'; readonly sha256: string; readonly sent: number; readonly repeated: number }
  | { readonly says: 'fetched'; readonly fetched: Fetched }
  | { readonly says: 'failed'; readonly message: string }

/** The measurements of the consumer. */
export interface Fetched {
  readonly bytes: number
  readonly sha256: string
  readonly seconds: number
  /** The longest time without a byte, in ms. */
  readonly longestGapMs: number
  readonly moves: readonly Move[]
}
